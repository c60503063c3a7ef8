using System.Text.Json;
using CooperationEvents.Privacy;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Meetings;

/// <summary>The meetings a person is registered for, attended or hosts, for their report; and the last day of the last of them.</summary>
public sealed class MeetingsOfPerson(NpgsqlDataSource database) : ITellOfPeople, IKnowActivity
{
    /// <summary>What each meeting <c>m</c> has recorded of people.</summary>
    private const string Parts = """
        (select 'registration' as kind, item.value as data from jsonb_array_elements(m.data -> 'registrations') item
            union all select 'attendance', item.value from jsonb_array_elements(m.data -> 'attendances') item
            union all select 'host', item.value from jsonb_array_elements(m.data -> 'hosts') item) part
        """;

    public string Section => "meetings";

    /// <summary>Whatever became of the meeting and of the person's attendance: who is registered, attended or hosts was active.</summary>
    public async Task<IReadOnlyDictionary<Guid, DateOnly>> LastDays(CancellationToken cancellation)
    {
        await using var command = database.Statement(
            $"""
            select (part.data ->> 'personId')::uuid, max(m.last_day)
            from {MeetingView.Table} m cross join lateral {Parts}
            where part.data ? 'personId' group by 1
            """
        );
        var days = new Dictionary<Guid, DateOnly>();
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
            days.Add(rows.GetGuid(0), rows.GetFieldValue<DateOnly>(1));
        return days;
    }

    public Task<IReadOnlyList<JsonElement>> Tell(IReadOnlyCollection<Guid> people, CancellationToken cancellation) =>
        database.Report(
            $"""
            select m.data ->> 'id' as "meetingId", m.data ->> 'title' as title, m.data ->> 'firstDay' as "firstDay",
                m.data ->> 'lastDay' as "lastDay",
                m.data ->> 'state' as state, part.kind as part, part.data as "recorded"
            from {MeetingView.Table} m cross join lateral {Parts}
            where (part.data ->> 'personId')::uuid = any($1)
            order by m.data ->> 'firstDay', m.data ->> 'id', part.kind
            """,
            people,
            cancellation
        );
}
