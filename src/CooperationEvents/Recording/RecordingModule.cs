using CooperationEvents.Privacy;
using CooperationEvents.Storage;
using Wolverine;

namespace CooperationEvents.Recording;

public static class RecordingModule
{
    public static IServiceCollection AddRecording(this IServiceCollection services) =>
        services
            .AddTables("Recording")
            .AddSingleton<StreamCache>()
            .AddSingleton<ExternalReferences>()
            .AddSingleton<IdempotencyStore>()
            .AddSingleton<IdempotentRequests>()
            .AddSingleton<Likenesses>()
            .AddSingleton<Recorder>()
            .AddSingleton<Appends>()
            .AddHostedService(provider => provider.GetRequiredService<Appends>())
            .AddSingleton<IHoldOfPeople>(provider => provider.GetRequiredService<ExternalReferences>())
            .AddSingleton<IHoldOfPeople>(provider => provider.GetRequiredService<IdempotencyStore>())
            .AddSingleton<IHoldOfPeople>(provider => provider.GetRequiredService<Likenesses>())
            .AddSingleton<IHoldOfPeople, DryRunPeople>()
            .AddHostedService<EarlierLikenesses>();

    public static void Schedule(RecurringMessageCollection schedules) => schedules.ScheduleRecurring<ForgetAnswers>("10 * * * *");
}
