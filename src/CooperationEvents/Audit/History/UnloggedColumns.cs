using System.Text.Json;
using CooperationEvents.AuditLog;
using CooperationEvents.Kernel;
using JasperFx.Events;

namespace CooperationEvents.Audit.History;

/// <summary>
/// The columns of <c>mt_events</c> and <c>mt_streams</c> that no entry of the log holds, and what each must be: nothing, or what the
/// entries say. Marten writes and may read them, so whoever changes one would change what the history means, and no signature would tell.
/// </summary>
internal static class UnloggedColumns
{
    /// <summary>Of an event under the alias <c>e</c>: what is wrong with it where the condition holds.</summary>
    public static IReadOnlyList<(string What, string Wrong)> OfEvents { get; } =
    [
        ("is_archived hides it", "e.is_archived is not false"),
        ("tenant_id is not the one there is", "e.tenant_id is distinct from '*DEFAULT*'"),
        ("bdata holds something", "e.bdata is not null"),
        (
            "headers hold what is not ours",
            """
            case jsonb_typeof(e.headers)
                when 'object' then e.headers - 'onBehalfOf' - 'source' <> '{}' or 'string' <> any (array[
                    coalesce(jsonb_typeof(e.headers -> 'onBehalfOf'), 'string'), coalesce(jsonb_typeof(e.headers -> 'source'), 'string')])
                else e.headers <> 'null' end
            """
        ),
        (
            "mt_dotnet_type names another type",
            $"e.mt_dotnet_type <> coalesce('{JsonSerializer.Serialize(ClrNames())}'::jsonb ->> e.type, '')"
        ),
    ];

    /// <summary>Everything that is wrong with an event, as one text; null where nothing is.</summary>
    public static string FaultsOfEvent { get; } =
        $"nullif(concat_ws(', ', {string.Join(", ", OfEvents.Select(c => $"case when {c.Wrong} then '{c.What}' end"))}), '')";

    /// <summary>
    /// Of streams: which differ from what their events say, as id and what is wrong. Tombstones have a stream too, of another random id
    /// in each process, whose version and times are those of no event.
    /// </summary>
    public static string FaultsOfStreams { get; } =
        $"""
            select distinct coalesce(s.id, e.stream_id) as id, case when s.id is null then 'its row is missing'
                when e.stream_id is null then 'it has no events' else concat_ws(', ',
                case when s.copies > 1 then 'its row stands twice' end,
                case when s.is_archived is not false then 'is_archived hides it' end,
                case when s.compacted_version <> 0 then 'compacted_version is not 0' end,
                case when s.tenant_id is distinct from '*DEFAULT*' then 'tenant_id is not the one there is' end,
                case when s.type is distinct from coalesce('{JsonSerializer.Serialize(Kinds())}'::jsonb ->> first.type, s.type)
                    and not e.tombstones then 'type is not that of its events' end,
                case when s.version is distinct from e.last and not e.tombstones then 'version is not that of its last event' end,
                case when s.created is distinct from first.timestamp
                    and not e.tombstones then 'created is not the time of its first event' end,
                case when s.timestamp is distinct from last.timestamp
                    and not e.tombstones then 'timestamp is not that of its last event' end) end as what
            from (select *, count(*) over (partition by id) as copies from register.mt_streams) s
            full join (
                select stream_id, max(version) as last, bool_and(type = '{StreamTypes.Tombstone}') as tombstones from register.mt_events
                    where stream_id is not null group by stream_id
            ) e on e.stream_id = s.id
            left join register.mt_events first on first.stream_id = e.stream_id and first.version = 1
            left join register.mt_events last on last.stream_id = e.stream_id and last.version = e.last
            """;

    /// <summary>The types of the service by their stored names, as Marten writes them.</summary>
    private static Dictionary<string, string> ClrNames() =>
        EventType
            .All.Select(e => (e.Name, e.ClrName))
            .Append((Tombstone.Name, $"{typeof(Tombstone).FullName}, {typeof(Tombstone).Assembly.GetName().Name}"))
            .ToDictionary();

    private static Dictionary<string, string> Kinds() => EventType.All.ToDictionary(e => e.Name, e => $"{e.Stream}");
}
