using System.Text.Json;
using CooperationEvents.Privacy;
using Npgsql;

namespace CooperationEvents.Audit.Journal;

/// <summary>Who read what of a person, as the access journal has it: every reading whose path or query names them.</summary>
public sealed class ReadingsOfPerson(NpgsqlDataSource database) : ITellOfPeople
{
    public string Section => "readings";

    public Task<IReadOnlyList<JsonElement>> Tell(IReadOnlyCollection<Guid> people, CancellationToken cancellation) =>
        database.Report(
            """
            select a.at, a.reader, a.request, a.purpose from audit.access a
            where exists (select from unnest($1) person where position(person::text in lower(a.request)) > 0) order by a.id
            """,
            people,
            cancellation
        );
}
