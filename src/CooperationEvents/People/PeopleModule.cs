using CooperationEvents.Privacy;
using CooperationEvents.Reading;
using Wolverine;

namespace CooperationEvents.People;

public static class PeopleModule
{
    /// <summary>The ledger of erasures is <c>Privacy:ErasureLedger</c>; where that is absent, a file in the data directory.</summary>
    public static IServiceCollection AddPeople(this IServiceCollection services, string dataDirectory) =>
        services
            .AddSingleton(provider => new ErasureLedger(
                provider.GetRequiredService<PrivacyOptions>().ErasureLedger ?? Path.Combine(dataDirectory, ErasureLedger.FileName)
            ))
            .AddSingleton<Erasures>()
            .AddSingleton<MergedPeople>()
            .AddSingleton<PersonFields>()
            .AddSingleton<PersonErasure>()
            .AddSingleton<AccessReports>()
            .AddSingleton<Retention>()
            .AddSingleton<FieldExpiry>()
            .AddHostedService<ErasureWorker>();

    /// <summary>
    /// Erases again whoever the ledger names and the database does not know as erased, as after a restore, and destroys what it says has
    /// expired: to be done before anything personal is read. What else belongs to it is taken up once the service runs.
    /// </summary>
    public static Task ReplayErasures(this IServiceProvider services, CancellationToken cancellation) =>
        ActivatorUtilities.CreateInstance<ErasureReplay>(services).Run(cancellation);

    public static void Schedule(RecurringMessageCollection schedules) => schedules.ScheduleRecurring<ExpireFields>("50 * * * *");

    public static void Configure(ReadModelRegistration models)
    {
        models.Options.Schema.For<PersonView>().Duplicate(view => view.SortKey);
        models.Composite.Add<PersonViewProjection>();
    }
}
