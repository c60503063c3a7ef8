namespace CooperationEvents.Ingestion.Imports;

/// <summary>
/// Shares the time of a node among its imports: few work at once, and of those that wait the one that has worked least is next. One that
/// comes later begins with the least time that any of the others has, so that it puts nobody off. While others ask the service for
/// something one works at a time; and a caller who has several at work then rests for as long, while those of others go on.
/// </summary>
/// <param name="othersAsk">Whether anybody but that principal asks for something.</param>
public sealed class ImportScheduler(TimeProvider clock, Func<Guid, bool> othersAsk)
{
    /// <summary>How many imports work at once; the rest of the machine is for the database and for posts.</summary>
    public const int AtOnce = 2;

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, TimeSpan> _worked = [];
    private readonly Dictionary<Guid, Guid> _actors = [];
    private readonly List<(Guid Import, TaskCompletionSource Turn)> _waiting = [];
    private readonly HashSet<Guid> _resting = [];
    private int _working;

    /// <summary>Whether its turns are to be short: more imports share the node than work at once, or others ask for something.</summary>
    public bool IsShared(Guid import)
    {
        lock (_lock)
            return _worked.Count > AtOnce || GivesWay(import);
    }

    /// <summary>Takes an import of that principal in among those that share; until what is given back is disposed.</summary>
    public IDisposable Join(Guid import, Guid actor = default)
    {
        lock (_lock)
        {
            _worked[import] = _worked.Count == 0 ? TimeSpan.Zero : _worked.Values.Min();
            _actors[import] = actor;
        }

        return new OnDispose(() =>
        {
            lock (_lock)
            {
                _worked.Remove(import);
                _actors.Remove(import);
            }
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
            var took = clock.GetElapsedTime(began);
            lock (_lock)
            {
                if (_worked.TryGetValue(import, out var worked))
                    _worked[import] = worked + took;
                if (GivesWay(import) && IsOneOfSeveral(import))
                    _ = Rest(_actors[import], took);
                _working--;
                GiveTurns();
            }
        });
    }

    private async Task Rest(Guid actor, TimeSpan time)
    {
        _resting.Add(actor);
        await Task.Delay(time, clock);
        lock (_lock)
        {
            _resting.Remove(actor);
            GiveTurns();
        }
    }

    private bool IsOneOfSeveral(Guid import) => _actors.Values.Count(actor => actor == _actors[import]) > 1;

    private bool Rests(Guid import) => _actors.TryGetValue(import, out var actor) && _resting.Contains(actor);

    private bool GivesWay(Guid import) => _actors.TryGetValue(import, out var actor) && othersAsk(actor);

    private void GiveTurns()
    {
        while (_waiting.Where(w => !Rests(w.Import)).ToList() is { Count: > 0 } ready)
        {
            var next = ready.MinBy(w => _worked.GetValueOrDefault(w.Import));
            if (_working >= (GivesWay(next.Import) ? 1 : AtOnce))
                return;
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
