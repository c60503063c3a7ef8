namespace CooperationEvents.Recording;

public static class RecordingModule
{
    public static IServiceCollection AddRecording(this IServiceCollection services) => services
        .AddSingleton<StreamCache>()
        .AddSingleton<ExternalReferences>()
        .AddSingleton<StreamKinds>()
        .AddSingleton<RememberedAnswers>()
        .AddSingleton<Recorder>()
        .AddSingleton<Appends>()
        .AddHostedService(provider => provider.GetRequiredService<Appends>())
        .AddHostedService<Forgetting>();
}
