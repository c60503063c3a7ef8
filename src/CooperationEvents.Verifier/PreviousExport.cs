using System.Security.Cryptography;

namespace CooperationEvents.Verifier;

/// <summary>
/// Holds an export to an earlier one that the auditor kept: nothing of it may be gone or other, save what a recovery admits was lost.
/// </summary>
internal static class PreviousExport
{
    public static void Compare(Export previous, Export export, LogHistory history, SuccessionChain chain, Report report)
    {
        var shared = Shared(previous, history, chain);
        using var before = Open(previous, "the previous export");
        using var now = Open(export, "the export");
        var lost = new Dictionary<string, byte[]>();
        var index = 0L;
        for (; before.TryRead(out var line); index++)
        {
            if (index >= shared)
                lost[EntryPass.IdIn(line)] = SHA256.HashData(line);
            else if (!now.TryRead(out var same))
                report.Add(
                    Kind.Entry,
                    $"index {index} (id {EntryPass.IdIn(line)}): the entry is in the previous export, and not in this one"
                );
            else if (same.IsEmpty)
                report.Add(
                    Kind.Entry,
                    $"index {index} (id {EntryPass.IdIn(line)}): the entry is in the previous export, and here its line is empty"
                );
            else if (!line.SequenceEqual(same))
                report.Add(Kind.Entry, $"index {index} (id {EntryPass.IdIn(line)}): the entry is another one in the previous export");
        }

        report.Say(
            $"Previous:    {Report.Number(Math.Min(index, shared), "entry", "entries")} of the previous export were compared, "
                + $"{Report.Number(lost.Count)} were lost since"
        );
        while (lost.Count > 0 && now.TryRead(out var line))
        {
            if (lost.TryGetValue(EntryPass.IdIn(line), out var hash) && !hash.AsSpan().SequenceEqual(SHA256.HashData(line)))
                report.Add(Kind.Entry, $"id {EntryPass.IdIn(line)}: the entry was lost, and came back altered");
        }
    }

    /// <summary>How many entries of the previous export the log still has: all, unless it was succeeded since.</summary>
    private static long Shared(Export previous, LogHistory history, SuccessionChain chain)
    {
        var last = history
            .Checkpoints.Where(c => c.File.StartsWith("the previous export", StringComparison.Ordinal))
            .Select(c => (int?)c.Log)
            .Max();
        return last is { } log ? chain.SharedOf(log) : long.MaxValue;
    }

    private static LineReader Open(Export export, string name) =>
        new(export.Read(Export.Entries) ?? throw new InvalidDataException($"{name} has no {Export.Entries}."));
}
