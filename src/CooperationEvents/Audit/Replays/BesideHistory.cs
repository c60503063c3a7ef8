using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Reading;
using CooperationEvents.Recording;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Audit.Replays;

/// <summary>Told after each range of rows: how many there are, how many the history gives, and what differs.</summary>
internal delegate Task AfterRows(long live, long replayed, IReadOnlyList<ReplayFinding> findings);

/// <summary>
/// Holds what is kept beside the history, and made by no projection, against what the events say: what references name, answers that are
/// remembered, keys of persons and salts of their fields, up to where the history is settled. A reference and an answer are committed
/// with their events, so that no position needs to be kept still; pages of rows are read, and memory is that of a page.
/// </summary>
internal sealed class BesideHistory(
    NpgsqlDataSource database,
    KeyStore keys,
    Erasures erasures,
    ExternalReferences references,
    PersonalData personalData,
    ReplayOptions options,
    ClockOptions clocks,
    TimeProvider clock
)
{
    private const string ReferenceTable = "recording.external_reference";
    private const string AnswerTable = "recording.remembered_answer";
    private const string SettledTable = "recording.settled_position";
    private const string KeyTable = "keys.person_key";
    private const string SaltTable = "keys.field_salt";

    /// <summary>What is done to a key and what is recorded of it are two transactions: a difference must last this long.</summary>
    private static readonly TimeSpan Lasting = TimeSpan.FromSeconds(1);

    private static readonly Dictionary<string, Type> EventTypes = StoredAttribute
        .In(typeof(BesideHistory).Assembly)
        .ToDictionary(e => e.Stored.Name, e => e.Type);

    /// <summary>The tables, each with its comparison with the history up to a position that is settled.</summary>
    public IReadOnlyList<(string Table, Func<AfterRows, CancellationToken, Task> Compare)> Tables(long position) =>
        [
            (KeyTable, (after, cancellation) => CompareKeys(position, after, cancellation)),
            (SaltTable, CompareSalts),
            (ReferenceTable, (after, cancellation) => CompareReferences(position, after, cancellation)),
            (AnswerTable, CompareAnswers),
            (SettledTable, CompareSettled),
        ];

    private static ReplayFinding Row(ReplayFindingKind kind, string table, string key, string value, params ReplayedColumn[] columns) =>
        new(kind, table, new Dictionary<string, string> { [key] = value }, [.. columns]);

    private static string Text(byte[] digest) => $"\\x{Convert.ToHexStringLower(digest)}";

    /// <summary>Each person has a key, in the state that was recorded last, and it opens the name that was sealed under it.</summary>
    private async Task CompareKeys(long position, AfterRows after, CancellationToken cancellation)
    {
        await foreach (var page in Creations("e.type = 'person_registered'", position, cancellation))
        {
            var people = page.Select(c => c.Stream).ToList();
            var findings = await FaultsOfKeys(page, cancellation);
            if (findings.Count > 0)
            {
                await Task.Delay(Lasting, clock, cancellation);
                findings = await FaultsOfKeys([.. page.Where(c => findings.ContainsKey(c.Stream))], cancellation);
            }

            var missing = findings.Values.Count(f => f.Kind == ReplayFindingKind.MissingInLive);
            await after(people.Count - missing, people.Count, [.. findings.Values]);
        }
    }

    private async Task<Dictionary<Guid, ReplayFinding>> FaultsOfKeys(IReadOnlyList<Creation> registered, CancellationToken cancellation)
    {
        var recorded = await RecordedStates([.. registered.Select(c => c.Stream)], cancellation);
        var stored = await keys.Stored([.. registered.Select(c => c.Stream)], cancellation);
        var open = await BeingErased(cancellation);
        var under = personalData.Under(new KeysAsStored(stored));
        var findings = new Dictionary<Guid, ReplayFinding>();
        foreach (var creation in registered.Where(c => !open.Contains(c.Stream)))
        {
            var person = creation.Stream;
            var expected = recorded.GetValueOrDefault(person) ?? RecordedState.None;
            if (!stored.TryGetValue(person, out var key))
                Found(ReplayFindingKind.MissingInLive);
            else if (!expected.Allows(key.State))
                Found(ReplayFindingKind.Differs, new ReplayedColumn("state", Json.Word(key.State), Json.Word(expected.State)));
            else if (!expected.Erased && !await Opens(under, creation.Recorded, cancellation))
                Found(ReplayFindingKind.Differs, new ReplayedColumn("wrapped", "another key", $"the key of event {creation.Recorded.Id}"));

            void Found(ReplayFindingKind kind, params ReplayedColumn[] columns) =>
                findings.Add(person, Row(kind, KeyTable, "person_id", person.ToString(), columns));
        }

        return findings;
    }

    /// <summary>Whether every field opens that has not expired.</summary>
    private static async Task<bool> Opens(PersonalData under, Recorded recorded, CancellationToken cancellation)
    {
        var opened = true;
        var expired = await under.Expired((IHoldPersonalData)recorded.Data, cancellation);
        var data = await under.Open((IHoldPersonalData)recorded.Data, recorded.Id, recorded.Type, cancellation, evenRestricted: true);
        ((IHoldPersonalData)data).WithPersonalFields(
            (field, value) =>
            {
                opened &= value.Plain is not null || expired.Contains(field);
                return value;
            }
        );
        return opened;
    }

    /// <summary>A salt opens, or is destroyed, and that is recorded: its fields expired, or the person was erased.</summary>
    private async Task CompareSalts(AfterRows after, CancellationToken cancellation)
    {
        IReadOnlyList<StoredSalt> page;
        StoredSalt? last = null;
        do
        {
            page = await keys.StoredSalts(last, options.RowsAtOnce, cancellation);
            var findings = await FaultsOfSalts(page, cancellation);
            if (findings.Count > 0)
            {
                await Task.Delay(Lasting, clock, cancellation);
                var again = await keys.StoredSalts(last, options.RowsAtOnce, cancellation);
                findings = await FaultsOfSalts([.. again.Where(s => findings.ContainsKey((s.PersonId, s.Class, s.Number)))], cancellation);
            }

            await after(page.Count, page.Count, [.. findings.Values]);
            last = page.Count > 0 ? page[^1] : last;
        } while (page.Count == options.RowsAtOnce);
    }

    private async Task<Dictionary<(Guid, string, int), ReplayFinding>> FaultsOfSalts(
        IReadOnlyCollection<StoredSalt> salts,
        CancellationToken cancellation
    )
    {
        var recorded = await RecordedOf([.. salts.Select(s => s.PersonId).Distinct()], cancellation);
        var open = await BeingErased(cancellation);
        var findings = new Dictionary<(Guid, string, int), ReplayFinding>();
        foreach (var salt in salts.Where(s => !open.Contains(s.PersonId)))
        {
            // Where the register is of an older moment than the keys, some are of nobody it knows.
            var isKnown = recorded.TryGetValue(salt.PersonId, out var of);
            var isExpired =
                isKnown && (of!.Erased || (FieldSalt.Read(salt.Class) is { } c && new FieldSalt(c, salt.Number).IsAmong(of.Expired)));
            if (isKnown && salt.IsDestroyed != isExpired)
                Found(salt.IsDestroyed ? "destroyed" : "a salt", isExpired ? "destroyed" : "a salt");
            else if (!salt.IsDestroyed && !salt.Opens)
                Found("a salt that does not open", "a salt");

            void Found(string live, string replayed) =>
                findings.Add(
                    (salt.PersonId, salt.Class, salt.Number),
                    new ReplayFinding(
                        ReplayFindingKind.Differs,
                        SaltTable,
                        new Dictionary<string, string>
                        {
                            ["person_id"] = salt.PersonId.ToString(),
                            ["class"] = salt.Class,
                            ["number"] = salt.Number.ToString(CultureInfo.InvariantCulture),
                        },
                        [new ReplayedColumn("wrapped", live, replayed)]
                    )
                );
        }

        return findings;
    }

    /// <summary>Of each that was registered whether they were erased, and the salts recorded as expired.</summary>
    private async Task<Dictionary<Guid, RecordedExpiry>> RecordedOf(IReadOnlyCollection<Guid> people, CancellationToken cancellation)
    {
        await using var command = database.Statement(
            """
            select stream_id, bool_or(type = 'person_erased'),
                coalesce(jsonb_path_query_array(jsonb_agg(data -> 'expired') filter (where data ? 'expired'), '$[*][*]'), '[]')::text
            from register.mt_events
            where stream_id = any($1) and type in ('person_registered', 'person_erased', 'person_fields_expired') group by stream_id
            """,
            people.ToArray()
        );
        var recorded = new Dictionary<Guid, RecordedExpiry>();
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
        {
            var expired = JsonSerializer.Deserialize<FieldSalt[]>(row.GetString(2), Json.Options)!;
            recorded.Add(row.GetGuid(0), new RecordedExpiry(row.GetBoolean(1), expired));
        }

        return recorded;
    }

    /// <summary>What was recorded of each, where anything was. Who is hidden is so with everybody merged with them.</summary>
    private async Task<Dictionary<Guid, RecordedState>> RecordedStates(IReadOnlyCollection<Guid> people, CancellationToken cancellation)
    {
        await using var command = database.Statement(
            """
            with recursive merged as materialized (
                select stream_id as one, (data ->> 'into')::uuid as other from register.mt_events where type = 'person_merged'
            ), both_ways (one, other) as (
                select one, other from merged union all select other, one from merged
            ), same (person, id) as (
                select id, id from unnest($1::uuid[]) id
                union
                select s.person, b.other from same s join both_ways b on b.one = s.id
            ), recorded as (
                select s.person, s.id = s.person as own, e.seq_id, e.type, (e.data ->> 'restricted')::boolean as restricted
                from same s join register.mt_events e on e.stream_id = s.id and e.type in ('person_erased', 'person_restricted')
            )
            select person, bool_or(own and type = 'person_erased'),
                coalesce(max(seq_id) filter (where own and restricted) > coalesce(max(seq_id) filter (where not restricted), 0), false),
                coalesce(bool_or(restricted), false)
            from recorded group by person
            """,
            people.ToArray()
        );
        command.CommandTimeout = 0;
        var states = new Dictionary<Guid, RecordedState>();
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
            states.Add(row.GetGuid(0), new RecordedState(row.GetBoolean(1), row.GetBoolean(2), row.GetBoolean(3)));
        return states;
    }

    private async Task<HashSet<Guid>> BeingErased(CancellationToken cancellation) =>
        [.. (await erasures.Open(cancellation)).SelectMany(e => e.People)];

    /// <summary>Each reference that something was created with names it, and nothing else is named.</summary>
    private async Task CompareReferences(long position, AfterRows after, CancellationToken cancellation)
    {
        var turned = new HashSet<string>();
        await foreach (var page in Creations("e.data ? 'externalReference'", position, cancellation))
        {
            // That of the spelling it was recorded in; another normal form may have been another's first.
            var given = (await Digests(page, cancellation))
                .Where(g => g.Digests.Count > 0)
                .Select(g => (g.Stream, Digest: g.Digests[^1]))
                .ToList();
            var live = await Named(given.Select(g => g.Digest), cancellation);
            var findings = new List<ReplayFinding>();
            foreach (var (stream, digest) in given)
            {
                if (!live.TryGetValue(Text(digest), out var named))
                {
                    if (!await IsForgotten(stream, cancellation))
                        findings.Add(Naming(ReplayFindingKind.MissingInLive, digest, null, stream));
                }
                else if (named != stream && turned.Add(Text(digest)))
                {
                    findings.Add(Naming(ReplayFindingKind.Differs, digest, named, stream));
                }
            }

            await after(0, findings.Count, findings);
        }

        for (var last = Array.Empty<byte>(); ; )
        {
            var page = await ReferencePage(last, cancellation);
            var creations = page.Select(r => r.Creation).OfType<Creation>().DistinctBy(c => c.Stream).ToList();
            var given = (await Digests(creations, cancellation)).ToDictionary(g => g.Stream, g => g.Digests);
            var open = page.Count == 0 ? [] : await BeingErased(cancellation);
            var foreign = page.Where(r =>
                    !turned.Contains(Text(r.Digest))
                    && !open.Contains(r.Stream)
                    && !given.GetValueOrDefault(r.Stream, []).Any(d => d.AsSpan().SequenceEqual(r.Digest))
                )
                .ToList();

            // One whose event nobody can open is for the comparison of keys to name.
            var stored = await keys.Stored([.. foreign.Where(IsOfPerson).Select(r => r.Stream)], cancellation);
            foreign.RemoveAll(r =>
                IsOfPerson(r) && stored.GetValueOrDefault(r.Stream) is not ({ Key: not null } or { State: PersonKeyState.Destroyed })
            );
            await after(
                page.Count,
                page.Count - foreign.Count - page.Count(r => turned.Contains(Text(r.Digest))),
                [.. foreign.Select(r => Naming(ReplayFindingKind.OnlyInLive, r.Digest, r.Stream, null))]
            );
            if (page.Count < options.RowsAtOnce)
                return;
            last = page[^1].Digest;
        }

        static ReplayFinding Naming(ReplayFindingKind kind, byte[] digest, Guid? live, Guid? replayed) =>
            Row(kind, ReferenceTable, "digest", Text(digest), new ReplayedColumn("stream_id", live?.ToString(), replayed?.ToString()));

        static bool IsOfPerson((byte[] Digest, Guid Stream, Creation? Creation) row) => row.Creation?.Recorded.Data is IHoldPersonalData;
    }

    /// <summary>Whether the references of a person are forgotten: they were erased, or what identifies them has expired.</summary>
    private async Task<bool> IsForgotten(Guid stream, CancellationToken cancellation) =>
        (await keys.Stored([stream], cancellation)).GetValueOrDefault(stream)?.State == PersonKeyState.Destroyed
        || (await RecordedOf([stream], cancellation)).GetValueOrDefault(stream)?.Expired.Any(s => s.Class == FieldClass.Identity) == true;

    /// <summary>
    /// Of each what its reference may stand under, the spelling it was recorded in last; nothing where it has none, or nobody can read it.
    /// </summary>
    private async Task<IReadOnlyList<(Guid Stream, IReadOnlyList<byte[]> Digests)>> Digests(
        IReadOnlyList<Creation> creations,
        CancellationToken cancellation
    )
    {
        var people = creations.Where(c => c.Recorded.Data is IHoldPersonalData).Select(c => c.Stream).ToList();
        var under = personalData.Under(new KeysAsStored(await keys.Stored(people, cancellation)));
        var given = new List<(Guid, IReadOnlyList<byte[]>)>(creations.Count);
        foreach (var (_, stream, recorded) in creations)
        {
            var reference = await ExternalReferences.Of(recorded, under, cancellation);
            given.Add((stream, reference is null ? [] : await Digests(AuditLog.StreamTypes.Of(recorded.Type)!, reference, cancellation)));
        }

        return given;
    }

    private async Task<IReadOnlyList<byte[]>> Digests(string stream, ExternalReference reference, CancellationToken cancellation)
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
        await using var command = database.Statement(
            $"select digest, stream_id from {ReferenceTable} where digest = any($1)",
            [digests.ToArray()]
        );
        var named = new Dictionary<string, Guid>();
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
            named.Add(Text(row.GetFieldValue<byte[]>(0)), row.GetGuid(1));
        return named;
    }

    private async Task<List<(byte[] Digest, Guid Stream, Creation? Creation)>> ReferencePage(byte[] last, CancellationToken cancellation)
    {
        await using var command = database.Statement(
            $"""
            select r.digest, r.stream_id, e.seq_id, e.id, e.type, e.data::text
            from (select * from {ReferenceTable} where digest > $1 order by digest limit $2) r
            left join register.mt_events e on e.stream_id = r.stream_id and e.version = 1
            order by r.digest
            """,
            last,
            options.RowsAtOnce
        );
        var page = new List<(byte[], Guid, Creation?)>();
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
        {
            var creation = await row.IsDBNullAsync(2, cancellation)
                ? null
                : Read(row.GetInt64(2), row.GetGuid(1), row.GetGuid(3), row.GetString(4), row.GetString(5));
            page.Add((row.GetFieldValue<byte[]>(0), row.GetGuid(1), creation));
        }

        return page;
    }

    /// <summary>A remembered answer is that of an event there is: its status, its part, and a time that is not before it.</summary>
    private async Task CompareAnswers(AfterRows after, CancellationToken cancellation)
    {
        var (last, count) = (Array.Empty<byte>(), 0L);
        do
        {
            await using var command = database.Statement(
                $"""
                select a.key_digest, (
                    select coalesce(jsonb_agg(jsonb_build_object('column', c, 'live', l, 'replayed', r)), '[]')::text from (values
                        ('stream_id', first.id is null, a.stream_id::text, null),
                        ('version', first.id is not null and e.id is null, a.version::text,
                            (select max(version)::text from register.mt_events where stream_id = a.stream_id)),
                        ('status', e.id is not null and a.status <> 200 + (a.part_id is not null)::int
                                and (a.status <> 201 or e.causation_id is distinct from first.causation_id),
                            a.status::text,
                            case when a.part_id is not null or e.causation_id = first.causation_id then '201' else '200' end),
                        ('part_id', a.part_id is not null and e.id is not null and not exists (
                                select from register.mt_events p
                                where p.stream_id = a.stream_id and p.version <= a.version and strpos(p.data::text, a.part_id::text) > 0),
                            a.part_id::text, null),
                        ('answered_at', a.answered_at < e.timestamp - $3 or a.answered_at > clock_timestamp() + $3,
                            a.answered_at::text, e.timestamp::text)
                    ) f (c, wrong, l, r) where wrong)
                from (select * from {AnswerTable} where key_digest > $1 order by key_digest limit $2) a
                left join register.mt_events first on first.stream_id = a.stream_id and first.version = 1
                left join register.mt_events e on e.stream_id = a.stream_id and e.version = a.version
                order by a.key_digest
                """,
                last,
                options.RowsAtOnce,
                clocks.ClocksApart
            );
            (count, var (findings, foreign)) = (0, (new List<ReplayFinding>(), 0L));
            await using (var row = await command.ExecuteReaderAsync(cancellation))
            {
                for (; await row.ReadAsync(cancellation); count++)
                {
                    last = row.GetFieldValue<byte[]>(0);
                    var columns = JsonSerializer.Deserialize<ReplayedColumn[]>(row.GetString(1), Json.Options)!;
                    if (columns.Length == 0)
                        continue;
                    var kind = columns.Any(c => c is { Column: "stream_id" }) ? ReplayFindingKind.OnlyInLive : ReplayFindingKind.Differs;
                    foreign += kind == ReplayFindingKind.OnlyInLive ? 1 : 0;
                    findings.Add(Row(kind, AnswerTable, "key_digest", Text(last), columns));
                }
            }

            await after(count, count - foreign, findings);
        } while (count == options.RowsAtOnce);
    }

    /// <summary>No position is noted beyond what is settled, and none before an event up to it was recorded.</summary>
    private async Task CompareSettled(AfterRows after, CancellationToken cancellation)
    {
        var (last, latest, count) = (0L, DateTime.MinValue, 0L);
        do
        {
            await using var command = database.Statement(
                $"""
                select s.position, s.noted_at, s.noted_at::text, settled.up_to,
                    (select max(e.timestamp) from register.mt_events e where e.seq_id > coalesce(s.before, $1) and e.seq_id <= s.position)
                from (
                    select position, noted_at, lag(position) over (order by position) as before
                    from {SettledTable} where position > $1 order by position limit $2) s,
                    (select max(last_seq_id) as up_to from register.mt_event_progression where name in ('HighWaterMark', $3)) settled
                order by s.position
                """,
                last,
                options.RowsAtOnce,
                ReadModel.Shard
            );
            command.CommandTimeout = 0;
            count = 0;
            var (findings, foreign) = (new List<ReplayFinding>(), 0L);
            await using (var row = await command.ExecuteReaderAsync(cancellation))
            {
                for (; await row.ReadAsync(cancellation); count++)
                {
                    last = row.GetInt64(0);
                    var key = last.ToString(CultureInfo.InvariantCulture);
                    if (!await row.IsDBNullAsync(4, cancellation) && row.GetDateTime(4) > latest)
                        latest = row.GetDateTime(4);
                    if (last > row.GetInt64(3))
                    {
                        foreign++;
                        findings.Add(
                            Row(
                                ReplayFindingKind.OnlyInLive,
                                SettledTable,
                                "position",
                                key,
                                new ReplayedColumn("position", key, row.GetInt64(3).ToString(CultureInfo.InvariantCulture))
                            )
                        );
                    }
                    else if (row.GetDateTime(1) < latest)
                    {
                        var recorded = latest.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture) + "+00";
                        var column = new ReplayedColumn("noted_at", row.GetString(2), recorded);
                        findings.Add(Row(ReplayFindingKind.Differs, SettledTable, "position", key, column));
                    }
                }
            }

            await after(count, count - foreign, findings);
        } while (count == options.RowsAtOnce);
    }

    /// <summary>The first events of streams, of those that meet a condition, up to a position, a page at a time.</summary>
    private async IAsyncEnumerable<IReadOnlyList<Creation>> Creations(
        string condition,
        long position,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation
    )
    {
        for (var last = 0L; ; )
        {
            var page = new List<Creation>();
            await using (
                var command = database.Statement(
                    $"""
                    select e.seq_id, e.stream_id, e.id, e.type, e.data::text from register.mt_events e
                    where e.seq_id > $1 and e.seq_id <= $2 and e.version = 1 and {condition} order by e.seq_id limit $3
                    """,
                    last,
                    position,
                    options.RowsAtOnce
                )
            )
            {
                command.CommandTimeout = 0;
                await using var row = await command.ExecuteReaderAsync(cancellation);
                while (await row.ReadAsync(cancellation))
                    page.Add(Read(row.GetInt64(0), row.GetGuid(1), row.GetGuid(2), row.GetString(3), row.GetString(4)));
            }

            if (page.Count > 0)
                yield return page;
            if (page.Count < options.RowsAtOnce)
                yield break;
            last = page[^1].Seq;
        }
    }

    private static Creation Read(long seq, Guid stream, Guid id, string type, string data)
    {
        object read = EventTypes.TryGetValue(type, out var known) ? JsonSerializer.Deserialize(data, known, Json.Options)! : type;
        return new Creation(seq, stream, new Recorded(id, type, read));
    }

    /// <summary>What was recorded of a person: whether they were erased, are hidden, and may be with somebody merged with them.</summary>
    private sealed record RecordedState(bool Erased, bool Hidden, bool MayBeHidden)
    {
        public static readonly RecordedState None = new(false, false, false);

        public PersonKeyState State =>
            Erased ? PersonKeyState.Destroyed
            : Hidden ? PersonKeyState.Restricted
            : PersonKeyState.Active;

        public bool Allows(PersonKeyState state) =>
            state switch
            {
                PersonKeyState.Destroyed => Erased,
                PersonKeyState.Restricted => !Erased && MayBeHidden,
                _ => !Erased && !Hidden,
            };
    }

    private sealed record RecordedExpiry(bool Erased, IReadOnlyList<FieldSalt> Expired);

    private sealed record Creation(long Seq, Guid Stream, Recorded Recorded);

    /// <summary>Keys as they stand in the database, and no others.</summary>
    private sealed class KeysAsStored(IReadOnlyDictionary<Guid, PersonKey> stored) : IPersonKeys
    {
        public Task<IReadOnlyDictionary<FieldClass, FieldKey>?> ToSeal(
            Guid personId,
            IReadOnlyCollection<FieldClass> classes,
            IReadOnlyDictionary<FieldClass, int> expired,
            CancellationToken cancellation
        ) => Task.FromResult<IReadOnlyDictionary<FieldClass, FieldKey>?>(null);

        public Task<PersonKey?> Find(Guid personId, IReadOnlyCollection<FieldSalt> salts, CancellationToken cancellation) =>
            Task.FromResult(stored.GetValueOrDefault(personId));
    }
}
