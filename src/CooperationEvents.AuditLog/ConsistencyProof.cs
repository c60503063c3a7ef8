using System.Numerics;

namespace CooperationEvents.AuditLog;

/// <summary>
/// That a tree of <paramref name="To"/> leaves begins with the tree of <paramref name="From"/> leaves (RFC 6962, section 2.1.2).
/// </summary>
public sealed record ConsistencyProof(long From, long To, IReadOnlyList<Digest> Hashes)
{
    /// <summary>
    /// The nodes the proof is made from: one group for each hash; the hash of a group is its nodes folded from the right.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The sizes do not ascend.</exception>
    public static IReadOnlyList<IReadOnlyList<Node>> Nodes(long from, long to)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfLessThan(to, from);
        if (from == 0 || from == to)
            return [];
        var (start, path) = Path(from, to);
        var ranges = path.Select(p => (p.From, p.To));
        return [.. (start == 0 ? ranges : ranges.Prepend((From: start, To: from))).Select(r => MerkleTree.Cover(r.From, r.To))];
    }

    /// <summary>Whether both roots are those of trees that begin alike.</summary>
    public bool Proves(Digest fromRoot, Digest toRoot)
    {
        if (From < 0 || From > To)
            return false;
        if (From == To)
            return Hashes.Count == 0 && fromRoot == toRoot;
        if (From == 0)
            return Hashes.Count == 0 && fromRoot == MerkleTree.EmptyRoot;

        var (start, path) = Path(From, To);
        var given = start == 0 ? 0 : 1;
        if (Hashes.Count != path.Count + given)
            return false;
        var older = start == 0 ? fromRoot : Hashes[0];
        var newer = older;
        for (var i = 0; i < path.Count; i++)
        {
            var sibling = Hashes[i + given];
            if (path[i].From >= From)
            {
                newer = MerkleTree.NodeHash(newer, sibling);
            }
            else
            {
                older = MerkleTree.NodeHash(sibling, older);
                newer = MerkleTree.NodeHash(sibling, newer);
            }
        }

        return older == fromRoot && newer == toRoot;
    }

    /// <summary>
    /// Where the last full subtree of the older tree begins, and the subtrees beside the path to it in the newer one, the
    /// lowest first. The older tree is that subtree itself where it begins at 0.
    /// </summary>
    private static (long Start, List<(long From, long To)> Path) Path(long from, long to)
    {
        var start = from - (1L << BitOperations.TrailingZeroCount(from));
        return (start, Proofs.Siblings(start, from, to));
    }
}
