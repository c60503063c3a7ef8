using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using CooperationEvents.AuditLog;
using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Projections;
using CooperationEvents.Reading;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Audit.History;

/// <summary>
/// An event as an auditor reads it: the members of its entry in the log. <paramref name="Personal"/> holds the opened personal
/// fields, for callers with <c>people:read</c>; they are null where the person was erased, is restricted, or cannot be read
/// though that should be, which <paramref name="Erased"/>, <paramref name="Restricted"/> and <paramref name="Unreadable"/> say, and
/// where <paramref name="Expired"/> names them: they were kept as long as the rules of retention say.
/// <paramref name="Altered"/> is true where it is no longer the event that the log has.
/// </summary>
public sealed record EventAnswer(
    long Seq,
    Guid Id,
    Guid Stream,
    string? StreamType,
    long Version,
    string Type,
    string At,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Actor,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? OnBehalfOf,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Source,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Correlation,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Causation,
    JsonElement Data,
    IReadOnlyDictionary<string, string?>? Personal = null,
    bool? Erased = null,
    bool? Restricted = null,
    bool? Unreadable = null,
    bool? Altered = null,
    IReadOnlyList<string>? Expired = null
);

/// <summary>
/// An event that is gone from the history though it was recorded: of a stream its version, of the history its position and id as the log
/// has them.
/// </summary>
public sealed record MissingEvent(long? Seq = null, Guid? Id = null, long? Version = null);

/// <summary>A page of the history.</summary>
/// <param name="Missing">What should stand there and is gone: in a stream, or between the events of a page without filters.</param>
public sealed record EventPage(IReadOnlyList<EventAnswer> Items, ValueList<MissingEvent>? Missing = null);

/// <summary>The history as auditors read it: settled events, oldest first, whatever has become of the read models.</summary>
public sealed class EventHistory(NpgsqlDataSource database, PersonalData personalData, IKnowHidden hiddenPeople, TimeProvider clock)
{
    /// <summary>How many events are in memory at once where many are held against the log.</summary>
    private const int AtATime = 1_000;

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(10);

    /// <summary>How many missing events are named at most.</summary>
    private const int MostMissing = 1_000;

    /// <summary>The newest settled position: nothing can still commit at or below it.</summary>
    public Task<long> Settled(CancellationToken cancellation) =>
        database.Scalar<long>(
            "select max(last_seq_id) from register.mt_event_progression where name in ('HighWaterMark', $1)",
            [ReadModel.Shard],
            cancellation
        );

    /// <summary>Waits for the position the query asks for, and puts the newest settled one into the answer's header.</summary>
    /// <param name="after">A position that the answer begins after; it is waited for too.</param>
    public async Task<(long Position, IResult? Refused)> Begin(HttpContext http, QueryParameters query, long after = 0)
    {
        var wanted = Math.Max(query.Position("minPosition") ?? 0, after);
        if (query.Fault() is { } fault)
            return (0, ProblemResult.Of(fault));
        var started = clock.GetTimestamp();
        var settled = await Settled(http.RequestAborted);
        while (settled < wanted && clock.GetElapsedTime(started) < ReadPosition.WaitTimeout)
        {
            await Task.Delay(PollInterval, clock, http.RequestAborted);
            settled = await Settled(http.RequestAborted);
        }

        http.Response.Headers[CommandEndpoint.PositionHeader] = settled.ToString(CultureInfo.InvariantCulture);
        return settled >= wanted
            ? (settled, null)
            : (
                settled,
                ProblemResult.Of(
                    KernelProblems.Busy.Because($"The newest settled position is {settled}, not yet {wanted}. Ask again.") with
                    {
                        RetryAfter = 1,
                    }
                )
            );
    }

    /// <summary>Those events of a stream, up to a position, that are no longer the ones the log has.</summary>
    public async Task<ValueList<Guid>?> Altered(Guid stream, long position, CancellationToken cancellation)
    {
        ValueList<Guid> altered =
        [
            .. (await Find([("e.stream_id = ?", stream), ("e.seq_id <= ?", position)], int.MaxValue, cancellation))
                .Where(e => e.IsAltered)
                .Select(e => e.Id),
        ];
        return altered.Count == 0 ? null : altered;
    }

    /// <summary>Those of the events that are gone, or are no longer the ones the log has.</summary>
    public async Task<IReadOnlyList<Guid>> AlteredOf(IReadOnlyCollection<Guid> events, CancellationToken cancellation)
    {
        var altered = new List<Guid>();
        foreach (var some in events.Chunk(AtATime))
        {
            var found = await Find([("e.id = any(?)", some)], int.MaxValue, cancellation);
            altered.AddRange(some.Except(found.Where(e => !e.IsAltered).Select(e => e.Id)));
        }

        return altered;
    }

