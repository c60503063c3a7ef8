using CooperationEvents.AuditLog;

namespace CooperationEvents.Verifier;

/// <summary>How one log followed another, and up to which size the checkpoints of each speak of the tree there is now.</summary>
internal sealed class SuccessionChain
{
    private readonly long[] _shared;

    private SuccessionChain(long[] shared) => _shared = shared;

    /// <summary>How many of the entries of a log, by its number, are in the tree there is.</summary>
    public long SharedOf(int log) => _shared[log];

    /// <summary>Whether a checkpoint speaks of the tree there is; otherwise it speaks of what was lost.</summary>
    public bool Shares(Stated stated) => stated.Size <= _shared[stated.Log];

    public static SuccessionChain Follow(
        LogHistory history,
        LogKeys keys,
        IReadOnlyList<(long Index, Succession Succession)> successions,
        Report report
    )
    {
        var shared = new long[history.Origins.Count];
        Array.Fill(shared, long.MaxValue);
        var left = successions.ToList();
        for (var log = history.Origins.Count - 2; log >= 0; log--)
        {
            var (old, origin) = (history.Origins[log], history.Origins[log + 1]);
            var at = left.FindIndex(s => s.Succession.Origin == origin && s.Succession.Old.Checkpoint.Origin == old);
            if (at < 0)
            {
                report.Add(Kind.Succession, $"{origin} goes on where {old} ended, and no entry {Succession.EventType} says so");
                shared[log] = shared[log + 1];
                continue;
            }

            var (index, succession) = left[at];
            left.RemoveAt(at);
            shared[log] = Math.Min(succession.RestoredSize, shared[log + 1]);
            Check(index, succession, keys, report);
            CheckPromises(log, shared[log], succession.Old.Checkpoint, history, report);
        }

        foreach (var (index, succession) in left)
            report.Add(
                Kind.Succession,
                $"index {index}: it tells of a succession from {succession.Old.Checkpoint.Origin} to {succession.Origin}, and the "
                    + $"checkpoints show none"
            );
        return new SuccessionChain(shared);
    }

    private static void Check(long index, Succession succession, LogKeys keys, Report report)
    {
        var old = succession.Old.Checkpoint;
        try
        {
            if (succession.Old.Note.SignedBy(keys.Of(old.Origin).Select(k => k.Key)).Count == 0)
                report.Add(Kind.Succession, $"index {index}: the old checkpoint in it is signed by no key you gave");
        }
        catch (FormatException e)
        {
            report.Add(Kind.Succession, $"index {index}: the old checkpoint in it: {e.Message}");
        }

        if (index < succession.RestoredSize)
            report.Add(Kind.Succession, $"index {index}: it stands among the {succession.RestoredSize} entries that were there before it");
        report.Say(
            $"Succession:  {succession.Origin} took over {Report.Number(succession.RestoredSize, "entry", "entries")} from {old.Origin}, "
                + $"by {succession.By}: {succession.Reason}"
        );
        report.Lose(succession.Lost);
        if (succession.Lost > 0)
            report.Say(
                $"LOSS:        {Report.Number(succession.Lost, "entry", "entries")} of {old.Origin}, index {succession.RestoredSize} to "
                    + $"{old.Size - 1}, were lost in it"
            );
    }

    /// <summary>No checkpoint of the old log may promise more than the succession admits was lost, or something else.</summary>
    private static void CheckPromises(int log, long shared, Checkpoint old, LogHistory history, Report report)
    {
        foreach (var stated in history.Checkpoints.Where(s => s.Log == log))
        {
            if (stated.Size > old.Size && stated.Size > shared)
                report.Add(
                    Kind.Succession,
                    $"{stated} promises {stated.Size - old.Size} entries more than the succession admits were lost"
                );
            else if (stated.Size == old.Size && stated.Root != old.Root)
                report.Add(Kind.Succession, $"{stated} and the one in the succession have the same size and other roots");
        }
    }
}
