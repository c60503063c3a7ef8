using System.Runtime.CompilerServices;
using CooperationEvents.Calendars.Format;
using CooperationEvents.Files;

namespace CooperationEvents.Calendars.Incoming;

/// <summary>A VEVENT as its content lines, without those an import does not read, and METHOD of the calendar it stands in.</summary>
internal sealed record EventComponent(int Row, int Line, string? Method, IReadOnlyList<ContentLine> Lines)
{
    /// <summary>The properties by which programs mark an event as lasting whole days although they write times.</summary>
    public static readonly string[] AllDay = ["X-MICROSOFT-CDO-ALLDAYEVENT", "X-MICROSOFT-MSNCALENDAR-ALLDAYEVENT", "X-FUNAMBOL-ALLDAY"];

    /// <summary>
    /// The properties an import reads. What else an event says (its description, alarms, attachments) is not kept at all.
    /// </summary>
    public static readonly IReadOnlySet<string> Properties =
        (HashSet<string>)
            [
                "UID",
                "RECURRENCE-ID",
                "SEQUENCE",
                "LAST-MODIFIED",
                "DTSTAMP",
                "DTSTART",
                "DTEND",
                "DURATION",
                "RRULE",
                "RDATE",
                "EXRULE",
                "EXDATE",
                "SUMMARY",
                "LOCATION",
                "CATEGORIES",
                "STATUS",
                "CLASS",
                "ATTENDEE",
                .. AllDay,
            ];

    /// <summary>Why it cannot be read; its lines are then those that can.</summary>
    public CalendarFault? Fault { get; init; }

    /// <summary>In the form in which spellings of one UID are one event.</summary>
    public string? Uid => SentUid is { } sent ? CalendarWords.Uid(sent) : null;

    public string? SentUid => Of("UID")?.Value;

    /// <summary>Whether its file states a calendar as it is now, and is no message about single events.</summary>
    public bool StatesCalendar => CalendarMethods.IsCalendar(Method);

    public ContentLine? Of(string name) => Lines.FirstOrDefault(l => l.Name == name);
}

/// <summary>
/// Splits a file into its VEVENTs, one in memory at a time. What a VTIMEZONE says of itself is noted as it passes, and other
/// components are passed over. METHOD of a calendar may stand behind its events: what is read of it holds once the whole file was read.
/// </summary>
internal static class EventComponents
{
    /// <summary>How many VEVENTs one file may hold.</summary>
    public const int MostEvents = 200_000;

    /// <summary>How many of its lines that are read a VEVENT may have.</summary>
    public const int MostLines = 5_000;

    private const int MostDepth = 20;

    private static readonly string[] NoMeetings = ["VTODO", "VJOURNAL", "VFREEBUSY"];

    /// <returns>
    /// An <see cref="EventComponent"/>, a <see cref="CalendarRemark"/> or a <see cref="CalendarFault"/> each. A fault is that of
    /// the file, of which nothing is read after it.
    /// </returns>
    public static async IAsyncEnumerable<object> Read(
        IAsyncEnumerable<ContentLine> lines,
        TimeZoneNames zones,
        CalendarMethods methods,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        var open = new Stack<string>();
        var (row, last, calendar, holdsEvents) = (0, 0, 0, false);
        string? method = null,
            zone = null;
        (int Line, string? Uid) other = default;
        EventBeingRead? reading = null;
        await foreach (var line in lines.WithCancellation(cancellation))
        {
            if (open.Count == 0 && TextEnd.IsAll(line.Text))
                continue;
            last = line.Number;
            if (open.Count == 0 && !(line.Name == "BEGIN" && Is(line, "VCALENDAR")))
            {
                yield return new CalendarFault(0, line.Number, null, NoCalendar(line));
                yield break;
            }

            if (line.Name == "BEGIN")
            {
                open.Push(line.Value.ToUpperInvariant());
                if (open.Count > MostDepth)
                {
                    yield return new CalendarFault(0, line.Number, null, $"Components are nested more than {MostDepth} deep.");
                    yield break;
                }

                if (open.Count == 1)
                    (calendar, method, holdsEvents) = (calendar + 1, null, false);
                other = (line.Number, null);
                if (!Within("VEVENT"))
                    continue;
                if (++row > MostEvents)
                {
                    yield return new CalendarFault(
                        0,
                        line.Number,
                        null,
                        $"The file holds more than {MostEvents} events; split it. What stands before is read."
                    );
                    yield break;
                }

                holdsEvents = true;
                NoteMethod();
                reading = new EventBeingRead(row, line.Number, methods.Of(calendar));
            }
            else if (line.Name == "END")
            {
                if (!Is(line, open.Peek()))
                {
                    foreach (var fault in BrokenOff(line.Number, $"END:{open.Peek()} must stand here. What follows is not read."))
                        yield return fault;
                    yield break;
                }

                if (Within("VEVENT"))
                {
                    yield return reading!.Done();
                    reading = null;
                }
                else if (open.Count == 2 && NoMeetings.Contains(open.Peek()))
                {
                    yield return new CalendarRemark(
                        0,
                        other.Line,
                        CalendarRemarkKind.PassedOver,
                        other.Uid,
                        $"Line {other.Line}: a {open.Peek()} is no meeting."
                    );
                }

                open.Pop();
            }
            else if (Within("VEVENT"))
            {
                reading!.Take(line);
            }
            else if (open.Count == 2 && line.Name == "UID")
            {
                other.Uid = line.Value;
            }
            else if (open.Count == 1 && line.Name == "METHOD")
            {
                method = line.Value.ToUpperInvariant();
                NoteMethod();
            }
            else if (Within("VTIMEZONE"))
            {
                if (line.Name == "TZID")
                    zone = line.Value;
                else if (line.Name == "X-LIC-LOCATION" && zone is not null)
                    zones.Note(zone, line.Value);
            }
        }

        if (open.Count > 0)
        {
            foreach (var fault in BrokenOff(last, $"The file ends before END:{open.Peek()}. It is cut short."))
                yield return fault;
        }
        else if (last == 0)
        {
            yield return new CalendarFault(0, 1, null, "The file is empty.");
        }

        // Of calendars without events nothing is kept: a file may hold any number of them.
        void NoteMethod()
        {
            if (holdsEvents && method is not null)
                methods.Note(calendar, method);
        }

        bool Within(string component) => open.Count == 2 && open.Peek() == component;

        IEnumerable<CalendarFault> BrokenOff(int line, string reason)
        {
            if (reading is not null)
                yield return new CalendarFault(reading.Row, line, null, reason);
            yield return new CalendarFault(0, line, null, reason);
        }
    }

