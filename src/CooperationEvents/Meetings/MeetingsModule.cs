using CooperationEvents.Reading;
using Marten;
using Marten.Events.Projections;
using NpgsqlTypes;

namespace CooperationEvents.Meetings;

public static class MeetingsModule
{
    public static IServiceCollection AddMeetings(this IServiceCollection services) => services.AddSingleton<MeetingCalendar>();

    public static void Configure(StoreOptions options, CompositeProjection composite)
    {
        options.Schema.For<MeetingView>()
            .DatabaseSchemaName(ReadModel.Schema)
            .Duplicate(view => view.SortKey)
            .Duplicate(view => view.State)
            .Duplicate(view => view.FirstDay, pgType: "date", dbType: NpgsqlDbType.Date)
            .Duplicate(view => view.LastDay, pgType: "date", dbType: NpgsqlDbType.Date)
            .GinIndexJsonData();
        composite.Add<MeetingViewProjection>();
    }
}
