using System.Runtime.InteropServices;
using CooperationEvents.Statistics.Facts;

namespace CooperationEvents.Statistics.Counting;

/// <summary>The cell of a table: the values of its one or two dimensions; of none for the whole.</summary>
internal readonly record struct CellKey(int Table, DimensionValue First, DimensionValue Second);

/// <summary>Counts all cells of some tables, and who is not counted, in one pass over the facts, for every day at once.</summary>
internal sealed class Cells
{
    private readonly IReadOnlyList<Dimension[]> _tables;
    private readonly Cells? _start;
    private readonly Dictionary<CellKey, Tally> _cells = [];
    private readonly int[] _notCounted;
    private readonly (CellKey Key, Tally? Tally)[] _last;
    private readonly List<DimensionValue> _first = [],
        _second = [];

    /// <summary>The cells that each row of the meeting at hand is in, and where they begin.</summary>
    private readonly List<Tally> _rowCells = [];
    private readonly List<int> _rowStarts = [];
    private readonly List<Tally> _own = [],
        _several = [];
    private readonly List<(DateOnly Day, NotCounted NotCounted)> _notCountedOn = [];
    private int _guests,
        _guestHeads;
    private DateOnly _day;

    private Cells(IReadOnlyList<Dimension[]> tables, Cells? start)
    {
        (_tables, _start, _last) = (tables, start, new (CellKey, Tally?)[tables.Count]);
        _notCounted = start?._notCounted.ToArray() ?? new int[CountedFacts.WordsOfRoles.Length];
        (_guests, _guestHeads) = (start?._guests ?? 0, start?._guestHeads ?? 0);
        Whole = new Tally(start?.Whole);
    }

    public Tally Whole { get; }

    /// <summary>The first day whose meetings are not counted here; null where all are.</summary>
    public DateOnly? End { get; private init; }

    /// <summary>How much is kept, in days of cells: also of the start, which stays in memory as long as this does.</summary>
    public int Size => (_start?.Size ?? 0) + Whole.Size + _notCountedOn.Count + _cells.Values.Sum(c => 1 + c.Size);

    private NotCounted LastNotCounted =>
        _notCountedOn is [.., var last] ? last.NotCounted : _start?.LastNotCounted ?? Counting.NotCounted.Nobody;

    /// <param name="tables">The dimensions of each table.</param>
    /// <param name="start">What was counted up to its end, which is as it was; null to count from the beginning.</param>
    public static Cells Of(KnownFacts facts, Question question, IReadOnlyList<Dimension[]> tables, Cells? start = null)
    {
        var cells = new Cells(tables, start);
        new CountedFacts(facts, question).Each(cells.Count, from: start?.End);
        cells.Finish(isStart: false);
        return cells;
    }

    /// <summary>Counts the meetings that ended before a day, for others to go on from.</summary>
    public static Cells Before(DateOnly end, KnownFacts facts, Question question, IReadOnlyList<Dimension[]> tables)
    {
        var cells = new Cells(tables, start: null) { End = end };
        new CountedFacts(facts, question).Each(cells.Count, before: end);
        cells.Finish(isStart: true);
        return cells;
    }

    /// <summary>The cells of a table that have any meeting up to a day.</summary>
    public IEnumerable<(CellKey Key, Figures Figures)> Of(int table, DateOnly asOf) =>
        from cell in _start is null ? _cells : _cells.Concat(_start._cells.Where(c => !_cells.ContainsKey(c.Key)))
        where cell.Key.Table == table
        let figures = cell.Value.At(asOf)
        where figures is not null
        select (cell.Key, figures);

    /// <summary>Who was there up to a day and is not counted.</summary>
    public NotCounted NotCounted(DateOnly asOf) =>
        _notCountedOn.FindLastIndex(n => n.Day <= asOf) is >= 0 and var found
            ? _notCountedOn[found].NotCounted
            : _start?.NotCounted(asOf) ?? Counting.NotCounted.Nobody;

