using System.Diagnostics;
using CooperationEvents.Kernel;

namespace CooperationEvents.Recording;

/// <summary>
/// Lets submissions that arrive while transactions are being committed share the next one. One that comes alone waits for nobody. Two
/// transactions are under way at a time: one is decided while the database is at the other. Where one fails, those in it are parted
/// until the one at fault is by itself. Wolverine's <c>BatchMessagesOf</c> gathers messages as well, but answers none of those who sent
/// them, and lets who is alone wait.
/// </summary>
internal sealed class CommitQueue(CommitQueue.CommitTogether commit, TimeProvider clock) : IDisposable
{
    /// <summary>How many posts one transaction takes at most.</summary>
    private const int MostTogether = 256;

    /// <summary>How many transactions are under way at a time.</summary>
    private const int MostUnderWay = 2;

    /// <summary>How many posts wait here at most; who comes then waits before the door.</summary>
    private const int MostWaiting = 2_048;

    /// <summary>What runs for many callers runs in the context of none.</summary>
    private static readonly ExecutionContext Nobodys = OfNobody();

    private readonly Lock _gate = new();
    private readonly Queue<Post> _waiting = new();
    private readonly SemaphoreSlim _room = new(MostWaiting);
    private int _underWay;

    /// <summary>Decides posts one after the other and commits what they come to, or throws.</summary>
    /// <param name="attempt">Counted from 1.</param>
    public delegate Task<IReadOnlyList<DecidedPost>> CommitTogether(IReadOnlyList<IReadOnlyList<Submission>> posts, int attempt);

    /// <summary>The results of the submissions from the first on, as far as one transaction had room for them; one at least.</summary>
    public async Task<IReadOnlyList<CommandResult>> Add(IReadOnlyList<Submission> submissions, CancellationToken cancellation)
    {
        await _room.WaitAsync(cancellation);
        var post = new Post(submissions, clock.GetTimestamp(), Activity.Current?.Context ?? default, cancellation);
        try
        {
            Add(post);
            return await post.Answer.Task;
        }
        finally
        {
            _room.Release();
        }
    }

    public void Dispose() => _room.Dispose();

    private void Add(Post post)
    {
        lock (_gate)
        {
            _waiting.Enqueue(post);
            if (_underWay == MostUnderWay)
                return;
            _underWay++;
        }

        ExecutionContext.Run(Nobodys, static queue => _ = ((CommitQueue)queue!).Run(), this);
    }

    private static ExecutionContext OfNobody()
    {
        ExecutionContext? captured = null;
        var thread = new Thread(() => captured = ExecutionContext.Capture());
        thread.UnsafeStart();
        thread.Join();
        return captured!;
    }

    /// <summary>Commits what waits, together, until nothing waits.</summary>
    private async Task Run()
    {
        while (Next() is { Count: > 0 } together)
            await Commit(together, attempt: 1);
    }

    private List<Post> Next()
    {
        var next = new List<Post>();
        lock (_gate)
        {
            while (next.Count < MostTogether && _waiting.TryDequeue(out var post))
            {
                // Who has gone meanwhile, and whose command nobody has looked at, wants nothing any more.
                if (post.Cancellation.IsCancellationRequested)
                    post.Answer.TrySetCanceled(post.Cancellation);
                else
                    next.Add(post);
            }

            if (next.Count == 0)
                _underWay--;
        }

        return next;
    }

    private async Task Commit(List<Post> together, int attempt)
    {
        IReadOnlyList<DecidedPost> decided;
        try
        {
            using var trace = Traces.Begin(Recorder.Commits, [.. together.Select(post => post.AskedBy)]);
            decided = await commit([.. together.Select(post => post.Next())], Math.Max(attempt, together.Max(post => post.Attempts) + 1));
        }
        catch (Exception e)
        {
            await Split(together, attempt, e);
            return;
        }

        var left = new List<Post>();
        foreach (var (post, result) in together.Zip(decided))
        {
            if (result is { Decided.Count: 0, Failure: null })
                left.Add(post);
            else
                post.Complete(result);
        }

        // What had no room goes on before what came later.
        if (left.Count > 0)
            await Commit(left, attempt: 1);
    }

    private async Task Split(List<Post> together, int attempt, Exception e)
    {
        var lostRace = LostRace.Is(e);
        if (together.Count > 1 && lostRace && attempt == 1)
        {
            await Commit(together, attempt: 2);
        }
        else if (together.Count > 1 && (lostRace || !Outage.Is(e)))
        {
            await Commit(together[..(together.Count / 2)], attempt);
            await Commit(together[(together.Count / 2)..], attempt);
        }
        else if (together is [var loser] && lostRace)
        {
            _ = AddAgain(loser);
        }
        else
        {
            foreach (var post in together)
                post.Answer.TrySetException(e);
        }
    }

    /// <summary>Who lost a race alone is decided again after a moment, and meanwhile holds nobody up.</summary>
    private async Task AddAgain(Post loser)
    {
        if (clock.GetElapsedTime(loser.Since) > Recorder.RetryTimeout)
        {
            loser.Answer.TrySetResult([LostRace.GivenUp]);
            return;
        }

        loser.Attempts++;
        await Task.Delay(LostRace.Delay(loser.Attempts), clock);
        Add(loser);
    }

    /// <summary>What one caller posted together: submissions that are decided in their order.</summary>
    private sealed class Post(IReadOnlyList<Submission> submissions, long since, ActivityContext askedBy, CancellationToken cancellation)
    {
        public long Since => since;

        /// <summary>The request that waits for it, for whoever traces.</summary>
        public ActivityContext AskedBy => askedBy;

        public CancellationToken Cancellation => cancellation;

        public int Attempts { get; set; }

        public TaskCompletionSource<IReadOnlyList<CommandResult>> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>
        /// Those to be decided next. Of many that lost a race the first goes by itself, since which one lost is not known.
        /// </summary>
        public IReadOnlyList<Submission> Next() => Attempts == 0 ? submissions : [submissions[0]];

        public void Complete(DecidedPost decided)
        {
            if (decided is { Decided.Count: 0, Failure: { } failure })
                Answer.TrySetException(failure);
            else
                Answer.TrySetResult(decided.Results());
        }
    }
}
