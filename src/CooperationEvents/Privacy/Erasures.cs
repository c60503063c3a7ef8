using CooperationEvents.Storage;

namespace CooperationEvents.Privacy;

/// <summary>An erasure that was asked for, and how far it has come.</summary>
/// <param name="PersonId">Whose erasure was asked for.</param>
/// <param name="People">Everybody who was merged with that person: they are one, and go together.</param>
/// <param name="Digests">How others named them, as keyed digests.</param>
/// <param name="DestroyedAt">When the keys were destroyed; null until then.</param>
/// <param name="Signal">The signal by which every node was told.</param>
/// <param name="DoneAt">When every step was over; null until then.</param>
/// <param name="FinalOn">
/// The day on which no backup holds the keys any more, and the generation of the master key that wrapped them can be destroyed. While that
/// one is in use the day is as if it were left now.
/// </param>
public sealed record Erasure(
    Guid PersonId,
    IReadOnlyCollection<Guid> People,
    IReadOnlyCollection<byte[]> Digests,
    Guid Actor,
    string Correlation,
    DateTimeOffset AskedAt,
    DateTimeOffset? DestroyedAt,
    long? Signal,
    DateTimeOffset? DoneAt,
    DateOnly FinalOn
);

/// <summary>
/// The erasures beside the keys: written before the first step and marked at the last, so that whatever a crash leaves half
/// done is taken up again. The reason given is sealed, and forgotten once no backup holds the keys any more.
/// </summary>
public sealed class Erasures(KeyDatabase database, ServiceSeal seal, ErasedPeople erased, PrivacyOptions options, DatabaseClock clock)
{
    private const string ReasonKey = "erasure-reasons";

    /// <summary>With when the generations that wrapped the keys were left; null while one of them is in use.</summary>
    private const string Columns = """
        person_id, people, digests, actor, correlation, asked_at, destroyed_at, signal, done_at,
        (select case when bool_and(g.left_at is not null) then max(g.left_at) end
            from keys.person_key k join keys.master_generation g using (generation) where k.person_id = any(people))
        """;

    /// <summary>Notes that an erasure was asked for; the one noted first stands.</summary>
    public async Task<Erasure> Ask(
        Guid person,
        IReadOnlyCollection<Guid> people,
        IReadOnlyCollection<byte[]> digests,
        string? reason,
        Guid actor,
        string correlation,
        CancellationToken cancellation
    )
    {
        var now = await clock.Now(cancellation);
        await database.Source.Execute(
            """
            insert into keys.erasure (person_id, people, digests, reason, actor, correlation, asked_at, final_on)
            values ($1, $2, $3, $4, $5, $6, $7, $8)
            on conflict (person_id) do update set
                people = array(select distinct unnest(keys.erasure.people || excluded.people)),
                digests = array(select distinct unnest(keys.erasure.digests || excluded.digests))
            """,
            [
                person,
                people.ToArray(),
                digests.ToArray(),
                reason is null ? DBNull.Value : await seal.Seal(ReasonKey, reason, $"{person}", cancellation),
                actor,
                correlation,
                now,
                FinalOn(now),
            ],
            cancellation
        );
        return (await Find(person, cancellation))!;
    }

    /// <summary>The erasure that was asked for of this person, or of one merged with them; null where there is none.</summary>
    public async Task<Erasure?> Find(Guid person, CancellationToken cancellation) =>
        (await Read("where $1 = any(people) order by number limit 1", [person], cancellation)) is [var erasure] ? erasure : null;

    /// <summary>Those that are not done, the oldest first.</summary>
    public Task<IReadOnlyList<Erasure>> Open(CancellationToken cancellation) =>
        Read("where done_at is null order by number", [], cancellation);

    /// <summary>All of them, the oldest first.</summary>
    public Task<IReadOnlyList<Erasure>> All(CancellationToken cancellation) => Read("order by number", [], cancellation);

    /// <summary>
    /// Keeps whoever was named so from being registered anew. Before the signal that makes every node read whom to keep out.
    /// </summary>
    public async Task KeepOut(Erasure erasure, CancellationToken cancellation)
    {
        await database.Source.Execute(
            "insert into keys.erased_digest select distinct unnest($1::bytea[]) on conflict do nothing",
            [erasure.Digests.ToArray()],
            cancellation
        );
        erased.Add(erasure.Digests);
    }

