namespace CooperationEvents.AuditLog;

/// <summary>That a leaf is in a tree: the hashes beside its path to the root, leaf first (RFC 6962, section 2.1.1).</summary>
public sealed record InclusionProof(long Index, long Size, IReadOnlyList<Digest> Hashes)
{
    /// <summary>
    /// The nodes the proof of leaf <paramref name="index"/> in a tree of <paramref name="size"/> is made from: one group for
    /// each hash, leaf first; the hash of a group is its nodes folded from the right.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The tree has no such leaf.</exception>
    public static IReadOnlyList<IReadOnlyList<Node>> Nodes(long index, long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        return [.. Proofs.Siblings(index, index + 1, size).Select(s => MerkleTree.Cover(s.From, s.To))];
    }

    /// <summary>
    /// The root that follows from the proof for a leaf of this hash; null where the proof has not the right number of hashes.
    /// </summary>
    public Digest? RootFor(Digest leaf)
    {
        if (Index < 0 || Index >= Size)
            return null;
        var siblings = Proofs.Siblings(Index, Index + 1, Size);
        if (siblings.Count != Hashes.Count)
            return null;
        var root = leaf;
        for (var i = 0; i < siblings.Count; i++)
            root = siblings[i].From > Index ? MerkleTree.NodeHash(root, Hashes[i]) : MerkleTree.NodeHash(Hashes[i], root);
        return root;
    }

    /// <summary>Whether a leaf of this hash is in the tree of this root.</summary>
    public bool Proves(Digest leaf, Digest root) => RootFor(leaf) == root;
}
