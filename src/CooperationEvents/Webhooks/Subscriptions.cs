using System.Security.Cryptography;
using CooperationEvents.Authentication;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Recording;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Webhooks;

/// <summary>The subscriptions in the schema <c>feed</c>. Each belongs to the principal who made it; the secret is kept sealed.</summary>
public sealed class Subscriptions(NpgsqlDataSource database, KeyStore keys, IdempotentRequests idempotent, DatabaseClock clock)
    : IEndsWithPrincipal
{
    /// <summary>How many one principal may have.</summary>
    public const int MostOfOne = 50;

    /// <summary>How long a repeat of the request that made one is answered with its secret.</summary>
    public static readonly TimeSpan SecretShownFor = TimeSpan.FromHours(24);

    private static readonly ProblemType Deleted = new("subscription-deleted", 410, "The subscription was deleted");

    private const string GoneAtOnce =
        "The same request arrived twice at once, and what the other one made was deleted since. Nothing is made anew. To subscribe again, "
        + "send a new request.";

    private static readonly ProblemType TooMany = new("too-many-subscriptions", 409, "There are too many subscriptions");

    /// <summary>
    /// Makes a subscription, or finds the one the same request made before. One that was deleted since is not made again: its maker
    /// decided so, and a repeat that comes late knows nothing of it.
    /// </summary>
    /// <param name="from">The position to begin after where the request names none.</param>
    /// <param name="idempotencyKey">As the caller sent it.</param>
    /// <param name="fault">Why none can be made as is asked. A repeat is answered whatever it says.</param>
    public async Task<(SubscriptionAnswer? Answer, bool Repeated, Problem? Problem)> Create(
        Guid owner,
        NewSubscription request,
        long from,
        string? idempotencyKey,
        Func<Task<Problem?>> fault,
        CancellationToken cancellation
    )
    {
        var content = await idempotent.Content(request, cancellation);
        var under = await idempotent.Of("subscription", owner, idempotencyKey, request, cancellation);
        if (await Before(owner, request.Id, content, under, cancellation) is { } before)
            return before;
        if (await fault() is { } wrong)
            return (null, false, wrong);
        if (await CountOf(owner, cancellation) >= MostOfOne)
            return (
                null,
                false,
                TooMany.Because($"One caller has at most {MostOfOne} subscriptions. Delete one that is not needed any more.")
            );

        var id = request.Id ?? Guid.NewGuid();
        var secret = WebhookSignature.NewSecret();
        await using var insert = database.Statement(
            $"""
            with made as (
                insert into feed.subscription (id, owner, url, types, stream_types, from_position, read_up_to, secret, request_digest,
                    created_at)
                select $3, $4, $5, $6::text[], $7::text[], $8, $8, $9, $10, $11
                where not exists (select from feed.deleted_subscription where id = $3) on conflict do nothing returning id),
            {IdempotentRequests.Noted}
            select exists (select from made)
            """,
            [
                .. IdempotentRequests.Parameters(under),
                id,
                owner,
                request.Url,
                request.Types?.ToArray(),
                request.StreamTypes?.ToArray(),
                request.From ?? from,
                Cipher.Seal(await SealingKey(cancellation), secret, BoundTo(id)),
                content,
                await clock.Now(cancellation),
            ]
        );
        if (!await IdempotentRequests.IsMade(insert, cancellation))
        {
            // The same request arrived twice at once, and the other one was first.
            return await Before(owner, request.Id, content, under, cancellation) ?? (null, false, Deleted.Because(GoneAtOnce));
        }

        return (await Find(id, null, cancellation) is { } made ? made with { Secret = WebhookSignature.Show(secret) } : null, false, null);
    }

    /// <summary>One subscription, or null where there is none, or it belongs to somebody else.</summary>
    /// <param name="owner">Whose it must be; null for one who sees all.</param>
    public async Task<SubscriptionAnswer?> Find(Guid id, Guid? owner, CancellationToken cancellation)
    {
        var found = await Read("s.id = $1 and ($2::uuid is null or s.owner = $2)", [id, owner], cancellation);
        return found.Count == 0 ? null : found[0].Answer;
    }

    /// <summary>A page of subscriptions in the order they were made, each with its number.</summary>
    public Task<IReadOnlyList<(long Number, SubscriptionAnswer Answer)>> List(
        Guid? owner,
        long after,
        int limit,
        CancellationToken cancellation
    ) => Read("($1::uuid is null or s.owner = $1) and s.number > $2 order by s.number limit $3", [owner, after, limit], cancellation);

    /// <summary>
    /// Deletes a subscription with everything that was to be sent for it; false where there is none. Its URL and secret are kept only as
    /// long as a repeat of its creation is answered with them, and not where its id was noted as deleted before: what stands there was
    /// asked by another request.
    /// </summary>
    public async Task<bool> Delete(Guid id, Guid? owner, CancellationToken cancellation) =>
        await database.Scalar<long>(
            """
            with gone as (delete from feed.subscription where id = $1 and ($2::uuid is null or owner = $2) returning *),
            known as (
                insert into feed.deleted_subscription (id, owner, request_digest, created_at, from_position, url, types, stream_types,
                    secret)
                select gone.id, gone.owner, gone.request_digest, gone.created_at, gone.from_position, shown.url, shown.types,
                    shown.stream_types, shown.secret
                from gone left join gone as shown on shown.created_at > now() - $3
                on conflict (id) do update set url = null, types = null, stream_types = null, secret = null)
            select count(*) from gone
            """,
            [id, owner, SecretShownFor],
            cancellation
        ) > 0;

    /// <summary>
    /// Deletes every subscription of a principal that has ended, with what is known of those that it deleted, save that their ids are used.
    /// </summary>
    public Task End(Guid principal, CancellationToken cancellation) =>
        database.Execute(
            """
            with gone as (delete from feed.subscription where owner = $1 returning *),
            known as (
                insert into feed.deleted_subscription (id, owner, request_digest, created_at, from_position)
                select id, owner, request_digest, created_at, from_position from gone
                on conflict (id) do nothing),
            emptied as (
                update feed.deleted_subscription set url = null, types = null, stream_types = null, secret = null
                where owner = $1 or id in (select id from gone)
                returning id)
            delete from recording.idempotent_request where made_id in (select id from gone union all select id from emptied)
            """,
            [principal],
            cancellation
        );

    /// <summary>Empties what is kept of deleted subscriptions, where no repeat is answered with it any more.</summary>
    public Task ForgetDeleted(CancellationToken cancellation) =>
        database.Execute(
            """
            update feed.deleted_subscription set url = null, types = null, stream_types = null, secret = null
            where url is not null and created_at < now() - $1
            """,
            [SecretShownFor],
            cancellation
        );

    /// <exception cref="CryptographicException">The secret was altered, or belongs to another subscription.</exception>
    public async Task<byte[]> Secret(Guid id, byte[] sealedSecret, CancellationToken cancellation) =>
        Cipher.Open(await SealingKey(cancellation), sealedSecret, BoundTo(id));

    /// <summary>The answer where the same key or the same id was used before; else null.</summary>
    private async Task<(SubscriptionAnswer?, bool, Problem?)?> Before(
        Guid owner,
        Guid? id,
        byte[] content,
        IdempotentRequest? under,
        CancellationToken cancellation
    )
    {
        var made = await idempotent.Made(under, cancellation);
        if (await Kept(made?.Id ?? id, cancellation) is not { } kept)
            return null;
        if (kept.Owner != owner || !kept.Content.AsSpan().SequenceEqual(content))
            return (
                null,
                false,
                made is not null
                    ? RecordingProblems.IdempotencyKeyReused.Because(
                        "This Idempotency-Key made another subscription. Use a new key for a new request."
                    )
                    : KernelProblems.IdInUse.At("/id", "This id was already used for a subscription with other content. Use another one.")
            );

        var isRemembered = await clock.Now(cancellation) - kept.CreatedAt < SecretShownFor;
        if (kept.IsDeleted && (made is null || !isRemembered || kept.AsMade is null))
            return (null, false, Gone(kept.Id, byKey: made is not null));
        var answer = kept.IsDeleted ? kept.AsMade : await Find(kept.Id, owner, cancellation);
        return isRemembered && answer is not null
            ? (answer with { Secret = WebhookSignature.Show(await Secret(kept.Id, kept.Secret!, cancellation)) }, true, null)
            : (answer, true, null);
    }

    /// <summary>What is kept of a subscription, also of a deleted one, for repeats of its creation; null where there is nothing.</summary>
    private async Task<KeptSubscription?> Kept(Guid? id, CancellationToken cancellation)
    {
        var found = await database.Query(
            """
            select id, owner, request_digest, created_at, secret, false, url, types, stream_types, from_position
            from feed.subscription where id = $1
            union all
            select id, owner, request_digest, created_at, secret, true, url, types, stream_types, from_position
            from feed.deleted_subscription where id = $1
            """,
            [id],
            row => new KeptSubscription(
                row.GetGuid(0),
                row.GetGuid(1),
                row.GetFieldValue<byte[]>(2),
                row.GetFieldValue<DateTimeOffset>(3),
                row.IsDBNull(4) ? null : row.GetFieldValue<byte[]>(4),
                row.GetBoolean(5),
                row.IsDBNull(6)
                    ? null
                    : new SubscriptionAnswer(
                        row.GetGuid(0),
                        row.GetGuid(1),
                        row.GetString(6),
                        Texts(row, 7),
                        Texts(row, 8),
                        row.GetInt64(9),
                        row.GetDateTime(3),
                        SubscriptionState.Active,
                        row.GetInt64(9),
                        0,
                        0,
                        null,
                        null,
                        null
                    )
            ),
            cancellation
        );
        return found.Count == 0 ? null : found[0];
    }

    private static Problem Gone(Guid id, bool byKey)
    {
        var told = $"This request made the subscription {id}, which was deleted since. Nothing is made anew. To subscribe again, send ";
        return byKey ? Deleted.Because(told + "it under a new Idempotency-Key.") : Deleted.At("/id", told + "another id, or none.");
    }

    private Task<long> CountOf(Guid owner, CancellationToken cancellation) =>
        database.Scalar<long>("select count(*) from feed.subscription where owner = $1", [owner], cancellation);

    private async Task<IReadOnlyList<(long, SubscriptionAnswer Answer)>> Read(
        string condition,
        object?[] parameters,
        CancellationToken cancellation
    )
    {
        return await database.Query(
            $"""
            select s.number, s.id, s.owner, s.url, s.types, s.stream_types, s.from_position, s.created_at, s.disabled_at,
                coalesce(d.first - 1, s.read_up_to), d.pending, d.dead, s.last_delivered_at, s.failing_since, s.last_error_at, s.last_error
            from feed.subscription s
            cross join lateral (
                select min(position) filter (where given_up_at is null) as first, count(*) filter (where given_up_at is null) as pending,
                    count(*) filter (where given_up_at is not null) as dead
                from feed.delivery where subscription_id = s.id) d
            where {condition}
            """,
            parameters,
            row =>
                (
                    row.GetInt64(0),
                    new SubscriptionAnswer(
                        row.GetGuid(1),
                        row.GetGuid(2),
                        row.GetString(3),
                        Texts(row, 4),
                        Texts(row, 5),
                        row.GetInt64(6),
                        row.GetDateTime(7),
                        row.IsDBNull(8) ? SubscriptionState.Active : SubscriptionState.Disabled,
                        row.GetInt64(9),
                        row.GetInt64(10),
                        row.GetInt64(11),
                        Time(row, 12),
                        Time(row, 13),
                        Time(row, 14) is { } at ? new DeliveryError(at, row.GetString(15)) : null
                    )
                ),
            cancellation
        );

        static DateTime? Time(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetDateTime(column);
    }

    private static ValueList<string>? Texts(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetFieldValue<string[]>(column).ToValueList();

    private Task<byte[]> SealingKey(CancellationToken cancellation) => keys.Service("webhook-secrets", cancellation);

    private static string BoundTo(Guid id) => $"feed.subscription\n{id}";

    /// <param name="AsMade">What the creation answered; null once that is forgotten.</param>
    private sealed record KeptSubscription(
        Guid Id,
        Guid Owner,
        byte[] Content,
        DateTimeOffset CreatedAt,
        byte[]? Secret,
        bool IsDeleted,
        SubscriptionAnswer? AsMade
    );
}