    private static string NoCalendar(ContentLine line) =>
        line.Text.Contains('\0', StringComparison.Ordinal) ? "The file is written in UTF-16. Save it as UTF-8."
        : line.Text.Contains('\r', StringComparison.Ordinal)
            ? "The lines of the file end with CR alone. Save it with CR and LF, or LF, at the end of each line."
        : "This is no iCalendar file: BEGIN:VCALENDAR must stand here.";

    private static bool Is(ContentLine line, string component) => string.Equals(line.Value, component, StringComparison.OrdinalIgnoreCase);

    private sealed class EventBeingRead(int row, int line, (string? Method, string? Fault) stated)
    {
        private const string Attendee = "ATTENDEE";
        private const string NoProperty = "The line is no property: a name, a colon and a value.";

        private readonly List<ContentLine> _lines = [];
        private CalendarFault? _fault = stated.Fault is null ? null : new CalendarFault(row, line, "METHOD", stated.Fault);
        private bool _reads = true;

        public int Row => row;

        public void Take(ContentLine content)
        {
            if (IsBrokenAttendee(content))
                content = new ContentLine(content.Number, $"{Attendee}:", content.Fault ?? NoProperty);

            // A line that is no property belongs to the text before it, which was broken without being folded.
            var isProperty = content.Name.Length > 0 && content.Text.Contains(':', StringComparison.Ordinal);
            _reads = isProperty ? EventComponent.Properties.Contains(content.Name) : _reads;
            if (!_reads)
                return;
            if (!isProperty && _lines is [.., { Name: Attendee } attendee])
                _lines[^1] = attendee with { Fault = attendee.Fault ?? $"Line {content.Number} goes on with it, and is not folded." };
            else if (!isProperty)
                _fault ??= new CalendarFault(row, content.Number, null, NoProperty);
            else if (content is { Fault: { } fault, Name: not Attendee })
                _fault ??= new CalendarFault(row, content.Number, content.Name, fault);
            else if (_lines.Count == MostLines)
                _fault ??= new CalendarFault(row, content.Number, content.Name, $"The event has more than {MostLines} lines.");
            else
                _lines.Add(content);
        }

        /// <summary>Whether the line begins an attendee, and has no value or ends before it.</summary>
        private static bool IsBrokenAttendee(ContentLine content) =>
            content.Text == Attendee
            || content.Name == Attendee && !content.Text.Contains(':', StringComparison.Ordinal)
            || content.Name.Length == 0
                && content.Text.StartsWith(Attendee, StringComparison.OrdinalIgnoreCase)
                && content.Text[Attendee.Length..].TrimStart(' ') is [':' or ';', ..];

        public EventComponent Done() => new(row, line, stated.Method, _lines) { Fault = _fault };
    }
}
