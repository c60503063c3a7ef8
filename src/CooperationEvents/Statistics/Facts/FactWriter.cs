using System.Collections;
using JasperFx.Events;
using Marten;

namespace CooperationEvents.Statistics.Facts;

/// <summary>
/// Writes the facts of one page of events, in the transaction of the projection. Rows that are only added wait for each other, and go to
/// their table in one statement: a row by itself takes PostgreSQL and the driver several times as long.
/// </summary>
internal sealed class FactWriter(IDocumentOperations operations, FactTables tables)
{
    private readonly Dictionary<string, AddedRows> _added = [];
    private readonly HashSet<Guid> _attended = [];

    public FactTables Tables { get; } = tables;

    /// <summary>The event that is folded.</summary>
    public IEvent Event { get; set; } = null!;

    public long Position => Event.Sequence;

    public Guid[] Evidence => [Event.Id];

    /// <summary>The day the event was recorded on, in UTC.</summary>
    public DateOnly Day => DateOnly.FromDateTime(Event.Timestamp.UtcDateTime);

    /// <summary>
    /// Adds a row that is known from the event on. Its other columns are set on what is given back: for one table always the same ones.
    /// </summary>
    public AddedRows Add(string table)
    {
        if (!_added.TryGetValue(table, out var rows))
            _added[table] = rows = new AddedRows();
        return rows.Set("known_from", Position);
    }

    /// <summary>As <see cref="Add"/>, with the event as what is behind it.</summary>
    public AddedRows AddWithEvidence(string table) => Add(table).Set(AddedRows.Evidence, Event.Id);

    /// <summary>Notes the first attendance recorded of a meeting; no correction takes that back.</summary>
    public void NoteAttendance(Guid meetingId)
    {
        if (_attended.Add(meetingId))
            Add(Tables.AttendanceRecorded).Set("meeting_id", meetingId);
    }

    /// <summary>Runs a statement that reads or changes rows of that table; it finds what was added before.</summary>
    public void Write(string table, string sql, params object[] values)
    {
        WriteAdded(table);
        operations.QueueSqlCommand(sql, values);
    }

    /// <summary>Writes the rows that were added and wait.</summary>
    public void WriteAdded()
    {
        foreach (var table in _added.Keys.ToList())
            WriteAdded(table);
    }

    private void WriteAdded(string table)
    {
        if (!_added.Remove(table, out var rows))
            return;

        // A meeting is noted once: not again where an earlier page noted it. The offset keeps the planner from reading the whole table.
        var only =
            table == Tables.AttendanceRecorded
                ? $" where not exists (select from {table} noted where noted.meeting_id = added.meeting_id offset 0)"
                : "";
        operations.QueueSqlCommand(rows.Into(table) + only, rows.Values());
    }

    /// <summary>Rows that wait to be added to a table, by their columns.</summary>
    internal sealed class AddedRows
    {
        /// <summary>The column of the ids of the events behind a row, which begins with one.</summary>
        public const string Evidence = "evidence";

        private readonly Dictionary<string, (IList Values, Func<object> AsArray)> _columns = [];

        /// <summary>Sets a column of the row that was added last.</summary>
        public AddedRows Set<T>(string column, T value)
        {
            if (!_columns.TryGetValue(column, out var values))
            {
                var list = new List<T>();
                _columns[column] = values = (list, list.ToArray);
            }

            ((List<T>)values.Values).Add(value);
            return this;
        }

        public string Into(string table)
        {
            var names = string.Join(", ", _columns.Keys);
            var selected = string.Join(", ", _columns.Keys.Select(name => name == Evidence ? $"array[{name}]" : name));
            var values = string.Join(", ", _columns.Keys.Select(_ => '?'));
            return $"insert into {table} ({names}) select {selected} from unnest({values}) added ({names})";
        }

        /// <summary>The values of each column, as an array of its type.</summary>
        public object[] Values() => [.. _columns.Values.Select(column => column.AsArray())];
    }
}
