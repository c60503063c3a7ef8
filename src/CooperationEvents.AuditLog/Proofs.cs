using System.Numerics;

namespace CooperationEvents.AuditLog;

/// <summary>The ways down a tree that both kinds of proof follow.</summary>
internal static class Proofs
{
    /// <summary>How many leaves the left half of a tree of this size has: the largest power of two below it.</summary>
    public static long Split(long size) => 1L << BitOperations.Log2((ulong)(size - 1));

    /// <summary>
    /// The subtrees beside the path from the root of a tree down to the subtree over <c>[from, to)</c>, the lowest first.
    /// </summary>
    public static List<(long From, long To)> Siblings(long from, long to, long size)
    {
        var siblings = new List<(long From, long To)>();
        var (start, end) = (0L, size);
        while (start != from || end != to)
        {
            var middle = start + Split(end - start);
            if (from < middle)
            {
                siblings.Add((middle, end));
                end = middle;
            }
            else
            {
                siblings.Add((start, middle));
                start = middle;
            }
        }

        siblings.Reverse();
        return siblings;
    }
}
