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
/// history, so that a line that is changed, added or removed later is found by <see cref="Digest"/>.
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

    /// <summary>Seals every day with readings that is over and not sealed yet, the oldest first; says how many.</summary>
    public async Task<int> SealDaysThatAreOver(CancellationToken cancellation)
    {
        var sealed_ = 0;
        await foreach (var day in Days(cancellation))
        {
            var (count, sha256) = await Digest(day, cancellation);
            var submission = new Submission(
                Caller.Itself($"audit-access-{day:yyyy-MM-dd}"),
                work => Seal(work, new AuditAccessSealed(Log.StreamId, day, count, sha256)),
                200
            );
            if (await recorder.Record(submission, cancellation) is CommandResult.Refused { Problem: var problem })
                throw new InvalidOperationException($"The readings of {day:yyyy-MM-dd} could not be sealed: {problem.Detail}");
            sealed_++;
        }

        return sealed_;
    }

    /// <summary>The number of readings of a day and the SHA-256, in hexadecimal, of their lines.</summary>
    public async Task<(long Count, string Sha256)> Digest(DateOnly day, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var count = 0L;
        await foreach (var line in LinesOf(day, cancellation))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(line + "\n"));
            count++;
        }

        return (count, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

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
        var days = await database.Query(
            $"""
            with seal as (
                select (data ->> 'day')::date as day, (data ->> 'count')::bigint as count, data ->> 'sha256' as sha256
                from {StoredEvent.Table} where stream_id = $1 and type = 'audit_access_sealed'
            ), kept as (select distinct (at at time zone 'UTC')::date as day from audit.access)
            select coalesce(s.day, k.day), s.count, s.sha256,
                k.day is null and s.day < coalesce((select min(day) from kept), 'infinity')
                    and s.day < (clock_timestamp() at time zone 'UTC')::date - $2
            from seal s full join kept k on k.day = s.day
            where coalesce(s.day, k.day) <= (select max(day) from seal) order by 1 desc
            """,
            [Log.StreamId, DaysKeptAtLeast],
            rows =>
                (
                    Day: rows.GetFieldValue<DateOnly>(0),
                    Sealed: rows.IsDBNull(1) ? null : new SealedReadings(rows.GetInt64(1), rows.GetString(2)),
                    IsForgotten: rows.GetBoolean(3)
                ),
            cancellation
        );

        var checkedDays = new List<AccessDay>(days.Count);
        foreach (var (day, sealed_, isForgotten) in days)
        {
            var (count, sha256) = await Digest(day, cancellation);
            var found = new SealedReadings(count, sha256);
            checkedDays.Add(new AccessDay(day, sealed_, found, isForgotten ? null : sealed_ == found));
        }

        return checkedDays;
    }

    private static async Task<StreamDecision> Seal(UnitOfWork work, AuditAccessSealed day) =>
        await work.Find<Log>(Log.StreamId) is null
            ? await work.Create<Log>(Log.StreamId, null, (_, _) => Log.Seal(null, day))
            : await work.Change<Log>(Log.StreamId, log => Log.Seal(log, day));

    /// <summary>The days that are over, by the database's clock, with readings and without a seal.</summary>
    private async IAsyncEnumerable<DateOnly> Days([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var command = database.Statement(
            $"""
            select distinct (at at time zone 'UTC')::date as day from audit.access
            where at < date_trunc('day', clock_timestamp() - $1, 'UTC')
              and at >= coalesce((select max((data ->> 'day')::date) + 1 from {StoredEvent.Table} where stream_id = $2
                  and type = 'audit_access_sealed')::timestamp at time zone 'UTC', '-infinity')
            order by day
            """,
            Grace,
            Log.StreamId
        );
        var days = new List<DateOnly>();
        await using (var rows = await command.ExecuteReaderAsync(cancellation))
        {
            while (await rows.ReadAsync(cancellation))
                days.Add(rows.GetFieldValue<DateOnly>(0));
        }

        foreach (var day in days)
            yield return day;
    }
}