    /// <summary>Notes that the keys are destroyed.</summary>
    public async Task<Erasure> Destroyed(Erasure erasure, long signal, CancellationToken cancellation)
    {
        var now = await clock.Now(cancellation);
        await database.Source.Execute(
            "update keys.erasure set destroyed_at = $2, signal = $3, final_on = $4 where person_id = $1",
            [erasure.PersonId, now, signal, FinalOn(now)],
            cancellation
        );
        return erasure with { DestroyedAt = now, Signal = signal, FinalOn = FinalOn(now) };
    }

    /// <summary>Notes that every step is over.</summary>
    public async Task<Erasure> Done(Erasure erasure, CancellationToken cancellation)
    {
        var now = await clock.Now(cancellation);
        await database.Source.Execute(
            "update keys.erasure set done_at = $2 where person_id = $1 and done_at is null",
            [erasure.PersonId, now],
            cancellation
        );
        return erasure with { DoneAt = now };
    }

    /// <summary>Takes over what the ledger holds and the database lacks: an erasure that a restored backup does not know of.</summary>
    internal async Task TakeOver(ErasureLine line, CancellationToken cancellation) =>
        await database.Source.Execute(
            """
            insert into keys.erasure (person_id, people, digests, actor, correlation, asked_at, final_on)
            values ($1, $2, $3, $4, 'erasure-ledger', $5, $6)
            on conflict (person_id) do update set done_at = null,
                people = array(select distinct unnest(keys.erasure.people || excluded.people)),
                digests = array(select distinct unnest(keys.erasure.digests || excluded.digests))
            """,
            [
                line.Person,
                line.People.ToArray(),
                line.Digests.Select(Convert.FromBase64String).ToArray(),
                line.Actor,
                line.At.ToUniversalTime(),
                FinalOn(await clock.Now(cancellation)),
            ],
            cancellation
        );

    /// <summary>Takes an erasure up again whose steps are not all in the database any more.</summary>
    /// <param name="fromItsKeys">Whether keys are there that were destroyed.</param>
    internal Task Reopen(Erasure erasure, bool fromItsKeys, CancellationToken cancellation) =>
        database.Source.Execute(
            "update keys.erasure set done_at = null, destroyed_at = case when $2 then null else destroyed_at end where person_id = $1",
            [erasure.PersonId, fromItsKeys],
            cancellation
        );

    /// <summary>Forgets the reasons of erasures whose keys no backup holds any more.</summary>
    public async Task ForgetReasons(CancellationToken cancellation)
    {
        var today = await clock.Today(cancellation);
        var final = (await All(cancellation)).Where(erasure => erasure.FinalOn <= today).Select(erasure => erasure.PersonId);
        await database.Source.Execute(
            "update keys.erasure set reason = null where reason is not null and person_id = any($1)",
            [final.ToArray()],
            cancellation
        );
    }

    /// <summary>The day after the last backup of what was so until then has gone.</summary>
    private DateOnly FinalOn(DateTimeOffset until) => DateOnly.FromDateTime((until + options.BackupsKeptFor).UtcDateTime).AddDays(1);

    private async Task<IReadOnlyList<Erasure>> Read(string rest, object?[] parameters, CancellationToken cancellation)
    {
        var now = await clock.Now(cancellation);
        return await database.Source.Query(
            $"select {Columns} from keys.erasure {rest}",
            parameters,
            row => new Erasure(
                row.GetGuid(0),
                row.GetFieldValue<Guid[]>(1),
                row.GetFieldValue<byte[][]>(2),
                row.GetGuid(3),
                row.GetString(4),
                row.GetFieldValue<DateTimeOffset>(5),
                row.IsDBNull(6) ? null : row.GetFieldValue<DateTimeOffset>(6),
                row.IsDBNull(7) ? null : row.GetInt64(7),
                row.IsDBNull(8) ? null : row.GetFieldValue<DateTimeOffset>(8),
                row.IsDBNull(6) || row.IsDBNull(9)
                    ? FinalOn(now)
                    : new[] { FinalOn(row.GetFieldValue<DateTimeOffset>(6)), FinalOn(row.GetFieldValue<DateTimeOffset>(9)) }.Max()
            ),
            cancellation
        );
    }
}

/// <summary>Forgets the reasons of erasures whose keys no backup holds any more.</summary>
public sealed record ForgetReasons;

public static class ForgetReasonsHandler
{
    public static Task Handle(ForgetReasons message, Erasures erasures, CancellationToken cancellation) =>
        erasures.ForgetReasons(cancellation);
}
