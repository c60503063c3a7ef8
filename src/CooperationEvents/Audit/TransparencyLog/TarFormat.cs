using System.Buffers;
using System.Text;

namespace CooperationEvents.Audit.TransparencyLog;

/// <summary>The POSIX tar format (ustar) as far as an export needs it: plain files, one after the other, of any size.</summary>
internal static class TarFormat
{
    private const int Block = 512;
    private const long LargestOctal = 0x1_FFFF_FFFF;

    /// <summary>Writes the header of a file that follows with exactly so many bytes, to be padded afterwards.</summary>
    public static void Header(IBufferWriter<byte> output, string name, long size)
    {
        var header = output.GetSpan(Block)[..Block];
        header.Clear();
        if (Encoding.ASCII.GetBytes(name, header) > 100)
            throw new ArgumentException($"The name {name} is too long.", nameof(name));
        Octal(header.Slice(100, 8), Convert.ToInt32("644", 8));
        Octal(header.Slice(108, 8), 0);
        Octal(header.Slice(116, 8), 0);
        if (size <= LargestOctal)
            Octal(header.Slice(124, 12), size);
        else
            Binary(header.Slice(124, 12), size);
        Octal(header.Slice(136, 12), 0);
        header.Slice(148, 8).Fill((byte)' ');
        header[156] = (byte)'0';
        "ustar\000"u8.CopyTo(header[257..]);
        var sum = 0;
        foreach (var b in header)
            sum += b;
        Octal(header.Slice(148, 7), sum);
        output.Advance(Block);
    }

    /// <summary>Fills up the last block of a file.</summary>
    public static void Pad(IBufferWriter<byte> output, long size) => Zeros(output, (int)((Block - size % Block) % Block));

    public static void End(IBufferWriter<byte> output) => Zeros(output, 2 * Block);

    private static void Zeros(IBufferWriter<byte> output, int count)
    {
        if (count == 0)
            return;
        output.GetSpan(count)[..count].Clear();
        output.Advance(count);
    }

    private static void Octal(Span<byte> field, long value) =>
        Encoding.ASCII.GetBytes(Convert.ToString(value, 8).PadLeft(field.Length - 1, '0'), field);

    /// <summary>Sizes of 8 GiB and more: binary, marked by the highest bit, as GNU and POSIX readers take it.</summary>
    private static void Binary(Span<byte> field, long value)
    {
        field.Clear();
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(field[^8..], value);
        field[0] = 0x80;
    }
}
