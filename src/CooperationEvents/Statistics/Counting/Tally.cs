using System.Numerics;
using System.Runtime.CompilerServices;
using CooperationEvents.Meetings;
using CooperationEvents.Statistics.Facts;

namespace CooperationEvents.Statistics.Counting;

/// <summary>
/// Counts one cell, meeting by meeting in the order of their last days: distinct meetings, pairs, heads and people. What it had come
/// to at the end of each day is kept, so that the figures of any day can be read off.
/// </summary>
/// <param name="before">The same cell up to an earlier day, which this one goes on from; null from the beginning.</param>
internal sealed class Tally(Tally? before = null)
{
    private readonly List<Sum> _days = [];
    private PersonSet? _persons = new(before?._persons);
    private Sum _now = before?._now ?? default;
    private MeetingVersion? _largestAt = before?._largestAt;
    private KnownMeeting? _meeting;
    private int _presentNow;

    /// <summary>How many meetings are counted.</summary>
    public int Meetings => _now.Meetings;

    /// <summary>What is kept, in days: those kept, and the people where they are.</summary>
    public int Size => _days.Count + (_persons?.Bytes ?? 0) / Sum.Bytes;

    private DateOnly? FirstDay => before?.FirstDay ?? (_days is [var first, ..] ? first.Day : null);

    /// <summary>The first and the last day up to <paramref name="asOf"/> with a meeting; null where there was none.</summary>
    public (DateOnly First, DateOnly Last)? Span(DateOnly asOf) => Find(asOf) is { } last ? (FirstDay!.Value, last.Day) : null;

    /// <summary>The figures of the meetings up to a day; null where there was none.</summary>
    public Figures? At(DateOnly asOf) =>
        Find(asOf) is { } d
            ? new Figures(
                d.Meetings,
                d.WithoutAttendance,
                d.Attendances,
                d.Unnamed,
                StaffInvolved.Of(d.Persons, d.Largest, d.Unnamed, isOpen: d.Uncertain || d.WithoutAttendance > 0)
            )
            : null;

    /// <summary>The meeting with the most people up to a day; of several the first.</summary>
    public KnownMeeting? Largest(DateOnly asOf) => Find(asOf)?.LargestMeeting;

    /// <summary>Counts the meeting once, however often it is called with it.</summary>
    public void Meet(CountedMeeting meeting)
    {
        if (ReferenceEquals(_meeting, meeting.Meeting))
            return;
        if (_meeting is not null && meeting.At.LastDay != _now.Day)
            Keep();
        _meeting = meeting.Meeting;
        _now.Day = meeting.At.LastDay;
        _now.Meetings++;
        if (meeting.WithoutAttendance)
            _now.WithoutAttendance++;
        _presentNow = 0;
    }

    /// <summary>Counts persons at the meeting, each by one attendance; called once for each person and meeting.</summary>
    public void Attend(CountedMeeting meeting, ReadOnlySpan<CountedAttendance> persons)
    {
        Meet(meeting);
        _now.Attendances += persons.Length;
        _persons!.Add(persons);
        Present(meeting, persons.Length);
    }

    public void Count(CountedMeeting meeting, in DelegationFact delegation)
    {
        Meet(meeting);
        _now.Unnamed += delegation.Heads;
        _now.Uncertain |= delegation.Precision != CountPrecision.Exact;
        Present(meeting, delegation.Precision == CountPrecision.Estimated ? 0 : delegation.Heads);
    }

    /// <summary>Called once, after the last meeting.</summary>
    /// <param name="isStart">Whether others go on from here, which need to know who was counted.</param>
    public void End(bool isStart)
    {
        if (_meeting is not null)
            Keep();
        _meeting = null;
        _days.TrimExcess();
        if (isStart)
            _persons!.Freeze();
        else
            (_persons, _largestAt) = (null, null);
    }

    private void Keep() => _days.Add(_now with { Persons = _persons!.Count });

