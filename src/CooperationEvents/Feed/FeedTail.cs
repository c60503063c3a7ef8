using CooperationEvents.Kernel;
using CooperationEvents.Projections;

namespace CooperationEvents.Feed;

/// <summary>
/// The newest events, read once a node for everybody who follows the feed: it asks every <see cref="PollInterval"/> how far the
/// settled positions have come, as long as anybody follows, and wakes them. Who has fallen behind it reads from the database.
/// </summary>
public sealed partial class FeedTail(FeedReader reader, ReadPosition position, TimeProvider clock, ILogger<FeedTail> logger)
    : BackgroundService
{
    /// <summary>How many batches are kept; each holds at most <see cref="FeedReader.MostData"/> characters of data.</summary>
    private const int MostBatches = 8;

    private const int BatchSize = 100;

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _followed = new(0);
    private int _followers;
    private Newest? _newest;
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Keeps it going until disposed.</summary>
    public IDisposable Follow()
    {
        lock (_gate)
        {
            if (_followers++ == 0)
                _followed.Release();
        }

        return new Follower(this);
    }

    /// <summary>
    /// Waits until there is something settled after the position, and gives the events there that the filter leaves, or some
    /// of the first of them. Call it while following.
    /// </summary>
    public async Task<FeedBatch> Next(long after, FeedFilter filter, CancellationToken cancellation)
    {
        while (true)
        {
            Newest? newest;
            Task moved;
            lock (_gate)
                (newest, moved) = (_newest, _moved.Task);
            if (newest is not null && newest.UpTo > after)
            {
                return newest.From <= after
                    ? newest.After(after, filter)
                    : await reader.Read(after, newest.UpTo, filter, BatchSize, cancellation);
            }

            await moved.WaitAsync(cancellation);
        }
    }

    public override void Dispose()
    {
        _followed.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Loop.Run(Run, Failed, RetryDelay, clock, stoppingToken);

    private void Failed(Exception error)
    {
        Failed(logger, error);
        _followed.Release();
    }

    /// <summary>Reads on from when somebody follows until nobody does any more.</summary>
    private async Task Run(CancellationToken cancellation)
    {
        await _followed.WaitAsync(cancellation);
        while (IsFollowed())
        {
            var settled = await position.Current(cancellation);
            var newest = _newest ?? new Newest(settled, []);
            if (_newest is not null && settled <= newest.UpTo)
            {
                await Task.Delay(PollInterval, clock, cancellation);
                continue;
            }

            if (settled > newest.UpTo)
                newest = newest.With(await reader.Read(newest.UpTo, settled, FeedFilter.Everything, BatchSize, cancellation), settled);
            Publish(newest);
        }
    }

    private bool IsFollowed()
    {
        lock (_gate)
        {
            if (_followers == 0)
                _newest = null;
            return _followers > 0;
        }
    }

    private void Publish(Newest newest)
    {
        TaskCompletionSource moved;
        lock (_gate)
        {
            _newest = newest;
            moved = _moved;
            _moved = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        moved.SetResult();
    }

    private void Leave()
    {
        lock (_gate)
            _followers--;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The newest events cannot be read; trying again")]
    private static partial void Failed(ILogger logger, Exception error);

    /// <summary>Every event after a position, in batches that follow each other.</summary>
    private sealed record Newest(long Start, IReadOnlyList<FeedBatch> Batches)
    {
        public long From => Batches.Count == 0 ? Start : Batches[0].After;

        public long UpTo => Batches.Count == 0 ? Start : Batches[^1].Reached;

        /// <summary>
        /// Up to an event of a type that this node does not know each follower reads from the database: whether it is left out depends on
        /// the filter.
        /// </summary>
        public Newest With(FeedBatch batch, long settled) =>
            batch.Newer is null ? this with { Batches = [.. Batches.TakeLast(MostBatches - 1), batch] } : new Newest(settled, []);

        public FeedBatch After(long position, FeedFilter filter) =>
            new(position, [.. Batches.SelectMany(b => b.Items).Where(i => i.Position > position && filter.Passes(i))], UpTo, false);
    }

    private sealed class Follower(FeedTail tail) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
                tail.Leave();
        }
    }
}
