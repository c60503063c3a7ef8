using CooperationEvents.Reading;

namespace CooperationEvents.People;

public static class PeopleModule
{
    public static void Configure(ReadModelRegistration models)
    {
        models.Options.Schema.For<PersonView>()
            .Duplicate(view => view.SortKey);
        models.Composite.Add<PersonViewProjection>();
    }
}
