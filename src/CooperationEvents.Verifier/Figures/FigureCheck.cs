using System.Text.Json;
using CooperationEvents.AuditLog;

namespace CooperationEvents.Verifier.Figures;

/// <summary>
/// <c>figure</c>: counts a published figure again from the entries alone, and says whether it is what was published. It says nothing
/// about the entries themselves: hold the export to the signatures of the log as well.
/// </summary>
public static class FigureCheck
{
    private static readonly string[] Definitions = ["1", "2"];

    /// <param name="publication">The id of the publication.</param>
    /// <exception cref="InvalidDataException">The export has no entries, or they do not follow from each other.</exception>
    public static Report Run(Export export, Guid publication, TextWriter? progress = null)
    {
        var report = new Report();
        var telling = new Progress(progress);
        var (published, events) = Read(export, publication, telling);
        if (published is null)
        {
            report.Add(Kind.Entry, $"there is no publication {publication} in the export");
            return report;
        }

        using var data = Members.Data(published.Data);
        var asked = Publication.Read(data.RootElement);
        if (asked.Position >= published.Seq)
            report.Add(Kind.Figure, $"position: it is counted up to position {asked.Position}, and published at position {published.Seq}");
        if (!Definitions.Contains(asked.Definition))
        {
            report.Add(
                Kind.Entry,
                $"the publication follows definition {asked.Definition}, and this verifier knows {string.Join(" and ", Definitions)}"
            );
            return report;
        }

        var activity = new RecordedActivity();
        foreach (var e in events.Where(e => e.Seq <= asked.Position).OrderBy(e => e.Seq))
            activity.Happened(e.Id, e.Type, e.Data);
        HoldToQuestion(asked, export, report);
        Compare(asked, Recount.Of(asked, activity), report);
        return report;
    }

    /// <summary>The day and the position are those that the question means.</summary>
    private static void HoldToQuestion(Publication asked, Export export, Report report)
    {
        if (asked.AskedAsOf is { } day && Day.Last(day) != asked.AsOf)
            report.Add(Kind.Figure, $"asOf: asked was '{day}', and it is counted up to {asked.AsOf:yyyy-MM-dd}");
        var isMeant = asked.KnownAt switch
        {
            null => true,
            { Position: { } position } => position == asked.Position,
            { Time: var time } => IsKnownAt(time, asked.Position, export),
        };
        if (!isMeant)
            report.Add(
                Kind.Figure,
                $"position: asked was what is known at '{asked.KnownAt!.Text}', and that is not position {asked.Position}"
            );
    }

    /// <summary>Whether the event behind the position is the first, in the order of positions, that was recorded after the time.</summary>
    private static bool IsKnownAt(DateTimeOffset time, long position, Export export)
    {
        Entry? next = null;
        foreach (var entry in All(export))
        {
            if (entry.Seq <= position && entry.At > time)
                return false;
            if (entry.Seq > position && (next is null || entry.Seq < next.Seq))
                next = entry;
        }

        return next is null || next.At > time;
    }

    private static void Compare(Publication asked, Stated counted, Report report)
    {
        report.Say($"Published:   {asked.Stated.Sentence}");
        report.Say($"Question:    position {asked.Position}, as of {asked.AsOf:yyyy-MM-dd}, definition {asked.Definition}");
        var differing = asked.Stated.Items.Zip(counted.Items).Where(i => i.First.Value != i.Second.Value).ToList();
        foreach (var (stated, again) in differing)
            report.Add(Kind.Figure, $"{stated.Name}: published was '{stated.Value}', and the entries give '{again.Value}'");
        if (differing.Count == 0)
            report.Say($"Counted:     the same, on {Report.Number(counted.EvidenceCount)} events: figure, sentence and evidence");
    }

    private static (Entry? Publication, List<(long Seq, Guid Id, string Type, string Data)> Events) Read(
        Export export,
        Guid publication,
        Progress progress
    )
    {
        Entry? published = null;
        var (events, index) = (new List<(long, Guid, string, string)>(), 0L);
        foreach (var entry in All(export))
        {
            if (RecordedActivity.Concerns(entry.Type))
                events.Add((entry.Seq, entry.Id, entry.Type, entry.Data));
            else if (entry.Type == "figure_published" && IsOf(publication, entry))
                published = entry;
            progress.Tell("entries", ++index, 0);
        }

        return (published, events);
    }

    private static bool IsOf(Guid publication, Entry entry)
    {
        using var data = Members.Data(entry.Data);
        return data.RootElement.ValueKind == JsonValueKind.Object
            && data.RootElement.TryGetProperty("publicationId", out var id)
            && id.ValueKind == JsonValueKind.String
            && id.ValueEquals($"{publication}");
    }

    private static IEnumerable<Entry> All(Export export)
    {
        using var file = export.Read(Export.Entries) ?? throw new InvalidDataException($"the export has no {Export.Entries}");
        using var lines = new LineReader(file);
        for (var index = 0L; Next(lines, index) is { } entry; index++)
            yield return entry;
    }

    private static Entry? Next(LineReader lines, long index) =>
        !lines.TryRead(out var line) ? null
        : Entry.TryParse(line, out var entry, out var fault) ? entry
        : throw new InvalidDataException($"index {index}: the line has not the form of an entry: {fault}");
}
