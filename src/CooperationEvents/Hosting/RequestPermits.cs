namespace CooperationEvents.Hosting;

/// <summary>
/// The requests a node answers at once, in fair shares: a permit that becomes free goes to the caller who holds the fewest, and
/// one caller never holds all of them. While others ask too, few requests of one are answered at once, and few of all callers of one
/// origin while there are other origins: what they take from the others is the processor and the database, not the permits alone. Who
/// waits for something else than the node's work gives the permit back.
/// </summary>
/// <param name="total">How many there are.</param>
/// <param name="ofOne">How many of them one caller may hold while nobody else asks.</param>
/// <param name="besideOthers">
/// How many requests of one caller, and of one origin, may hold permits while others ask. Their cost does not matter.
/// </param>
/// <param name="waiting">How many may wait for one.</param>
/// <param name="waitingOfOne">How many of those may be one caller's.</param>
public sealed class RequestPermits(int total, int ofOne, int besideOthers, int waiting, int waitingOfOne, TimeProvider clock)
{
    /// <summary>How long somebody who holds no permit may wait for one before the node counts as exhausted.</summary>
    private static readonly TimeSpan QueueTimeout = TimeSpan.FromSeconds(1);

    /// <summary>How long a caller who asks for nothing more still counts as one of the others.</summary>
    private static readonly TimeSpan Presence = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Askers _callers = new(clock);
    private readonly Askers _origins = new(clock);
    private readonly int _total = total;
    private int _free = total;
    private int _waiting;

    public enum Refusal
    {
        None,

        /// <summary>The caller has as many waiting as one may.</summary>
        OfOne,

        /// <summary>As many wait as the node can hold.</summary>
        OfAll,
    }

    /// <summary>Whether callers who hold no permit wait too long for one.</summary>
    public bool IsExhausted
    {
        get
        {
            lock (_lock)
                return _callers.Shares.Any(s =>
                    s.Held == 0 && s.Waiters.First is { } first && clock.GetElapsedTime(first.Value.Since) > QueueTimeout
                );
        }
    }

    /// <summary>Whether somebody else than that caller asks too, or asked lately.</summary>
    public bool OthersAsk(string than)
    {
        lock (_lock)
            return _callers.OthersAsk(than);
    }

    /// <inheritdoc cref="Acquire(string, string, int, CancellationToken)"/>
    public Task<(RequestPermit? RequestPermit, Refusal Refusal)> Acquire(string caller, int cost, CancellationToken cancellation) =>
        Acquire(caller, "", cost, cancellation);

    /// <summary>A permit once there is one, or why there will be none.</summary>
    /// <param name="origin">Where it comes from, which it shares with other callers.</param>
    /// <param name="cost">How many permits it is worth; never more than one caller may hold.</param>
    public async Task<(RequestPermit? RequestPermit, Refusal Refusal)> Acquire(
        string caller,
        string origin,
        int cost,
        CancellationToken cancellation
    )
    {
        RequestPermit permit;
        Waiter waiter;
        lock (_lock)
        {
            _callers.Notice(caller);
            _origins.Notice(origin);
            permit = new RequestPermit(this, _callers.Come(caller), _origins.Come(origin), Math.Min(cost, Math.Min(ofOne, _total)));
            if (permit.Caller.Waiters.Count == 0 && Fits(permit))
            {
                Hold(permit);
                return (permit, Refusal.None);
            }

            if (permit.Caller.Waiters.Count >= waitingOfOne || _waiting >= waiting)
            {
                var refusal = _waiting >= waiting ? Refusal.OfAll : Refusal.OfOne;
                Go(permit);
                return (null, refusal);
            }

            waiter = Enqueue(permit);
        }

        await Wait(waiter, cancellation);
        return (permit, Refusal.None);
    }

    /// <summary>A permit again for who gave it back for a while; its turn is not refused.</summary>
    internal async Task AcquireAgain(RequestPermit permit, CancellationToken cancellation)
    {
        Waiter waiter;
        lock (_lock)
        {
            (permit.Caller, permit.Origin) = (_callers.Come(permit.Caller.Who), _origins.Come(permit.Origin.Who));
            if (permit.Caller.Waiters.Count == 0 && Fits(permit))
            {
                Hold(permit);
                return;
            }

            waiter = Enqueue(permit);
        }

        await Wait(waiter, cancellation);
    }

    internal void Release(RequestPermit permit)
    {
        lock (_lock)
        {
            permit.Caller.Held -= permit.Cost;
            permit.Caller.Requests--;
            permit.Origin.Requests--;
            _free += permit.Cost;
            Go(permit);
            GiveOut();
        }
    }

    private async Task Wait(Waiter waiter, CancellationToken cancellation)
    {
        await using var cancelled = cancellation.Register(() =>
        {
            lock (_lock)
            {
                if (waiter.Node.List is null)
                    return;
                waiter.Permit.Caller.Waiters.Remove(waiter.Node);
                _waiting--;
                Go(waiter.Permit);
                GiveOut();
            }

            waiter.Given.TrySetCanceled(cancellation);
        });
        await waiter.Given.Task;
    }

