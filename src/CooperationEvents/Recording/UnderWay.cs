namespace CooperationEvents.Recording;

/// <summary>
/// The transactions of this node that are being decided or committed. Of two that meet in what one of them changes the later is decided on
/// what the earlier came to, instead of on what was before it.
/// </summary>
public sealed class UnderWay
{
    private readonly Lock _gate = new();

    /// <summary>Those that are decided or committed, and those that ended while one that is still decided was decided already.</summary>
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
        private readonly UnderWay _all;
        private readonly long _begun;
        private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Touched? _looked;
        private Touched? _changes;
        private long? _endedAs;

        internal Attempt(UnderWay all, long begun) => (_all, _begun) = (all, begun);

        private bool IsDeciding => _changes is null && _endedAs is null;

        /// <summary>
        /// It is decided, and about to be committed. Where another is in its way it is not taken in: it must begin anew once the task ends.
        /// </summary>
        public Task? Enter(Touched looked, Touched changes)
        {
            lock (_all._gate)
            {
                foreach (var other in _all._attempts)
                {
                    if (other == this || other._changes is not { } changed)
                        continue;
                    var isAfterIt = changed.Meets(looked) || changed.Meets(changes);
                    if (other._endedAs is { } ended ? ended > _begun && isAfterIt : isAfterIt || other._looked!.Meets(changes))
                        return other._end.Task;
                }

                (_looked, _changes) = (looked, changes);
                return null;
            }
        }

        public void Dispose()
        {
            lock (_all._gate)
            {
                _endedAs ??= ++_all._ended;
                var oldest = _all._attempts.Where(p => p.IsDeciding).Select(p => p._begun).DefaultIfEmpty(long.MaxValue).Min();
                _all._attempts.RemoveAll(p => p._endedAs is { } ended && (p._changes is null || ended <= oldest));
            }

            _end.TrySetResult();
        }
    }
}

/// <summary>Streams by their ids, and what else has a name: digests of external references, idempotency keys, rules.</summary>
public sealed record Touched(HashSet<Guid> Streams, HashSet<string> Names)
{
    public bool Meets(Touched other) => Streams.Overlaps(other.Streams) || Names.Overlaps(other.Names);
}