    private void Count(CountedMeeting meeting)
    {
        if (meeting.At.LastDay != _day)
            KeepNotCounted();
        _day = meeting.At.LastDay;
        _rowCells.Clear();
        _rowStarts.Clear();
        foreach (ref readonly var row in CollectionsMarshal.AsSpan(meeting.Rows))
        {
            _rowStarts.Add(_rowCells.Count);
            AddCells(meeting, row);
        }

        _rowStarts.Add(_rowCells.Count);
        if (meeting.Counts)
            Whole.Meet(meeting);
        foreach (var cell in _rowCells)
            cell.Meet(meeting);

        foreach (var people in meeting.People)
        {
            if (meeting.ReportedOf(people) is [var reported, ..] all)
                Report(meeting.Kinds[reported.Kind].Role!.Value, all.Length);
            if (!people.Counted)
                continue;
            var attendances = meeting.AttendancesOf(people);
            var persons = people.AreOne ? attendances[..1] : attendances;
            Whole.Attend(meeting, persons);
            foreach (var cell in CellsOf(meeting, people.AreOne ? attendances : attendances[..1]))
                cell.Attend(meeting, persons);
        }

        foreach (var (index, of) in meeting.Delegations)
        {
            ref readonly var delegation = ref meeting.Meeting.Delegations[index];
            var kind = meeting.Kinds[of];
            if (kind.Reported)
                _guestHeads += delegation.Heads;
            if (kind.RowCount == 0)
                continue;
            Whole.Count(meeting, delegation);
            foreach (var cell in Distinct(CellsOf(kind), kind.RowCount > 1))
                cell.Count(meeting, delegation);
        }
    }

    /// <summary>The cells of the kinds of the attendances, each once, under however many frameworks.</summary>
    private ReadOnlySpan<Tally> CellsOf(CountedMeeting meeting, ReadOnlySpan<CountedAttendance> attendances)
    {
        var kind = meeting.Kinds[attendances[0].Kind];
        if (attendances.Length == 1)
            return Distinct(CellsOf(kind), kind.RowCount > 1);
        _several.Clear();
        foreach (ref readonly var attendance in attendances)
            _several.AddRange(CellsOf(meeting.Kinds[attendance.Kind]));
        return Distinct(CollectionsMarshal.AsSpan(_several), true);
    }

    private ReadOnlySpan<Tally> CellsOf(PresenceKind kind) =>
        CollectionsMarshal.AsSpan(_rowCells)[_rowStarts[kind.FirstRow].._rowStarts[kind.FirstRow + kind.RowCount]];

    private ReadOnlySpan<Tally> Distinct(ReadOnlySpan<Tally> cells, bool mayRepeat)
    {
        if (!mayRepeat)
            return cells;
        _own.Clear();
        foreach (var cell in cells)
        {
            if (!_own.Contains(cell))
                _own.Add(cell);
        }

        return CollectionsMarshal.AsSpan(_own);
    }

    private void AddCells(CountedMeeting meeting, in Presence row)
    {
        for (var table = 0; table < _tables.Count; table++)
        {
            var dimensions = _tables[table];
            Values(dimensions, 0, meeting, row, _first);
            Values(dimensions, 1, meeting, row, _second);
            foreach (var first in _first)
            {
                foreach (var second in _second)
                    _rowCells.Add(Cell(new CellKey(table, first, second)));
            }
        }

        static void Values(Dimension[] dimensions, int index, CountedMeeting meeting, in Presence row, List<DimensionValue> into)
        {
            into.Clear();
            if (index < dimensions.Length)
                dimensions[index].Values(meeting, row, into);
            else
                into.Add(DimensionValue.NotStated);
        }
    }

    /// <summary>A row of a meeting is often in the same cell as the row before.</summary>
    private Tally Cell(CellKey key)
    {
        ref var last = ref _last[key.Table];
        if (last.Tally is not null && last.Key == key)
            return last.Tally;
        ref var cell = ref CollectionsMarshal.GetValueRefOrAddDefault(_cells, key, out _);
        last = (key, cell ??= new Tally(_start?._cells.GetValueOrDefault(key)));
        return cell;
    }

    private void Finish(bool isStart)
    {
        KeepNotCounted();
        Whole.End(isStart);
        foreach (var cell in _cells.Values)
            cell.End(isStart);
    }

    /// <summary>Keeps who was not counted up to the day at hand, where that has changed.</summary>
    private void KeepNotCounted()
    {
        var notCounted = new NotCounted(
            _notCounted[(int)Meetings.AttendeeRole.Observer],
            _notCounted[(int)Meetings.AttendeeRole.Interpreter],
            _notCounted[(int)Meetings.AttendeeRole.Support],
            _guests,
            _guestHeads
        );
        if (notCounted != LastNotCounted)
            _notCountedOn.Add((_day, notCounted));
    }

    private void Report(Meetings.AttendeeRole role, int people)
    {
        if (CountedFacts.Counts(role))
            _guests += people;
        else
            _notCounted[(int)role] += people;
    }
}
