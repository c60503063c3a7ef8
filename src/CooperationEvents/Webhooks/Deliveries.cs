using CooperationEvents.Feed;
using CooperationEvents.Kernel;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Webhooks;

/// <summary>An event that a subscription has given up sending.</summary>
public sealed record DeadLetter(long Position, Guid Id, Guid Stream, string Type, int Attempts, DateTime GivenUpAt, string LastError);

/// <summary>
/// What is still to be sent for each subscription, and what was given up. Of a stream only the first event that is still to be
/// sent is ever due, so that its events keep their order while other streams go on.
/// </summary>
public sealed class Deliveries(NpgsqlDataSource database)
{
    /// <summary>How many events are read ahead of what a receiver takes; the rest waits in the history.</summary>
    public const int MostPending = 1_000;

    /// <summary>An event that is due, after so many attempts in vain.</summary>
    public sealed record Due(long Position, int Attempts);

    /// <summary>How an attempt ended in vain, and when the next one is due; null where it was the last.</summary>
    public sealed record Failure(long Position, string Error, DateTimeOffset? DueAt);

    /// <summary>The subscriptions for which there is something to read up to that position, or to send.</summary>
    public async Task<IReadOnlyList<Subscription>> WithWork(long settled, DateTimeOffset now, CancellationToken cancellation)
    {
        return await database.Query(
            """
            select id, owner, url, types, stream_types, secret, read_up_to, failing_since is not null
            from feed.subscription s
            where disabled_at is null and (resumes_at is null or resumes_at <= $2) and (
                exists (select 1 from (
                    select distinct on (stream_id) due_at from feed.delivery d
                    where d.subscription_id = s.id and given_up_at is null order by stream_id, position) first where due_at <= $2)
                or (read_up_to < $1 and (select count(*) from feed.delivery d where d.subscription_id = s.id and given_up_at is null) < $3))
            """,
            [settled, now, MostPending],
            row => new Subscription(
                row.GetGuid(0),
                row.GetGuid(1),
                row.GetString(2),
                new FeedFilter(Texts(row, 3), Texts(row, 4)),
                row.GetFieldValue<byte[]>(5),
                row.GetInt64(6),
                row.GetBoolean(7)
            ),
            cancellation
        );

        static ValueList<string>? Texts(NpgsqlDataReader row, int column) =>
            row.IsDBNull(column) ? null : row.GetFieldValue<string[]>(column).ToValueList();
    }

    public Task<long> Pending(Guid subscription, CancellationToken cancellation) =>
        database.Scalar<long>(
            "select count(*) from feed.delivery where subscription_id = $1 and given_up_at is null",
            [subscription],
            cancellation
        );

    /// <summary>
    /// Takes what was read to be sent, and notes how far that is. False where it does not follow what was read before: somebody
    /// else has read it meanwhile, or the subscription is gone.
    /// </summary>
    public async Task<bool> Take(Guid subscription, FeedBatch batch, DateTimeOffset now, CancellationToken cancellation)
    {
        return await database.Scalar<long>(
                """
                with moved as (update feed.subscription set read_up_to = $3 where id = $1 and read_up_to = $2 returning id),
                taken as (
                    insert into feed.delivery (subscription_id, position, stream_id, due_at)
                    select id, e.position, e.stream_id, $6 from moved, unnest($4, $5) as e (position, stream_id))
                select count(*) from moved
                """,
                [
                    subscription,
                    batch.After,
                    batch.Reached,
                    batch.Items.Select(i => i.Position).ToArray(),
                    batch.Items.Select(i => i.Stream).ToArray(),
                    now,
                ],
                cancellation
            ) == 1;
    }

    /// <summary>The first event of each stream that is due, the longest known first.</summary>
    public async Task<IReadOnlyList<Due>> First(Guid subscription, DateTimeOffset now, int limit, CancellationToken cancellation) =>
        await database.Query(
            """
            select position, attempts from (
                select distinct on (stream_id) position, attempts, due_at from feed.delivery
                where subscription_id = $1 and given_up_at is null order by stream_id, position) first
            where due_at <= $2 order by position limit $3
            """,
            [subscription, now, limit],
            row => new Due(row.GetInt64(0), row.GetInt32(1)),
            cancellation
        );

