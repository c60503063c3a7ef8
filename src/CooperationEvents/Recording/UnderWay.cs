namespace CooperationEvents.Recording;

/// <summary>
/// The transactions of this node that are being committed, with what each has looked at and what it changes. Of two that meet in what
/// one of them changes the later waits, and is decided on what the earlier came to, instead of losing a race to it.
/// </summary>
public sealed class UnderWay
{
    private readonly Lock _gate = new();
    private readonly List<Transaction> _transactions = [];

    /// <summary>Takes a transaction in, until what is given back is disposed; where another is in its way, the end of that one.</summary>
    public (IDisposable? Place, Task? InTheWay) Enter(Touched looked, Touched changes)
    {
        lock (_gate)
        {
            foreach (var other in _transactions)
            {
                if (other.Changes.Meets(looked) || other.Changes.Meets(changes) || other.Looked.Meets(changes))
                    return (null, other.Ended.Task);
            }

            var mine = new Transaction(this, looked, changes);
            _transactions.Add(mine);
            return (mine, null);
        }
    }

    private sealed class Transaction(UnderWay all, Touched looked, Touched changes) : IDisposable
    {
        public Touched Looked => looked;

        public Touched Changes => changes;

        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Dispose()
        {
            lock (all._gate)
                all._transactions.Remove(this);
            Ended.TrySetResult();
        }
    }
}

/// <summary>Streams by their ids, and what else has a name: digests of external references, idempotency keys, rules.</summary>
public sealed record Touched(HashSet<Guid> Streams, HashSet<string> Names)
{
    public bool Meets(Touched other) => Streams.Overlaps(other.Streams) || Names.Overlaps(other.Names);
}
