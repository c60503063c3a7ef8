namespace CooperationEvents.Calendars.Incoming;

/// <summary>
/// METHOD of each calendar in a file. It may stand before or after the events. Where a calendar has none, the media type of the file says
/// it; where both say it, they must be the same (RFC 6047, 2.4). The first reading of the file notes it, and the second asks.
/// </summary>
/// <param name="declared">By the media type, in capitals; null where that says none.</param>
internal sealed class CalendarMethods(string? declared)
{
    private readonly Dictionary<int, (string Method, string? Fault)> _noted = [];

    /// <summary>Whether the file states calendars as they are now: none of those noted is a message about single events.</summary>
    public bool StateCalendars => _noted.Values.All(noted => IsCalendar(noted.Method));

    public static bool IsCalendar(string? method) => method is null or "PUBLISH";

    /// <param name="calendar">Its number in the file.</param>
    public void Note(int calendar, string method)
    {
        if (!_noted.TryGetValue(calendar, out var noted))
            _noted[calendar] = (
                method,
                declared is null || declared == method
                    ? null
                    : $"The calendar states METHOD:{method}, and the media type of its file method={declared}. They must be the same (RFC "
                        + $"6047, 2.4)."
            );
        else if (noted.Method != method)
            _noted[calendar] = noted with { Fault = $"The calendar states both METHOD:{noted.Method} and METHOD:{method}." };
    }

    public (string? Method, string? Fault) Of(int calendar) => _noted.TryGetValue(calendar, out var noted) ? noted : (declared, null);
}
