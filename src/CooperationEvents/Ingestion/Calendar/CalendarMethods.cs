namespace CooperationEvents.Ingestion.Calendar;

/// <summary>
/// METHOD of each calendar of a file that holds events, wherever it stands in the calendar; or what the media type of the file says, which
/// must be the same (RFC 6047, 2.4). Noted as the file is gone over first.
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
