using System.Text.Json;
using CooperationEvents.Privacy;
using Npgsql;

namespace CooperationEvents.Audit.History;

/// <summary>
/// Every event of the history that is about a person or names them, with who recorded it, on whose behalf and from where.
/// </summary>
public sealed class EventsOfPerson(NpgsqlDataSource database) : ITellOfPeople
{
    public string Section => "events";

    public Task<IReadOnlyList<JsonElement>> Tell(IReadOnlyCollection<Guid> people, CancellationToken cancellation) =>
        database.Report(
            """
            select seq_id as position, timestamp as at, type, stream_id as stream, user_name as actor,
                headers ->> 'onBehalfOf' as "onBehalfOf",
                headers ->> 'source' as source, correlation_id as correlation
            from register.mt_events
            where stream_id = any($1) or type <> 'tombstone' and exists (select from unnest($1) person
                where position(person::text in data::text) > 0)
            order by seq_id
            """,
            people,
            cancellation
        );
}
