using System.Globalization;

namespace CooperationEvents.AuditLog;

/// <summary>
/// Where 256 neighbouring hashes of the tree are kept (C2SP tlog-tiles): at level <c>L</c>, hash <c>i</c> of tile <c>N</c>
/// is the node over <c>256^L</c> leaves with index <c>256 N + i</c>. A tile of less than 256 hashes is partial.
/// </summary>
public readonly record struct Tile(int Level, long Index, int Width)
{
    /// <summary>How many hashes a full tile has.</summary>
    public const int FullWidth = 256;

    /// <summary>How many levels of the tree a tile spans.</summary>
    public const int Height = 8;

    private const int HighestLevel = 63;

    /// <summary>Its path below the log's prefix: <c>tile/0/x001/234.p/5</c>.</summary>
    public string Path => $"tile/{Level.ToString(CultureInfo.InvariantCulture)}/{TilePath.Of(Index, Width)}";

    /// <summary>The bytes of its content.</summary>
    public int Bytes => Width * Digest.Length;

    /// <summary>Where a hash stands in it: the node at this place.</summary>
    public Node NodeAt(int place) => new(Level * Height, Index * FullWidth + place);

    /// <summary>Reads a path that <see cref="Path"/> writes; any other form is refused.</summary>
    public static bool TryParse(string path, out Tile tile)
    {
        tile = default;
        var parts = path.Split('/', 3);
        if (
            parts.Length != 3
            || parts[0] != "tile"
            || !PlainNumber.TryParse(parts[1], out var level)
            || level > HighestLevel
            || TilePath.Parse(parts[2]) is not var (index, width)
        )
        {
            return false;
        }

        tile = new Tile((int)level, index, width);
        return true;
    }

    /// <summary>The tile that holds a node, in a tree of this size, or that its hash can be computed from.</summary>
    public static Tile Of(Node node, long size)
    {
        var level = node.Level / Height;
        var index = (node.Index << (node.Level % Height)) / FullWidth;
        return new Tile(level, index, WidthOf(level, index, size));
    }

    /// <summary>All tiles of a tree of this size, lower levels first, left to right.</summary>
    public static IEnumerable<Tile> All(long size)
    {
        for (var level = 0; level * Height < 63 && size >> (level * Height) > 0; level++)
        {
            for (var index = 0L; WidthOf(level, index, size) is > 0 and var width; index++)
                yield return new Tile(level, index, width);
        }
    }

    /// <summary>How many hashes of a tile exist in a tree of this size: 0 where it does not exist yet.</summary>
    public static int WidthOf(int level, long index, long size) =>
        level * Height >= 63 ? 0 : (int)Math.Clamp((size >> (level * Height)) - index * FullWidth, 0, FullWidth);

    public override string ToString() => Path;
}

/// <summary>
/// 256 neighbouring entries of the log, at <c>tile/entries/&lt;N&gt;[.p/&lt;W&gt;]</c>: each behind its length as a big-endian uint16.
/// </summary>
public readonly record struct EntryBundle(long Index, int Width)
{
    /// <summary>Its path below the log's prefix.</summary>
    public string Path => $"tile/entries/{TilePath.Of(Index, Width)}";

    public static bool TryParse(string path, out EntryBundle bundle)
    {
        bundle = default;
        const string Prefix = "tile/entries/";
        if (!path.StartsWith(Prefix, StringComparison.Ordinal) || TilePath.Parse(path[Prefix.Length..]) is not var (index, width))
            return false;
        bundle = new EntryBundle(index, width);
        return true;
    }

    /// <exception cref="ArgumentException">An entry is larger than <see cref="Entry.MaxBytes"/>.</exception>
    public static byte[] Write(IEnumerable<ReadOnlyMemory<byte>> entries)
    {
        using var bytes = new MemoryStream();
        foreach (var entry in entries)
        {
            if (entry.Length > Entry.MaxBytes)
                throw new ArgumentException($"An entry of {entry.Length} bytes does not fit into a bundle.", nameof(entries));
            bytes.WriteByte((byte)(entry.Length >> 8));
            bytes.WriteByte((byte)entry.Length);
            bytes.Write(entry.Span);
        }

        return bytes.ToArray();
    }

    /// <exception cref="FormatException">The bytes end inside an entry.</exception>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Read(ReadOnlyMemory<byte> bytes)
    {
        var entries = new List<ReadOnlyMemory<byte>>();
        while (bytes.Length > 0)
        {
            var length = bytes.Length < 2 ? int.MaxValue : (bytes.Span[0] << 8) | bytes.Span[1];
            if (length > bytes.Length - 2)
                throw new FormatException("The bundle ends inside an entry.");
            entries.Add(bytes.Slice(2, length));
            bytes = bytes[(2 + length)..];
        }

        return entries;
    }
}

/// <summary>An index in elements of three digits, all but the last behind an <c>x</c>, and the width of a partial tile.</summary>
internal static class TilePath
{
    private const string Partial = ".p/";

    public static string Of(long index, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, Tile.FullWidth);
        var path = Three(index % 1000);
        for (index /= 1000; index > 0; index /= 1000)
            path = $"x{Three(index % 1000)}/{path}";
        return width == Tile.FullWidth ? path : path + Partial + width.ToString(CultureInfo.InvariantCulture);
    }

    public static (long Index, int Width)? Parse(string path)
    {
        long width = Tile.FullWidth;
        if (path.IndexOf(Partial, StringComparison.Ordinal) is >= 0 and var at)
        {
            if (!PlainNumber.TryParse(path.AsSpan(at + Partial.Length), out width) || width is 0 or >= Tile.FullWidth)
                return null;
            path = path[..at];
        }

        var elements = path.Split('/');
        var index = 0L;
        for (var i = 0; i < elements.Length; i++)
        {
            var element = elements[i];
            if (i < elements.Length - 1)
            {
                if (element is not ['x', ..])
                    return null;
                element = element[1..];
            }

            if (element.Length != 3 || !element.All(char.IsAsciiDigit) || index > long.MaxValue / 1000 - 1)
                return null;
            index = index * 1000 + int.Parse(element, CultureInfo.InvariantCulture);
        }

        return Of(index, Tile.FullWidth) == path ? (index, (int)width) : null;
    }

    private static string Three(long number) => number.ToString("000", CultureInfo.InvariantCulture);
}
