using System.Text;

namespace CooperationEvents.Ingestion.Imports;

/// <summary>The file of an import, read from its first byte on, a piece at a time. It can be set back to its first byte, and nowhere else.</summary>
internal sealed class ImportFile(ImportStore store, Guid import, CancellationToken cancellation) : Stream
{
    /// <summary>Bytes of a piece, but for the last.</summary>
    public const int PieceSize = 256 * 1024;

    private ReadOnlyMemory<byte> _piece;
    private int _next;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(value, 0);
            (_piece, _next) = (ReadOnlyMemory<byte>.Empty, 0);
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_piece.IsEmpty && await store.Piece(import, _next, cancellation) is { } piece)
        {
            _piece = piece;
            _next++;
        }

        var count = Math.Min(buffer.Length, _piece.Length);
        _piece[..count].CopyTo(buffer);
        _piece = _piece[count..];
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read it asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

/// <summary>Finds out in which encoding a text is written while it comes in: UTF-16 by its mark, UTF-8 where all of it is that, else Windows-1252.</summary>
internal sealed class EncodingDetector
{
    private const string Western = "windows-1252";

    private readonly Decoder _utf8 = new UTF8Encoding(false, throwOnInvalidBytes: true).GetDecoder();
    private readonly char[] _characters = new char[ImportFile.PieceSize + 1];
    private string? _found;
    private bool _begun;

    public string Found => _found ?? "utf-8";

    public static Encoding Of(string name)
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        return Encoding.GetEncoding(name);
    }

    public void Look(ReadOnlySpan<byte> bytes)
    {
        if (!_begun && bytes.Length >= 2)
            _found = (bytes[0], bytes[1]) switch { (0xFF, 0xFE) => "utf-16", (0xFE, 0xFF) => "utf-16BE", _ => null };
        _begun = true;
        if (_found is not null)
            return;
        try
        {
            for (; bytes.Length > 0; bytes = bytes[Math.Min(bytes.Length, ImportFile.PieceSize)..])
                _utf8.GetChars(bytes[..Math.Min(bytes.Length, ImportFile.PieceSize)], _characters, flush: false);
        }
        catch (DecoderFallbackException)
        {
            _found = Western;
        }
    }
}
