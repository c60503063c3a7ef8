using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using CooperationEvents.AuditLog;

namespace CooperationEvents.Verifier;

/// <summary>
/// A tar file, whose table of contents is read once; the content stays where it is. docs/vectors/README.md says what each byte may be. A
/// file that two programs could unpack to different things is refused.
/// </summary>
internal sealed partial class ExportTar : Export
{
    private const int Block = 512;
    private const int MostAttributes = 1 << 16;

    private readonly string _file;
    private readonly Dictionary<string, (long Offset, long Length)> _contents = [];

    public ExportTar(string file)
    {
        _file = file;
        using var stream = File.OpenRead(file);
        if (stream.Length == 0)
            throw Refused("is empty");
        var header = new byte[Block];
        string? path = null;
        while (ReadHeader(stream, header))
        {
            if (path is null && header[156] == 'x')
                path = ReadAttributes(stream, SizeIn(header));
            else
            {
                Take(stream, header, path);
                path = null;
            }
        }

        if (path is not null)
            throw Refused("ends with extended attributes of no file");
        RequireZeros(stream);
    }

    public override IEnumerable<string> Paths => _contents.Keys;

    public override Stream? Read(string path)
    {
        if (!_contents.TryGetValue(path, out var at))
            return null;
        var stream = new FileStream(_file, FileMode.Open, FileAccess.Read, FileShare.Read, 1);
        stream.Position = at.Offset;
        return new Part(stream, at.Length);
    }

    /// <summary>Reads the next header, and says whether there is one. Where there is none, the stream stands at its end.</summary>
    private bool ReadHeader(FileStream stream, byte[] header)
    {
        var at = stream.Position;
        if (stream.ReadAtLeast(header, Block, throwOnEndOfStream: false) < Block || !header.AsSpan().ContainsAnyExcept((byte)0))
        {
            stream.Position = at;
            return false;
        }

        var sum = header.Sum(b => b) - header.AsSpan(148, 8).ToArray().Sum(b => b) + 8 * ' ';
        if (Octal(header.AsSpan(148, 8)) != sum)
            throw Refused($"holds no header at byte {at}: its sum is wrong");
        if (!header.AsSpan(257, 8).SequenceEqual("ustar\000"u8) && !header.AsSpan(257, 8).SequenceEqual("ustar  \0"u8))
            throw Refused($"holds a header at byte {at} that is of no form a tar file of an export may have");
        return true;
    }

    /// <summary>Takes a file into the contents, or passes over a folder that tiles are in, as tar programs write them.</summary>
    /// <param name="path">What extended attributes say that it is called; empty where they say nothing of it.</param>
    private void Take(FileStream stream, byte[] header, string? path)
    {
        var written = Encoding.Latin1.GetString(header, 0, 100).Split('\0', 2)[0];
        var size = SizeIn(header);
        var isCalledOtherwise = path is { Length: > 0 } && path != written || header.AsSpan(345, 155).ContainsAnyExcept((byte)0);
        if (header[156] == '5' && size == 0 && !isCalledOtherwise && Folder.IsMatch(written))
            return;
        var name = written.StartsWith("./", StringComparison.Ordinal) ? written[2..] : written;
        if (header[156] is not ((byte)'0' or 0) || isCalledOtherwise || !IsExpected(name))
            throw Refused(
                $"holds '{written}', which is no plain file of an export: what is unpacked would be another thing than what is verified"
            );
        if (!_contents.TryAdd(name, (stream.Position, size)))
            throw Refused($"holds '{name}' twice");
        if (size > stream.Length - stream.Position)
            throw Refused($"ends inside '{name}'");
        stream.Position = Math.Min(stream.Length, stream.Position + (size + Block - 1) / Block * Block);
    }

    /// <summary>What extended attributes (pax) say that the next file is called; empty where they say nothing of it.</summary>
    private string ReadAttributes(FileStream stream, long size)
    {
        var bytes = new byte[size <= MostAttributes ? (size + Block - 1) / Block * Block : throw Refused("holds attributes too long")];
        if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
            throw Refused("ends inside extended attributes");
        var (text, path) = (Encoding.Latin1.GetString(bytes, 0, (int)size), "");
        while (text.Length > 0)
        {
            if (
                Attribute.Match(text) is not { Success: true } match
                || !int.TryParse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture, out var length)
                || length <= match.Length
                || length > text.Length
                || text[length - 1] != '\n'
            )
                throw Refused("holds extended attributes that are of no file of an export, such as that it is sparse");
            var value = text[match.Length..(length - 1)];
            if (match.Groups[2].Value == "path")
                path = value.Length > 0 && path.Length == 0 ? value : throw Refused("holds a file with two names, or with an empty one");
            text = text[length..];
        }

        return path;
    }

    /// <summary>Some programs read on where an archive has ended, and unpack what stands there.</summary>
    private void RequireZeros(FileStream stream)
    {
        var (end, buffer) = (stream.Position, new byte[1 << 16]);
        while (stream.Read(buffer) is > 0 and var read)
        {
            if (buffer.AsSpan(0, read).ContainsAnyExcept((byte)0))
                throw Refused(
                    $"holds something behind its last file, from byte {end} on, where a tar file has zeros: what is unpacked could be "
                        + $"another thing than what is verified"
                );
        }
    }

    private static bool IsExpected(string name) => name is Entries or Checkpoints or Keys || Tile.TryParse(name, out _);

    /// <summary>In octal digits, or from 8 GiB on in binary behind a byte 0x80.</summary>
    private long SizeIn(byte[] header)
    {
        var field = header.AsSpan(124, 12);
        if (field[0] != 0x80)
            return Octal(field) ?? throw Refused("holds a size that is none");
        var size = BinaryPrimitives.ReadInt64BigEndian(field[4..]);
        return size >= 0 && !field[1..4].ContainsAnyExcept((byte)0) ? size : throw Refused("holds a size that is none");
    }

    /// <summary>The number in a field; null where it holds anything but octal digits, ended by zeros or spaces.</summary>
    private static long? Octal(ReadOnlySpan<byte> field)
    {
        var digits = field.TrimEnd("\0 "u8);
        if (digits.IsEmpty || digits.Length == field.Length || digits.ContainsAnyExceptInRange((byte)'0', (byte)'7'))
            return null;
        var number = 0L;
        foreach (var digit in digits)
            number = 8 * number + digit - '0';
        return number;
    }

    private InvalidDataException Refused(string why) => new($"'{_file}' {why}.");

    [GeneratedRegex(@"\A(\.|(\./)?tile(/(0|[1-9][0-9]?)(/x[0-9]{3})*(/[0-9]{3}\.p)?)?)/?\z")]
    private static partial Regex Folder { get; }

    /// <summary>How an attribute begins: with the length of it all, and its name.</summary>
    [GeneratedRegex(@"\A([1-9][0-9]{0,4}) (path|mtime|atime|ctime|uid|gid|uname|gname)=")]
    private static partial Regex Attribute { get; }

    /// <summary>So many bytes of a stream, which it closes with itself.</summary>
    private sealed class Part(FileStream stream, long length) : Stream
    {
        private long _left = length;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var read = stream.Read(buffer[..(int)Math.Min(buffer.Length, _left)]);
            _left -= read;
            return read;
        }

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                stream.Dispose();
            base.Dispose(disposing);
        }
    }
}
