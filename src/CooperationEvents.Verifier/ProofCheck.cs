using CooperationEvents.AuditLog;
using CooperationEvents.Verifier.Figures;

namespace CooperationEvents.Verifier;

/// <summary>That one entry is in the log, from a <c>tlog-proof@v1</c> alone.</summary>
public static class ProofCheck
{
    /// <param name="entry">The line of the entry, with or without its line feed.</param>
    /// <param name="kept">Files with checkpoints the auditor kept.</param>
    /// <param name="witnesses">How many of the trusted witnesses must have cosigned.</param>
    /// <param name="consistency">What the log answers for the consistency of a kept checkpoint with that of the proof.</param>
    /// <param name="clock">By it a witness is held to have seen something; the system's where absent.</param>
    public static Report Run(
        string proof,
        ReadOnlySpan<byte> entry,
        IReadOnlyList<LogKey> trusted,
        IReadOnlyList<string>? kept = null,
        int? witnesses = null,
        string? consistency = null,
        TimeProvider? clock = null
    )
    {
        var report = new Report();
        var leaf = entry is [.. var line, (byte)'\n'] ? line : entry;
        if (!Entry.TryParse(leaf, out _, out var wrong))
            report.Add(Kind.Entry, $"the entry (id {EntryPass.IdIn(leaf)}) has not the form of an entry: {wrong}");
        try
        {
            var read = TlogProof.Parse(proof);
            var (checkpoint, keys) = (read.Checkpoint, new LogKeys(trusted, clock));
            if (read.FaultFor(leaf, keys.Of(checkpoint.Origin).Where(k => k.Covers(checkpoint.Size)).Select(k => k.Key)) is { } fault)
                report.Add(Kind.Entry, $"the entry (id {EntryPass.IdIn(leaf)}) is not proven: {fault}");
            else
                report.Say(
                    $"Entry:       id {EntryPass.IdIn(leaf)} is at index {read.Index} of {checkpoint.Origin}, under the checkpoint of size "
                        + $"{Report.Number(checkpoint.Size)}"
                );
            RelyOn(witnesses, keys.Seen(read.Note, read.Note.SignedBy(keys.Witnesses)), checkpoint, report);
            Tie(kept ?? [], checkpoint, keys, consistency, report);
        }
        catch (FormatException e)
        {
            report.Add(Kind.Checkpoint, $"the proof: {e.Message}");
        }

        return report;
    }

    /// <summary>
    /// Says which of the witnesses cosigned the checkpoint, and rests on them where they are as many as the auditor relies on.
    /// </summary>
    internal static void RelyOn(
        int? witnesses,
        IEnumerable<(VerifierKey Witness, DateTimeOffset At, bool Counts)> cosigned,
        Checkpoint checkpoint,
        Report report
    )
    {
        var sizes = new List<long>();
        foreach (var (witness, at, counts) in cosigned)
        {
            if (counts)
                sizes.Add(checkpoint.Size);
            report.Say(
                counts
                    ? $"Witness:     {witness.Name} cosigned the checkpoint"
                    : $"Witness:     {witness.Name} states a time that is still to come, {at:yyyy-MM-dd HH:mm:ss}Z: not counted"
            );
        }

        report.RelyOn(witnesses, sizes);
    }

    /// <summary>
    /// Holds the checkpoint of the proof to those of files: of the same size it has the same root, of another a proof of consistency ties
    /// them.
    /// </summary>
    internal static void Tie(IReadOnlyList<string> files, Checkpoint checkpoint, LogKeys keys, string? consistency, Report report)
    {
        ConsistencyProof? proof = null;
        try
        {
            proof = consistency is null ? null : Proof(consistency);
        }
        catch (FormatException e)
        {
            report.Add(Kind.Checkpoint, $"the proof of consistency: {e.Message}");
        }

        foreach (var file in files)
            Tie(file, checkpoint, keys, proof, report);
    }

