using CooperationEvents.Calendars.Outgoing;

namespace CooperationEvents.Calendars;

public static class CalendarsModule
{
    public static IServiceCollection AddCalendars(this IServiceCollection services) => services.AddSingleton<MeetingCalendar>();
}
