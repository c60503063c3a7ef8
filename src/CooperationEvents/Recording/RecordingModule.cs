using CooperationEvents.Privacy;

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
        .AddSingleton<IHoldOfPeople>(provider => provider.GetRequiredService<ExternalReferences>())
        .AddSingleton<IHoldOfPeople>(provider => provider.GetRequiredService<RememberedAnswers>())
        .AddSingleton<IHoldOfPeople>(provider => provider.GetRequiredService<Likenesses>())
        .AddSingleton<IHoldOfPeople, RehearsedPeople>()
        .AddHostedService<Forgetting>()
        .AddHostedService<EarlierLikenesses>();
}