    private static void Tie(string file, Checkpoint checkpoint, LogKeys keys, ConsistencyProof? proof, Report report)
    {
        var text = TextFile.Read(file);
        string[] lines = text.StartsWith('{') ? text.Split('\n') : [text];
        var (isHeld, largest) = (false, 0L);
        foreach (var (place, line) in lines.Index().Where(l => l.Item.Length > 0 || lines.Length == 1))
        {
            try
            {
                var read = text.StartsWith('{') ? CheckpointLine.Parse(line) : new CheckpointLine(SignedNote.Parse(line));
                if (read.Checkpoint.Origin != checkpoint.Origin || read.Checkpoint.Size == 0)
                    continue;
                isHeld |= Tie(file, read, checkpoint, keys, proof, report);
                largest = Math.Max(largest, read.Checkpoint.Size);
            }
            catch (FormatException e)
            {
                report.Add(Kind.Checkpoint, $"{file}, line {place + 1}: {e.Message}");
            }
        }

        if (!isHeld)
            report.Say($"Checkpoints: {NotTied(file, checkpoint, largest, proof)}");
    }

    /// <summary>Why nothing in a file was held against the checkpoint of the proof, and what to ask the log for.</summary>
    /// <param name="largest">The size of the largest checkpoint of the log in it, 0 where there is none.</param>
    private static string NotTied(string file, Checkpoint checkpoint, long largest, ConsistencyProof? proof)
    {
        if (largest == 0)
            return $"none in {file} is of {checkpoint.Origin}";
        var (from, to) = (Math.Min(largest, checkpoint.Size), Math.Max(largest, checkpoint.Size));
        var ask = $"/v1/audit/log/consistency?from={from}&to={to}";
        return proof is null
            ? $"none in {file} has the size of the proof's, {checkpoint.Size}: tie them with --consistency, the answer of {ask}"
            : $"--consistency is of the sizes {proof.From} and {proof.To}, and ties none in {file} to the proof's, of size "
                + $"{checkpoint.Size}: give the answer of {ask}";
    }

    /// <summary>Whether a checkpoint that was kept could be held against that of the proof; what does not fit is a finding.</summary>
    private static bool Tie(string file, CheckpointLine line, Checkpoint checkpoint, LogKeys keys, ConsistencyProof? proof, Report report)
    {
        var (kept, note) = line;
        if (note.SignedBy(keys.Of(kept.Origin).Where(k => k.Covers(kept.Size)).Select(k => k.Key)).Count == 0)
            report.Add(Kind.Checkpoint, $"{file}: the checkpoint of size {kept.Size} is signed by no key you gave");
        else if (kept.Size == checkpoint.Size && kept.Root != checkpoint.Root)
            report.Add(
                Kind.Checkpoint,
                $"the checkpoint of the proof and the one you kept ({file}) have the size {kept.Size} and other roots: the log told "
                    + $"two stories"
            );
        else if (kept.Size == checkpoint.Size)
            report.RestsOn($"the checkpoint of size {Report.Number(kept.Size)} that you kept ({file})");
        else if (
            proof is not null
            && (proof.From, proof.To) == (Math.Min(kept.Size, checkpoint.Size), Math.Max(kept.Size, checkpoint.Size))
        )
            TieBy(proof, file, kept, checkpoint, report);
        else
            return false;
        return true;
    }

    private static void TieBy(ConsistencyProof proof, string file, Checkpoint kept, Checkpoint checkpoint, Report report)
    {
        var (old, next) = kept.Size < checkpoint.Size ? (kept, checkpoint) : (checkpoint, kept);
        if (proof.Proves(old.Root, next.Root))
            report.RestsOn($"the checkpoint of size {Report.Number(kept.Size)} that you kept ({file})");
        else
            report.Add(
                Kind.Checkpoint,
                $"the checkpoint of the proof is not consistent with the one of size {kept.Size} that you kept ({file})"
            );
    }

    /// <exception cref="FormatException">It is no such answer.</exception>
    private static ConsistencyProof Proof(string json) =>
        Members.Of(json, root => new ConsistencyProof(
            root.GetProperty("from").GetInt64(),
            root.GetProperty("to").GetInt64(),
            root.Hashes()
        ));
}
