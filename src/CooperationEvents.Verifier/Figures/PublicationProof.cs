using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CooperationEvents.AuditLog;

namespace CooperationEvents.Verifier.Figures;

/// <summary>
/// <c>publication</c>: that a published figure, and each event of its evidence, is in the log unaltered, and that the counts are those of
/// the evidence; from one file, without an export. That nothing else counts only <see cref="FigureCheck"/> can say.
/// </summary>
public static class PublicationProof
{
    /// <param name="lines">The lines of the file: the checkpoint, the entry of the publication, the entries of its evidence.</param>
    /// <param name="kept">Files with checkpoints the auditor kept.</param>
    /// <param name="witnesses">How many of the trusted witnesses must have cosigned.</param>
    /// <param name="consistency">What the log answers for the consistency of a kept checkpoint with that of the proof.</param>
    /// <exception cref="FormatException">The file has not its form.</exception>
    /// <exception cref="InvalidDataException">The publication or an event of its evidence has not its form.</exception>
    public static Report Run(
        IEnumerable<string> lines,
        IReadOnlyList<LogKey> trusted,
        IReadOnlyList<string> kept,
        int? witnesses,
        string? consistency
    )
    {
        var report = new Report();
        var keys = new LogKeys(trusted);
        using var all = lines.GetEnumerator();
        if (!all.MoveNext())
            throw new FormatException("The file is empty.");
        var note = SignedNote.Parse(Read(all.Current, line => line.GetProperty("checkpoint").GetString() ?? ""));
        var checkpoint = Checkpoint.Parse(note.Text);
        if (note.SignedBy(keys.Of(checkpoint.Origin).Where(k => k.Covers(checkpoint.Size)).Select(k => k.Key)).Count == 0)
            report.Add(Kind.Checkpoint, $"the checkpoint of size {checkpoint.Size} is signed by no key you gave");
        report.RelyOn(witnesses, note.SignedBy(keys.Witnesses).Select(_ => checkpoint.Size));
        foreach (var file in kept)
            ProofCheck.Tie(file, checkpoint, keys, consistency, report);

        var entries = new List<Entry>();
        while (all.MoveNext())
        {
            if (Proven(all.Current, checkpoint, report) is { } entry)
                entries.Add(entry);
        }

        if (entries is not [{ Type: "figure_published" } published, .. var evidence])
        {
            report.Add(Kind.Entry, $"the first entry is not that of a publication");
            return report;
        }

        using var data = JsonDocument.Parse(published.Data);
        Compare(Publication.Read(data.RootElement), evidence, report);
        return report;
    }

    private static T Read<T>(string line, Func<JsonElement, T> read)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            return read(json.RootElement);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException($"A line has not its form: {e.Message}", e);
        }
    }

    private static Entry? Proven(string line, Checkpoint checkpoint, Report report)
    {
        var (index, hashes, text) = Read(line, l =>
            (
                l.GetProperty("index").GetInt64(),
                l.GetProperty("hashes")
                    .EnumerateArray()
                    .Select(h =>
                        Digest.TryParse(h.GetString() ?? "", out var hash) ? hash : throw new FormatException("One of the hashes is none.")
                    )
                    .ToList(),
                l.GetProperty("entry").GetString() ?? ""
            )
        );
        var leaf = Encoding.UTF8.GetBytes(text);
        if (
            index < 0
            || index >= checkpoint.Size
            || !new InclusionProof(index, checkpoint.Size, hashes).Proves(MerkleTree.LeafHash(leaf), checkpoint.Root)
        )
            report.Add(Kind.Entry, $"index {index} (id {EntryPass.IdIn(leaf)}): the entry is not the one the log has there");
        else if (!Entry.TryParse(leaf, out var entry, out var fault))
            report.Add(Kind.Entry, $"index {index} (id {EntryPass.IdIn(leaf)}): the line has not the form of an entry: {fault}");
        else
            return entry;
        return null;
    }

    private static void Compare(Publication asked, IReadOnlyList<Entry> evidence, Report report)
    {
        report.Say($"Published:   {asked.Stated.Sentence}");
        var ids = evidence.Select(e => $"{e.Id}\n").Distinct().Order(StringComparer.Ordinal).ToList();
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(ids))));
        var counted = EvidenceCount.Of(evidence.DistinctBy(e => e.Id));
        (string Name, string Stated, string Counted)[] items =
        [
            ("the number of events in the evidence", $"{asked.Stated.EvidenceCount}", $"{ids.Count}"),
            ("the digest of the evidence", asked.Stated.EvidenceSha256, digest),
            ("meetingsHeld", $"{asked.Stated.MeetingsHeld}", $"{counted.Meetings}"),
            ("attendances", $"{asked.Stated.Attendances}", $"{counted.Attendances}"),
            ("unnamed", $"{asked.Stated.Unnamed}", $"{counted.Unnamed}"),
            ("staffKnown", $"{asked.Stated.Known}", $"{counted.Persons}"),
        ];
        foreach (var (name, stated, again) in items.Where(i => i.Stated != i.Counted))
            report.Add(Kind.Figure, $"{name}: published was '{stated}', and the evidence gives '{again}'");
        if (report.IsClean)
            report.Say($"Evidence:    {Report.Number(ids.Count, "event")}, each in the log as it was recorded, and the counts are theirs");
    }
}

/// <summary>What the events of an evidence come to: all of them count, so nothing of frameworks and memberships is asked.</summary>
internal sealed record EvidenceCount(int Meetings, int Attendances, int Unnamed, int Persons)
{
    /// <exception cref="InvalidDataException">One of the events is of no meeting and no person.</exception>
    public static EvidenceCount Of(IEnumerable<Entry> evidence)
    {
        try
        {
            return Count(evidence);
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"the evidence has an event that is none: {e.Message}", e);
        }
    }

    private static EvidenceCount Count(IEnumerable<Entry> evidence)
    {
        var meetings = new HashSet<Guid>();
        var attendances = new HashSet<(Guid Meeting, Guid Person)>();
        var heads = new Dictionary<(Guid Meeting, Guid Organisation), int>();
        var merges = new Dictionary<Guid, Guid>();
        foreach (var entry in evidence.OrderBy(e => e.Seq))
        {
            using var data = JsonDocument.Parse(entry.Data);
            var root = data.RootElement;
            switch (entry.Type)
            {
                case "person_merged":
                    merges[root.Id("personId")] = root.Id("into");
                    break;
                case "attendance_recorded" or "attendance_corrected":
                    attendances.Add((root.Id("meetingId"), root.Id("personId")));
                    break;
                case "delegation_counted":
                    heads[(root.Id("meetingId"), root.Id("organisationId"))] = root.GetProperty("count").GetInt32();
                    break;
                case "delegation_corrected":
                    heads[(root.Id("meetingId"), root.Id("organisationId"))] = root.GetProperty("corrected")
                        .GetProperty("count")
                        .GetInt32();
                    break;
                default:
                    meetings.Add(root.Id("meetingId"));
                    break;
            }
        }

        var pairs = attendances.Select(a => (a.Meeting, Person: EndOfLine(a.Person))).ToHashSet();
        return new EvidenceCount(meetings.Count, pairs.Count, heads.Values.Sum(), pairs.Select(p => p.Person).Distinct().Count());

        Guid EndOfLine(Guid person)
        {
            // Merges that were undone in between, and are no evidence, could make a circle.
            for (var links = 0; links < merges.Count && merges.TryGetValue(person, out var into); links++)
                person = into;
            return person;
        }
    }
}
