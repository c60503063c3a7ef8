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
    private readonly Dictionary<string, Share> _shares = [];
    private readonly Askers _callers = new(clock);
    private readonly Askers _origins = new(clock);
    private readonly Dictionary<string, int> _heldOfOrigins = [];
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
                return _shares.Values.Any(s =>
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
        var permit = new RequestPermit(this, caller, origin, Math.Min(cost, Math.Min(ofOne, _total)));
        Waiter waiter;
        lock (_lock)
        {
            _callers.Notice(caller);
            _origins.Notice(origin);
            var share = Come(caller, origin);
            if (share.Waiters.Count == 0 && Fits(share, origin, permit.Cost))
            {
                Hold(share, origin, permit.Cost);
                return (permit, Refusal.None);
            }

            if (share.Waiters.Count >= waitingOfOne || _waiting >= waiting)
            {
                var refusal = _waiting >= waiting ? Refusal.OfAll : Refusal.OfOne;
                Go(share, origin);
                return (null, refusal);
            }

            waiter = Enqueue(share, origin, permit.Cost);
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
            var share = Come(permit.Caller, permit.Origin);
            if (share.Waiters.Count == 0 && Fits(share, permit.Origin, permit.Cost))
            {
                Hold(share, permit.Origin, permit.Cost);
                return;
            }

            waiter = Enqueue(share, permit.Origin, permit.Cost);
        }

        await Wait(waiter, cancellation);
    }

    internal void Release(RequestPermit permit)
    {
        lock (_lock)
        {
            var share = _shares[permit.Caller];
            share.Held -= permit.Cost;
            share.Requests--;
            _heldOfOrigins[permit.Origin]--;
            _free += permit.Cost;
            Go(share, permit.Origin);
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
                waiter.Share.Waiters.Remove(waiter.Node);
                _waiting--;
                Go(waiter.Share, waiter.Origin);
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
            var next = _shares
                .Values.Where(s => s.Waiters.First is { } first && MayHold(s, first.Value.Origin, first.Value.Cost))
                .OrderBy(s => s.Held)
                .ThenBy(s => s.Waiters.First!.Value.Since)
                .FirstOrDefault();
            if (next is null || next.Waiters.First!.Value.Cost > _free)
                return;
            var waiter = next.Waiters.First.Value;
            next.Waiters.RemoveFirst();
            _waiting--;
            Hold(next, waiter.Origin, waiter.Cost);
            waiter.Given.TrySetResult();
        }
    }

    private bool Fits(Share share, string origin, int cost) => cost <= _free && MayHold(share, origin, cost);

    private bool MayHold(Share share, string origin, int cost) =>
        share.Held + cost <= ofOne
        && (share.Requests < besideOthers || !_callers.AreSeveral)
        && (_heldOfOrigins.GetValueOrDefault(origin) < besideOthers || !_origins.AreSeveral);

    private void Hold(Share share, string origin, int cost)
    {
        share.Held += cost;
        share.Requests++;
        _heldOfOrigins[origin] = _heldOfOrigins.GetValueOrDefault(origin) + 1;
        _free -= cost;
    }

    private Waiter Enqueue(Share share, string origin, int cost)
    {
        var waiter = new Waiter(share, origin, cost, clock.GetTimestamp());
        waiter.Node = share.Waiters.AddLast(waiter);
        _waiting++;
        return waiter;
    }

    private Share Come(string caller, string origin)
    {
        _callers.Come(caller);
        _origins.Come(origin);
        if (!_shares.TryGetValue(caller, out var share))
            _shares.Add(caller, share = new Share(caller));
        return share;
    }

    private void Go(Share share, string origin)
    {
        _callers.Go(share.Caller);
        if (!_origins.Go(origin))
            _heldOfOrigins.Remove(origin);
        if (share.Requests == 0 && share.Waiters.Count == 0)
            _shares.Remove(share.Caller);
    }

    /// <summary>Who holds or waits for a permit, and who asked lately.</summary>
    private sealed class Askers(TimeProvider clock)
    {
        private readonly Dictionary<string, int> _open = [];
        private (string Who, long At)? _last;
        private (string Who, long At)? _before;

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

        public void Come(string who) => _open[who] = _open.GetValueOrDefault(who) + 1;

        /// <summary>False where that was the last of its requests.</summary>
        public bool Go(string who)
        {
            if (_open[who] > 1)
            {
                _open[who]--;
                return true;
            }

            _open.Remove(who);
            return false;
        }

        private bool IsRecent((string Who, long At)? asked) => asked is { } one && clock.GetElapsedTime(one.At) < Presence;
    }

    private sealed class Share(string caller)
    {
        public string Caller { get; } = caller;

        public int Held { get; set; }

        public int Requests { get; set; }

        public LinkedList<Waiter> Waiters { get; } = new();
    }

    private sealed class Waiter(Share share, string origin, int cost, long since)
    {
        public Share Share { get; } = share;

        public string Origin { get; } = origin;

        public int Cost { get; } = cost;

        public long Since { get; } = since;

        public TaskCompletionSource Given { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public LinkedListNode<Waiter> Node { get; set; } = null!;
    }
}

/// <summary>A permit held by a request, until it is disposed of.</summary>
public sealed class RequestPermit(RequestPermits permits, string caller, string origin, int cost) : Http.IRequestPermit, IDisposable
{
    private bool _isHeld = true;

    public string Caller { get; } = caller;

    public string Origin { get; } = origin;

    public int Cost { get; } = cost;

    public async Task<T> WaitWithoutPermit<T>(Func<Task<T>> wait, CancellationToken cancellation)
    {
        Dispose();
        var waited = await wait();
        await permits.AcquireAgain(this, cancellation);
        _isHeld = true;
        return waited;
    }

    public void Dispose()
    {
        if (!_isHeld)
            return;
        _isHeld = false;
        permits.Release(this);
    }
}
