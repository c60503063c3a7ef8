using System.Runtime.CompilerServices;
using System.Text.Json;
using CooperationEvents.Ingestion.Calendar;
using CooperationEvents.Kernel;

namespace CooperationEvents.Ingestion.Imports;

/// <summary>Rows of a calendar: its events, and the occurrences of those that recur, each planned on what is recorded when its turn comes.</summary>
public sealed class CalendarRows(CalendarMapping mapping, CalendarRevisions revisions) : IRowReader
{
    private static readonly ProblemType NotTaken = new("calendar-event-not-taken", 422, "The calendar's event cannot be taken");

    public async IAsyncEnumerable<ImportRow> Rows(Stream file, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var items = CalendarReader.Read(file, mapping, uid => revisions.Ids(mapping.System, uid, cancellation), cancellation);
        await foreach (var item in items)
        {
            yield return item switch
            {
                CalendarEntry entry => new ImportRow(item.Row) { Plan = work => Plan(work, entry, cancellation) },
                CalendarFault { Row: > 0 } fault => ImportRow.Refused(item.Row, NotTaken.At(fault.Field ?? "", $"Line {fault.Line}: {fault.Reason}")),
                CalendarFault fault => throw new UnreadableFileException(fault.Reason),
                _ => throw new System.Diagnostics.UnreachableException(),
            };
        }
    }

    /// <summary>A mapping file, or where it is wrong.</summary>
    public static Problem? Fault(JsonElement mapping) => CalendarMapping.Read(mapping).Problem;

    private async Task<RowPlan> Plan(Recording.Work work, CalendarEntry entry, CancellationToken cancellation)
    {
        var last = await revisions.Last(mapping.System, entry.Id, cancellation);
        var plan = CalendarPlan.Of(entry, mapping, await CalendarLookup.Facts(work, mapping, entry, last));
        return new RowPlan([.. plan.Commands], plan.Problem)
        {
            Skipped = plan.Standing is CalendarStanding.Older or CalendarStanding.Unknown,
            Notes = Note(plan.Standing, entry) is var (kind, reason) ? [new RowNote(entry.Row, kind, reason, entry.Id)] : [],
            Done = () => revisions.Note(mapping.System, entry, cancellation),
        };
    }

    private static (NoteKind Kind, string Reason)? Note(CalendarStanding standing, CalendarEntry entry) => standing switch
    {
        CalendarStanding.New => (NoteKind.New, $"Scheduled from {entry.Start} on."),
        CalendarStanding.Changed when entry.Cancelled => (NoteKind.Cancelled, "The calendar says that it does not take place."),
        CalendarStanding.Changed => (NoteKind.Changed, "Brought in step with the calendar."),
        CalendarStanding.Older => (NoteKind.Older, "A newer revision was imported before."),
        CalendarStanding.Unknown => (NoteKind.PassedOver, "The calendar says that it does not take place, and it is not recorded."),
        _ => null,
    };
}
