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
    /// <summary>The line with the entry of the publication.</summary>
    private const int First = 2;

    /// <param name="lines">The lines of the file: the checkpoint, the entry of the publication, the entries of its evidence.</param>
    /// <param name="kept">Files with checkpoints the auditor kept.</param>
    /// <param name="witnesses">How many of the trusted witnesses must have cosigned.</param>
    /// <param name="consistency">What the log answers for the consistency of a kept checkpoint with that of the proof.</param>
    /// <param name="clock">By it a witness is held to have seen something; the system's where absent.</param>
    public static Report Run(
        IEnumerable<string> lines,
        IReadOnlyList<LogKey> trusted,
        IReadOnlyList<string> kept,
        int? witnesses,
        string? consistency,
        TimeProvider? clock = null
    )
    {
        var report = new Report();
        var keys = new LogKeys(trusted, clock);
        using var all = lines.GetEnumerator();
        if (!all.MoveNext())
        {
            report.Add(Kind.File, "the file is empty");
            return report;
        }

        if (Signed(all.Current, keys, witnesses, report) is not { } checkpoint)
            return report;
        ProofCheck.Tie(kept, checkpoint, keys, consistency, report);

        var proven = new List<Proven>();
        var read = 1;
        while (all.MoveNext())
        {
            if (Read(++read, all.Current, checkpoint, report) is { } line)
                proven.Add(line);
        }

        var places = proven.ToLookup(p => p.Entry.Id);
        foreach (var again in places.SelectMany(same => same.Skip(1)))
            report.Add(Kind.Entry, $"{again} stands in line {places[again.Entry.Id].First().Line} already");
        List<Proven> once = [.. places.Select(same => same.First())];
        if (once.FirstOrDefault() is { Line: First, Entry: { Type: "figure_published" } published })
            Compare(published, once[1..], report);
        else if (read < First || once.Exists(p => p.Line == First))
            report.Add(Kind.Entry, $"line {First}: the first entry is not that of a publication");
        return report;
    }

    /// <summary>The checkpoint of the first line; null where it cannot be read, or a signature of it is false.</summary>
    private static Checkpoint? Signed(string line, LogKeys keys, int? witnesses, Report report)
    {
        try
        {
            var note = SignedNote.Parse(Members.Of(line, l => l.GetProperty("checkpoint").GetString() ?? ""));
            var checkpoint = Checkpoint.Parse(note.Text);
            if (note.SignedBy(keys.Of(checkpoint.Origin).Where(k => k.Covers(checkpoint.Size)).Select(k => k.Key)).Count == 0)
                report.Add(Kind.Checkpoint, $"line 1: the checkpoint of size {checkpoint.Size} is signed by no key you gave");
            ProofCheck.RelyOn(witnesses, keys.Seen(note, note.SignedBy(keys.Witnesses)), checkpoint, report);
            return checkpoint;
        }
        catch (FormatException e)
        {
            report.Add(Kind.Checkpoint, $"line 1: {e.Message}");
            return null;
        }
    }

    private static Proven? Read(int number, string line, Checkpoint checkpoint, Report report)
    {
        (long Index, IReadOnlyList<Digest> Hashes, string Text) read;
        try
        {
            read = Members.Of(line, l => (l.GetProperty("index").GetInt64(), l.Hashes(), l.GetProperty("entry").GetString() ?? ""));
        }
        catch (FormatException e)
        {
            report.Add(Kind.File, $"line {number}: {e.Message}");
            return null;
        }

        var (index, leaf) = (read.Index, Encoding.UTF8.GetBytes(read.Text));
        var place = $"line {number}: index {index} (id {EntryPass.IdIn(leaf)})";
        if (
            index < 0
            || index >= checkpoint.Size
            || !new InclusionProof(index, checkpoint.Size, read.Hashes).Proves(MerkleTree.LeafHash(leaf), checkpoint.Root)
        )
            report.Add(Kind.Entry, $"{place}: the entry is not the one the log has there");
        else if (!Entry.TryParse(leaf, out var entry, out var fault))
            report.Add(Kind.Entry, $"{place}: the line has not the form of an entry: {fault}");
        else
            return new Proven(number, index, entry);
        return null;
    }

    private static void Compare(Entry published, IReadOnlyList<Proven> evidence, Report report)
    {
        foreach (var (before, next) in evidence.Zip(evidence.Skip(1)))
        {
            if (string.CompareOrdinal($"{next.Entry.Id}", $"{before.Entry.Id}") < 0)
                report.Add(Kind.Entry, $"{next} stands after the event {before.Entry.Id}: the evidence is in the order of ids");
        }

        try
        {
            Compare(Members.Of(published.Data, Publication.Read), evidence, report);
        }
        catch (InvalidDataException e)
        {
            report.Add(Kind.Entry, $"line {First}: {e.Message}");
        }
    }

    private static void Compare(Publication asked, IReadOnlyList<Proven> evidence, Report report)
    {
        report.Say($"Published:   {asked.Stated.Sentence}");
        var ids = evidence.Select(e => $"{e.Entry.Id}\n").Order(StringComparer.Ordinal).ToList();
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(ids))));
        var counted = EvidenceCount.Of(evidence, report);
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

/// <summary>An entry that is in the log, and the line of the file it stands in.</summary>
internal sealed record Proven(int Line, long Index, Entry Entry)
{
    public override string ToString() => $"line {Line}: index {Index} (id {Entry.Id})";
}

/// <summary>What the events of an evidence come to: all of them count, so nothing of frameworks and memberships is asked.</summary>
internal sealed record EvidenceCount(int Meetings, int Attendances, long Unnamed, int Persons)
{
    /// <summary>Counts the events. One that is of no meeting and no person is found wrong, and counts for nothing.</summary>
    public static EvidenceCount Of(IEnumerable<Proven> evidence, Report report)
    {
        var meetings = new HashSet<Guid>();
        var attendances = new HashSet<(Guid Meeting, Guid Person)>();
        var heads = new Dictionary<(Guid Meeting, Guid Organisation), int>();
        var merges = new Dictionary<Guid, Guid>();
        foreach (var one in evidence.OrderBy(e => e.Entry.Seq))
        {
            try
            {
                Members.Of(one.Entry.Data, data => Count(one.Entry.Type, data));
            }
            catch (FormatException e)
            {
                report.Add(Kind.Entry, $"{one} is no evidence: {e.Message}");
            }
        }

        var pairs = attendances.Select(a => (a.Meeting, Person: EndOfLine(a.Person))).ToHashSet();
        return new EvidenceCount(
            meetings.Count,
            pairs.Count,
            heads.Values.Sum(h => (long)h),
            pairs.Select(p => p.Person).Distinct().Count()
        );

        object? Count(string type, JsonElement data) =>
            type switch
            {
                "person_merged" => merges[data.Id("personId")] = data.Id("into"),
                "attendance_recorded" or "attendance_corrected" => attendances.Add((data.Id("meetingId"), data.Id("personId"))),
                "delegation_counted" => heads[Delegation(data)] = data.GetProperty("count").GetInt32(),
                "delegation_corrected" => heads[Delegation(data)] = data.GetProperty("corrected").GetProperty("count").GetInt32(),
                _ => meetings.Add(data.Id("meetingId")),
            };

        static (Guid Meeting, Guid Organisation) Delegation(JsonElement data) => (data.Id("meetingId"), data.Id("organisationId"));

        Guid EndOfLine(Guid person)
        {
            // Merges that were undone in between, and are no evidence, could make a circle.
            for (var links = 0; links < merges.Count && merges.TryGetValue(person, out var into); links++)
                person = into;
            return person;
        }
    }
}
