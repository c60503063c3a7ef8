namespace CooperationEvents.Recording;

public static class RecordingModule
{
    public static IServiceCollection AddRecording(this IServiceCollection services) => services
        .AddSingleton<StreamGate>()
        .AddSingleton<ExternalReferences>()
        .AddSingleton<StreamKinds>()
        .AddSingleton<RememberedAnswers>()
        .AddSingleton<Likenesses>()
        .AddSingleton<Recorder>()
        .AddHostedService<Forgetting>()
        .AddHostedService<EarlierLikenesses>();
}
