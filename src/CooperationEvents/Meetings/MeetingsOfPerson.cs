using System.Text.Json;
using CooperationEvents.Privacy;
using Npgsql;

namespace CooperationEvents.Meetings;

/// <summary>The meetings a person is registered for, attended or hosts, for their report.</summary>
public sealed class MeetingsOfPerson(NpgsqlDataSource database) : ITellOfPeople
{
    public string Section => "meetings";

    public Task<IReadOnlyList<JsonElement>> Tell(IReadOnlyCollection<Guid> people, CancellationToken cancellation) =>
        database.Report(
            $"""
            select m.data ->> 'id' as "meetingId", m.data ->> 'title' as title, m.data ->> 'firstDay' as "firstDay",
                m.data ->> 'lastDay' as "lastDay",
                m.data ->> 'state' as state, part.kind as part, part.data as "recorded"
            from {MeetingView.Table} m cross join lateral (
                select 'registration' as kind, item.value as data from jsonb_array_elements(m.data -> 'registrations') item
                union all select 'attendance', item.value from jsonb_array_elements(m.data -> 'attendances') item
                union all select 'host', item.value from jsonb_array_elements(m.data -> 'hosts') item) part
            where (part.data ->> 'personId')::uuid = any($1)
            order by m.data ->> 'firstDay', m.data ->> 'id', part.kind
            """,
            people,
            cancellation
        );
}
