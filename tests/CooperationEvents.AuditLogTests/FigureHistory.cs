using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CooperationEvents.AuditLog;
using CooperationEvents.AuditLogTests.AuditLog;
using CooperationEvents.AuditLogTests.Verifier;
using CooperationEvents.Verifier;

namespace CooperationEvents.AuditLogTests;

/// <summary>Events that figures are counted from, one after the other. What records one returns its id.</summary>
internal class FigureHistory
{
    public List<Entry> Entries { get; } = [];

    public Guid Add(string type, object data)
    {
        var id = SampleLog.Id(9, Entries.Count);
        Entries.Add(
            new Entry(
                Entries.Count + 1,
                id,
                SampleLog.Id(8, Entries.Count),
                StreamTypes.Of(type)!,
                1,
                type,
                new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero),
                null,
                null,
                null,
                null,
                null,
                Jsonb.Of(data)
            )
        );
        return id;
    }

    public void Register(Guid organisationId, string name) =>
        Add(
            "organisation_registered",
            new
            {
                organisationId,
                name,
                shortName = name,
            }
        );

    public void Establish(Guid frameworkId, string establishedOn, string[] parties, params (string Code, string Name)[] levels) =>
        Add(
            "framework_established",
            new
            {
                frameworkId,
                establishedOn,
                parties = parties.Select(p => new { code = p, name = p == "EU" ? "European Union" : p }),
                levels = levels.Select(
                    (l, i) =>
                        new
                        {
                            code = l.Code,
                            name = l.Name,
                            rank = i + 1,
                        }
                ),
            }
        );

    public void Join(Guid frameworkId, Guid organisationId, string party, string joinedOn) =>
        Add(
            "member_joined",
            new
            {
                frameworkId,
                organisationId,
                party,
                joinedOn,
            }
        );

    public Guid Schedule(Guid meetingId, string start, string end, string level, params IEnumerable<Guid> frameworks) =>
        Add(
            "meeting_scheduled",
            new
            {
                meetingId,
                start,
                end,
                frameworks = frameworks.Select(f => new { frameworkId = f, level }),
            }
        );

    public Guid Hold(Guid meetingId, string heldFrom, string heldTo) =>
        Add(
            "meeting_held",
            new
            {
                meetingId,
                heldFrom,
                heldTo,
            }
        );

    public Guid Attend(Guid meetingId, Guid personId, Guid organisationId, string role) =>
        Add(
            "attendance_recorded",
            new
            {
                meetingId,
                personId,
                organisationId,
                role,
                status = "attended",
            }
        );

    public Guid CountHeads(Guid meetingId, Guid organisationId, int count, string precision) =>
        Add(
            "delegation_counted",
            new
            {
                meetingId,
                organisationId,
                count,
                precision,
            }
        );

    /// <summary>The lines of an export, in another order than that of their positions, as a log may have them.</summary>
    public byte[] Lines() => SampleLog.Lines(((IEnumerable<Entry>)Entries).Reverse().Select(e => e.ToBytes()));

    /// <summary>An export with these lines, as far as figures are counted from it.</summary>
    public Export Export() => new ExportInMemory(new Dictionary<string, byte[]> { [CooperationEvents.Verifier.Export.Entries] = Lines() });

    /// <summary>The file that proves the publication, which is the last entry of its type, with these events as its evidence.</summary>
    public async Task<List<string>> ProveAsync(params IEnumerable<Guid> evidence)
    {
        var ids = evidence.ToHashSet();
        var published = Entries.FindLastIndex(e => e.Type == "figure_published");
        var (tree, size) = (new TreeInMemory([.. Entries.Select(e => e.ToBytes())]).Reader, Entries.Count);
        var note = new Checkpoint(Exported.First.Verifier.Name, size, await tree.RootAsync(size)).Sign(Exported.First);
        var lines = new List<string> { JsonSerializer.Serialize(new { checkpoint = note.ToString() }) };
        foreach (var index in Enumerable.Range(0, size).Where(i => ids.Contains(Entries[i].Id)).Prepend(published))
            lines.Add(Line(index, (await tree.InclusionAsync(index, size)).Hashes, Encoding.UTF8.GetString(Entries[index].ToBytes())));
        return lines;
    }

    /// <summary>A line of such a file.</summary>
    public static string Line(long index, IEnumerable<Digest> hashes, string entry) =>
        JsonSerializer.Serialize(
            new
            {
                index,
                hashes = hashes.Select(h => h.ToBase64()),
                entry,
            }
        );

    /// <summary>The digest of the evidence that these events are.</summary>
    public static string DigestOf(IEnumerable<Guid> evidence) =>
        Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(evidence.Select(e => $"{e}\n").Order(StringComparer.Ordinal))))
        );
}
