using System.Runtime.CompilerServices;

namespace CooperationEvents.Ingestion.Calendar;

/// <summary>A VEVENT as its content lines, without those an import does not read, and METHOD of the calendar it stands in.</summary>
internal sealed record EventComponent(int Row, int Line, string? Method, IReadOnlyList<ContentLine> Lines)
{
    /// <summary>The properties an import reads. What else an event says (its description, alarms, attachments) is not kept at all.</summary>
    public static readonly IReadOnlySet<string> Properties = new HashSet<string>
    {
        "UID", "RECURRENCE-ID", "SEQUENCE", "LAST-MODIFIED", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXRULE", "EXDATE", "SUMMARY",
        "LOCATION", "CATEGORIES", "STATUS", "CLASS", "ATTENDEE",
    };

    public ContentLine? Of(string name) => Lines.FirstOrDefault(l => l.Name == name);
}

/// <summary>
/// Splits a file into its VEVENTs, one in memory at a time. What a VTIMEZONE says of itself is noted as it passes, and other
/// components are passed over.
/// </summary>
internal static class EventComponents
{
    /// <summary>How many VEVENTs one file may hold.</summary>
    public const int MostEvents = 200_000;

    /// <summary>How many of its lines that are read a VEVENT may have.</summary>
    public const int MostLines = 5_000;

    private const int MostDepth = 20;

    /// <returns>An <see cref="EventComponent"/> or a <see cref="CalendarFault"/> each.</returns>
    public static async IAsyncEnumerable<object> Read(
        IAsyncEnumerable<ContentLine> lines, TimeZoneNames zones, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var open = new Stack<string>();
        var (row, last) = (0, 0);
        string? method = null, zone = null;
        EventBeingRead? reading = null;
        await foreach (var line in lines.WithCancellation(cancellation))
        {
            last = line.Number;
            if (open.Count == 0 && !(line.Name == "BEGIN" && Is(line, "VCALENDAR")))
            {
                yield return new CalendarFault(0, line.Number, null, "This is no iCalendar file: BEGIN:VCALENDAR must stand here.");
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
                    method = null;
                if (!Within("VEVENT"))
                    continue;
                if (++row > MostEvents)
                {
                    yield return new CalendarFault(0, line.Number, null, $"The file holds more than {MostEvents} events; split it. What stands before is read.");
                    yield break;
                }

                reading = new EventBeingRead(row, line.Number, method);
            }
            else if (line.Name == "END")
            {
                if (!Is(line, open.Peek()))
                {
                    yield return new CalendarFault(reading?.Row ?? 0, line.Number, null, $"END:{open.Peek()} must stand here. What follows is not read.");
                    yield break;
                }

                if (Within("VEVENT"))
                {
                    yield return reading!.Done();
                    reading = null;
                }

                open.Pop();
            }
            else if (Within("VEVENT"))
            {
                reading!.Take(line);
            }
            else if (open.Count == 1 && line.Name == "METHOD")
            {
                method = line.Value.ToUpperInvariant();
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
            yield return new CalendarFault(reading?.Row ?? 0, last, null, $"The file ends before END:{open.Peek()}. It is cut short.");
        else if (last == 0)
            yield return new CalendarFault(0, 1, null, "The file is empty.");

        bool Within(string component) => open.Count == 2 && open.Peek() == component;
    }

    private static bool Is(ContentLine line, string component) => string.Equals(line.Value, component, StringComparison.OrdinalIgnoreCase);

    private sealed class EventBeingRead(int row, int line, string? method)
    {
        private readonly List<ContentLine> _lines = [];
        private CalendarFault? _fault;

        public int Row => row;

        public void Take(ContentLine content)
        {
            if (content.Name.Length == 0 || !content.Text.Contains(':', StringComparison.Ordinal))
                _fault ??= new CalendarFault(row, content.Number, null, "The line is no property: a name, a colon and a value.");
            else if (!EventComponent.Properties.Contains(content.Name))
                return;
            else if (content.Fault is { } fault)
                _fault ??= new CalendarFault(row, content.Number, content.Name, fault);
            else if (_lines.Count == MostLines)
                _fault ??= new CalendarFault(row, content.Number, content.Name, $"The event has more than {MostLines} lines.");
            else
                _lines.Add(content);
        }

        public object Done() => (object?)_fault ?? new EventComponent(row, line, method, _lines);
    }
}
