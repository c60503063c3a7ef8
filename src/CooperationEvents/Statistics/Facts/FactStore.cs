using System.Data;
using System.Runtime.CompilerServices;
using CooperationEvents.Kernel;
using CooperationEvents.Projections;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Statistics.Facts;

/// <summary>
/// Keeps the facts in memory, in step with the tables: before each answer it reads, by index, only what has become known since. Facts
/// in memory never change, so that older ones stay right for their position.
/// </summary>
public sealed partial class FactStore(NpgsqlDataSource database) : IDisposable
{
    /// <summary>With fewer attendances there is not enough to give back for a pause of the whole process.</summary>
    private const long ManyAttendances = 200_000;

    private readonly SemaphoreSlim _one = new(1);
    private readonly Interner<Guid> _ids = new();
    private readonly Interner<string> _words = new();
    private readonly Interner<Guid> _places = new();
    private volatile KnownFacts? _facts;

    public void Dispose() => _one.Dispose();

    /// <summary>The facts that answer for this position, which the read models must have reached.</summary>
    internal async ValueTask<KnownFacts> At(long position, CancellationToken cancellation)
    {
        if (_facts is { } current && current.Position >= position)
            return current;
        await _one.WaitAsync(cancellation);
        try
        {
            return _facts is { } another && another.Position >= position ? another : _facts = await Follow(_facts, cancellation);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>The ids of meetings of which something became known, or ceased to be, after the position in <c>$1</c>.</summary>
    internal static string ChangedMeetings { get; } =
        string.Join(
            " union ",
            from table in new[]
            {
                FactTables.Live.Meeting,
                FactTables.Live.Placement,
                FactTables.Live.AttendanceRecorded,
                FactTables.Live.Attendance,
                FactTables.Live.Delegation,
            }
            from bound in new[] { "known_from", "known_to" }
            select $"select meeting_id from {table} where {bound} > $1"
        );

    private static string ReferenceFactsChanged { get; } =
        "select "
        + string.Join(
            " or ",
            from table in new[]
            {
                FactTables.Live.Framework,
                FactTables.Live.Level,
                FactTables.Live.Area,
                FactTables.Live.OrganisationName,
                FactTables.Live.Membership,
                FactTables.Live.Succession,
                FactTables.Live.PersonIdentity,
            }
            from bound in new[] { "known_from", "known_to" }
            select $"exists (select 1 from {table} where {bound} > $1)"
        );

    /// <summary>The condition that holds for the meetings in <c>$1</c>.</summary>
    internal const string OfMeetings = "where meeting_id = any($1)";

    private async Task<KnownFacts> Follow(KnownFacts? before, CancellationToken cancellation)
    {
        // One snapshot of the database, so that what is read of every table is of the same position.
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        var position = (
            await Read(
                connection,
                "select last_seq_id from register.mt_event_progression where name = $1",
                r => r.GetInt64(0),
                cancellation,
                ReadModel.Shard
            )
        ).SingleOrDefault();
        if (before is null)
        {
            var reference = await ReadReferenceFacts(connection, cancellation);
            var meetings = await ReadMeetings(connection, null, cancellation);
            GiveBack(meetings);
            return new KnownFacts(position, _ids, _words, _places, reference, meetings);
        }

        if (position <= before.Position)
            return before;

        var changedReference = (await Read(connection, ReferenceFactsChanged, r => r.GetBoolean(0), cancellation, before.Position)).Single()
            ? await ReadReferenceFacts(connection, cancellation)
            : null;
        var changed = await Read(connection, ChangedMeetings, r => r.GetGuid(0), cancellation, before.Position);
        return new KnownFacts(
            position,
            before,
            changedReference,
            changed.Count == 0 ? [] : await ReadMeetings(connection, [.. changed], cancellation)
        );
    }

    /// <summary>
    /// Rows leave garbage between the facts, and these stay for good: without a collection that moves them together the process would keep
    /// the room of both.
    /// </summary>
    private static void GiveBack(IReadOnlyCollection<KnownMeeting> meetings)
    {
        if (meetings.Sum(meeting => (long)meeting.Attendances.Length) >= ManyAttendances)
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    private async Task<ReferenceFacts> ReadReferenceFacts(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var levels = await Codes(FactTables.Live.Level, "rank, code");
        var areas = await Codes(FactTables.Live.Area, "known_from, code");
        var frameworks = await Read(
            connection,
            $"select framework_id, known_from, name, established_on, parties, party_names from {FactTables.Live.Framework} order by "
                + $"known_from",
            r => new FrameworkFacts(
                r.GetGuid(0),
                r.GetInt64(1),
                r.GetString(2),
                PartialDate.Parse(r.GetString(3)),
                [
                    .. r.GetFieldValue<string[]>(4)
                        .Zip(r.GetFieldValue<string[]>(5), (code, name) => new CodeFact(code, name, r.GetInt64(1))),
                ],
                [.. levels[r.GetGuid(0)]],
                [.. areas[r.GetGuid(0)]]
            ),
            cancellation
        );
        var memberships = await Read(
            connection,
            $"select known_from, known_to, framework_id, organisation_id, party, joined_on, left_on from {FactTables.Live.Membership}",
            r =>
                (
                    (_ids.Of(r.GetGuid(2)), _ids.Of(r.GetGuid(3))),
                    new MembershipFact(
                        KnownIn(r),
                        _words.Of(r.GetString(4)),
                        r.GetFieldValue<DateOnly>(5),
                        r.IsDBNull(6) ? DateOnly.MaxValue : r.GetFieldValue<DateOnly>(6)
                    )
                ),
            cancellation
        );
        var names = await Read(
            connection,
            $"select known_from, known_to, organisation_id, short_name, name, valid_from from {FactTables.Live.OrganisationName}",
            r => (_ids.Of(r.GetGuid(2)), new NameFact(KnownIn(r), r.GetString(3), r.GetString(4), r.GetFieldValue<DateOnly>(5))),
            cancellation
        );
        var successions = await Read(
            connection,
            $"select known_from, known_to, organisation_id, follower_id, valid_from from {FactTables.Live.Succession}",
            r =>
                (
                    _ids.Of(r.GetGuid(2)),
                    new SuccessionFact(KnownIn(r), r.IsDBNull(3) ? null : _ids.Of(r.GetGuid(3)), r.GetFieldValue<DateOnly>(4))
                ),
            cancellation
        );
        var identities = await Read(
            connection,
            $"select known_from, known_to, person_id, counted_as, evidence from {FactTables.Live.PersonIdentity}",
            r => (_ids.Of(r.GetGuid(2)), new IdentityFact(KnownIn(r), _ids.Of(r.GetGuid(3)), r.GetFieldValue<Guid[]>(4))),
            cancellation
        );
        return new ReferenceFacts(frameworks, Grouped(memberships), Grouped(names), Grouped(successions), Grouped(identities));

        async Task<ILookup<Guid, CodeFact>> Codes(string table, string order) =>
            (
                await Read(
                    connection,
                    $"select framework_id, code, name, known_from from {table} order by {order}",
                    r => (Framework: r.GetGuid(0), Code: new CodeFact(r.GetString(1), r.GetString(2), r.GetInt64(3))),
                    cancellation
                )
            ).ToLookup(c => c.Framework, c => c.Code);
    }

    private static Dictionary<TKey, TFact[]> Grouped<TKey, TFact>(IEnumerable<(TKey Key, TFact Fact)> rows)
        where TKey : notnull => rows.GroupBy(row => row.Key, row => row.Fact).ToDictionary(group => group.Key, group => group.ToArray());

    /// <summary>The range in the first two columns.</summary>
    private static Known KnownIn(NpgsqlDataReader row) => new(row.GetInt64(0), row.IsDBNull(1) ? long.MaxValue : row.GetInt64(1));

    private static async Task<List<T>> Read<T>(
        NpgsqlConnection connection,
        string sql,
        Func<NpgsqlDataReader, T> read,
        CancellationToken cancellation,
        params object[] parameters
    )
    {
        var all = new List<T>();
        await foreach (var row in Rows(connection, sql, read, parameters, cancellation))
            all.Add(row);
        return all;
    }

    private static async IAsyncEnumerable<T> Rows<T>(
        NpgsqlConnection connection,
        string sql,
        Func<NpgsqlDataReader, T> read,
        object[] parameters,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        await using var command = connection.Statement(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            yield return read(reader);
    }
}
