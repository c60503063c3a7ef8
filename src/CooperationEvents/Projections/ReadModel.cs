using System.Globalization;
using CooperationEvents.Storage;
using JasperFx.Events;
using Marten;
using Npgsql;

namespace CooperationEvents.Projections;

/// <summary>
/// The read models as one composite projection: they move forward together, in one transaction, so that one position says
/// how far all of them have come and no two of them can disagree.
/// </summary>
public static class ReadModel
{
    public const string Name = "register";

    /// <summary>The name under which the composite's progress is kept.</summary>
    public const string Shard = Name + ":All";

    public const string Schema = "views";

    /// <summary>
    /// Has each read model as far as all of them: one that this version brings has come nowhere yet, and one that a version before did not
    /// know was left behind. Marten moves each on from where all were, and warns at each batch where it is not there.
    /// </summary>
    /// <param name="leading">Nobody else moves them on while this connection lasts.</param>
    public static Task BringTogether(IDocumentStore store, NpgsqlConnection leading, CancellationToken cancellation) =>
        leading.Execute(
            """
            insert into register.mt_event_progression as kept (name, last_seq_id)
            select member.name, composite.last_seq_id
            from unnest($1) member (name), register.mt_event_progression composite where composite.name = $2
            on conflict (name) do update set last_seq_id = excluded.last_seq_id where kept.last_seq_id <> excluded.last_seq_id
            """,
            [
                ((IEventStore)store)
                    .RegisteredShardNames(includeCompositeMembers: true)
                    .Where(shard => shard.CompositeParentName is not null)
                    .Select(shard => shard.Identity)
                    .ToArray(),
                Shard,
            ],
            cancellation
        );

    /// <summary>A sort key in the order of recording.</summary>
    public static string SortKey(long position) => position.ToString("D19", CultureInfo.InvariantCulture);
}
