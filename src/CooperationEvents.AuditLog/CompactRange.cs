namespace CooperationEvents.AuditLog;

/// <summary>
/// The tree as far as it has grown, kept as the roots of its full subtrees: all that is needed to append and to state the
/// root. Appending <c>n</c> leaves costs <c>n</c> hashes.
/// </summary>
public sealed class CompactRange
{
    private readonly List<Digest> _peaks = [];

    public CompactRange() { }

    /// <summary>Takes up a tree of <paramref name="size"/> leaves again, from the peaks that <see cref="Peaks"/> names.</summary>
    /// <exception cref="ArgumentException">The number of peaks is not that of the size.</exception>
    public CompactRange(long size, IEnumerable<Digest> peaks)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        Size = size;
        _peaks.AddRange(peaks);
        if (_peaks.Count != long.PopCount(size))
            throw new ArgumentException($"A tree of {size} leaves has {long.PopCount(size)} peaks, not {_peaks.Count}.", nameof(peaks));
    }

    /// <summary>How many leaves it has.</summary>
    public long Size { get; private set; }

    /// <summary>The roots of its full subtrees, the largest first.</summary>
    public IReadOnlyList<Digest> Hashes => _peaks;

    public Digest Root => _peaks.Count == 0 ? MerkleTree.EmptyRoot : MerkleTree.Fold([.. _peaks]);

    /// <summary>The nodes whose hashes make up a tree of this size, in the order of <see cref="Hashes"/>.</summary>
    public static IReadOnlyList<Node> Peaks(long size) => MerkleTree.Cover(0, size);

    /// <summary>Appends the hash of a leaf.</summary>
    public void Append(Digest leaf) => AppendFull(leaf, 0);

    /// <summary>Appends the root of a full subtree of <c>2^level</c> leaves; the size so far is a multiple of that.</summary>
    /// <exception cref="ArgumentException">A subtree of that level cannot begin here.</exception>
    public void AppendFull(Digest root, int level)
    {
        var leaves = 1L << level;
        if (Size % leaves != 0)
            throw new ArgumentException($"A subtree of {leaves} leaves cannot begin at {Size}.", nameof(level));
        for (var above = Size / leaves; (above & 1) == 1; above >>= 1)
        {
            root = MerkleTree.NodeHash(_peaks[^1], root);
            _peaks.RemoveAt(_peaks.Count - 1);
        }

        _peaks.Add(root);
        Size += leaves;
    }
}