    /// <summary>Gives free permits to who holds the fewest; where their next request needs more than is free, it is waited for.</summary>
    private void GiveOut()
    {
        while (_waiting > 0)
        {
            var next = _callers
                .Shares.Where(s => s.Waiters.First is { } first && MayHold(first.Value.Permit))
                .OrderBy(s => s.Held)
                .ThenBy(s => s.Waiters.First!.Value.Since)
                .FirstOrDefault();
            if (next is null || next.Waiters.First!.Value.Permit.Cost > _free)
                return;
            var waiter = next.Waiters.First.Value;
            next.Waiters.RemoveFirst();
            _waiting--;
            Hold(waiter.Permit);
            waiter.Given.TrySetResult();
        }
    }

    private bool Fits(RequestPermit permit) => permit.Cost <= _free && MayHold(permit);

    private bool MayHold(RequestPermit permit) =>
        permit.Caller.Held + permit.Cost <= ofOne
        && (permit.Caller.Requests < besideOthers || !_callers.AreSeveral)
        && (permit.Origin.Requests < besideOthers || !_origins.AreSeveral);

    private void Hold(RequestPermit permit)
    {
        permit.Caller.Held += permit.Cost;
        permit.Caller.Requests++;
        permit.Origin.Requests++;
        _free -= permit.Cost;
    }

    private Waiter Enqueue(RequestPermit permit)
    {
        var waiter = new Waiter(permit, clock.GetTimestamp());
        waiter.Node = permit.Caller.Waiters.AddLast(waiter);
        _waiting++;
        return waiter;
    }

    private void Go(RequestPermit permit)
    {
        _callers.Go(permit.Caller);
        _origins.Go(permit.Origin);
    }

    /// <summary>Who holds or waits for a permit, and who asked lately.</summary>
    private sealed class Askers(TimeProvider clock)
    {
        private readonly Dictionary<string, Share> _open = [];
        private (string Who, long At)? _last;
        private (string Who, long At)? _before;

        public IReadOnlyCollection<Share> Shares => _open.Values;

        /// <summary>Whether there is more than one.</summary>
        public bool AreSeveral => _open.Count > 1 || IsRecent(_before);

        /// <summary>Whether there is another than that one.</summary>
        public bool OthersAsk(string than) =>
            _open.Keys.Any(who => who != than) || new[] { _last, _before }.Any(one => one?.Who != than && IsRecent(one));

        public void Notice(string who)
        {
            if (_last is { } last && last.Who != who)
                _before = last;
            _last = (who, clock.GetTimestamp());
        }

        public Share Come(string who)
        {
            if (!_open.TryGetValue(who, out var share))
                _open.Add(who, share = new Share(who));
            share.Open++;
            return share;
        }

        public void Go(Share share)
        {
            if (--share.Open == 0)
                _open.Remove(share.Who);
        }

        private bool IsRecent((string Who, long At)? asked) => asked is { } one && clock.GetElapsedTime(one.At) < Presence;
    }

    /// <summary>What one caller has, or all of one origin.</summary>
    internal sealed class Share(string who)
    {
        public string Who { get; } = who;

        /// <summary>How many requests hold a permit or wait for one.</summary>
        public int Open { get; set; }

        /// <summary>What those that hold a permit cost.</summary>
        public int Held { get; set; }

        /// <summary>How many hold a permit.</summary>
        public int Requests { get; set; }

        public LinkedList<Waiter> Waiters { get; } = new();
    }

    internal sealed class Waiter(RequestPermit permit, long since)
    {
        public RequestPermit Permit { get; } = permit;

        public long Since { get; } = since;

        public TaskCompletionSource Given { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public LinkedListNode<Waiter> Node { get; set; } = null!;
    }
}

/// <summary>A permit held by a request, until it is disposed of.</summary>
public sealed class RequestPermit : Http.IRequestPermit, IDisposable
{
    private readonly RequestPermits _permits;
    private bool _isHeld = true;

    internal RequestPermit(RequestPermits permits, RequestPermits.Share caller, RequestPermits.Share origin, int cost) =>
        (_permits, Caller, Origin, Cost) = (permits, caller, origin, cost);

    internal RequestPermits.Share Caller { get; set; }

    internal RequestPermits.Share Origin { get; set; }

    internal int Cost { get; }

    public async Task<T> WaitWithoutPermit<T>(Func<Task<T>> wait, CancellationToken cancellation)
    {
        Dispose();
        var waited = await wait();
        await _permits.AcquireAgain(this, cancellation);
        _isHeld = true;
        return waited;
    }

    public void Dispose()
    {
        if (!_isHeld)
            return;
        _isHeld = false;
        _permits.Release(this);
    }
}