    /// <summary>
    /// The versions of a stream, up to a point, whose events are gone: from the first to the newest that its events or its row name, each
    /// has one. Null where none is gone. Where an event was removed at the end of what is asked for, it may be of later than that.
    /// </summary>
    public async Task<ValueList<long>?> Missing(Guid stream, long position, long? version, CancellationToken cancellation)
    {
        var missing = await database.Query(
            $"""
            select v from (
                select generate_series(1, least(
                    greatest(
                        (select version from register.mt_streams where id = $1),
                        (select max(version) from register.mt_events where stream_id = $1),
                        0
                    ),
                    $2::bigint,
                    (select min(version) - 1 from register.mt_events where stream_id = $1 and seq_id > $3)
                )) v
            ) versions
            where not exists (select from register.mt_events where stream_id = $1 and version = v)
                and not exists (select from register.mt_events where stream_id = $1 and type = 'tombstone')
            limit {MostMissing}
            """,
            [stream, version, position],
            rows => rows.GetInt64(0),
            cancellation
        );
        return missing.Count == 0 ? null : [.. missing];
    }

    /// <summary>Why there is no state of a stream whose first event is gone, or the one whose version is asked for.</summary>
    public static Problem? Gone(Guid stream, PointInHistory point, ValueList<long>? missing) =>
        missing?.FirstOrDefault(version => version == 1 || version == point.Version) is { } gone and not 0
            ? AuditProblems.Altered.Because($"The event of version {gone} of stream {stream} is gone from the history.")
            : null;

    /// <summary>The leaves of positions after one and up to another whose events are gone.</summary>
    public async Task<IReadOnlyList<MissingEvent>> Missing(long after, long upTo, CancellationToken cancellation) =>
        await database.Query(
            $"""
            select l.seq, l.event_id from {LogTables.Leaf} l
            where l.seq > $1 and l.seq <= $2 and not exists (select from register.mt_events e where e.seq_id = l.seq) order by l.seq
            limit {MostMissing}
            """,
            [after, upTo],
            rows => new MissingEvent(Seq: rows.GetInt64(0), Id: rows.GetGuid(1)),
            cancellation
        );

    /// <summary>The events that meet every condition, in the order of their positions.</summary>
    /// <param name="conditions">SQL on the alias <c>e</c>, with a question mark for the value.</param>
    public async Task<IReadOnlyList<StoredEvent>> Find(
        IReadOnlyList<(string Sql, object Value)> conditions,
        int limit,
        CancellationToken cancellation
    )
    {
        var where = string.Join(" and ", conditions.Select((c, i) => c.Sql.Replace("?", $"${i + 1}", StringComparison.Ordinal)));
        return await database.Query(
            $"select {StoredEvent.Columns}, l.hash from {StoredEvent.Table} e left join {LogTables.Leaf} l on l.seq = e.seq_id where "
                + $"{where} order by e.seq_id limit {limit}",
            [.. conditions.Select(c => c.Value)],
            rows =>
                StoredEvent.Read(rows) with
                {
                    Leaf = rows.IsDBNull(StoredEvent.Count) ? null : new Digest(rows.GetFieldValue<byte[]>(StoredEvent.Count)),
                },
            cancellation
        );
    }

    public async Task<EventAnswer> Answer(HttpContext http, StoredEvent e)
    {
        var answer = new EventAnswer(
            e.Seq,
            e.Id,
            e.Stream,
            e.StreamType,
            e.Version,
            e.Type,
            e.AtText,
            e.Actor,
            e.OnBehalfOf,
            e.Source,
            e.Correlation,
            e.Causation,
            JsonElement.Parse(e.Data)
        )
        {
            Altered = e.IsAltered ? true : null,
        };
        if (
            !http.User.Has(Scopes.PeopleRead)
            || EventType.Find(e.Type) is not { IsPersonal: true }
            || Read(e) is not IHoldPersonalData data
        )
            return answer;
        var isHidden = (await hiddenPeople.In(http)).Contains(data.PersonId);
        var opened = isHidden ? data : await personalData.Open(data, e.Id, e.Type, http.RequestAborted);
        var fields = new Dictionary<string, string?>();
        ((IHoldPersonalData)opened).WithPersonalFields(
            (field, value) =>
            {
                fields[field] = value.Plain;
                return value;
            }
        );
        if (fields.Values.All(v => v is not null))
            return answer with { Personal = fields };
        var standing = await personalData.Standing(data.PersonId, http.RequestAborted, isHidden);
        var expired = await personalData.Expired(data, http.RequestAborted);
        var allExpired = fields.All(f => f.Value is not null || expired.Contains(f.Key));
        return answer with
        {
            Personal = fields,
            Expired = expired.Count > 0 ? expired : null,
            Erased = standing == PersonalStanding.Erased ? true : null,
            Restricted = standing == PersonalStanding.Restricted ? true : null,
            Unreadable = standing == PersonalStanding.Unreadable || (standing == PersonalStanding.Readable && !allExpired) ? true : null,
        };
    }

    /// <summary>The data of an event; null where it was altered so that it has no form any more.</summary>
    private static object? Read(StoredEvent e)
    {
        try
        {
            return EventType.Read(e.Type, e.Data);
        }
        catch (JsonException) when (e.IsAltered)
        {
            return null;
        }
    }
}
