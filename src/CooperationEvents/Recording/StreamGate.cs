using System.Collections.Concurrent;

namespace CooperationEvents.Recording;

/// <summary>
/// Lets one attempt at a time decide about a stream in this process, so that many posts to one meeting queue instead of
/// racing and losing. Correctness does not rest on it: the database refuses the loser of a race between nodes.
/// </summary>
public sealed class StreamGate
{
    private readonly ConcurrentDictionary<string, Turn> _turns = new();

    public async Task<IDisposable> Enter(string key, CancellationToken cancellation)
    {
        while (true)
        {
            var turn = _turns.GetOrAdd(key, static _ => new Turn());
            if (!turn.TryJoin())
                continue;
            try
            {
                await turn.Semaphore.WaitAsync(cancellation);
            }
            catch
            {
                Leave(key, turn);
                throw;
            }

            return new Held(this, key, turn);
        }
    }

    private void Leave(string key, Turn turn)
    {
        if (turn.LeaveIsLast())
            _turns.TryRemove(new KeyValuePair<string, Turn>(key, turn));
    }

    private sealed class Turn
    {
        private int _waiting;

        public SemaphoreSlim Semaphore { get; } = new(1, 1);

        /// <summary>False once the last one has left: the turn is being removed and a new one must be made.</summary>
        public bool TryJoin()
        {
            lock (Semaphore)
            {
                if (_waiting < 0)
                    return false;
                _waiting++;
                return true;
            }
        }

        public bool LeaveIsLast()
        {
            lock (Semaphore)
            {
                if (--_waiting > 0)
                    return false;
                _waiting = -1;
                return true;
            }
        }
    }

    private sealed class Held(StreamGate gate, string key, Turn turn) : IDisposable
    {
        public void Dispose()
        {
            turn.Semaphore.Release();
            gate.Leave(key, turn);
        }
    }
}

/// <summary>A command's turn at a stream. It is kept while the command is decided again: who lost a race does not queue anew behind those who came later.</summary>
public sealed class StreamTurn(StreamGate gate) : IDisposable
{
    private string? _key;
    private IDisposable? _held;

    public async Task Take(string key, CancellationToken cancellation)
    {
        if (key == _key)
            return;
        Dispose();
        _held = await gate.Enter(key, cancellation);
        _key = key;
    }

    public void Dispose()
    {
        _held?.Dispose();
        (_held, _key) = (null, null);
    }
}
