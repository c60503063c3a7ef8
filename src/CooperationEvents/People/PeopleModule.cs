using CooperationEvents.Privacy;
using CooperationEvents.Projections;
using CooperationEvents.Reading;
using Wolverine;

namespace CooperationEvents.People;

public static class PeopleModule
{
    /// <summary>The ledger of erasures is <c>Privacy:ErasureLedger</c>; where that is absent, a file in the data directory.</summary>
    public static IServiceCollection AddPeople(this IServiceCollection services, string dataDirectory) =>
        services
            .AddParameters(PeopleParameters.All)
            .AddSingleton(provider => new ErasureLedger(
                provider.GetRequiredService<PrivacyOptions>().ErasureLedger ?? Path.Combine(dataDirectory, ErasureLedger.FileName)
            ))
            .AddSingleton<Erasures>()
            .AddSingleton<MergedPeople>()
            .AddSingleton<IKnowHidden, HiddenPeople>()
            .AddSingleton<PersonAnswers>()
            .AddSingleton<PersonFields>()
            .AddSingleton<PersonErasure>()
            .AddSingleton<AccessReports>()
            .AddSingleton<Retention>()
            .AddSingleton<FieldExpiry>()
            .AddHostedService<ErasureWorker>();

    /// <summary>
    /// After a restore: erases again the people whom the ledger names, destroys again the fields that it says have expired, and hides again
    /// the people whom the history or the ledger says are restricted. It must be done before anything personal is read. The service
    /// takes the other steps once it runs.
    /// </summary>
    public static async Task ReplayErasures(this IServiceProvider services, CancellationToken cancellation)
    {
        await ActivatorUtilities.CreateInstance<ErasureReplay>(services).Run(cancellation);
        await ActivatorUtilities.CreateInstance<RestrictionReplay>(services).Run(cancellation);
    }

    public static void Schedule(RecurringMessageCollection schedules) => schedules.ScheduleRecurring<ExpireFields>("50 * * * *");

    public static void Configure(ReadModelRegistration models)
    {
        models
            .Options.Schema.For<PersonView>()
            .Duplicate(view => view.SortKey)
            .Index(view => view.MergedInto!, index => index.Predicate = "data ->> 'mergedInto' is not null")
            .Index(view => view.Restricted!, index => index.Predicate = "data ->> 'restricted' = 'true'");
        models.Composite.Add<PersonViewProjection>();
    }
}
