using System.Text.Json;
using CooperationEvents.Privacy;
using Npgsql;

namespace CooperationEvents.Publications;

/// <summary>
/// The published figures that may count a person: those stated after an attendance of theirs was recorded, of all frameworks or of
/// one the meeting stands under, for a day on or after it. A figure names nobody.
/// </summary>
public sealed class PublicationsOfPerson(NpgsqlDataSource database) : ITellOfPeople
{
    public string Section => "publications";

    public Task<IReadOnlyList<JsonElement>> Tell(IReadOnlyCollection<Guid> people, CancellationToken cancellation) =>
        database.Report(
            $"""
            select distinct p.data ->> 'id' as "publicationId", p.data ->> 'publishedAt' as "publishedAt", p.data ->> 'asOf' as "asOf",
                p.data ->> 'sentence' as sentence
            from {PublicationView.Table} p
            join register.mt_events e on e.seq_id <= (p.data ->> 'position')::bigint
            join register.mt_events s on s.stream_id = e.stream_id and s.type = 'meeting_scheduled'
            where e.type in ('attendance_recorded', 'attendance_corrected') and (e.data ->> 'personId')::uuid = any($1)
                and (p.data -> 'question' ->> 'framework' is null
                    or exists (select from jsonb_array_elements(s.data -> 'frameworks') f
                        where f ->> 'frameworkId' = p.data -> 'question' ->> 'framework'))
            order by 2
            """,
            people,
            cancellation
        );
}
