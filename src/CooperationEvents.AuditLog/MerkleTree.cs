using System.Numerics;

namespace CooperationEvents.AuditLog;

/// <summary>
/// A node of the tree: the root of the full subtree over the leaves from <c>Index * 2^Level</c>, <c>2^Level</c> of them.
/// </summary>
public readonly record struct Node(int Level, long Index)
{
    /// <summary>The first leaf below it.</summary>
    public long Start => Index << Level;

    /// <summary>One past the last leaf below it.</summary>
    public long End => (Index + 1) << Level;
}

/// <summary>The Merkle tree of RFC 6962, section 2.1, over SHA-256.</summary>
public static class MerkleTree
{
    private const byte LeafPrefix = 0x00;
    private const byte NodePrefix = 0x01;

    /// <summary>The root of the tree without leaves: the hash of nothing.</summary>
    public static Digest EmptyRoot { get; } = Digest.Of([]);

    /// <summary>The hash of a leaf: of the byte 0x00 and the entry.</summary>
    public static Digest LeafHash(ReadOnlySpan<byte> entry)
    {
        Span<byte> bytes = entry.Length < 4096 ? stackalloc byte[entry.Length + 1] : new byte[entry.Length + 1];
        bytes[0] = LeafPrefix;
        entry.CopyTo(bytes[1..]);
        return Digest.Of(bytes);
    }

    /// <summary>The hash of an inner node: of the byte 0x01 and both children.</summary>
    public static Digest NodeHash(Digest left, Digest right)
    {
        Span<byte> bytes = stackalloc byte[1 + 2 * Digest.Length];
        bytes[0] = NodePrefix;
        left.CopyTo(bytes[1..]);
        right.CopyTo(bytes[(1 + Digest.Length)..]);
        return Digest.Of(bytes);
    }

    /// <summary>The root of a full subtree, from the hashes of one of its levels; their number is a power of two.</summary>
    public static Digest RootOfFull(ReadOnlySpan<Digest> hashes)
    {
        if (!BitOperations.IsPow2(hashes.Length))
            throw new ArgumentException($"{hashes.Length} hashes are no full level.", nameof(hashes));
        var level = hashes.ToArray();
        for (var width = level.Length / 2; width > 0; width /= 2)
        {
            for (var i = 0; i < width; i++)
                level[i] = NodeHash(level[2 * i], level[2 * i + 1]);
        }

        return level[0];
    }

    /// <summary>
    /// The roots of the largest full subtrees that make up the leaves from <paramref name="from"/> to <paramref name="to"/>, left to right.
    /// </summary>
    public static IReadOnlyList<Node> Cover(long from, long to)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfLessThan(to, from);
        var nodes = new List<Node>();
        while (from < to)
        {
            var level = Math.Min(from == 0 ? 62 : BitOperations.TrailingZeroCount(from), BitOperations.Log2((ulong)(to - from)));
            nodes.Add(new Node(level, from >> level));
            from += 1L << level;
        }

        return nodes;
    }

    /// <summary>The hash over subtrees that stand side by side, each smaller than the one before it: folded from the right.</summary>
    internal static Digest Fold(ReadOnlySpan<Digest> hashes)
    {
        var root = hashes[^1];
        for (var i = hashes.Length - 2; i >= 0; i--)
            root = NodeHash(hashes[i], root);
        return root;
    }
}