    /// <summary>Of meetings of the same size the earlier is named.</summary>
    private void Present(CountedMeeting meeting, int people)
    {
        _presentNow += people;
        if (
            _presentNow < _now.Largest
            || (_presentNow == _now.Largest && _now.LargestMeeting is not null && Before(_largestAt!, _now.LargestMeeting, meeting))
        )
            return;
        (_now.Largest, _now.LargestMeeting, _largestAt) = (_presentNow, meeting.Meeting, meeting.At);
    }

    private static bool Before(MeetingVersion at, KnownMeeting largest, CountedMeeting meeting) =>
        (at.LastDay, largest.Id).CompareTo((meeting.At.LastDay, meeting.Meeting.Id)) <= 0;

    /// <summary>The last day kept that is not after <paramref name="asOf"/>.</summary>
    private Sum? Find(DateOnly asOf)
    {
        var (from, to) = (0, _days.Count);
        while (from < to)
        {
            var middle = (from + to) / 2;
            if (_days[middle].Day <= asOf)
                from = middle + 1;
            else
                to = middle;
        }

        return from > 0 ? _days[from - 1] : before?.Find(asOf);
    }

    /// <summary>What was counted up to the end of a day.</summary>
    private record struct Sum
    {
        /// <summary>The size of one in memory.</summary>
        public static int Bytes { get; } = Unsafe.SizeOf<Sum>();

        public DateOnly Day { get; set; }

        public int Meetings { get; set; }

        public int WithoutAttendance { get; set; }

        public int Attendances { get; set; }

        public int Unnamed { get; set; }

        public int Persons { get; set; }

        public int Largest { get; set; }

        public KnownMeeting? LargestMeeting { get; set; }

        /// <summary>Whether a head count was a minimum or an estimate.</summary>
        public bool Uncertain { get; set; }
    }
}

/// <summary>
/// A set of people by number: a hash set while they are few and a bitmap once they are many. Frozen it is a list, where that is smaller.
/// </summary>
/// <param name="before">Those who are in it already; not added to any more.</param>
internal sealed class PersonSet(PersonSet? before = null)
{
    private const int Few = 64;

    private HashSet<int>? _few = [];
    private ulong[] _bits = [];
    private int[]? _frozen;
    private int _added;

    public int Count => _added + (before?.Count ?? 0);

    /// <summary>How much memory it takes once it is frozen.</summary>
    public int Bytes => _frozen is null ? _bits.Length * sizeof(ulong) : _frozen.Length * sizeof(int);

    public void Add(ReadOnlySpan<CountedAttendance> persons)
    {
        foreach (ref readonly var attendance in persons)
        {
            if (before is not null && before.Has(attendance.Person))
                continue;
            if (_few is null)
                Set(attendance.Person);
            else if (_few.Add(attendance.Person) && ++_added > Few)
                Spread();
        }
    }

    /// <summary>Makes it as small as it can be, once nobody is added any more.</summary>
    public void Freeze()
    {
        if (_few is null && _bits.Length * sizeof(ulong) <= _added * sizeof(int))
            return;
        var frozen = new List<int>(_added);
        if (_few is not null)
            frozen.AddRange(_few.Order());
        for (var word = 0; word < _bits.Length; word++)
        {
            for (var bits = _bits[word]; bits != 0; bits &= bits - 1)
                frozen.Add((word << 6) + BitOperations.TrailingZeroCount(bits));
        }

        (_frozen, _few, _bits) = ([.. frozen], null, []);
    }

    private bool Has(int person) =>
        _frozen is not null
            ? Array.BinarySearch(_frozen, person) >= 0
            : person >> 6 < _bits.Length && (_bits[person >> 6] & (1UL << person)) != 0;

    private void Spread()
    {
        var few = _few!;
        (_few, _added) = (null, 0);
        foreach (var person in few)
            Set(person);
    }

    private void Set(int person)
    {
        var (word, bit) = (person >> 6, 1UL << person);
        if (word >= _bits.Length)
            Array.Resize(ref _bits, Math.Max(word + 1, 2 * _bits.Length));
        ref var bits = ref _bits[word];
        _added += (bits & bit) == 0 ? 1 : 0;
        bits |= bit;
    }
}
