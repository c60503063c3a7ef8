using System.Diagnostics.CodeAnalysis;

namespace CooperationEvents.Recording;

/// <summary>
/// What was kept or found lately, as far as there is room for it. It has two generations. When the young one has half of the room, the
/// old one is forgotten, and the young one grows old. What is found in the old one is young again. So nothing is sorted, and no step takes
/// long.
/// </summary>
/// <param name="room">How large the entries may be together.</param>
/// <param name="lifetime">How long an entry is found; without an end where it is left out.</param>
public sealed class RecentlyUsed<TKey, TValue>(long room, TimeProvider clock, TimeSpan? lifetime = null)
    where TKey : notnull
{
    private readonly Lock _gate = new();
    private Dictionary<TKey, Entry> _young = [];
    private Dictionary<TKey, Entry> _old = [];
    private long _sizeOfYoung;
    private long _youngSince = clock.GetTimestamp();

    public bool TryFind(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        lock (_gate)
        {
            MakeRoom(0);
            var isKept = _young.TryGetValue(key, out var entry);
            if (!isKept && _old.Remove(key, out entry))
            {
                isKept = true;
                if (!IsOver(entry.Since))
                    Put(key, entry);
            }

            var isFound = isKept && !IsOver(entry.Since);
            value = isFound ? entry.Value : default;
            return isFound;
        }
    }

    /// <summary>Keeps the value instead of the one before. What would take more than half of the room is not kept.</summary>
    public void Keep(TKey key, TValue value, long size = 1)
    {
        lock (_gate)
        {
            if (_young.Remove(key, out var before))
                _sizeOfYoung -= before.Size;
            _old.Remove(key);
            Put(key, new Entry(value, size, clock.GetTimestamp()));
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _young.Clear();
            _old.Clear();
            _sizeOfYoung = 0;
        }
    }

    private void Put(TKey key, Entry entry)
    {
        if (entry.Size > room / 2)
            return;
        MakeRoom(entry.Size);
        _young[key] = entry;
        _sizeOfYoung += entry.Size;
    }

    /// <summary>Forgets the old ones where the young ones have no more room, or the old ones are all over.</summary>
    private void MakeRoom(long size)
    {
        if (_sizeOfYoung + size <= room / 2 && !IsOver(_youngSince))
            return;
        (_young, _old) = (_old, _young);
        _young.Clear();
        (_sizeOfYoung, _youngSince) = (0, clock.GetTimestamp());
    }

    private bool IsOver(long since) => lifetime is { } end && clock.GetElapsedTime(since) >= end;

    private readonly record struct Entry(TValue Value, long Size, long Since);
}
