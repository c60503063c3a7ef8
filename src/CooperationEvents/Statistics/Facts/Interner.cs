using System.Collections.Concurrent;

namespace CooperationEvents.Statistics.Facts;

/// <summary>
/// Gives each value a small number, by which it is compared and kept in sets. Several threads may ask at once; a reader knows only values
/// that were added before it began.
/// </summary>
internal sealed class Interner<T>
    where T : notnull
{
    private readonly ConcurrentDictionary<T, int> _numbers = new();
    private readonly Lock _adding = new();
    private T[] _values = new T[1024];

    public int Count { get; private set; }

    public T this[int number] => _values[number];

    public int? Find(T value) => _numbers.TryGetValue(value, out var number) ? number : null;

    public int Of(T value) => _numbers.TryGetValue(value, out var known) ? known : Add(value);

    private int Add(T value)
    {
        lock (_adding)
        {
            if (_numbers.TryGetValue(value, out var known))
                return known;
            if (Count == _values.Length)
            {
                var larger = new T[2 * Count];
                _values.CopyTo(larger, 0);
                Volatile.Write(ref _values, larger);
            }

            _values[Count] = value;
            _numbers[value] = Count;
            return Count++;
        }
    }
}
