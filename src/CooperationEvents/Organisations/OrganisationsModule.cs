using CooperationEvents.Projections;

namespace CooperationEvents.Organisations;

public static class OrganisationsModule
{
    public static void Configure(ReadModelRegistration models)
    {
        models.Options.Schema.For<OrganisationView>().Duplicate(view => view.SortKey);
        models.Composite.Add<OrganisationViewProjection>();
    }
}
