using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Audit.Replays;

/// <summary>Holds the keys of persons against what was recorded of the persons.</summary>
internal sealed class PersonKeyComparison(
    NpgsqlDataSource database,
    CreationEvents creations,
    KeyStore keys,
    Erasures erasures,
    PersonalData personalData,
    TimeProvider clock
)
{
    public const string Table = "keys.person_key";

    /// <summary>A key and what is recorded of it change in two transactions: only a difference that lasts this long counts.</summary>
    internal static readonly TimeSpan Lasting = TimeSpan.FromSeconds(1);

    /// <summary>Each person has a key, in the state that was recorded last, and it opens the name that was sealed under it.</summary>
    public async Task Compare(long position, AfterRows after, CancellationToken cancellation)
    {
        await foreach (var page in creations.Where("e.type = 'person_registered'", position, cancellation))
        {
            var people = page.Select(c => c.Stream).ToList();
            var findings = await Faults(page, cancellation);
            if (findings.Count > 0)
            {
                await Task.Delay(Lasting, clock, cancellation);
                findings = await Faults([.. page.Where(c => findings.ContainsKey(c.Stream))], cancellation);
            }

            var missing = findings.Values.Count(f => f.Kind == ReplayFindingKind.MissingInLive);
            await after(people.Count - missing, people.Count, [.. findings.Values]);
        }
    }

    private async Task<Dictionary<Guid, ReplayFinding>> Faults(IReadOnlyList<CreationEvent> registered, CancellationToken cancellation)
    {
        var recorded = await RecordedStates([.. registered.Select(c => c.Stream)], cancellation);
        var stored = await keys.Stored([.. registered.Select(c => c.Stream)], cancellation);
        var open = (await erasures.Open(cancellation)).SelectMany(e => e.People).ToHashSet();
        var under = personalData.Under(new KeysAsStored(stored));
        var findings = new Dictionary<Guid, ReplayFinding>();
        foreach (var creation in registered.Where(c => !open.Contains(c.Stream)))
        {
            var person = creation.Stream;
            var expected = recorded.GetValueOrDefault(person) ?? RecordedState.None;
            if (!stored.TryGetValue(person, out var key))
                Found(ReplayFindingKind.MissingInLive);
            else if (!expected.Allows(key.State))
                Found(ReplayFindingKind.Differs, new ReplayedColumn("state", Json.Word(key.State), Json.Word(expected.State)));
            else if (!expected.Erased && !await Opens(under, creation.Recorded, cancellation))
                Found(ReplayFindingKind.Differs, new ReplayedColumn("wrapped", "another key", $"the key of event {creation.Recorded.Id}"));

            void Found(ReplayFindingKind kind, params ReplayedColumn[] columns) =>
                findings[person] = SideTables.Finding(kind, Table, "person_id", person.ToString(), columns);
        }

        return findings;
    }

    /// <summary>Whether every field opens that has not expired.</summary>
    private static async Task<bool> Opens(PersonalData under, Recorded recorded, CancellationToken cancellation)
    {
        var opened = true;
        var expired = await under.Expired((IHoldPersonalData)recorded.Data, cancellation);
        var data = await under.Open((IHoldPersonalData)recorded.Data, recorded.Id, recorded.Type, cancellation, evenRestricted: true);
        ((IHoldPersonalData)data).WithPersonalFields(
            (field, value) =>
            {
                opened &= value.Plain is not null || expired.Contains(field);
                return value;
            }
        );
        return opened;
    }

    /// <summary>
    /// What was recorded of each, where anything was. The keys of those who are merged with somebody restricted may be restricted too.
    /// </summary>
    private async Task<Dictionary<Guid, RecordedState>> RecordedStates(IReadOnlyCollection<Guid> people, CancellationToken cancellation)
    {
        await using var command = database.Statement(
            """
            with recursive merged as materialized (
                select stream_id as one, (data ->> 'into')::uuid as other from register.mt_events where type = 'person_merged'
            ), both_ways (one, other) as (
                select one, other from merged union all select other, one from merged
            ), same (person, id) as (
                select id, id from unnest($1::uuid[]) id
                union
                select s.person, b.other from same s join both_ways b on b.one = s.id
            ), recorded as (
                select s.person, s.id = s.person as own, e.seq_id, e.type, (e.data ->> 'restricted')::boolean as restricted
                from same s join register.mt_events e on e.stream_id = s.id and e.type in ('person_erased', 'person_restricted')
            )
            select person, bool_or(own and type = 'person_erased'),
                coalesce(max(seq_id) filter (where own and restricted) > coalesce(max(seq_id) filter (where not restricted), 0), false),
                coalesce(bool_or(restricted), false)
            from recorded group by person
            """,
            people.ToArray()
        );
        command.CommandTimeout = 0;
        var states = new Dictionary<Guid, RecordedState>();
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
            states.Add(row.GetGuid(0), new RecordedState(row.GetBoolean(1), row.GetBoolean(2), row.GetBoolean(3)));
        return states;
    }

    /// <summary>What was recorded of a person: whether they were erased, are hidden, and may be with somebody merged with them.</summary>
    private sealed record RecordedState(bool Erased, bool Hidden, bool MayBeHidden)
    {
        public static readonly RecordedState None = new(false, false, false);

        public PersonKeyState State =>
            Erased ? PersonKeyState.Destroyed
            : Hidden ? PersonKeyState.Restricted
            : PersonKeyState.Active;

        public bool Allows(PersonKeyState state) =>
            state switch
            {
                PersonKeyState.Destroyed => Erased,
                PersonKeyState.Restricted => !Erased && MayBeHidden,
                _ => !Erased && !Hidden,
            };
    }
}

/// <summary>Keys as they stand in the database, and no others.</summary>
internal sealed class KeysAsStored(IReadOnlyDictionary<Guid, PersonKey> stored) : IPersonKeys
{
    public Task<IReadOnlyDictionary<FieldClass, FieldKey>?> ToSeal(
        Guid personId,
        IReadOnlyCollection<FieldClass> classes,
        IReadOnlyDictionary<FieldClass, int> expired,
        CancellationToken cancellation
    ) => Task.FromResult<IReadOnlyDictionary<FieldClass, FieldKey>?>(null);

    public Task<PersonKey?> Find(Guid personId, IReadOnlyCollection<FieldSalt> salts, CancellationToken cancellation) =>
        Task.FromResult(stored.GetValueOrDefault(personId));
}
