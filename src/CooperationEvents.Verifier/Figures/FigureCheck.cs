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

        var asked = Publication.Read(published.RootElement);
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
        {
            using var data = JsonDocument.Parse(e.Data);
            activity.Happened(e.Id, e.Type, data.RootElement);
        }

        Compare(asked, Recount.Of(asked, activity), report);
        return report;
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

    private static (JsonDocument? Publication, List<(long Seq, Guid Id, string Type, string Data)> Events) Read(
        Export export,
        Guid publication,
        Progress progress
    )
    {
        using var file = export.Read(Export.Entries) ?? throw new InvalidDataException($"the export has no {Export.Entries}");
        using var lines = new LineReader(file);
        JsonDocument? published = null;
        var (events, index) = (new List<(long, Guid, string, string)>(), 0L);
        for (; lines.TryRead(out var line); index++)
        {
            if (!Entry.TryParse(line, out var entry, out var fault))
                throw new InvalidDataException($"index {index}: the line has not the form of an entry: {fault}");
            if (RecordedActivity.Concerns(entry.Type))
                events.Add((entry.Seq, entry.Id, entry.Type, entry.Data));
            else if (
                entry.Type == "figure_published"
                && JsonDocument.Parse(entry.Data) is var data
                && data.RootElement.TryGetProperty("publicationId", out var id)
                && id.ValueKind == JsonValueKind.String
                && id.TryGetGuid(out var found)
                && found == publication
            )
                published = data;
            progress.Tell("entries", index + 1, 0);
        }

        return (published, events);
    }
}
