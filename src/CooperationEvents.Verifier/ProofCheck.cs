using CooperationEvents.AuditLog;

namespace CooperationEvents.Verifier;

/// <summary>That one entry is in the log, from a <c>tlog-proof@v1</c> alone.</summary>
public static class ProofCheck
{
    /// <param name="entry">The line of the entry, with or without its line feed.</param>
    public static Report Run(string proof, ReadOnlySpan<byte> entry, IReadOnlyList<LogKey> trusted)
    {
        var report = new Report();
        var leaf = entry is [.. var line, (byte)'\n'] ? line : entry;
        if (!Entry.TryParse(leaf, out _, out var wrong))
            report.Add(Kind.Entry, $"the entry (id {EntryPass.IdIn(leaf)}) has not the form of an entry: {wrong}");
        try
        {
            var read = TlogProof.Parse(proof);
            var (checkpoint, keys) = (read.Checkpoint, new LogKeys(trusted));
            if (read.FaultFor(leaf, keys.Of(checkpoint.Origin).Where(k => k.Covers(checkpoint.Size)).Select(k => k.Key)) is { } fault)
                report.Add(Kind.Entry, $"the entry (id {EntryPass.IdIn(leaf)}) is not proven: {fault}");
            else
                report.Say($"Entry:       id {EntryPass.IdIn(leaf)} is at index {read.Index} of {checkpoint.Origin}, under the checkpoint of size {Report.Number(checkpoint.Size)}");
            foreach (var witness in read.Note.SignedBy(keys.Witnesses))
                report.Say($"Witness:     {witness.Name} cosigned the checkpoint");
        }
        catch (FormatException e)
        {
            report.Add(Kind.Checkpoint, $"the proof: {e.Message}");
        }

        return report;
    }
}
