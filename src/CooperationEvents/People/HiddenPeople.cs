using CooperationEvents.Privacy;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.People;

/// <summary>
/// Whose personal fields are hidden: everybody who is recorded as restricted, with everybody who is one with them. It follows from the
/// read models each time, so that a restriction holds for a merge from its position on, and no longer than the merge.
/// </summary>
public sealed class HiddenPeople(NpgsqlDataSource database) : IKnowHidden
{
    /// <summary>The ids, as a subquery.</summary>
    internal static readonly string Sql = $"""
        with recursive hidden (id) as (
            select id from {PersonView.Table} where data ->> 'restricted' = 'true'
            union
            select linked.id from hidden h cross join lateral (
                select v.id from {PersonView.Table} v where (v.data ->> 'mergedInto')::uuid = h.id and v.data ->> 'mergedInto' is not null
                union all
                select (v.data ->> 'mergedInto')::uuid from {PersonView.Table} v where v.id = h.id and v.data ->> 'mergedInto' is not null
            ) linked
        )
        select id from hidden
        """;

    public async Task<IReadOnlySet<Guid>> In(HttpContext http)
    {
        if (http.Items[typeof(HiddenPeople)] is IReadOnlySet<Guid> known)
            return known;
        var hidden = await All(http.RequestAborted);
        http.Items[typeof(HiddenPeople)] = hidden;
        return hidden;
    }

    public async Task<IReadOnlySet<Guid>> All(CancellationToken cancellation) =>
        (await database.Query(Sql, [], row => row.GetGuid(0), cancellation)).ToHashSet();
}
