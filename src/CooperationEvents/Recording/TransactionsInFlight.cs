namespace CooperationEvents.Recording;

/// <summary>
/// The transactions of this node that are being decided or committed. Two conflict where one changes what the other reads or changes: then
/// the later one waits for the end of the earlier one, and is decided again on what that recorded.
/// </summary>
public sealed class TransactionsInFlight
{
    private readonly Lock _gate = new();

    /// <summary>Those in flight. One that has ended stays as long as another goes on that began to be decided before that end.</summary>
    private readonly List<Attempt> _attempts = [];

    private long _ended;

    /// <summary>A transaction begins to be decided.</summary>
    public Attempt Begin()
    {
        lock (_gate)
        {
            var attempt = new Attempt(this, _ended);
            _attempts.Add(attempt);
            return attempt;
        }
    }

    /// <summary>One attempt of a transaction, from its decision to its end.</summary>
    public sealed class Attempt : IDisposable
    {
        private readonly TransactionsInFlight _all;
        private readonly long _begun;
        private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private AccessSet? _reads;
        private AccessSet? _writes;
        private long? _endedAs;

        internal Attempt(TransactionsInFlight all, long begun) => (_all, _begun) = (all, begun);

        private bool IsDeciding => _writes is null && _endedAs is null;

        /// <summary>
        /// Asks whether it may be committed as it was decided. Null where it may; else the end of the one it conflicts with, after which it
        /// must be decided again.
        /// </summary>
        public Task? Admit(AccessSet reads, AccessSet writes)
        {
            lock (_all._gate)
            {
                foreach (var other in _all._attempts)
                {
                    if (other == this || other._writes is not { } written)
                        continue;
                    var dependsOnIt = written.Overlaps(reads) || written.Overlaps(writes);
                    if (other._endedAs is { } ended ? ended > _begun && dependsOnIt : dependsOnIt || other._reads!.Overlaps(writes))
                        return other._end.Task;
                }

                (_reads, _writes) = (reads, writes);
                return null;
            }
        }

        public void Dispose()
        {
            lock (_all._gate)
            {
                _endedAs ??= ++_all._ended;
                var oldest = _all._attempts.Where(p => p.IsDeciding).Select(p => p._begun).DefaultIfEmpty(long.MaxValue).Min();
                _all._attempts.RemoveAll(p => p._endedAs is { } ended && (p._writes is null || ended <= oldest));
            }

            _end.TrySetResult();
        }
    }
}

/// <summary>
/// What a transaction reads, or what it changes: streams by their ids, and by name digests of external references, idempotency keys and
/// rules.
/// </summary>
public sealed record AccessSet(HashSet<Guid> Streams, HashSet<string> Names)
{
    public bool Overlaps(AccessSet other) => Streams.Overlaps(other.Streams) || Names.Overlaps(other.Names);
}
