using System.Security.Cryptography;
using System.Text;
using CooperationEvents.Audit.History;
using CooperationEvents.Audit.TransparencyLog;
using CooperationEvents.Recording;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Audit.Journal;

/// <summary>Seals the days of the access journal that are over.</summary>
public sealed record SealReadings;

public static class SealReadingsHandler
{
    public static Task Handle(SealReadings message, AccessSeal seal, CancellationToken cancellation) =>
        seal.SealDaysThatAreOver(cancellation);
}

/// <summary>
/// Seals each day of the access journal once it is over: its number of readings and the SHA-256 of its lines go into the
/// history, so that a line that is changed, added or removed later is found by <see cref="Check"/>. While the database's clock is ahead, a
/// day is sealed too early. It is sealed again once it is over, and each of its seals holds for the first of its lines.
/// </summary>
public sealed class AccessSeal(Recorder recorder, NpgsqlDataSource database)
{
    /// <summary>How long after midnight (UTC) a day is over: whatever was being recorded then has been committed.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(5);

    /// <summary>The journal forgets no day that is younger.</summary>
    private const int DaysKeptAtLeast = 30;

    /// <summary>A line of the journal as it is hashed, each ended by a line feed, in the order of the ids.</summary>
    private const string Lines = """
        select json_build_array(id, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), reader, request, purpose)::text
            from audit.access
        where at >= $1::date::timestamp at time zone 'UTC' and at < ($1::date + 1)::timestamp at time zone 'UTC' order by id
        """;

    private const string Today = "(clock_timestamp() at time zone 'UTC')::date";

    /// <summary>
    /// When the oldest transaction began that is still open and may record events: these have that time, so the day of it is not over.
    /// A backup's or an analyst's may stay open for days.
    /// </summary>
    private const string OldestOpen = """
        (select min(xact_start) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid() and (
                usename = current_user
                or exists (select from pg_roles where rolname = usename and not rolsuper
                    and has_table_privilege(oid, 'register.mt_events', 'insert'))))
        """;

    private const string IsSeal = "stream_id = $1 and type = 'audit_access_sealed'";

    /// <summary>What a run read of the events since the newest seal: the next one reads what came after that.</summary>
    private Read? _read;

    /// <summary>
    /// Seals every day with readings that is over and not sealed yet, or was sealed before it was over, the oldest first; says how many.
    /// </summary>
    public async Task<int> SealDaysThatAreOver(CancellationToken cancellation)
    {
        var seals = await Seals(cancellation);
        var (number, openFrom) = (seals.Count, default(DateOnly?));
        if (seals is [.., var newest])
        {
            openFrom = await OpenFrom(newest, cancellation);
            var today = await Day($"select {Today}", [], cancellation);
            if (today < openFrom)
            {
                // The clock was set back. Said once more, the seal shows it also where nothing else is recorded today.
                await Record(newest.Day, newest.Readings, number++, cancellation);
                openFrom = today;
            }
        }

        var days = await DaysThatAreOver(openFrom, cancellation);
        foreach (var day in days)
            await Record(day, (await Digests(day, [], cancellation)).All, number++, cancellation);
        return days.Count;
    }

    /// <summary>The number of readings of a day and the SHA-256, in hexadecimal, of their lines.</summary>
    public async Task<SealedReadings> Digest(DateOnly day, CancellationToken cancellation) => (await Digests(day, [], cancellation)).All;

    /// <summary>The lines of a day, without their line feeds.</summary>
    public async IAsyncEnumerable<string> LinesOf(
        DateOnly day,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation
    )
    {
        await using var command = database.Statement(Lines, day);
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
            yield return rows.GetString(0);
    }

    /// <summary>Every sealed day, and every day before the last of them that has readings and no seal, the newest first.</summary>
    public async Task<IReadOnlyList<AccessDay>> Check(CancellationToken cancellation)
    {
        var seals = await Seals(cancellation);
        if (seals.Count == 0)
            return [];
        var (byDay, last) = (seals.ToLookup(s => s.Day, s => s.Readings), seals.Max(s => s.Day));
        var kept = await database.Query(
            "select distinct (at at time zone 'UTC')::date from audit.access where at < ($1::date + 1)::timestamp at time zone 'UTC'",
            [last],
            rows => rows.GetFieldValue<DateOnly>(0),
            cancellation
        );
        var today = await Day($"select {Today}", [], cancellation);
        var oldest = kept.Count == 0 ? DateOnly.MaxValue : kept.Min();
        IReadOnlyList<DateOnly>? days = null;

        var checkedDays = new List<AccessDay>();
        foreach (var day in byDay.Select(d => d.Key).Union(kept).OrderDescending())
        {
            List<SealedReadings> ofDay = [.. byDay[day]];
            var (found, first) = await Digests(day, [.. ofDay.Select(s => s.Count)], cancellation);
            var holds = ofDay.TrueForAll(s => first.Contains(s));
            if (holds && ofDay.LastOrDefault() != found)
            {
                // More than was sealed: the day was not over for the database's clock, which was set back, or lines were slipped in.
                days ??= await DaysSince(seals, cancellation);
                holds = day >= today || days[seals.FindLastIndex(s => s.Day >= day)] <= day;
                if (holds && ofDay.Count == 0)
                    continue;
            }

            var isForgotten = found.Count == 0 && day < oldest && day < today.AddDays(-DaysKeptAtLeast);
            checkedDays.Add(new AccessDay(day, ofDay.LastOrDefault(), found, isForgotten ? null : holds));
        }

        return checkedDays;
    }

