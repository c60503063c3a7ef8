using System.Security.Cryptography;
using CooperationEvents.AuditLog;

namespace CooperationEvents.AuditLogTests.AuditLog;

/// <summary>The tree as RFC 6962 defines it, word for word and as slow: recursive, over the entries themselves.</summary>
internal static class NaiveTree
{
    public static byte[] Root(ReadOnlySpan<byte[]> entries)
    {
        if (entries.Length == 0)
            return SHA256.HashData([]);
        if (entries.Length == 1)
            return SHA256.HashData([0, .. entries[0]]);
        var k = Split(entries.Length);
        return SHA256.HashData([1, .. Root(entries[..k]), .. Root(entries[k..])]);
    }

    public static List<byte[]> Path(int m, ReadOnlySpan<byte[]> entries)
    {
        if (entries.Length == 1)
            return [];
        var k = Split(entries.Length);
        return m < k ? [.. Path(m, entries[..k]), Root(entries[k..])] : [.. Path(m - k, entries[k..]), Root(entries[..k])];
    }

    public static List<byte[]> Consistency(int m, ReadOnlySpan<byte[]> entries) => SubProof(m, entries, true);

    public static Digest[] Digests(IEnumerable<byte[]> hashes) => [.. hashes.Select(h => new Digest(h))];

    private static List<byte[]> SubProof(int m, ReadOnlySpan<byte[]> entries, bool known)
    {
        if (m == entries.Length)
            return known ? [] : [Root(entries)];
        var k = Split(entries.Length);
        return m <= k
            ? [.. SubProof(m, entries[..k], known), Root(entries[k..])]
            : [.. SubProof(m - k, entries[k..], false), Root(entries[..k])];
    }

    private static int Split(int n)
    {
        var k = 1;
        while (2 * k < n)
            k *= 2;
        return k;
    }
}
