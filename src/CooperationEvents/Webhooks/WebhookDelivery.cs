using CooperationEvents.Authentication;
using CooperationEvents.Authorization;
using CooperationEvents.Feed;
using CooperationEvents.Kernel;
using CooperationEvents.Projections;
using CooperationEvents.Recording;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Webhooks;

/// <summary>
/// Delivers webhooks on one node at a time. What was sent and not noted when a node died is sent again by the next, under the same
/// <c>webhook-id</c>.
/// </summary>
public sealed partial class WebhookDelivery(
    [FromKeyedServices(DataSources.Sessions)] NpgsqlDataSource sessions,
    Appends appends,
    Deliveries deliveries,
    Subscriptions subscriptions,
    FeedReader feed,
    Principals principals,
    ReadPosition position,
    WebhookSender sender,
    WebhookOptions options,
    DatabaseClock databaseClock,
    TimeProvider clock,
    ILogger<WebhookDelivery> logger
) : Leader(sessions, AdvisoryLocks.Webhooks, clock)
{
    private const int ReadAtOnce = 100;

    /// <summary>How many events of one subscription are under way at once, each of another stream; one where the receiver fails.</summary>
    private const int SentAtOnce = 8;

    private const string OwnerMayNot =
        $"Its owner has no key any more with {Scopes.SubscriptionsManage} and {Scopes.ActivityRead}; nothing is sent.";

    /// <summary>How often the leader makes sure that it still leads and looks for what is to be sent, while events come or go.</summary>
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan StuckRetryDelay = TimeSpan.FromMinutes(1);

    /// <summary>After what time a node of a newer version, which may lead by then, goes on.</summary>
    private static readonly TimeSpan NewerRetryDelay = TimeSpan.FromSeconds(5);

    /// <summary>How long what is under way may take after this node was told to stop, or leads no more.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(3);

    /// <summary>Events under way at once, for all subscriptions together.</summary>
    private readonly SemaphoreSlim _underWay = new(64);

    /// <summary>Which subscriptions were said to wait for a newer version, and for what.</summary>
    private readonly HashSet<(Guid Subscription, string Why)> _waiting = [];

    public override void Dispose()
    {
        _underWay.Dispose();
        base.Dispose();
    }

    protected override void Lost(Exception error) => Lost(logger, error);

    protected override async Task Lead(NpgsqlConnection session, CancellationToken cancellation)
    {
        Leading(logger);
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var sending = new CancellationTokenSource();
        var underWay = new Dictionary<Guid, Task>();
        try
        {
            while (true)
            {
                await session.StillLeads(cancellation);
                var settled = await position.Current(cancellation);
                foreach (var subscription in await deliveries.WithWork(settled, await Now(cancellation), cancellation))
                {
                    if (!underWay.ContainsKey(subscription.Id))
                        underWay.Add(subscription.Id, Deliver(subscription, settled, lost.Token, sending.Token));
                }

                if (underWay.Count > 0)
                    await Task.Delay(PollInterval, Clock, cancellation);
                else
                    await appends.WaitForMore(PollInterval, cancellation);
                foreach (var (id, done) in underWay.Where(u => u.Value.IsCompleted).ToList())
                {
                    underWay.Remove(id);
                    await Finish(id, done, cancellation);
                }
            }
        }
        finally
        {
            await lost.CancelAsync();
            sending.CancelAfter(ShutdownTimeout);
            await Task.WhenAll(underWay.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>One subscription that cannot be delivered, by whatever fault of this service, does not keep the others waiting.</summary>
    private async Task Finish(Guid subscription, Task delivery, CancellationToken cancellation)
    {
        try
        {
            await delivery;
        }
        catch (NewerVersionException newer)
        {
            if (_waiting.Add((subscription, newer.Message)))
                Waits(logger, subscription, newer.Message);
            await deliveries.Pause(subscription, await Now(cancellation) + NewerRetryDelay, cancellation);
        }
        catch (Exception e) when (e is not (OperationCanceledException or NpgsqlException))
        {
            Stuck(logger, subscription, e);
            await deliveries.Pause(subscription, await Now(cancellation) + StuckRetryDelay, cancellation);
        }
    }

    /// <summary>
    /// Sends what is due, round by round, until nothing is, the receiver takes nothing or asks for a pause, or it is cancelled.
    /// </summary>
    /// <param name="sending">Cancels what is under way; without it that ends, and is noted.</param>
    private async Task Deliver(Subscription subscription, long settled, CancellationToken cancellation, CancellationToken sending)
    {
        var standing = await principals.Standing(subscription.Owner, cancellation);
        if (!standing.Contains(Scopes.SubscriptionsManage) || !standing.Contains(Scopes.ActivityRead))
        {
            var at = await Now(cancellation);
            await deliveries.Suspend(subscription.Id, OwnerMayNot, at, at + StuckRetryDelay, cancellation);
            return;
        }

        var filter = subscription.Filter;
        subscription = subscription with
        {
            Filter = new FeedFilter(filter.Types, filter.StreamTypes, filter.Stream, standing.Contains(Scopes.StatisticsRead)),
        };
        var secret = await subscriptions.Secret(subscription.Id, subscription.SealedSecret, cancellation);
        var (readUpTo, atOnce) = (subscription.ReadUpTo, subscription.IsFailing ? 1 : SentAtOnce);
        NewerVersionException? newer = null;
        while (!cancellation.IsCancellationRequested)
        {
            var (now, asked) = (await Now(cancellation), Clock.GetTimestamp());
            var due = await deliveries.First(subscription.Id, now, atOnce, cancellation);
            if (
                due.Count < atOnce
                && newer is null
                && readUpTo < settled
                && await deliveries.Pending(subscription.Id, cancellation) < Deliveries.MostPending
            )
            {
                var batch = await feed.Read(readUpTo, settled, subscription.Filter, ReadAtOnce, cancellation);
                if (!await deliveries.Take(subscription.Id, batch, now, cancellation))
                    return;
                readUpTo = batch.Reached;
                newer = batch.Newer;
                continue;
            }

            if (due.Count == 0 && newer is not null)
                throw newer;
            if (due.Count == 0)
                return;
            using var trace = Traces.Begin("webhook: deliver");
            var attempts = await Send(subscription, secret, due, () => now + Clock.GetElapsedTime(asked), sending);
            await Note(subscription, attempts);
            if (
                attempts.Count < due.Count
                || attempts.All(a => a.Attempt.Error is not null)
                || attempts.Any(a => a.Attempt is { Gone: true } or { RetryAfter: not null })
            )
                return;
            atOnce = SentAtOnce;
        }
    }

    /// <param name="time">Asks no database: one that is away then would take from the others what came of them.</param>
    private async Task<IReadOnlyList<(Deliveries.Due Due, Attempt Attempt)>> Send(
        Subscription subscription,
        byte[] secret,
        IReadOnlyList<Deliveries.Due> due,
        Func<DateTimeOffset> time,
        CancellationToken sending
    )
    {
        var items = await feed.At([.. due.Select(d => d.Position)], sending);
        var attempts = await Task.WhenAll(
            due.Select(async one =>
            {
                try
                {
                    await _underWay.WaitAsync(sending);
                    try
                    {
                        return (Due: one, Attempt: await sender.Send(subscription.Url, secret, items[one.Position], time(), sending));
                    }
                    finally
                    {
                        _underWay.Release();
                    }
                }
                catch (OperationCanceledException) when (sending.IsCancellationRequested)
                {
                    // Whether it was taken is not known: it stays due, and is sent again.
                    return (one, null!);
                }
            })
        );
        return [.. attempts.Where(a => a.Attempt is not null)];
    }

    /// <summary>Notes what came of it, also where the service is stopping: what was taken must not be sent again for that.</summary>
    private async Task Note(Subscription subscription, IReadOnlyList<(Deliveries.Due Due, Attempt Attempt)> attempts)
    {
        var now = await Now(CancellationToken.None);
        var failed = attempts.Where(a => a.Attempt.Error is not null).Select(a => Failure(a.Due, a.Attempt, now)).ToList();
        await deliveries.Note(
            subscription.Id,
            [.. attempts.Where(a => a.Attempt.Error is null).Select(a => a.Due.Position)],
            failed,
            now,
            CancellationToken.None
        );
        foreach (var letter in failed.Where(f => f.DueAt is null))
            GivenUp(logger, letter.Position, subscription.Id, letter.Error);
        if (attempts.Max(a => a.Attempt.RetryAfter) is { } pause && pause > TimeSpan.Zero)
            await deliveries.Pause(subscription.Id, now + pause, CancellationToken.None);
        if (!attempts.Any(a => a.Attempt.Gone))
            return;
        await deliveries.Disable(subscription.Id, now, CancellationToken.None);
        Disabled(logger, subscription.Id);
    }

    /// <summary>By which everything is due: another node may lead next.</summary>
    private Task<DateTimeOffset> Now(CancellationToken cancellation) => databaseClock.Now(cancellation);

    /// <summary>An event that a receiver did not want any more is kept as it was: it is no dead letter for that.</summary>
    private Deliveries.Failure Failure(Deliveries.Due due, Attempt attempt, DateTimeOffset now)
    {
        var pause = attempt.Gone ? TimeSpan.Zero : options.Backoff.After(due.Attempts + 1, Random.Shared.NextDouble());
        return new Deliveries.Failure(due.Position, attempt.Error!, now + (attempt.RetryAfter > pause ? attempt.RetryAfter : pause));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "This node delivers webhooks")]
    private static partial void Leading(ILogger logger);

    [LoggerMessage(Level = LogLevel.Error, Message = "Webhooks are not delivered here; trying again")]
    private static partial void Lost(ILogger logger, Exception error);

    [LoggerMessage(Level = LogLevel.Error, Message = "The subscription {Subscription} cannot be delivered; trying again in a minute")]
    private static partial void Stuck(ILogger logger, Guid subscription, Exception error);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The subscription {Subscription} waits for a node of a newer version to deliver webhooks. {Why}"
    )]
    private static partial void Waits(ILogger logger, Guid subscription, string why);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The event at position {Position} is a dead letter of the subscription {Subscription}: {Error}"
    )]
    private static partial void GivenUp(ILogger logger, long position, Guid subscription, string error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The subscription {Subscription} is disabled: its receiver answered 410")]
    private static partial void Disabled(ILogger logger, Guid subscription);
}