    private async Task Record(DateOnly day, SealedReadings readings, int seals, CancellationToken cancellation)
    {
        var seal = new AuditAccessSealed(Log.StreamId, day, readings.Count, readings.Sha256);
        var submission = new Submission(Caller.Itself($"audit-access-{day:yyyy-MM-dd}"), work => Seal(work, seal, seals));
        if (await recorder.Record(submission, cancellation) is CommandResult.Refused { Problem: var problem })
            throw new InvalidOperationException($"The readings of {day:yyyy-MM-dd} could not be sealed: {problem.Detail}");
    }

    private static async Task<StreamDecision> Seal(UnitOfWork work, AuditAccessSealed day, int seals) =>
        await work.Find<Log>(Log.StreamId) is null
            ? await work.Create<Log>(Log.StreamId, null, (_, _) => Log.Seal(null, day, seals))
            : await work.Change<Log>(Log.StreamId, log => Log.Seal(log, day, seals));

    /// <summary>All lines of a day, and the first so many of them for each of the counts that there are.</summary>
    private async Task<(SealedReadings All, IReadOnlySet<SealedReadings> First)> Digests(
        DateOnly day,
        HashSet<long> counts,
        CancellationToken cancellation
    )
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (count, first) = (0L, new HashSet<SealedReadings>());
        Note();
        await foreach (var line in LinesOf(day, cancellation))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(line + "\n"));
            count++;
            Note();
        }

        return (SoFar(), first);

        SealedReadings SoFar() => new(count, Convert.ToHexStringLower(hash.GetCurrentHash()));

        void Note()
        {
            if (counts.Contains(count))
                first.Add(SoFar());
        }
    }

    /// <summary>All seals, the newest last.</summary>
    private Task<List<Sealed>> Seals(CancellationToken cancellation) =>
        database.Query(
            $"""
            select seq_id, (data ->> 'day')::date, (data ->> 'count')::bigint, data ->> 'sha256'
            from {StoredEvent.Table} where {IsSeal} order by version
            """,
            [Log.StreamId],
            row => new Sealed(row.GetInt64(0), row.GetFieldValue<DateOnly>(1), new SealedReadings(row.GetInt64(2), row.GetString(3))),
            cancellation
        );

    /// <summary>
    /// The first day that the newest seal and those before it do not close: the one after it, or an earlier one on which something was
    /// recorded since, by the database's clock.
    /// </summary>
    private async Task<DateOnly> OpenFrom(Sealed newest, CancellationToken cancellation)
    {
        var before = _read is { } read && read.Seal == newest.Position ? read : new Read(newest.Position, newest.Position - 1, null);
        var (upTo, settled, all) = (
            await database.Query(
                $"""
                with settled as materialized (select greatest(max(position), $1) as up_to from recording.settled_position)
                select up_to, min(timestamp) filter (where seq_id <= up_to), min(timestamp)
                from settled left join {StoredEvent.Table} on seq_id > $1 group by up_to
                """,
                [before.UpTo],
                row => (row.GetInt64(0), Time(row, 1), Time(row, 2)),
                cancellation
            )
        ).Single();
        _read = new Read(newest.Position, upTo, Earlier(before.Earliest, settled));
        var next = newest.Day.AddDays(1);
        return Earlier(before.Earliest, all) is { } earliest && DateOnly.FromDateTime(earliest) < next
            ? DateOnly.FromDateTime(earliest)
            : next;

        static DateTime? Time(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetDateTime(column);

        static DateTime? Earlier(DateTime? one, DateTime? other) => one < other || other is null ? one : other;
    }

    /// <summary>Of each seal the earliest day on which it or anything after it was recorded, by the database's clock.</summary>
    private async Task<IReadOnlyList<DateOnly>> DaysSince(List<Sealed> seals, CancellationToken cancellation) =>
        await database.Query(
            $"""
            select (earliest at time zone 'UTC')::date from (
                select seq_id, stream_id, type, version, min(timestamp) over (order by seq_id desc) as earliest
                from {StoredEvent.Table} where seq_id >= $2
            ) since where {IsSeal} order by version
            """,
            [Log.StreamId, seals.Min(s => s.Position)],
            row => row.GetFieldValue<DateOnly>(0),
            cancellation
        );

    /// <summary>
    /// The days that are over, by the database's clock and for all that is being recorded, and have more readings than were sealed, from
    /// the given one on; the oldest first.
    /// </summary>
    private Task<List<DateOnly>> DaysThatAreOver(DateOnly? from, CancellationToken cancellation) =>
        database.Query(
            $"""
            select day from (
                select (at at time zone 'UTC')::date as day, count(*) from audit.access
                where at < date_trunc('day', least(clock_timestamp() - $2, {OldestOpen}), 'UTC')
                    and at >= coalesce($3::date::timestamp at time zone 'UTC', '-infinity')
                group by 1
            ) kept
            where count > coalesce((select (data ->> 'count')::bigint from {StoredEvent.Table}
                where {IsSeal} and (data ->> 'day')::date = kept.day order by version desc limit 1), 0)
            order by day
            """,
            [Log.StreamId, Grace, from],
            row => row.GetFieldValue<DateOnly>(0),
            cancellation
        );

    private async Task<DateOnly> Day(string sql, object?[] parameters, CancellationToken cancellation) =>
        (await database.Query(sql, parameters, row => row.GetFieldValue<DateOnly>(0), cancellation)).Single();

    /// <summary>The events from a seal up to a settled position, and the time of the earliest of them.</summary>
    private sealed record Read(long Seal, long UpTo, DateTime? Earliest);

    /// <summary>A seal in the history.</summary>
    private sealed record Sealed(long Position, DateOnly Day, SealedReadings Readings);
}
