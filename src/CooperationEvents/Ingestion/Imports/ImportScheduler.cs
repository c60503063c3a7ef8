namespace CooperationEvents.Ingestion.Imports;

/// <summary>
/// Shares the time of a node among its imports: few work at once, and of those that wait the one that has worked least is next. One that
/// comes later begins with the least time that any of the others has, so that it puts nobody off.
/// </summary>
public sealed class ImportScheduler(TimeProvider clock)
{
    /// <summary>How many imports work at once; the rest of the machine is for the database and for posts.</summary>
    public const int AtOnce = 2;

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, TimeSpan> _worked = [];
    private readonly List<(Guid Import, TaskCompletionSource Turn)> _waiting = [];
    private int _working;

    /// <summary>Whether more imports share the node than work at once.</summary>
    public bool AreShared
    {
        get
        {
            lock (_lock)
                return _worked.Count > AtOnce;
        }
    }

    /// <summary>Takes an import in among those that share; until what is given back is disposed.</summary>
    public IDisposable Join(Guid import)
    {
        lock (_lock)
            _worked[import] = _worked.Count == 0 ? TimeSpan.Zero : _worked.Values.Min();
        return new OnDispose(() =>
        {
            lock (_lock)
                _worked.Remove(import);
        });
    }

    /// <summary>Waits for the import's turn, which lasts until what is given back is disposed.</summary>
    public async Task<IDisposable> Take(Guid import, CancellationToken cancellation)
    {
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _waiting.Add((import, turn));
            GiveTurns();
        }

        await using (cancellation.Register(() => GiveUp(turn, cancellation)))
            await turn.Task;
        var began = clock.GetTimestamp();
        return new OnDispose(() =>
        {
            lock (_lock)
            {
                if (_worked.TryGetValue(import, out var worked))
                    _worked[import] = worked + clock.GetElapsedTime(began);
                _working--;
                GiveTurns();
            }
        });
    }

    private void GiveTurns()
    {
        while (_working < AtOnce && _waiting.Count > 0)
        {
            var next = _waiting.MinBy(w => _worked.GetValueOrDefault(w.Import));
            _waiting.Remove(next);
            _working++;
            next.Turn.SetResult();
        }
    }

    private void GiveUp(TaskCompletionSource turn, CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (_waiting.RemoveAll(w => w.Turn == turn) > 0)
                turn.SetCanceled(cancellation);
        }
    }

    private sealed class OnDispose(Action then) : IDisposable
    {
        private Action? _then = then;

        public void Dispose() => Interlocked.Exchange(ref _then, null)?.Invoke();
    }
}
