using CooperationEvents.AuditLog;

namespace CooperationEvents.Verifier;

/// <summary>
/// The tiles of an export held to a checkpoint from the root downwards, so that each tile stands or falls by itself: the
/// tile above says what it must hash to, and where that one fails, those below may make up for it.
/// </summary>
internal sealed class ProvenTiles
{
    private readonly Export _export;
    private readonly long _exported;
    private readonly IReadOnlyDictionary<Tile, Digest[]> _made;
    private readonly Report _report;
    private readonly Dictionary<Tile, Digest[]?> _proven = [];
    private readonly HashSet<Tile> _told = [];
    private Digest[][] _edge = [];

    /// <param name="exported">The size of the tree whose tiles these are.</param>
    /// <param name="made">The partial tiles that the entries make.</param>
    public ProvenTiles(Export export, long exported, IReadOnlyDictionary<Tile, Digest[]> made, Report report) =>
        (_export, _exported, _made, _report) = (export, exported, made, report);

    /// <summary>The size up to which the tiles are proven.</summary>
    public long Size { get; private set; }

    /// <summary>Finds the tiles at the right edge that make the root of a checkpoint; what they prove is proven from then on.</summary>
    public bool Prove(long size, Digest root)
    {
        var levels = Enumerable.Range(0, 8).TakeWhile(level => size >> (level * Tile.Height) > 0).ToArray();
        foreach (var edge in Combinations([.. levels.Select(level => EdgesOf(level, size))]))
        {
            if (RootOf(edge) != root)
                continue;
            (_edge, Size) = (edge, size);
            foreach (var level in levels.Where(level => edge[level].Length > 0 && size == _exported))
                TellIfOther(TileAt(level, size >> ((level + 1) * Tile.Height)), edge[level]);
            return true;
        }

        return false;
    }

    /// <summary>The hashes of a tile, as many of them as the proven size has; null where nothing vouches for them.</summary>
    public Digest[]? Hashes(int level, long index)
    {
        if (Tile.WidthOf(level, index, Size) is var width && width < Tile.FullWidth)
            return width > 0 ? _edge[level] : null;
        var tile = new Tile(level, index, Tile.FullWidth);
        if (level > 0 && _proven.TryGetValue(tile, out var known))
            return known;
        var hashes = Prove(tile);
        if (level > 0)
            _proven.Add(tile, hashes);
        return hashes;
    }

    /// <summary>What a full tile must hash to; null where nothing vouches for it.</summary>
    public Digest? RootOf(int level, long index) => Hashes(level + 1, index / Tile.FullWidth)?[(int)(index % Tile.FullWidth)];

    /// <summary>The hashes in the file of a tile; null where the file is missing or has another length.</summary>
    public Digest[]? Stored(int level, long index)
    {
        var tile = TileAt(level, index);
        return tile.Width > 0 && _export.ReadAll(tile.Path) is { } bytes && bytes.Length == tile.Bytes ? Digest.ReadAll(bytes) : null;
    }

    private Tile TileAt(int level, long index) => new(level, index, Tile.WidthOf(level, index, _exported));

    private Digest[]? Prove(Tile tile)
    {
        var stored = Stored(tile.Level, tile.Index);
        if (RootOf(tile.Level, tile.Index) is not { } expected)
            return null;
        if (stored is not null && MerkleTree.RootOfFull(stored) == expected)
            return stored;
        var below = tile.Level > 0 ? FromBelow(tile.Level, tile.Index, Tile.FullWidth) : null;
        if (below is not null && MerkleTree.RootOfFull(below) != expected)
            below = null;
        Tell(tile, stored is null ? "is missing or cut off" : "does not hash to what the tile above it says");
        return below;
    }

    /// <summary>The hashes of a tile as the files of the tiles below make them.</summary>
    private Digest[]? FromBelow(int level, long index, int width)
    {
        var hashes = new Digest[width];
        for (var i = 0; i < width; i++)
        {
            if (Stored(level - 1, index * Tile.FullWidth + i) is not { Length: Tile.FullWidth } below)
                return null;
            hashes[i] = MerkleTree.RootOfFull(below);
        }

        return hashes;
    }

    /// <summary>
    /// What may stand at the right edge of a tree at one level: as stored, as made by the tiles below, as made by the entries.
    /// </summary>
    private List<Digest[]> EdgesOf(int level, long size)
    {
        var index = size >> ((level + 1) * Tile.Height);
        var width = (int)((size >> (level * Tile.Height)) % Tile.FullWidth);
        if (width == 0)
            return
            [
                [],
            ];
        var edges = new List<Digest[]>();
        if (Stored(level, index) is { } stored && stored.Length >= width)
            edges.Add(stored[..width]);
        if (level > 0 && FromBelow(level, index, width) is { } below)
            edges.Add(below);
        if (size == _exported && _made.TryGetValue(TileAt(level, index), out var made))
            edges.Add(made);
        return [.. edges.DistinctBy(e => Digest.Of(Digest.WriteAll(e)))];
    }

    private static IEnumerable<Digest[][]> Combinations(List<Digest[]>[] levels)
    {
        IEnumerable<Digest[][]> combinations =
        [
            [],
        ];
        foreach (var level in levels)
            combinations = combinations.SelectMany(c => level.Select(edge => (Digest[][])[.. c, edge]));
        return combinations;
    }

    private static Digest RootOf(Digest[][] edge)
    {
        var range = new CompactRange();
        for (var level = edge.Length - 1; level >= 0; level--)
        {
            foreach (var hash in edge[level])
                range.AppendFull(hash, level * Tile.Height);
        }

        return range.Root;
    }

    private void TellIfOther(Tile tile, Digest[] hashes)
    {
        if (Stored(tile.Level, tile.Index) is not { } stored)
            Tell(tile, "is missing or cut off");
        else if (!stored.AsSpan().SequenceEqual(hashes))
            Tell(tile, "holds other hashes than the checkpoint vouches for");
    }

    private void Tell(Tile tile, string fault)
    {
        if (_told.Add(tile))
            _report.Add(Kind.Tile, $"{tile} {fault}");
    }
}
