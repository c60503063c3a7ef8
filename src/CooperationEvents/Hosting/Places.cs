namespace CooperationEvents.Hosting;

/// <summary>
/// The requests a node answers at once, in fair shares: a place that becomes free goes to the caller who holds the fewest, and
/// one caller never holds all of them. While others ask too, few requests of one are answered at once: what they take from the
/// others is the processor and the database, not the places alone. Who waits for something else than the node's work gives the
/// place back.
/// </summary>
/// <param name="total">How many there are.</param>
/// <param name="ofOne">How many of them one caller may hold while nobody else asks.</param>
/// <param name="besideOthers">How many requests of one caller may hold places while others ask. Their cost does not matter.</param>
/// <param name="waiting">How many may wait for one.</param>
/// <param name="waitingOfOne">How many of those may be one caller's.</param>
public sealed class Places(int total, int ofOne, int besideOthers, int waiting, int waitingOfOne, TimeProvider clock)
{
    /// <summary>How long somebody who holds no place may wait for one before the node counts as exhausted.</summary>
    private static readonly TimeSpan QueueTimeout = TimeSpan.FromSeconds(1);

    /// <summary>How long a caller who asks for nothing more still counts as one of the others.</summary>
    private static readonly TimeSpan Presence = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Share> _shares = [];
    private readonly int _total = total;
    private int _free = total;
    private int _waiting;
    private string? _last;
    private long? _changed;

    public enum Refusal
    {
        None,

        /// <summary>The caller has as many waiting as one may.</summary>
        OfOne,

        /// <summary>As many wait as the node can hold.</summary>
        OfAll,
    }

    /// <summary>Whether callers who hold no place wait too long for one.</summary>
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

    /// <summary>A place once there is one, or why there will be none.</summary>
    /// <param name="cost">How many places it is worth; never more than one caller may hold.</param>
    public async Task<(Place? Place, Refusal Refusal)> Take(string caller, int cost, CancellationToken cancellation)
    {
        var place = new Place(this, caller, Math.Min(cost, Math.Min(ofOne, _total)));
        Waiter waiter;
        lock (_lock)
        {
            Notice(caller);
            var share = ShareOf(caller);
            if (share.Waiters.Count == 0 && Fits(share, place.Cost))
            {
                Hold(share, place.Cost);
                return (place, Refusal.None);
            }

            if (share.Waiters.Count >= waitingOfOne || _waiting >= waiting)
            {
                var refusal = _waiting >= waiting ? Refusal.OfAll : Refusal.OfOne;
                Forget(caller, share);
                return (null, refusal);
            }

            waiter = Enqueue(share, place.Cost);
        }

        await Wait(caller, waiter, cancellation);
        return (place, Refusal.None);
    }

    /// <summary>A place again for who gave it back for a while; its turn is not refused.</summary>
    internal async Task TakeAgain(Place place, CancellationToken cancellation)
    {
        Waiter waiter;
        lock (_lock)
        {
            var share = ShareOf(place.Caller);
            if (share.Waiters.Count == 0 && Fits(share, place.Cost))
            {
                Hold(share, place.Cost);
                return;
            }

            waiter = Enqueue(share, place.Cost);
        }

        await Wait(place.Caller, waiter, cancellation);
    }

    internal void Release(Place place)
    {
        lock (_lock)
        {
            var share = _shares[place.Caller];
            share.Held -= place.Cost;
            share.Requests--;
            _free += place.Cost;
            Forget(place.Caller, share);
            GiveOut();
        }
    }

    private async Task Wait(string caller, Waiter waiter, CancellationToken cancellation)
    {
        await using var cancelled = cancellation.Register(() =>
        {
            lock (_lock)
            {
                if (waiter.Node.List is null)
                    return;
                var share = _shares[caller];
                share.Waiters.Remove(waiter.Node);
                _waiting--;
                Forget(caller, share);
                GiveOut();
            }

            waiter.Given.TrySetCanceled(cancellation);
        });
        await waiter.Given.Task;
    }

    /// <summary>Gives free places to who holds the fewest; where their next request needs more than is free, it is waited for.</summary>
    private void GiveOut()
    {
        while (_waiting > 0)
        {
            var next = _shares
                .Values.Where(s => s.Waiters.First is { } first && MayHold(s, first.Value.Cost))
                .OrderBy(s => s.Held)
                .ThenBy(s => s.Waiters.First!.Value.Since)
                .FirstOrDefault();
            if (next is null || next.Waiters.First!.Value.Cost > _free)
                return;
            var waiter = next.Waiters.First.Value;
            next.Waiters.RemoveFirst();
            _waiting--;
            Hold(next, waiter.Cost);
            waiter.Given.TrySetResult();
        }
    }

    private bool Fits(Share share, int cost) => cost <= _free && MayHold(share, cost);

    private bool MayHold(Share share, int cost) => share.Held + cost <= ofOne && (share.Requests < besideOthers || !AreSeveral);

    /// <summary>Whether more than one caller holds or waits for a place, or asked lately.</summary>
    private bool AreSeveral => _shares.Count > 1 || (_changed is { } changed && clock.GetElapsedTime(changed) < Presence);

    private void Notice(string caller)
    {
        if (_last is not null && caller != _last)
            _changed = clock.GetTimestamp();
        _last = caller;
    }

    private void Hold(Share share, int cost)
    {
        share.Held += cost;
        share.Requests++;
        _free -= cost;
    }

    private Waiter Enqueue(Share share, int cost)
    {
        var waiter = new Waiter(cost, clock.GetTimestamp());
        waiter.Node = share.Waiters.AddLast(waiter);
        _waiting++;
        return waiter;
    }

    private Share ShareOf(string caller)
    {
        if (!_shares.TryGetValue(caller, out var share))
            _shares.Add(caller, share = new Share());
        return share;
    }

    private void Forget(string caller, Share share)
    {
        if (share.Held == 0 && share.Waiters.Count == 0)
            _shares.Remove(caller);
    }

    private sealed class Share
    {
        public int Held { get; set; }

        public int Requests { get; set; }

        public LinkedList<Waiter> Waiters { get; } = new();
    }

    private sealed class Waiter(int cost, long since)
    {
        public int Cost { get; } = cost;

        public long Since { get; } = since;

        public TaskCompletionSource Given { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public LinkedListNode<Waiter> Node { get; set; } = null!;
    }
}

/// <summary>A place held by a request, until it is disposed of.</summary>
public sealed class Place(Places places, string caller, int cost) : Http.IPlace, IDisposable
{
    private bool _isHeld = true;

    public string Caller { get; } = caller;

    public int Cost { get; } = cost;

    public async Task<T> StepAside<T>(Func<Task<T>> wait, CancellationToken cancellation)
    {
        Dispose();
        var waited = await wait();
        await places.TakeAgain(this, cancellation);
        _isHeld = true;
        return waited;
    }

    public void Dispose()
    {
        if (!_isHeld)
            return;
        _isHeld = false;
        places.Release(this);
    }
}
