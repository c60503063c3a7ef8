using CooperationEvents.Reading;
using Marten;
using Marten.Events.Projections;

namespace CooperationEvents.People;

public static class PeopleModule
{
    public static void Configure(StoreOptions options, CompositeProjection composite)
    {
        options.Schema.For<PersonView>()
            .DatabaseSchemaName(ReadModel.Schema)
            .Duplicate(view => view.SortKey);
        composite.Add<PersonViewProjection>();
    }
}
