using System.Text.Json;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.People;

/// <summary>A class of a person's fields that is no longer to be kept, and since which day.</summary>
public sealed record DueClass(FieldClass Class, DateOnly Since);

/// <summary>A person some of whose fields are no longer to be kept.</summary>
/// <param name="LastActivity">The last day on which they, or somebody merged with them, were active.</param>
/// <param name="Due">What expires with the next run of the job.</param>
/// <param name="ByErasureOnly">What does not: fields sealed by a version that knew no classes, which an erasure alone reaches.</param>
public sealed record DuePerson(Guid PersonId, DateOnly LastActivity, ValueList<DueClass> Due, ValueList<FieldClass> ByErasureOnly)
{
    /// <summary>The version of the person's record that this was read of.</summary>
    internal long Version { get; init; }

    /// <summary>The salts under which the fields that are due are sealed.</summary>
    internal ValueList<FieldSalt> Salts { get; init; } = [];
}

/// <summary>Whose fields are no longer to be kept: the job and who asks before it see the same.</summary>
public sealed class Retention(NpgsqlDataSource database, KeyStore keys, IEnumerable<IKnowActivity> parts, DatabaseClock clock)
{
    private const int AtATime = 1_000;

    private static readonly string[] ActiveBy =
    [
        "person_registered",
        "person_details_corrected",
        "affiliation_started",
        "affiliation_ended",
    ];

    /// <summary>Today, by the database's clock, in UTC; and the people with fields that are due by these rules, ordered by id.</summary>
    public async Task<(DateOnly Today, IReadOnlyList<DuePerson> People)> Due(RetentionOptions rules, CancellationToken cancellation)
    {
        var today = await clock.Today(cancellation);
        if (Enum.GetValues<FieldClass>().All(of => rules.Of(of) is null))
            return (today, []);
        var people = await People(cancellation);
        var active = RetentionRules.LastActivity([.. people.Select(p => p.Activity)], await Elsewhere(cancellation));
        var inactive = people.Where(p => active.TryGetValue(p.Id, out var last) && Classes(last).Any()).OrderBy(p => p.Id).Chunk(AtATime);
        var due = new List<DuePerson>();
        foreach (var some in inactive)
        {
            var live = await keys.LiveSalts([.. some.Select(p => p.Id)], cancellation);
            foreach (var person in some)
            {
                var classes = Classes(active[person.Id]).ToList();
                ValueList<FieldSalt> salts =
                [
                    .. live[person.Id].Where(s => !s.IsAmong(person.Expired) && classes.Any(c => c.Class == s.Class)),
                ];
                ValueList<FieldClass> unsalted = [.. person.Unsalted.Where(of => classes.Any(c => c.Class == of))];
                if (salts.Count + unsalted.Count == 0)
                    continue;
                due.Add(
                    new DuePerson(person.Id, active[person.Id], [.. classes.Where(c => salts.Any(s => s.Class == c.Class))], unsalted)
                    {
                        Version = person.Version,
                        Salts = salts,
                    }
                );
            }
        }

        return (today, due);

        IEnumerable<DueClass> Classes(DateOnly last) =>
            from of in Enum.GetValues<FieldClass>()
            let since = RetentionRules.DueSince(rules.Of(of), last, today)
            where since is not null
            select new DueClass(of, since.Value);
    }

    /// <summary>The salts of each person that were recorded as expired.</summary>
    internal async Task<IReadOnlyDictionary<Guid, ValueList<FieldSalt>>> Recorded(CancellationToken cancellation)
    {
        await using var command = database.Statement($"select id, data ->> 'expired' from {PersonView.Table} where data ? 'expired'");
        var recorded = new Dictionary<Guid, ValueList<FieldSalt>>();
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
            recorded.Add(row.GetGuid(0), Read(row.GetString(1)));
        return recorded;
    }

    private async Task<Dictionary<Guid, DateOnly>> Elsewhere(CancellationToken cancellation)
    {
        var last = new Dictionary<Guid, DateOnly>();
        foreach (var part in parts)
        {
            foreach (var (person, day) in await part.LastDays(cancellation))
                last[person] = last.TryGetValue(person, out var other) && other > day ? other : day;
        }

        return last;
    }

    /// <summary>Everybody who is not erased.</summary>
    private async Task<IReadOnlyList<Known>> People(CancellationToken cancellation)
    {
        await using var command = database.Statement(
            $$"""
            select p.id, (p.data ->> 'version')::bigint, (p.data ->> 'mergedInto')::uuid, p.data ? 'restricted', p.data ->> 'expired',
                (select max(e.timestamp) from register.mt_events e where e.stream_id = p.id and e.type = any($1)),
                array(select a ->> 'until' from jsonb_array_elements(p.data -> 'affiliations') a where a ? 'until'),
                array_remove(array[
                    case when strpos(coalesce(p.data #>> '{name,ciphertext}', ':'), ':') = 0
                        or strpos(coalesce(p.data #>> '{externalReference,ciphertext}', ':'), ':') = 0 then 'identity' end,
                    case when strpos(coalesce(p.data #>> '{email,ciphertext}', ':'), ':') = 0 then 'contact' end,
                    case when exists (
                        select from jsonb_array_elements(p.data -> 'affiliations') a,
                            unnest(array[a #>> '{function,ciphertext}', a #>> '{grade,ciphertext}']) c
                        where strpos(c, ':') = 0) then 'post' end], null)
            from {{PersonView.Table}} p where not p.data ? 'erased'
            """,
            [ActiveBy]
        );
        var people = new List<Known>();
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
        {
            var ends = row.GetFieldValue<string[]>(6).Select(until => PartialDate.Parse(until).LastDay);
            people.Add(
                new Known(
                    row.GetGuid(0),
                    row.GetInt64(1),
                    new PersonActivity(
                        row.GetGuid(0),
                        row.IsDBNull(2) ? null : row.GetGuid(2),
                        ends.Append(DateOnly.FromDateTime(row.GetFieldValue<DateTimeOffset>(5).UtcDateTime)).Max(),
                        row.GetBoolean(3)
                    ),
                    row.IsDBNull(4) ? [] : Read(row.GetString(4)),
                    [.. row.GetFieldValue<string[]>(7).Select(word => FieldSalt.Read(word)).OfType<FieldClass>()]
                )
            );
        }

        return people;
    }

    private static ValueList<FieldSalt> Read(string json) => JsonSerializer.Deserialize<ValueList<FieldSalt>>(json, Json.Options)!;

    /// <param name="Unsalted">The classes of fields that are sealed under the person's key itself.</param>
    private sealed record Known(
        Guid Id,
        long Version,
        PersonActivity Activity,
        ValueList<FieldSalt> Expired,
        IReadOnlyList<FieldClass> Unsalted
    );
}
