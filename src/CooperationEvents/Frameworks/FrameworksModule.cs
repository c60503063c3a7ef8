using CooperationEvents.Reading;
using Marten;
using Marten.Events.Projections;

namespace CooperationEvents.Frameworks;

public static class FrameworksModule
{
    public static void Configure(StoreOptions options, CompositeProjection composite)
    {
        options.Schema.For<FrameworkView>()
            .DatabaseSchemaName(ReadModel.Schema)
            .Duplicate(view => view.SortKey);
        composite.Add<FrameworkViewProjection>();
    }
}
