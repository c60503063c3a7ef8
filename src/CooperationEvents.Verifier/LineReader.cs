namespace CooperationEvents.Verifier;

/// <summary>Reads lines of bytes, each ended by one line feed, through one buffer.</summary>
public sealed class LineReader(Stream stream) : IDisposable
{
    /// <summary>In bytes; nothing of a longer line is looked at but its first bytes.</summary>
    public const int MaxLine = 4 << 20;

    private byte[] _buffer = new byte[1 << 18];
    private int _start;
    private int _end;
    private bool _over;

    /// <summary>Whether every line read so far had its line feed.</summary>
    public bool WasEnded { get; private set; } = true;

    /// <summary>The next line, without its line feed, good until the next call.</summary>
    /// <exception cref="InvalidDataException">A line is longer than <see cref="MaxLine"/>.</exception>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        var searched = 0;
        while (true)
        {
            var at = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (at >= 0)
            {
                line = _buffer.AsSpan(_start, searched + at);
                _start += searched + at + 1;
                return true;
            }

            searched = _end - _start;
            if (_over)
            {
                line = _buffer.AsSpan(_start, searched);
                _start = _end;
                WasEnded &= searched == 0;
                return searched > 0;
            }

            Fill();
        }
    }

    public void Dispose() => stream.Dispose();

    private void Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            if (_buffer.Length >= MaxLine)
                throw new InvalidDataException($"A line is longer than {MaxLine} bytes.");
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var read = stream.Read(_buffer, _end, _buffer.Length - _end);
        _over = read == 0;
        _end += read;
    }
}
