using System.Runtime.CompilerServices;
using System.Text.Json;
using CooperationEvents.Calendars.Incoming;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Meetings;
using CooperationEvents.Recording;
using Npgsql;

namespace CooperationEvents.Ingestion.Imports;

/// <summary>
/// Rows of a calendar: its events, and the occurrences of those that recur, each planned on what is recorded when its turn comes.
/// </summary>
/// <param name="method">METHOD by the media type of the file; null where that says none.</param>
/// <param name="isDryRun">Whether it is only decided what would become of them.</param>
/// <param name="meetings">Looked up as the import sees what is recorded.</param>
public sealed class CalendarRows(
    Guid import,
    CalendarMapping mapping,
    string? method,
    bool isDryRun,
    CalendarRevisions revisions,
    MeetingsOfEntries meetings
) : IRowReader
{
    private static readonly ProblemType NotTaken = new("calendar-event-not-taken", 422, "The calendar's event cannot be taken");

    public async IAsyncEnumerable<ImportRow> Rows(Stream file, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await revisions.JoinSpellings(mapping.System, cancellation);
        var imported = revisions.Of(mapping.System, import, meetings, cancellation);
        await foreach (var item in CalendarReader.Read(file, mapping, imported, method, cancellation))
        {
            yield return item switch
            {
                CalendarEntry entry => new ImportRow(item.Row) { Plan = work => Plan(work, entry, cancellation) },
                CalendarRemark { Uid: { } whole } remark => new ImportRow(item.Row) { Plan = _ => Task.FromResult(Kept(remark, whole)) },
                CalendarRemark remark => new ImportRow(item.Row) { Skipped = true, Notes = [Note(remark)] },
                CalendarFault { Row: > 0 } fault => ImportRow.Refused(
                    item.Row,
                    NotTaken.At(fault.Field ?? "", $"Line {fault.Line}: {fault.Reason}")
                ),
                CalendarFault fault => throw new UnreadableFileException($"Line {fault.Line}: {fault.Reason}"),
                _ => throw new System.Diagnostics.UnreachableException(),
            };
        }
    }

    /// <summary>A mapping file, or where it is wrong.</summary>
    public static Problem? Fault(JsonElement mapping) => CalendarMapping.Read(mapping).Problem;

    private async Task<RowPlan> Plan(UnitOfWork work, CalendarEntry entry, CancellationToken cancellation)
    {
        var facts = await CalendarLookup.Facts(work, mapping, entry);
        if (mapping.Attendees is not null && !facts.IsOurs && !entry.Uninvites)
            facts = facts with { CalledOff = await revisions.CalledOff(mapping.System, entry, cancellation) };
        var plan = CalendarPlan.Of(entry, mapping, facts);
        return new RowPlan([.. plan.Commands], plan.Problem)
        {
            Skipped =
                plan.Standing
                    is CalendarStanding.Older
                        or CalendarStanding.CalledOff
                        or CalendarStanding.Unknown
                        or CalendarStanding.Missing,
            Notes = [.. Notes(plan, entry, facts.Meeting), .. Warned(plan, entry)],
            Spared = (command, problem) =>
                CalendarPlan.IsOfAttendees(command)
                    ? new RowNote(entry.Row, NoteKind.PassedOver, $"Attendees passed over: {problem.Detail}", entry.Id)
                    : null,
            Keep = await Kept(plan, entry, facts, cancellation),
        };
    }

    private async Task<Func<IEnumerable<NpgsqlBatchCommand>>> Kept(
        CalendarPlan plan,
        CalendarEntry entry,
        CalendarFacts facts,
        CancellationToken cancellation
    )
    {
        if (entry.Uninvites && facts.Meeting is null)
        {
            if (mapping.Attendees is null)
                return () => [];
            var calledOff = await revisions.Digests(mapping.System, entry, cancellation);
            return () => [CalendarRevisions.KeepCalledOffCommand(mapping.System, entry, calledOff)];
        }

        return facts.IsOurs || plan.Standing == CalendarStanding.CalledOff || plan.Standing == CalendarStanding.Unchanged && IsKept(entry)
            ? () => []
            : () => CalendarRevisions.KeepCommands(mapping.System, entry, import);
    }

    private RowPlan Kept(CalendarRemark remark, ImportedUid whole) =>
        new([])
        {
            Skipped = true,
            Notes = [Note(remark)],
            Keep = () => [CalendarRevisions.KeepCommand(mapping.System, remark.Subject!, whole)],
        };

    private static bool IsKept(CalendarEntry entry) => entry.WholeUid is null && (entry.Kept is null || entry.Kept == entry.Before);

    private IEnumerable<RowNote> Notes(CalendarPlan plan, CalendarEntry entry, MeetingDirectoryEntry? meeting)
    {
        if (entry.Missing && plan.Standing is CalendarStanding.Missing or CalendarStanding.Cancelled)
        {
            yield return Note(
                NoteKind.Missing,
                plan.Standing == CalendarStanding.Missing
                    ? "It does not stand in this file, which is complete. "
                        + (meeting!.Voided ? "The meeting was voided, and stays so." : "The meeting was held, and stays.")
                    : "It does not stand in this file, which is complete."
            );
        }

        (NoteKind Kind, string Reason)? became = plan.Standing switch
        {
            CalendarStanding.New => (NoteKind.New, $"{Done("Scheduled")} from {entry.Start} on."),
            CalendarStanding.Changed => (NoteKind.Changed, $"{Done("Brought")} in step with the calendar."),
            CalendarStanding.Cancelled => (NoteKind.Cancelled, $"{Done("Cancelled")} as the calendar says."),
            CalendarStanding.Older => (NoteKind.Older, "The meeting was changed in the register since this calendar was read from it."),
            CalendarStanding.CalledOff => (
                NoteKind.Older,
                "The same revision of it called it off before. Send it with a newer SEQUENCE, or undo the cancellation here."
            ),
            CalendarStanding.Unknown when entry.Uninvites => (
                NoteKind.PassedOver,
                "It calls off attendees of an event that is not recorded. An older revision does not register them."
            ),
            CalendarStanding.Unknown => (NoteKind.PassedOver, "The calendar calls it off, and it is not recorded."),
            _ => null,
        };
        if (became is var (kind, reason))
            yield return Note(kind, reason);
        if (plan.PassedOver.Count > 0)
            yield return Note(NoteKind.PassedOver, $"Attendees passed over: {string.Join(' ', plan.PassedOver)}");

        RowNote Note(NoteKind kind, string reason) => new(entry.Row, kind, reason, entry.Id);

        string Done(string what) => isDryRun ? $"Would be {what.ToLowerInvariant()}" : what;
    }

    /// <summary>What there is to say of public text that looks like a way to reach somebody, by the property it comes from.</summary>
    private static IEnumerable<RowNote> Warned(CalendarPlan plan, CalendarEntry entry) =>
        plan
            .Commands.SelectMany(PublicTexts.Warnings)
            .Select(warning => new RowNote(entry.Row, NoteKind.PublicText, warning.Detail, entry.Id)
            {
                Field = PropertyOf(warning.Pointer),
            })
            .Distinct();

    /// <summary>The property of the calendar that a member of a command comes from; the member where it comes from none.</summary>
    private static string PropertyOf(string pointer) =>
        pointer switch
        {
            "/title" => "SUMMARY",
            "/venue" => "LOCATION",
            _ => pointer,
        };

    private static RowNote Note(CalendarRemark remark) =>
        new(
            remark.Row,
            remark.Kind switch
            {
                CalendarRemarkKind.Older => NoteKind.Older,
                CalendarRemarkKind.Missing => NoteKind.Missing,
                _ => NoteKind.PassedOver,
            },
            remark.Reason,
            remark.Subject
        );
}
