using CooperationEvents.Privacy;

namespace CooperationEvents.Recording;

public static class RecordingModule
{
    public static IServiceCollection AddRecording(this IServiceCollection services) => services
        .AddSingleton<StreamCache>()
        .AddSingleton<ExternalReferences>()
        .AddSingleton<StreamKinds>()
        .AddSingleton<RememberedAnswers>()
        .AddSingleton<Likenesses>()
        .AddSingleton<Recorder>()
        .AddSingleton<Appends>()
        .AddHostedService(provider => provider.GetRequiredService<Appends>())
        .AddSingleton<IHoldOfPeople>(provider => provider.GetRequiredService<ExternalReferences>())
        .AddSingleton<IHoldOfPeople>(provider => provider.GetRequiredService<RememberedAnswers>())
        .AddSingleton<IHoldOfPeople>(provider => provider.GetRequiredService<Likenesses>())
        .AddSingleton<IHoldOfPeople, RehearsedPeople>()
        .AddHostedService<Forgetting>()
        .AddHostedService<EarlierLikenesses>();
}
