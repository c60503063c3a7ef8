using CooperationEvents.Http;
using CooperationEvents.Privacy;
using CooperationEvents.Projections;
using CooperationEvents.Reading;
using NpgsqlTypes;

namespace CooperationEvents.Meetings;

public static class MeetingsModule
{
    public static IServiceCollection AddMeetings(this IServiceCollection services, CountryOptions countries)
    {
        Countries.Assign(countries);
        return services
            .AddParameters(MeetingsParameters.All)
            .AddSingleton<MeetingsOfPerson>()
            .AddSingleton<ITellOfPeople>(provider => provider.GetRequiredService<MeetingsOfPerson>())
            .AddSingleton<IKnowActivity>(provider => provider.GetRequiredService<MeetingsOfPerson>());
    }

    public static void Configure(ReadModelRegistration models)
    {
        models
            .Options.Schema.For<MeetingView>()
            .Duplicate(view => view.SortKey)
            .Duplicate(view => view.State)
            .Duplicate(view => view.FirstDay, pgType: "date", dbType: NpgsqlDbType.Date)
            .Duplicate(view => view.LastDay, pgType: "date", dbType: NpgsqlDbType.Date)
            .GinIndexJsonDataMember(view => view.Frameworks)
            .GinIndexJsonDataMember(view => view.Organisations)
            .GinIndexJsonDataMember(view => view.Topics);
        models.Composite.Add<MeetingViewProjection>();
    }
}
