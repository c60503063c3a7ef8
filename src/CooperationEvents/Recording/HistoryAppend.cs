using CooperationEvents.Kernel;
using CooperationEvents.Storage;
using Npgsql;
using NpgsqlTypes;

namespace CooperationEvents.Recording;

/// <summary>
/// Appends events as Marten stores them. A transaction has one statement of each kind, however many streams and events it has. Positions
/// follow the order of the events. They are given once it is sure that no other transaction changed the streams.
/// </summary>
internal static class HistoryAppend
{
    /// <summary>What is kept in the transaction of the events, in its order.</summary>
    public static IEnumerable<NpgsqlBatchCommand> BesideEvents(
        Transaction transaction,
        IReadOnlyList<(string Text, byte[] Digest, Guid Id)> taken,
        Likenesses.Changes likenesses,
        IReadOnlyCollection<Guid> created,
        IReadOnlyDictionary<Guid, ValueList<PossibleDuplicate>> toBeTold
    )
    {
        foreach (var statement in Streams(transaction.Streams))
            yield return statement;
        if (transaction.Trusted is { Count: > 0 } trusted)
            yield return Unchanged(trusted);
        if (taken.Count > 0)
            yield return ExternalReferences.TakeCommand(taken);
        foreach (var statement in Likenesses.NoteCommands(likenesses, created))
            yield return statement;
        if (transaction.Locks.Count > 0 && transaction.Events.Count > 0)
            yield return RuleLock.TakeCommand(transaction.Locks);
        if (transaction.Answers.Count > 0)
            yield return IdempotencyStore.RememberCommand(transaction.Answers.Values);
        if (toBeTold.Count > 0)
            yield return Likenesses.ToldCommand(toBeTold);
    }

    /// <summary>Adds streams, and moves on those that there are; it fails where one has another version.</summary>
    private static IEnumerable<NpgsqlBatchCommand> Streams(IReadOnlyCollection<Transaction.Changed> streams)
    {
        var created = streams.Where(s => s.Before == 0).ToList();
        if (created.Count > 0)
        {
            yield return new NpgsqlBatchCommand(
                """
                insert into register.mt_streams (id, type, version, timestamp, tenant_id)
                select id, type, version, now(), '*DEFAULT*' from unnest($1::uuid[], $2::text[], $3::bigint[]) created (id, type, version)
                """
            )
            {
                Parameters = { Array(created, s => s.After.Id), Array(created, s => $"{s.Kind}"), Array(created, s => s.After.Version) },
            };
        }

        // Always in one order, so that two transactions do not wait for each other.
        var moved = streams.Where(s => s.Before > 0).OrderBy(s => s.After.Id).ToList();
        if (moved.Count > 0)
        {
            yield return new NpgsqlBatchCommand(
                """
                with moved as (
                    update register.mt_streams s set version = wanted.after, timestamp = now()
                    from unnest($1::uuid[], $2::bigint[], $3::bigint[]) wanted (id, before, after)
                    where s.id = wanted.id and s.version = wanted.before
                    returning s.id
                )
                select recording.check_unchanged(count(*), $4) from moved
                """
            )
            {
                Parameters =
                {
                    Array(moved, s => s.After.Id),
                    Array(moved, s => s.Before),
                    Array(moved, s => s.After.Version),
                    new NpgsqlParameter<long> { TypedValue = moved.Count },
                },
            };
        }
    }

    /// <summary>Fails where one of the streams has another version, as Marten's <c>AlwaysEnforceConsistency</c> of each.</summary>
    private static NpgsqlBatchCommand Unchanged(IReadOnlyCollection<KeyValuePair<Guid, long>> streams) =>
        new(
            """
            select recording.check_unchanged(count(*), $3)
            from unnest($1::uuid[], $2::bigint[]) looked (id, version)
            join register.mt_streams s on s.id = looked.id and s.version = looked.version
            """
        )
        {
            Parameters =
            {
                Array(streams, s => s.Key),
                Array(streams, s => s.Value),
                new NpgsqlParameter<long> { TypedValue = streams.Count },
            },
        };

