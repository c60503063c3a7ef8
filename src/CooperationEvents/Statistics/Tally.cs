using CooperationEvents.Meetings;

namespace CooperationEvents.Statistics;

/// <summary>Counts one cell, meeting by meeting: distinct meetings, pairs, heads and people.</summary>
internal sealed class Tally
{
    private readonly PersonSet _persons = new();
    private KnownMeeting? _meeting;
    private int _meetings, _attendances, _unnamed, _largest;
    private int _presentNow;
    private bool _uncertain;

    /// <summary>The meeting whose people are the most; the first counted of them where several are.</summary>
    public KnownMeeting? Largest { get; private set; }

    private MeetingVersion? LargestAt { get; set; }

    public Figures Figures => new(_meetings, _attendances, _unnamed, StaffInvolved.Of(_persons.Count, _largest, _unnamed, _uncertain));

    /// <summary>Counts the meeting, once however often it is said to be in the cell.</summary>
    public void Meet(CountedMeeting meeting)
    {
        if (_meeting == meeting.Meeting)
            return;
        _meeting = meeting.Meeting;
        _meetings++;
        _presentNow = 0;
    }

    /// <summary>Counts a person at the meeting; said once of each person and meeting.</summary>
    public void Attend(CountedMeeting meeting, int person)
    {
        Meet(meeting);
        _attendances++;
        _persons.Add(person);
        Present(meeting, 1);
    }

    public void Count(CountedMeeting meeting, in DelegationFact delegation)
    {
        Meet(meeting);
        _unnamed += delegation.Heads;
        _uncertain |= delegation.Precision != CountPrecision.Exact;
        Present(meeting, delegation.Precision == CountPrecision.Estimated ? 0 : delegation.Heads);
    }

    /// <summary>Adds what was counted of other meetings.</summary>
    public void Add(Tally other)
    {
        _meetings += other._meetings;
        _attendances += other._attendances;
        _unnamed += other._unnamed;
        _uncertain |= other._uncertain;
        _largest = Math.Max(_largest, other._largest);
        _persons.Add(other._persons);
    }

    /// <summary>Of meetings that are as large, the earlier is named.</summary>
    private void Present(CountedMeeting meeting, int people)
    {
        _presentNow += people;
        if (_presentNow < _largest || (_presentNow == _largest && Largest is not null && Before(LargestAt!, Largest, meeting)))
            return;
        (_largest, Largest, LargestAt) = (_presentNow, meeting.Meeting, meeting.At);
    }

    private static bool Before(MeetingVersion at, KnownMeeting largest, CountedMeeting meeting) =>
        (at.LastDay, largest.Id).CompareTo((meeting.At.LastDay, meeting.Meeting.Id)) <= 0;
}

/// <summary>A set of people by number: a few as they are, many as bits.</summary>
internal sealed class PersonSet
{
    private const int Few = 64;

    private HashSet<int>? _few = [];
    private ulong[] _bits = [];

    public int Count { get; private set; }

    public void Add(int person)
    {
        if (_few is not null)
        {
            if (!_few.Add(person))
                return;
            Count++;
            if (Count > Few)
                Spread();
            return;
        }

        Set(person);
    }

    public void Add(PersonSet other)
    {
        if (other._few is not null)
        {
            foreach (var person in other._few)
                Add(person);
            return;
        }

        if (_few is not null)
            Spread();
        Fit(other._bits.Length);
        Count = 0;
        for (var i = 0; i < _bits.Length; i++)
        {
            if (i < other._bits.Length)
                _bits[i] |= other._bits[i];
            Count += System.Numerics.BitOperations.PopCount(_bits[i]);
        }
    }

    private void Spread()
    {
        var few = _few!;
        (_few, Count) = (null, 0);
        foreach (var person in few)
            Set(person);
    }

    private void Set(int person)
    {
        var (word, bit) = (person >> 6, 1UL << (person & 63));
        Fit(word + 1);
        if ((_bits[word] & bit) != 0)
            return;
        _bits[word] |= bit;
        Count++;
    }

    private void Fit(int words)
    {
        if (_bits.Length < words)
            Array.Resize(ref _bits, Math.Max(words, 2 * _bits.Length));
    }
}
