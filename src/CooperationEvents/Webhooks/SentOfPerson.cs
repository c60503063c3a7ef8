using System.Text.Json;
using CooperationEvents.Feed;
using CooperationEvents.Privacy;
using Npgsql;

namespace CooperationEvents.Webhooks;

/// <summary>
/// Which subscribers were sent events about a person, for their report. What was sent names them by the opaque id alone. Who
/// read the feed is not known, and of a subscription that was deleted nothing is kept.
/// </summary>
public sealed class SentOfPerson(NpgsqlDataSource database) : ITellOfPeople
{
    public string Section => "sentTo";

    public async Task<IReadOnlyList<JsonElement>> Tell(IReadOnlyCollection<Guid> people, CancellationToken cancellation)
    {
        var streamTypes = JsonSerializer.Serialize(PublicData.Types.Select(type => new[] { type, PublicData.StreamTypeOf(type) }));
        return await database.Report(
            $"""
            select s.id as subscription, s.owner, s.url, count(*) as events, min(e.timestamp) as first, max(e.timestamp) as last
            from feed.subscription s
            join register.mt_events e on e.seq_id > s.from_position and e.seq_id <= s.read_up_to
                and (e.stream_id = any($1) or exists (select from unnest($1) person where position(person::text in e.data::text) > 0))
            join jsonb_array_elements('{streamTypes}'::jsonb) t on t ->> 0 = e.type
            where (s.types is null or e.type = any(s.types)) and (s.stream_types is null or (t ->> 1) = any(s.stream_types))
                and not exists (select from feed.delivery d where d.subscription_id = s.id and d.position = e.seq_id)
            group by s.id order by s.number
            """,
            people,
            cancellation
        );
    }
}
