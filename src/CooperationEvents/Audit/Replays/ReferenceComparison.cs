using System.Security.Cryptography;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Recording;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Audit.Replays;

/// <summary>Holds what external references name against what was created with them.</summary>
internal sealed class ReferenceComparison(
    NpgsqlDataSource database,
    CreationEvents creations,
    FieldSaltComparison salts,
    KeyStore keys,
    Erasures erasures,
    ExternalReferences references,
    PersonalData personalData,
    ReplayOptions options
)
{
    public const string Table = "recording.external_reference";

    /// <summary>Each reference that something was created with names it, and nothing else is named.</summary>
    public async Task Compare(long position, AfterRows after, CancellationToken cancellation)
    {
        var turned = new HashSet<string>();
        await foreach (var page in creations.Where("e.data ? 'externalReference'", position, cancellation))
        {
            // The digest of the spelling it was recorded in; that of the normal form may be another record's, which had it first.
            var given = (await Digests(page, cancellation))
                .Where(g => g.Digests.Count > 0)
                .Select(g => (g.Stream, Digest: g.Digests[^1]))
                .ToList();
            var live = await Named(given.Select(g => g.Digest), cancellation);
            var findings = new List<ReplayFinding>();
            foreach (var (stream, digest) in given)
            {
                if (!live.TryGetValue(SideTables.Text(digest), out var named))
                {
                    if (!await IsForgotten(stream, cancellation))
                        findings.Add(Naming(ReplayFindingKind.MissingInLive, digest, null, stream));
                }
                else if (named != stream && turned.Add(SideTables.Text(digest)))
                {
                    findings.Add(Naming(ReplayFindingKind.Differs, digest, named, stream));
                }
            }

            await after(0, findings.Count, findings);
        }

        for (var last = Array.Empty<byte>(); ; )
        {
            var page = await Page(last, cancellation);
            var created = page.Select(r => r.Creation).OfType<CreationEvent>().DistinctBy(c => c.Stream).ToList();
            var given = (await Digests(created, cancellation)).ToDictionary(g => g.Stream, g => g.Digests);
            var open = (await erasures.Open(cancellation)).SelectMany(e => e.People).ToHashSet();

            // What a newer version created a moment ago is left to a replay at a node of that version.
            var foreign = page.Where(r =>
                    (r.Creation is null || EventType.Find(r.Creation.Recorded.Type) is not null)
                    && !turned.Contains(SideTables.Text(r.Digest))
                    && !open.Contains(r.Stream)
                    && !given.GetValueOrDefault(r.Stream, []).Any(d => d.AsSpan().SequenceEqual(r.Digest))
                )
                .ToList();

            // Where nobody can open the event, the comparison of keys reports it.
            var stored = await keys.Stored([.. foreign.Where(IsOfPerson).Select(r => r.Stream)], cancellation);
            foreign.RemoveAll(r =>
                IsOfPerson(r) && stored.GetValueOrDefault(r.Stream) is not ({ Key: not null } or { State: PersonKeyState.Destroyed })
            );
            await after(
                page.Count,
                page.Count - foreign.Count - page.Count(r => turned.Contains(SideTables.Text(r.Digest))),
                [.. foreign.Select(r => Naming(ReplayFindingKind.OnlyInLive, r.Digest, r.Stream, null))]
            );
            if (page.Count < options.RowsAtOnce)
                return;
            last = page[^1].Digest;
        }

        static ReplayFinding Naming(ReplayFindingKind kind, byte[] digest, Guid? live, Guid? replayed) =>
            SideTables.Finding(
                kind,
                Table,
                "digest",
                SideTables.Text(digest),
                new ReplayedColumn("stream_id", live?.ToString(), replayed?.ToString())
            );

        static bool IsOfPerson((byte[] Digest, Guid Stream, CreationEvent? Creation) row) =>
            row.Creation?.Recorded.Data is IHoldPersonalData;
    }

    /// <summary>Whether the references of a person are forgotten: they were erased, or what identifies them has expired.</summary>
    private async Task<bool> IsForgotten(Guid stream, CancellationToken cancellation) =>
        (await keys.Stored([stream], cancellation)).GetValueOrDefault(stream)?.State == PersonKeyState.Destroyed
        || (await salts.Recorded([stream], cancellation)).GetValueOrDefault(stream)?.Expired.Any(s => s.Class == FieldClass.Identity)
            == true;

    /// <summary>
    /// Of each event the digests its reference may stand under, that of the spelling it was recorded in last; none where it has no
    /// reference, or nobody can read it.
    /// </summary>
    private async Task<IReadOnlyList<(Guid Stream, IReadOnlyList<byte[]> Digests)>> Digests(
        IReadOnlyList<CreationEvent> created,
        CancellationToken cancellation
    )
    {
        var people = created.Where(c => c.Recorded.Data is IHoldPersonalData).Select(c => c.Stream).ToList();
        var under = personalData.Under(new KeysAsStored(await keys.Stored(people, cancellation)));
        var given = new List<(Guid, IReadOnlyList<byte[]>)>(created.Count);
        foreach (var (_, stream, recorded) in created)
        {
            var reference = await ExternalReferences.Of(recorded, under, cancellation);
            given.Add((stream, reference is null ? [] : await Digests(EventType.Find(recorded.Type)!.Stream, reference, cancellation)));
        }

        return given;
    }

    private async Task<IReadOnlyList<byte[]>> Digests(StreamKind stream, ExternalReference reference, CancellationToken cancellation)
    {
        try
        {
            return await references.Digests(stream, reference, cancellation);
        }
        catch (CryptographicException)
        {
            throw new ReplayFailedException("The key that look-ups are made under does not open: references cannot be compared.");
        }
    }

    private async Task<Dictionary<string, Guid>> Named(IEnumerable<byte[]> digests, CancellationToken cancellation)
    {
        await using var command = database.Statement($"select digest, stream_id from {Table} where digest = any($1)", [digests.ToArray()]);
        var named = new Dictionary<string, Guid>();
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
            named.TryAdd(SideTables.Text(row.GetFieldValue<byte[]>(0)), row.GetGuid(1));
        return named;
    }

    private async Task<List<(byte[] Digest, Guid Stream, CreationEvent? Creation)>> Page(byte[] last, CancellationToken cancellation)
    {
        await using var command = database.Statement(
            $"""
            select r.digest, r.stream_id, e.seq_id, e.id, e.type, e.data::text
            from (select * from {Table} where digest > $1 order by digest fetch first $2 rows with ties) r
            left join register.mt_events e on e.stream_id = r.stream_id and e.version = 1
            order by r.digest
            """,
            last,
            options.RowsAtOnce
        );
        var page = new List<(byte[], Guid, CreationEvent?)>();
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
        {
            var creation = await row.IsDBNullAsync(2, cancellation)
                ? null
                : CreationEvent.Read(row.GetInt64(2), row.GetGuid(1), row.GetGuid(3), row.GetString(4), row.GetString(5));
            page.Add((row.GetFieldValue<byte[]>(0), row.GetGuid(1), creation));
        }

        return page;
    }
}
