namespace CooperationEvents.AuditLog;

/// <summary>Where tiles come from.</summary>
public interface ITileSource
{
    /// <summary>The hashes of a tile, as many as its width says.</summary>
    ValueTask<ReadOnlyMemory<Digest>> ReadAsync(Tile tile, CancellationToken cancellation);
}

/// <summary>
/// Roots and proofs from the tiles of a tree that has grown to <paramref name="size"/> leaves. It keeps the tiles it has read:
/// one reader for each question or short run of questions.
/// </summary>
public sealed class TileReader(ITileSource source, long size)
{
    private readonly Dictionary<Tile, ReadOnlyMemory<Digest>> _read = [];

    /// <summary>The size that the tiles have grown to.</summary>
    public long Size => size;

    /// <summary>The hash of a node that lies wholly inside the tree.</summary>
    public async ValueTask<Digest> NodeAsync(Node node, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(node.End, size);
        var tile = Tile.Of(node, size);
        if (!_read.TryGetValue(tile, out var hashes))
        {
            hashes = await source.ReadAsync(tile, cancellation);
            if (hashes.Length != tile.Width)
                throw new InvalidDataException($"{tile} has {hashes.Length} hashes instead of {tile.Width}.");
            _read.Add(tile, hashes);
        }

        var count = 1 << (node.Level % Tile.Height);
        var first = (int)(node.Index * count - tile.Index * Tile.FullWidth);
        return MerkleTree.RootOfFull(hashes.Span.Slice(first, count));
    }

    /// <summary>The tree as it was at a size, ready to grow on.</summary>
    public async ValueTask<CompactRange> RangeAsync(long at, CancellationToken cancellation = default)
    {
        var hashes = new List<Digest>();
        foreach (var node in CompactRange.Peaks(at))
            hashes.Add(await NodeAsync(node, cancellation));
        return new CompactRange(at, hashes);
    }

    /// <summary>The root of the tree as it was at a size.</summary>
    public async ValueTask<Digest> RootAsync(long at, CancellationToken cancellation = default) =>
        (await RangeAsync(at, cancellation)).Root;

    /// <summary>That a leaf is in the tree as it was at a size.</summary>
    public async ValueTask<InclusionProof> InclusionAsync(long index, long at, CancellationToken cancellation = default) =>
        new(index, at, await HashesAsync(InclusionProof.Nodes(index, at), cancellation));

    /// <summary>That the tree at one size begins with the tree at an earlier one.</summary>
    public async ValueTask<ConsistencyProof> ConsistencyAsync(long from, long to, CancellationToken cancellation = default) =>
        new(from, to, await HashesAsync(ConsistencyProof.Nodes(from, to), cancellation));

    private async ValueTask<IReadOnlyList<Digest>> HashesAsync(IReadOnlyList<IReadOnlyList<Node>> groups, CancellationToken cancellation)
    {
        var hashes = new List<Digest>(groups.Count);
        foreach (var group in groups)
        {
            var parts = new Digest[group.Count];
            for (var i = 0; i < parts.Length; i++)
                parts[i] = await NodeAsync(group[i], cancellation);
            hashes.Add(MerkleTree.Fold(parts));
        }

        return hashes;
    }
}