    /// <summary>Notes how one round of attempts ended.</summary>
    public async Task Note(
        Guid subscription,
        IReadOnlyCollection<long> delivered,
        IReadOnlyCollection<Failure> failed,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        // The subscription first, as its deletion takes it: two that take rows in different orders can wait for each other for ever.
        await using var batch = database.CreateBatch();
        if (failed.Count > 0)
        {
            batch.BatchCommands.Add(
                Statements.InBatch(
                    """
                    update feed.subscription set last_error = $2, last_error_at = $3, failing_since = coalesce(failing_since, $3)
                    where id = $1
                    """,
                    subscription,
                    failed.Last().Error,
                    now
                )
            );
            batch.BatchCommands.Add(
                Statements.InBatch(
                    """
                    update feed.delivery d set attempts = attempts + 1, last_error = f.error, due_at = coalesce(f.due_at, d.due_at),
                        given_up_at = case when f.due_at is null then $5 end
                    from unnest($2, $3, $4) as f (position, error, due_at)
                    where d.subscription_id = $1 and d.position = f.position
                    """,
                    subscription,
                    failed.Select(f => f.Position).ToArray(),
                    failed.Select(f => f.Error).ToArray(),
                    failed.Select(f => f.DueAt).ToArray(),
                    now
                )
            );
        }

        if (delivered.Count > 0)
        {
            batch.BatchCommands.Add(
                Statements.InBatch(
                    "update feed.subscription set last_delivered_at = $2, failing_since = null where id = $1",
                    subscription,
                    now
                )
            );
            batch.BatchCommands.Add(
                Statements.InBatch(
                    "delete from feed.delivery where subscription_id = $1 and position = any($2)",
                    subscription,
                    delivered.ToArray()
                )
            );
        }

        await batch.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Sends nothing for the subscription before that time.</summary>
    public Task Pause(Guid subscription, DateTimeOffset until, CancellationToken cancellation) =>
        Execute("update feed.subscription set resumes_at = $2 where id = $1", [subscription, until], cancellation);

    /// <summary>Sends nothing before that time, and says why.</summary>
    public Task Suspend(Guid subscription, string why, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellation) =>
        Execute(
            "update feed.subscription set resumes_at = $4, last_error = $2, last_error_at = $3 where id = $1",
            [subscription, why, now, until],
            cancellation
        );

    /// <summary>Sends nothing for the subscription any more.</summary>
    public Task Disable(Guid subscription, DateTimeOffset now, CancellationToken cancellation) =>
        Execute("update feed.subscription set disabled_at = coalesce(disabled_at, $2) where id = $1", [subscription, now], cancellation);

    /// <summary>What was given up after that position, in order.</summary>
    public async Task<IReadOnlyList<DeadLetter>> DeadLetters(Guid subscription, long after, int limit, CancellationToken cancellation) =>
        await database.Query(
            """
            select d.position, e.id, d.stream_id, e.type, d.attempts, d.given_up_at, d.last_error
            from feed.delivery d join register.mt_events e on e.seq_id = d.position
            where d.subscription_id = $1 and d.given_up_at is not null and d.position > $2 order by d.position limit $3
            """,
            [subscription, after, limit],
            row => new DeadLetter(
                row.GetInt64(0),
                row.GetGuid(1),
                row.GetGuid(2),
                row.GetString(3),
                row.GetInt32(4),
                row.GetDateTime(5),
                row.GetString(6)
            ),
            cancellation
        );

    /// <summary>
    /// Makes dead letters due again, all or those of these event ids, as if they had never been tried. Returns the ids of their events.
    /// </summary>
    public async Task<IReadOnlyList<Guid>> Replay(
        Guid subscription,
        IReadOnlyCollection<Guid>? events,
        DateTimeOffset now,
        CancellationToken cancellation
    ) =>
        await database.Query(
            """
            with replayed as (
                update feed.delivery d set given_up_at = null, attempts = 0, due_at = $3
                where subscription_id = $1 and given_up_at is not null
                    and ($2::uuid[] is null or exists (select 1 from register.mt_events e where e.seq_id = d.position and e.id = any($2)))
                returning position)
            select e.id from replayed join register.mt_events e on e.seq_id = replayed.position
            """,
            [subscription, events?.ToArray(), now],
            row => row.GetGuid(0),
            cancellation
        );

    /// <summary>Those of the ids that no event has.</summary>
    public async Task<IReadOnlyList<Guid>> Unknown(IReadOnlyCollection<Guid> events, CancellationToken cancellation) =>
        await database.Query(
            "select id from unnest($1) as named (id) where not exists (select from register.mt_events e where e.id = named.id)",
            [events.ToArray()],
            row => row.GetGuid(0),
            cancellation
        );

    private Task<int> Execute(string sql, object?[] parameters, CancellationToken cancellation) =>
        database.Execute(sql, parameters, cancellation);
}