    /// <summary>Adds the events, and answers with their positions, in their order.</summary>
    public static NpgsqlBatchCommand Events(IReadOnlyCollection<NewEvent> events) =>
        new(
            """
            insert into register.mt_events
                (seq_id, id, stream_id, version, data, type, tenant_id, timestamp,
                correlation_id, causation_id, headers, user_name, is_archived)
            select nextval('register.mt_events_sequence'), id, stream, version, data, type, '*DEFAULT*', now(), correlation, causation,
                headers, actor, false
            from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::jsonb[], $5::text[], $6::text[], $7::text[], $8::jsonb[], $9::text[])
                e (id, stream, version, data, type, correlation, causation, headers, actor)
            returning seq_id
            """
        )
        {
            Parameters =
            {
                Array(events, e => e.Recorded.Id),
                Array(events, e => e.Stream),
                Array(events, e => e.Version),
                Jsonb(events, e => e.Json),
                Array(events, e => e.Recorded.Type),
                Array(events, e => e.Caller.Correlation),
                Array(events, e => e.Causation),
                Jsonb(events, e => e.Headers),
                Array(events, e => e.Caller.Actor.ToString()),
            },
        };

    /// <summary>Commits the statements, and says where the events stand and what may be the same as what.</summary>
    /// <param name="database">Where it is looked up what became of them, if the session ended meanwhile.</param>
    public static async Task<Appended> Execute(
        NpgsqlBatch batch,
        IReadOnlyList<NewEvent> events,
        NpgsqlDataSource database,
        CancellationToken cancellation
    )
    {
        var positions = new Dictionary<(Guid Stream, long Version), long>();
        var pairs = new List<(Guid Mine, PossibleDuplicate Other)>();
        try
        {
            // Without a transaction begun by us PostgreSQL makes one of the whole batch: one round trip, the commit with it.
            await using var result = await batch.ExecuteReaderAsync(cancellation);
            do
            {
                if (result.FieldCount == 1 && result.GetName(0) == "seq_id")
                    await Read(result, events, positions, cancellation);
                else if (Likenesses.AreIn(result))
                    await Likenesses.Read(result, pairs, cancellation);
            } while (await result.NextResultAsync(cancellation));
        }
        catch (PostgresException e) when (LostRace.IsEndedSession(e))
        {
            // The session is over, so what it did is done or undone for good, and can be looked up.
            positions.Clear();
            await using var find = database.Statement(
                "select seq_id from register.mt_events where id = any($1) order by seq_id",
                events.Select(n => n.Recorded.Id).ToArray()
            );
            await using var result = await find.ExecuteReaderAsync(cancellation);
            await Read(result, events, positions, cancellation);
            if (positions.Count == 0)
                throw new LostRaceException();
        }

        return new Appended(positions, Likenesses.Grouped(pairs));
    }

    /// <summary>Reads the positions of the events, which stand in their order.</summary>
    private static async Task Read(
        NpgsqlDataReader result,
        IReadOnlyList<NewEvent> events,
        Dictionary<(Guid Stream, long Version), long> positions,
        CancellationToken cancellation
    )
    {
        while (await result.ReadAsync(cancellation))
            positions[(events[positions.Count].Stream, events[positions.Count].Version)] = result.GetInt64(0);
    }

    private static NpgsqlParameter<TValue[]> Array<T, TValue>(IReadOnlyCollection<T> rows, Func<T, TValue> value) =>
        new() { TypedValue = [.. rows.Select(value)] };

    private static NpgsqlParameter<TValue[]> Jsonb<T, TValue>(IReadOnlyCollection<T> rows, Func<T, TValue> value) =>
        new() { TypedValue = [.. rows.Select(value)], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb };
}

/// <summary>The positions of what was appended, and what its records may be the same as.</summary>
internal readonly record struct Appended(
    Dictionary<(Guid Stream, long Version), long> Positions,
    IReadOnlyDictionary<Guid, ValueList<PossibleDuplicate>> Duplicates
);
