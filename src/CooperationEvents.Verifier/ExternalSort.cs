using System.Runtime.InteropServices;

namespace CooperationEvents.Verifier;

/// <summary>Sorts any number of records in little memory: sorted runs go to a temporary file and are merged.</summary>
public sealed class ExternalSort<T>(int inMemory = 1 << 17) : IDisposable
    where T : unmanaged, IComparable<T>
{
    private const int ReadAtOnce = 1 << 10;

    private readonly List<(long Start, int Count)> _runs = [];
    private T[] _buffer = new T[Math.Min(1 << 10, inMemory)];
    private FileStream? _file;
    private int _count;

    public void Add(T record)
    {
        if (_count == inMemory)
            Spill();
        else if (_count == _buffer.Length)
            Array.Resize(ref _buffer, Math.Min(2 * _count, inMemory));
        _buffer[_count++] = record;
    }

    /// <summary>All records in order; to be asked once.</summary>
    public IEnumerable<T> InOrder()
    {
        if (_file is null)
        {
            Array.Sort(_buffer, 0, _count);
            for (var i = 0; i < _count; i++)
                yield return _buffer[i];
            yield break;
        }

        Spill();
        var heads = new PriorityQueue<Run, T>();
        foreach (var (start, count) in _runs)
        {
            var run = new Run(_file, start, count);
            if (run.Next(out var first))
                heads.Enqueue(run, first);
        }

        while (heads.TryDequeue(out var run, out var record))
        {
            yield return record;
            if (run.Next(out var next))
                heads.Enqueue(run, next);
        }
    }

    public void Dispose() => _file?.Dispose();

    private void Spill()
    {
        Array.Sort(_buffer, 0, _count);
        _file ??= new FileStream(
            Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()),
            FileMode.CreateNew,
            FileAccess.ReadWrite,
            FileShare.None,
            1,
            FileOptions.DeleteOnClose
        );
        _file.Position = _file.Length;
        _runs.Add((_file.Position, _count));
        _file.Write(MemoryMarshal.AsBytes(_buffer.AsSpan(0, _count)));
        _count = 0;
    }

    private sealed class Run(FileStream file, long start, int count)
    {
        private readonly T[] _read = new T[ReadAtOnce];
        private int _next;
        private int _have;

        public bool Next(out T record)
        {
            if (_next == _have)
            {
                _next = 0;
                _have = Math.Min(ReadAtOnce, count);
                var bytes = MemoryMarshal.AsBytes(_read.AsSpan(0, _have));
                file.Position = start;
                file.ReadExactly(bytes);
                start += bytes.Length;
                count -= _have;
            }

            record = _have == 0 ? default : _read[_next];
            return _next++ < _have;
        }
    }
}
