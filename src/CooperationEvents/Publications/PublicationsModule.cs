using CooperationEvents.Privacy;
using CooperationEvents.Projections;

namespace CooperationEvents.Publications;

public static class PublicationsModule
{
    public static IServiceCollection AddPublications(this IServiceCollection services) =>
        services.AddSingleton<ITellOfPeople, PublicationsOfPerson>();

    public static void Configure(ReadModelRegistration models)
    {
        models.Options.Schema.For<PublicationView>().Duplicate(view => view.SortKey);
        models.Composite.Add<PublicationViewProjection>();
    }
}
