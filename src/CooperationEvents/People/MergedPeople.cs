using CooperationEvents.Kernel;
using CooperationEvents.Projections;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.People;

/// <summary>Who is one with whom: everybody who is merged into a person, whom that one is merged into, and so on both ways.</summary>
public sealed class MergedPeople(NpgsqlDataSource database, ReadPosition position)
{
    /// <summary>How often it waits for <see cref="ReadPosition.WaitTimeout"/>: asking who is one is rare, and worth it.</summary>
    private const int MostWaits = 5;

    /// <summary>
    /// Everybody who is one with any of the persons, themselves among them, as of every event committed before the call; a
    /// problem where the read models do not come that far in time.
    /// </summary>
    public async Task<(IReadOnlySet<Guid> People, Problem? Problem)> With(IReadOnlyCollection<Guid> people, CancellationToken cancellation)
    {
        var committed = await position.Recorded(cancellation);
        for (var attempt = 1; (await position.Reach(committed, cancellation)).Problem is { } late; attempt++)
        {
            if (attempt == MostWaits)
                return (new HashSet<Guid>(), late);
        }

        return (await Known(people, cancellation), null);
    }

    /// <summary>Everybody who is one with any of the persons, themselves among them, as far as the read models have come.</summary>
    internal async Task<IReadOnlySet<Guid>> Known(IReadOnlyCollection<Guid> people, CancellationToken cancellation)
    {
        var all = people.ToHashSet();
        while (true)
        {
            await using var command = database.Statement(
                $"""
                select id from {PersonView.Table} where (data ->> 'mergedInto')::uuid = any($1) and data ->> 'mergedInto' is not null
                union select (data ->> 'mergedInto')::uuid from {PersonView.Table} where id = any($1) and data ->> 'mergedInto' is not null
                """,
                all.ToArray()
            );
            var before = all.Count;
            await using var rows = await command.ExecuteReaderAsync(cancellation);
            while (await rows.ReadAsync(cancellation))
                all.Add(rows.GetGuid(0));
            if (all.Count == before)
                return all;
        }
    }
}
