using CooperationEvents.Privacy;
using CooperationEvents.Reading;

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
            .AddHostedService<ErasureWorker>();

    /// <summary>
    /// Erases again whoever the ledger names and the database does not know as erased, as after a restore: to be done before
    /// anything personal is read. What else belongs to those erasures is taken up once the service runs.
    /// </summary>
    public static Task ReplayErasures(this IServiceProvider services, CancellationToken cancellation) =>
        ActivatorUtilities.CreateInstance<ErasureReplay>(services).Run(cancellation);

    public static void Configure(ReadModelRegistration models)
    {
        models.Options.Schema.For<PersonView>().Duplicate(view => view.SortKey);
        models.Composite.Add<PersonViewProjection>();
    }
}
