using System.Data;
using System.Runtime.InteropServices;
using CooperationEvents.Kernel;
using CooperationEvents.Meetings;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Statistics.Facts;

/// <summary>How the facts of meetings are read from their tables.</summary>
public sealed partial class FactStore
{
    /// <summary>More connections than this gain nothing: PostgreSQL needs processors too.</summary>
    private const int MostPartsOfAttendances = 4;

    /// <summary>Everything of these meetings; of all where null.</summary>
    private async Task<IReadOnlyCollection<KnownMeeting>> ReadMeetings(
        NpgsqlConnection connection,
        Guid[]? meetings,
        CancellationToken cancellation
    )
    {
        var (where, ids) = meetings is null ? ("", Array.Empty<object>()) : (OfMeetings, [meetings]);
        var placements = await ReadGroups(
            connection,
            $"select known_from, known_to, meeting_id, framework_id, level, edition from {FactTables.Live.Placement} {where}",
            r =>
                (
                    r.GetGuid(2),
                    new PlacementFact(KnownIn(r), _ids.Of(r.GetGuid(3)), _words.Of(r.GetString(4)), r.IsDBNull(5) ? null : r.GetInt32(5))
                ),
            cancellation,
            ids
        );
        var attendances = meetings is null
            ? await ReadAllAttendances(connection, cancellation)
            : await ReadAttendances(connection, OfMeetings, ids, cancellation);
        var delegations = await ReadGroups(
            connection,
            $"select known_from, known_to, meeting_id, organisation_id, heads, precision, evidence from {FactTables.Live.Delegation} "
                + $"{where}",
            r =>
                (
                    r.GetGuid(2),
                    new DelegationFact(
                        KnownIn(r),
                        _ids.Of(r.GetGuid(3)),
                        r.GetInt32(4),
                        Precisions[r.GetString(5)],
                        r.GetFieldValue<Guid[]>(6)
                    )
                ),
            cancellation,
            ids
        );
        var recorded = (
            await Read(
                connection,
                $"select meeting_id, known_from from {FactTables.Live.AttendanceRecorded} {where}",
                r => (Meeting: r.GetGuid(0), From: r.GetInt64(1)),
                cancellation,
                ids
            )
        ).ToDictionary(r => r.Meeting, r => r.From);
        var versions = await ReadGroups(
            connection,
            $"""
            select known_from, known_to, meeting_id, held, voided, title, first_day, starts, ends, mode, country, hosts, co_hosts,
                areas, evidence
            from {FactTables.Live.Meeting} {where}
            """,
            r =>
                (
                    r.GetGuid(2),
                    new MeetingVersion(
                        KnownIn(r),
                        r.GetBoolean(3),
                        r.GetBoolean(4),
                        r.GetString(5),
                        r.GetFieldValue<DateOnly>(6),
                        PartialDate.Parse(r.GetString(8)).LastDayFrom(PartialDate.Parse(r.GetString(7))),
                        PartialDate.Parse(r.GetString(7)),
                        PartialDate.Parse(r.GetString(8)),
                        r.IsDBNull(9) ? null : _words.Of(r.GetString(9)),
                        r.IsDBNull(10) ? null : _words.Of(r.GetString(10)),
                        [.. r.GetFieldValue<Guid[]>(11).Select(_ids.Of)],
                        [.. r.GetFieldValue<Guid[]>(12).Select(_ids.Of)],
                        [.. r.GetFieldValue<string[]>(13).Select(_words.Of)],
                        r.GetFieldValue<Guid[]>(14)
                    )
                ),
            cancellation,
            ids
        );
        return
        [
            .. versions.Select(v => new KnownMeeting(
                v.Key,
                v.Value,
                placements.GetValueOrDefault(v.Key, []),
                attendances.GetValueOrDefault(v.Key, []),
                delegations.GetValueOrDefault(v.Key, []),
                recorded.GetValueOrDefault(v.Key, long.MaxValue)
            )),
        ];
    }

