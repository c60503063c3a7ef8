using CooperationEvents.Projections;

namespace CooperationEvents.Frameworks;

public static class FrameworksModule
{
    public static void Configure(ReadModelRegistration models)
    {
        models.Options.Schema.For<FrameworkView>().Duplicate(view => view.SortKey);
        models.Composite.Add<FrameworkViewProjection>();
    }
}
