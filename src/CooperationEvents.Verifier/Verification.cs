using CooperationEvents.AuditLog;

namespace CooperationEvents.Verifier;

/// <summary>Everything an export can be held to, without a database: keys, checkpoints, entries, tiles, streams and succession.</summary>
public static class Verification
{
    /// <param name="trusted">Keys that did not come with the export.</param>
    /// <param name="kept">Files with checkpoints the auditor kept, or got from a witness or the outside store.</param>
    /// <exception cref="IOException">The export cannot be read.</exception>
    /// <param name="witnesses">How many of the trusted witnesses must have cosigned.</param>
    /// <param name="previous">An earlier export that the auditor kept.</param>
    /// <param name="clock">By it a witness is held to have seen something; the system's where absent.</param>
    public static Report Run(
        Export export,
        IReadOnlyList<LogKey> trusted,
        IEnumerable<string> kept,
        TextWriter? progress = null,
        int? witnesses = null,
        Export? previous = null,
        TimeProvider? clock = null
    )
    {
        var report = new Report();
        var telling = new Progress(progress);
        var keys = LogKeys.Read(export, trusted, report, clock);
        var history = LogHistory.Read(export, keys, kept, previous, report, telling);
        var pass = new EntryPass(export, history, report, telling);
        pass.Run();
        var chain = SuccessionChain.Follow(history, keys, pass.Successions, report);
        CheckPaths(export, history.Newest?.Size ?? 0, report);
        if (history.Newest is not { } newest)
        {
            report.Add(Kind.Checkpoint, $"no checkpoint has good signatures: nothing is proven");
            return report;
        }

        if (pass.Agrees[history.Checkpoints.ToList().IndexOf(newest)])
            ReportBesides(history, chain, pass, report);
        else
            new Diagnosis(export, history, chain, pass, report, telling).Run(newest);
        foreach (
            var stated in history
                .Checkpoints.Where(c => c.IsKept && c.Size > 0 && chain.Shares(c))
                .GroupBy(c => c.File)
                .Select(c => c.Last())
        )
            report.RestsOn(
                $"the checkpoint of size {Report.Number(stated.Size)} that you kept ({stated.File}), of "
                    + $"{pass.RecordedAt.GetValueOrDefault(stated.Size):yyyy-MM-dd}"
            );
        report.RelyOn(witnesses, history.Cosigned);
        if (previous is not null)
            PreviousExport.Compare(previous, export, history, chain, report);
        report.Say($"Tiles:       {Report.Number(Tile.All(newest.Size).LongCount())} were compared");
        return report;
    }

    /// <summary>The entries make the newest root, so all of them are proven; whatever disagrees is wrong itself.</summary>
    private static void ReportBesides(LogHistory history, SuccessionChain chain, EntryPass pass, Report report)
    {
        foreach (var (tile, fault) in pass.TileFaults)
            report.Add(Kind.Tile, $"{tile} {fault}; the entries are proven");
        foreach (var (index, id) in pass.Beyond)
            report.Add(
                Kind.Entry,
                $"line {index + 1} (id {id}): the entry lies beyond the newest checkpoint of {history.Newest!.Value.Size} entries: no "
                    + $"signature covers it"
            );
        report.AddMore(Math.Max(0, pass.Count - history.Newest!.Value.Size - pass.Beyond.Count));
        for (var i = 0; i < pass.Agrees.Length; i++)
        {
            var stated = history.Checkpoints[i];
            if (!pass.Agrees[i] && chain.Shares(stated))
                report.Add(
                    Kind.Checkpoint,
                    $"{stated} is signed, and states another root than the log has at that size: the log told two stories"
                );
        }
    }

    private static void CheckPaths(Export export, long size, Report report)
    {
        foreach (var path in export.Paths.Where(p => p.StartsWith("tile/", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            if (!Tile.TryParse(path, out var tile) || Tile.WidthOf(tile.Level, tile.Index, size) != tile.Width)
                report.Add(Kind.File, $"{path} is no tile of a tree of {size} entries: it was added");
        }
    }
}
