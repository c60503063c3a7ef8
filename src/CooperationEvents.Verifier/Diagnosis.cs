using CooperationEvents.AuditLog;

namespace CooperationEvents.Verifier;

/// <summary>
/// Finds what is wrong where the entries do not make the root of the newest checkpoint: which entries, which tiles, and
/// where neither can be told, between which checkpoints.
/// </summary>
internal sealed class Diagnosis(Export export, LogHistory history, SuccessionChain chain, EntryPass pass, Report report, Progress progress)
{
    private readonly Stated[] _stated = [.. history.Checkpoints.Where(chain.Shares)];
    private readonly EntryFindings _findings = new(report);

    /// <summary>The tree up to the block that is looked at: proven where it could be, else as the entries make it.</summary>
    private readonly CompactRange _range = new();
    private bool _isProven = true;
    private long _good;
    private bool _isBroken;
    private int _next;

    public void Run(Stated newest)
    {
        var tiles = new ProvenTiles(export, newest.Size, pass.Edge, report);
        var vouching = _stated.Where(s => s.Log == newest.Log || s.Size < newest.Size).Reverse();
        if (vouching.FirstOrDefault(s => tiles.Prove(s.Size, s.Root)) is { Size: > 0 } vouched && vouched.Size < newest.Size)
            report.Say($"Tiles:       they are proven up to {vouched} only");

        var block = new List<Pair>();
        var index = 0L;
        Guid? before = null;
        foreach (var (line, reference) in Alignment.Of(Lines(newest.Size), References(tiles, newest.Size)))
        {
            if (reference is not { } known)
            {
                _findings.Added(line!.Value, index);
                continue;
            }

            block.Add(new Pair(line, known, before));
            (index, before) = (index + 1, line?.Id ?? before);
            if (known.Index + 1 == newest.Size || (known.Index + 1) % Tile.FullWidth == 0 || known.Index + 1 == tiles.Size)
            {
                Judge(block, tiles);
                block.Clear();
            }
        }

        _findings.Tell(newest.Size);
        if (_isBroken)
            report.Add(Kind.Range, $"no checkpoint vouches for the entries at index {_good} to {newest.Size - 1} as they are");
    }

    private IEnumerable<EntryLine> Lines(long size)
    {
        using var file = export.Read(Export.Entries);
        if (file is null)
            yield break;
        using var lines = new LineReader(file);
        for (var place = 0L; TryRead(lines, place, out var line); place++)
        {
            progress.Tell("looking for what was altered", place, size);
            yield return line;
        }
    }

    private static bool TryRead(LineReader lines, long place, out EntryLine line)
    {
        var read = lines.TryRead(out var bytes);
        line = read
            ? new EntryLine(place, MerkleTree.LeafHash(bytes), Guid.TryParse(EntryPass.IdIn(bytes), out var id) ? id : Guid.Empty)
            : default;
        return read;
    }

    private static IEnumerable<Reference> References(ProvenTiles tiles, long size)
    {
        for (var block = 0L; block * Tile.FullWidth < size; block++)
        {
            var proven = tiles.Hashes(0, block);
            var isWhole = (block + 1) * Tile.FullWidth <= tiles.Size;
            var stored = proven is null && isWhole && tiles.RootOf(0, block) is not null ? null : tiles.Stored(0, block);
            for (var i = 0; i < Tile.FullWidth && block * Tile.FullWidth + i < size; i++)
            {
                yield return i < proven?.Length
                    ? new Reference(block * Tile.FullWidth + i, proven[i], IsProven: true)
                    : new Reference(block * Tile.FullWidth + i, i < stored?.Length ? stored[i] : null, IsProven: false);
            }
        }
    }

    /// <summary>Judges what stands side by side in one tile: it is proven hash by hash, or as a whole, or not at all.</summary>
    private void Judge(List<Pair> block, ProvenTiles tiles)
    {
        var (start, end) = (block[0].Reference.Index, block[^1].Reference.Index + 1);
        if (block.All(b => b.Reference.IsProven))
        {
            foreach (var (line, reference, before) in block)
                _findings.Compare(line, reference, before);
            Grow(block.Select(b => b.Reference.Hash!.Value), areProven: true);
        }
        else if (end <= tiles.Size && tiles.RootOf(0, start / Tile.FullWidth) is { } expected)
        {
            var lines = block.Select(b => b.Line?.Hash).ToArray();
            if (lines.All(l => l is not null) && MerkleTree.RootOfFull([.. lines.Select(l => l!.Value)]) == expected)
                Grow(lines.Select(l => l!.Value), areProven: true);
            else
                Narrow(block, start, expected);
        }
        else
        {
            foreach (var (line, reference, before) in block)
                _findings.Compare(line, reference, before);
            Grow(block.Select(b => b.Line?.Hash ?? b.Reference.Hash ?? default), areProven: false);
        }
    }

    /// <summary>Lets the tree grow, and holds every checkpoint on the way to it.</summary>
    private void Grow(IEnumerable<Digest> hashes, bool areProven)
    {
        _isProven &= areProven;
        Hold();
        foreach (var hash in hashes)
        {
            _range.Append(hash);
            Hold();
        }
    }

    private void Hold()
    {
        for (; _next < _stated.Length && _stated[_next].Size <= _range.Size; _next++)
        {
            var stated = _stated[_next];
            if (stated.Size < _range.Size || _isBroken)
                continue;
            if (stated.Root == _range.Root)
                _good = stated.Size;
            else if (_isProven)
                report.Add(
                    Kind.Checkpoint,
                    $"{stated} is signed, and states another root than the log has at that size: the log told two stories"
                );
            else
                Break(stated);
        }
    }

    private void Break(Stated bad)
    {
        _isBroken = true;
        report.Add(
            Kind.Range,
            $"something at index {_good} to {bad.Size - 1} was altered, and the tiles with it: the checkpoint of size {_good} still "
                + $"agrees, {bad} no longer does"
        );
    }

    /// <summary>The tile fails and so do its entries: the checkpoints inside it tell how far they are still good.</summary>
    private void Narrow(List<Pair> block, long start, Digest expected)
    {
        Hold();
        var inside = new CompactRange(_range.Size, _range.Hashes);
        var (good, bad) = (start, block[^1].Reference.Index + 1);
        foreach (var (line, _, _) in block)
        {
            inside.Append(line?.Hash ?? default);
            for (; _next < _stated.Length && _stated[_next].Size == inside.Size; _next++)
            {
                if (_stated[_next].Root == inside.Root)
                    good = inside.Size;
                else
                    bad = Math.Min(bad, inside.Size);
            }
        }

        _findings.Doubtful(block.Select(b => b.Line).OfType<EntryLine>());
        var (first, last) = (block[(int)(good - start)].Line?.Id, block[(int)(bad - 1 - start)].Line?.Id);
        report.Add(
            Kind.Range,
            $"something at index {good} to {bad - 1} (ids {Name(first)} to {Name(last)}) was altered, and its tile with it: no hash is "
                + $"left to tell which; the log is proven before it, and again from index {start + Tile.FullWidth} on"
        );
        _range.AppendFull(expected, Tile.Height);
    }

    private readonly record struct Pair(EntryLine? Line, Reference Reference, Guid? Before);

    private static string Name(Guid? id) => id?.ToString() ?? "unknown";
}