    /// <summary>
    /// The attendances of all meetings, as this transaction sees them. They are most of what is read at a start: the pages of their table
    /// are shared out among connections, as many as there are processors.
    /// </summary>
    private async Task<Dictionary<Guid, AttendanceFact[]>> ReadAllAttendances(NpgsqlConnection connection, CancellationToken cancellation)
    {
        // This transaction waits for the others, and keeps their snapshot.
        await connection.Execute("set local idle_in_transaction_session_timeout = 0", [], cancellation);
        var snapshot = await connection.Scalar<string>("select pg_export_snapshot()", [], cancellation);
        var pages = await connection.Scalar<long>(
            "select pg_relation_size($1::regclass) / current_setting('block_size')::bigint",
            [FactTables.Live.Attendance],
            cancellation
        );
        var count = Math.Clamp(Environment.ProcessorCount, 1, MostPartsOfAttendances);
        var parts = await Task.WhenAll(
            Enumerable
                .Range(0, count)
                .Select(part => Task.Run(() => Read(pages * part / count, part == count - 1 ? (long?)null : pages * (part + 1) / count)))
        );
        var attendances = parts[0];
        foreach (var (meeting, more) in parts.Skip(1).SelectMany(part => part))
        {
            ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(attendances, meeting, out var inSeveral);
            known = inSeveral ? InOrder([.. known!, .. more]) : more;
        }

        return attendances;

        async Task<Dictionary<Guid, AttendanceFact[]>> Read(long firstPage, long? end)
        {
            await using var own = await database.OpenConnectionAsync(cancellation);
            await using var transaction = await own.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
            await own.Execute($"set transaction snapshot '{snapshot}'", [], cancellation);

            // PostgreSQL cannot see that these wait for each other, with a lock of another between them.
            await own.Execute("set local lock_timeout = '5s'", [], cancellation);
            var before = end is { } page ? $" and ctid < '({page},0)'" : "";
            return await ReadAttendances(own, $"where ctid >= '({firstPage},0)'{before}", [], cancellation);
        }
    }

    private async Task<Dictionary<Guid, AttendanceFact[]>> ReadAttendances(
        NpgsqlConnection connection,
        string where,
        object[] parameters,
        CancellationToken cancellation
    )
    {
        var attendances = await ReadGroups(
            connection,
            $"""
            select known_from, known_to, meeting_id, person_id, organisation_id, {RoleByNumber}, evidence[1],
                case when evidence[2] is not null then evidence[2:] end
            from {FactTables.Live.Attendance} {where}
            """,
            r =>
                (
                    r.GetGuid(2),
                    new AttendanceFact(
                        KnownIn(r),
                        _ids.Of(r.GetGuid(3)),
                        _ids.Of(r.GetGuid(4)),
                        Roles[r.GetInt32(5) - 1],
                        new Evidence(r.GetGuid(6), r.IsDBNull(7) ? null : r.GetFieldValue<Guid[]>(7))
                    )
                ),
            cancellation,
            parameters
        );
        foreach (var ofMeeting in attendances.Values)
            InOrder(ofMeeting);
        return attendances;
    }

    private static AttendanceFact[] InOrder(AttendanceFact[] attendances)
    {
        Array.Sort(attendances, (a, b) => (a.Organisation, a.Role, a.Known.From).CompareTo((b.Organisation, b.Role, b.Known.From)));
        return attendances;
    }

    private static readonly AttendeeRole[] Roles = Enum.GetValues<AttendeeRole>();

    /// <summary>The place of a role in <see cref="Roles"/>, from 1 on: a text for each of millions of rows would be garbage.</summary>
    private static readonly string RoleByNumber =
        $"array_position(array[{string.Join(", ", Roles.Select(role => $"'{Json.Word(role)}'"))}], role)";

    private static Dictionary<string, CountPrecision> Precisions { get; } = Enum.GetValues<CountPrecision>().ToDictionary(Json.Word);

    /// <summary>Groups rows by key. Rows of one key mostly follow one another: a group is then made once, in the size it has.</summary>
    private static async Task<Dictionary<Guid, TFact[]>> ReadGroups<TFact>(
        NpgsqlConnection connection,
        string sql,
        Func<NpgsqlDataReader, (Guid Key, TFact Fact)> read,
        CancellationToken cancellation,
        params object[] parameters
    )
    {
        var groups = new Dictionary<Guid, Group<TFact>>();
        var (key, run) = (default(Guid), new List<TFact>());
        await foreach (var (next, fact) in Rows(connection, sql, read, parameters, cancellation))
        {
            if (next != key)
                Add();
            key = next;
            run.Add(fact);
        }

        Add();
        return groups.ToDictionary(group => group.Key, group => group.Value.ToArray());

        void Add()
        {
            if (run.Count > 0)
                CollectionsMarshal.GetValueRefOrAddDefault(groups, key, out _).Add(CollectionsMarshal.AsSpan(run));
            run.Clear();
        }
    }

    /// <summary>Facts of one key as they are read: in an array of their number, and of more only where they come in several runs.</summary>
    private struct Group<TFact>
    {
        private TFact[]? _facts;
        private int _count;

        public void Add(ReadOnlySpan<TFact> run)
        {
            if (_facts is null)
                _facts = run.ToArray();
            else
            {
                if (_count + run.Length > _facts.Length)
                    Array.Resize(ref _facts, Math.Max(_count + run.Length, 2 * _facts.Length));
                run.CopyTo(_facts.AsSpan(_count));
            }

            _count += run.Length;
        }

        public readonly TFact[] ToArray() => _count == _facts!.Length ? _facts : _facts[.._count];
    }
}
