using System.Text.Json;
using System.Text.Json.Serialization;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.People;

/// <summary>
/// A field of an event about a person, opened; <paramref name="Text"/> is null where it cannot be read any more, and
/// <paramref name="Expired"/> true where that is since it was kept as long as the rules of retention say.
/// </summary>
public sealed record PersonField(
    long Position,
    DateTimeOffset At,
    string EventType,
    string Field,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Text,
    bool? Expired = null
);

/// <summary>Everything personal that the history holds of a person, in every event and field, whoever may read it otherwise.</summary>
public sealed class PersonFields(NpgsqlDataSource database, PersonalData personalData)
{
    private static readonly string[] Types = [.. EventType.All.Where(e => e.IsPersonal).Select(e => e.Name)];

    /// <summary>In the order of their positions. Restricted fields are opened too.</summary>
    public async Task<IReadOnlyList<PersonField>> Of(IReadOnlyCollection<Guid> people, CancellationToken cancellation)
    {
        // Events of meetings speak of persons too: they are found by the id in their data.
        await using var command = database.Statement(
            """
            select seq_id, timestamp, id, type, data::text from register.mt_events
            where type = any($1) and (stream_id = any($2) or (data ->> 'personId')::uuid = any($2)) order by seq_id
            """,
            Types,
            people.ToArray()
        );
        var events = new List<(long Position, DateTimeOffset At, Guid Id, string Type, IHoldPersonalData Data)>();
        await using (var rows = await command.ExecuteReaderAsync(cancellation))
        {
            while (await rows.ReadAsync(cancellation))
            {
                var type = rows.GetString(3);
                events.Add(
                    (
                        rows.GetInt64(0),
                        rows.GetFieldValue<DateTimeOffset>(1),
                        rows.GetGuid(2),
                        type,
                        (IHoldPersonalData)EventType.Read(type, rows.GetString(4))
                    )
                );
            }
        }

        var fields = new List<PersonField>();
        foreach (var e in events.Where(e => people.Contains(e.Data.PersonId)))
        {
            var opened = (IHoldPersonalData)await personalData.Open(e.Data, e.Id, e.Type, cancellation, evenRestricted: true);
            var expired = await personalData.Expired(e.Data, cancellation);
            opened.WithPersonalFields(
                (field, value) =>
                {
                    fields.Add(new PersonField(e.Position, e.At, e.Type, field, value.Plain, expired.Contains(field) ? true : null));
                    return value;
                }
            );
        }

        return fields;
    }

    /// <summary>The words that name a person among their fields, and how others named them.</summary>
    public static (PersonTexts Texts, IReadOnlyList<ErasedName> Names) Naming(IReadOnlyList<PersonField> fields)
    {
        var words = new HashSet<string>();
        var names = new HashSet<ErasedName>();
        foreach (var field in fields)
        {
            switch (field.Field, field.Text)
            {
                case ("name", { } name):
                    words.Add(name);
                    break;
                case ("email", { } email):
                    words.Add(email);
                    names.UnionWith(ErasedName.OfEmail(email));
                    break;
                case ("externalReference", { } json)
                    when JsonSerializer.Deserialize<ExternalReference>(json, Json.Options) is { } reference:
                    words.Add(reference.Id);
                    names.UnionWith(ErasedName.Of(reference));
                    break;
            }
        }

        return (new PersonTexts(words), [.. names]);
    }
}
