using CooperationEvents.Privacy;
using CooperationEvents.Projections;
using CooperationEvents.Reading;

namespace CooperationEvents.Publications;

public static class PublicationsModule
{
    public static IServiceCollection AddPublications(this IServiceCollection services) =>
        services
            .AddParameters(
                new QueryParameter("changes:limit", "How many changes at most; as many as there may be where absent.", () =>
                    ParameterSchemas.Number(1, GetPublicationEndpoint.MostChanges)
                )
            )
            .AddSingleton<ITellOfPeople, PublicationsOfPerson>();

    public static void Configure(ReadModelRegistration models)
    {
        models.Options.Schema.For<PublicationView>().Duplicate(view => view.SortKey);
        models.Composite.Add<PublicationViewProjection>();
    }
}
