using CooperationEvents.Reading;
using Marten;
using Marten.Events.Projections;

namespace CooperationEvents.Organisations;

public static class OrganisationsModule
{
    public static void Configure(StoreOptions options, CompositeProjection composite)
    {
        options.Schema.For<OrganisationView>()
            .DatabaseSchemaName(ReadModel.Schema)
            .Duplicate(view => view.SortKey);
        composite.Add<OrganisationViewProjection>();
    }
}
