namespace CooperationEvents.Ingestion.Imports;

/// <summary>
/// The file of an import, read from its first byte on, a piece at a time. It can be set back to its first byte, and nowhere else.
/// </summary>
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

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
