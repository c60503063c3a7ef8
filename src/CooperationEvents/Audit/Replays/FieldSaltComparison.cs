using System.Globalization;
using System.Text.Json;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Audit.Replays;

/// <summary>Holds the salts of persons' fields against what was recorded of their expiry.</summary>
internal sealed class FieldSaltComparison(
    NpgsqlDataSource database,
    KeyStore keys,
    Erasures erasures,
    ReplayOptions options,
    TimeProvider clock
)
{
    public const string Table = "keys.field_salt";

    /// <summary>The types of events that hold fields of persons.</summary>
    private static readonly string[] Personal = [.. EventType.All.Where(e => e.IsPersonal).Select(e => e.Name)];

    /// <summary>
    /// A salt opens, or is destroyed, and that is recorded: its fields expired, or the person was erased. Each that an event up to the
    /// position says its fields are sealed under has a row.
    /// </summary>
    public async Task Compare(long position, AfterRows after, CancellationToken cancellation)
    {
        await CompareRows(after, cancellation);
        await CompareUsed(position, after, cancellation);
    }

    private async Task CompareRows(AfterRows after, CancellationToken cancellation)
    {
        IReadOnlyList<StoredSalt> page;
        StoredSalt? last = null;
        do
        {
            page = await keys.StoredSalts(last, options.RowsAtOnce, cancellation);
            var findings = await Faults(page, cancellation);
            if (findings.Count > 0)
            {
                await Task.Delay(PersonKeyComparison.Lasting, clock, cancellation);
                var again = await keys.StoredSalts(last, options.RowsAtOnce, cancellation);
                findings = await Faults([.. again.Where(s => findings.ContainsKey((s.PersonId, s.Class, s.Number)))], cancellation);
            }

            await after(page.Count, page.Count, [.. findings.Values]);
            last = page.Count > 0 ? page[^1] : last;
        } while (page.Count >= options.RowsAtOnce);
    }

    private async Task CompareUsed(long position, AfterRows after, CancellationToken cancellation)
    {
        for (var last = 0L; last < position; )
        {
            (last, var used) = await Used(last, position, cancellation);
            IReadOnlyCollection<(Guid Person, FieldSalt Salt)> missing = await keys.MissingSalts([.. used], cancellation);
            if (missing.Count > 0)
            {
                await Task.Delay(PersonKeyComparison.Lasting, clock, cancellation);
                missing = await keys.MissingSalts([.. missing], cancellation);
            }

            await after(0, missing.Count, [.. missing.Select(m => Finding(ReplayFindingKind.MissingInLive, m.Person, m.Salt))]);
        }
    }

    /// <summary>The salts that the next events after a position say of themselves, and the position of the last of these events.</summary>
    private async Task<(long Last, IReadOnlyCollection<(Guid Person, FieldSalt Salt)> Used)> Used(
        long after,
        long position,
        CancellationToken cancellation
    )
    {
        await using var command = database.Statement(
            $$"""
            select max(e.seq_id) over (), (e.data ->> 'personId')::uuid, salt[1], salt[2]::int
            from (
                select seq_id, data from register.mt_events where seq_id > $1 and seq_id <= $2 and type = any($3)
                order by seq_id limit $4
            ) e
            left join regexp_matches(e.data::text, '"([a-z]+)\.([0-9]{1,6}):', 'g') salt on true
            """,
            after,
            position,
            Personal,
            options.RowsAtOnce
        );
        command.CommandTimeout = 0;
        var (last, used) = (position, new HashSet<(Guid, FieldSalt)>());
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
        {
            last = row.GetInt64(0);
            if (!row.IsDBNull(2) && FieldSalt.Read(row.GetString(2)) is { } of && !row.IsDBNull(1))
                used.Add((row.GetGuid(1), new FieldSalt(of, row.GetInt32(3))));
        }

        return (last, used);
    }

    /// <summary>Of each that was registered whether they were erased, and the salts recorded as expired.</summary>
    public async Task<Dictionary<Guid, RecordedExpiry>> Recorded(IReadOnlyCollection<Guid> people, CancellationToken cancellation)
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

    private async Task<Dictionary<(Guid, string, int), ReplayFinding>> Faults(
        IReadOnlyCollection<StoredSalt> salts,
        CancellationToken cancellation
    )
    {
        var recorded = await Recorded([.. salts.Select(s => s.PersonId).Distinct()], cancellation);
        var open = (await erasures.Open(cancellation)).SelectMany(e => e.People).ToHashSet();
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
                findings[(salt.PersonId, salt.Class, salt.Number)] = Finding(
                    ReplayFindingKind.Differs,
                    salt.PersonId,
                    salt.Class,
                    salt.Number,
                    new ReplayedColumn("wrapped", live, replayed)
                );
        }

        return findings;
    }

    private static ReplayFinding Finding(ReplayFindingKind kind, Guid person, FieldSalt salt) =>
        Finding(kind, person, Json.Word(salt.Class), salt.Number);

    private static ReplayFinding Finding(ReplayFindingKind kind, Guid person, string of, int number, params ReplayedColumn[] columns) =>
        new(
            kind,
            Table,
            new Dictionary<string, string>
            {
                ["person_id"] = person.ToString(),
                ["class"] = of,
                ["number"] = number.ToString(CultureInfo.InvariantCulture),
            },
            [.. columns]
        );
}

/// <summary>What was recorded of a person: whether they were erased, and the salts of fields that expired.</summary>
internal sealed record RecordedExpiry(bool Erased, IReadOnlyList<FieldSalt> Expired);
