using CooperationEvents.Reading;
using Marten;
using Marten.Events.Projections;

namespace CooperationEvents.Publications;

public static class PublicationsModule
{
    public static void Configure(StoreOptions options, CompositeProjection composite)
    {
        options.Schema.For<PublicationView>()
            .DatabaseSchemaName(ReadModel.Schema)
            .Duplicate(view => view.SortKey);
        composite.Add<PublicationViewProjection>();
    }
}
