using CooperationEvents.Privacy;
using CooperationEvents.Storage;
using Wolverine;

namespace CooperationEvents.Recording;

public static class RecordingModule
{
    public static IServiceCollection AddRecording(this IServiceCollection services) =>
        services
            .AddTables("create schema if not exists recording;", "grant usage on schema recording to cooperation_service;")
            .AddTables(ExternalReferences.Schema, ExternalReferences.Grants)
            .AddTables(IdempotencyStore.Schema, IdempotencyStore.Grants)
            .AddTables(Likenesses.Schema, Likenesses.Grants)
            .AddTables(EarlierLikenesses.Schema, EarlierLikenesses.Grants)
            .AddTables(Rehearsal.Schema, Rehearsal.Grants)
            .AddTables(RuleLocks.Schema, RuleLocks.Grants)
            .AddTables(HistoryAppend.Schema, HistoryAppend.Grants)
            .AddSingleton<StreamCache>()
            .AddSingleton<ExternalReferences>()
            .AddSingleton<StreamKinds>()
            .AddSingleton<IdempotencyStore>()
            .AddSingleton<Likenesses>()
            .AddSingleton<Recorder>()
            .AddSingleton<Appends>()
            .AddHostedService(provider => provider.GetRequiredService<Appends>())
            .AddSingleton<IHoldOfPeople>(provider => provider.GetRequiredService<ExternalReferences>())
            .AddSingleton<IHoldOfPeople>(provider => provider.GetRequiredService<IdempotencyStore>())
            .AddSingleton<IHoldOfPeople>(provider => provider.GetRequiredService<Likenesses>())
            .AddSingleton<IHoldOfPeople, RehearsedPeople>()
            .AddHostedService<EarlierLikenesses>();

    public static void Schedule(RecurringMessageCollection schedules) => schedules.ScheduleRecurring<ForgetAnswers>("10 * * * *");
}
