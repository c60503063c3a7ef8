using System.Runtime.InteropServices;

namespace CooperationEvents.Statistics;

/// <summary>The cell of a table: the values of its one or two dimensions; of none for the whole.</summary>
internal readonly record struct CellKey(int Table, DimensionValue First, DimensionValue Second);

/// <summary>Counts all cells of some tables, and who is not counted, in one pass over the facts.</summary>
internal sealed class Cells
{
    private readonly IReadOnlyList<Dimension[]> _tables;
    private readonly Dictionary<CellKey, Tally> _cells = [];
    private readonly int[] _notCounted = new int[CountedFacts.WordsOfRoles.Length];
    private readonly List<DimensionValue> _first = [], _second = [];

    /// <summary>The cells that each row of the meeting at hand is in, and where they begin.</summary>
    private readonly List<Tally> _rowCells = [];
    private readonly List<int> _rowStarts = [];
    private readonly List<Tally> _own = [], _several = [];
    private int _guests, _guestHeads;

    private Cells(IReadOnlyList<Dimension[]> tables) => _tables = tables;

    public NotCounted NotCounted => new(
        _notCounted[(int)Meetings.AttendeeRole.Observer],
        _notCounted[(int)Meetings.AttendeeRole.Interpreter],
        _notCounted[(int)Meetings.AttendeeRole.Support],
        _guests,
        _guestHeads);

    public Tally Whole { get; } = new();

    /// <param name="tables">The dimensions of each table.</param>
    public static Cells Of(Facts facts, Question question, params IReadOnlyList<Dimension[]> tables)
    {
        var cells = new Cells(tables);
        new CountedFacts(facts, question).Each(cells.Count);
        return cells;
    }

    /// <summary>The cells of a table that have any meeting.</summary>
    public IEnumerable<(CellKey Key, Tally Tally)> Of(int table) => _cells.Where(c => c.Key.Table == table).Select(c => (c.Key, c.Value));

    private void Count(CountedMeeting meeting)
    {
        _rowCells.Clear();
        _rowStarts.Clear();
        foreach (ref readonly var row in CollectionsMarshal.AsSpan(meeting.Rows))
        {
            _rowStarts.Add(_rowCells.Count);
            AddCells(meeting, row);
        }

        _rowStarts.Add(_rowCells.Count);
        Whole.Meet(meeting);
        foreach (var cell in _rowCells)
            cell.Meet(meeting);

        foreach (ref readonly var person in CollectionsMarshal.AsSpan(meeting.People))
        {
            if (person.Reported is { } reported)
                Report(meeting.Kinds[reported.Kind].Role!.Value);
            if (!person.Counted)
                continue;
            Whole.Attend(meeting, person.Person);
            foreach (var cell in CellsOf(meeting, CollectionsMarshal.AsSpan(meeting.Attendances).Slice(person.First, person.Count)))
                cell.Attend(meeting, person.Person);
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

    /// <summary>The cells that a person is in, each once, under however many frameworks and by however many attendances.</summary>
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
                {
                    ref var cell = ref CollectionsMarshal.GetValueRefOrAddDefault(_cells, new CellKey(table, first, second), out _);
                    _rowCells.Add(cell ??= new Tally());
                }
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

    private void Report(Meetings.AttendeeRole role)
    {
        if (CountedFacts.Counts(role))
            _guests++;
        else
            _notCounted[(int)role]++;
    }
}
