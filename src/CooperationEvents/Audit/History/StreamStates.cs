using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using CooperationEvents.AuditLog;
using CooperationEvents.Authorization;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Projections;
using CooperationEvents.Reading;
using CooperationEvents.Storage;
using JasperFx.Events;
using Marten;
using Npgsql;

namespace CooperationEvents.Audit.History;

/// <summary>A stream at one moment: its events until then, and what the registered projection makes of them.</summary>
public sealed record StreamState(string StreamType, IReadOnlyList<IEvent> Events, JsonObject State)
{
    public long Version => Events[^1].Version;

    public long Position => Events[^1].Sequence;
}

/// <summary>
/// The state of any stream at any point, folded anew from its events by the projection that makes its read model. Nothing
/// of it is stored.
/// </summary>
public sealed class StreamStates(IDocumentStore store, NpgsqlDataSource database, PersonalData personalData, IKnowHidden hiddenPeople)
{
    private static readonly Dictionary<string, Folding> ByStreamType = (
        from type in typeof(StreamStates).Assembly.GetTypes()
        where
            type is { IsAbstract: false, BaseType: { IsGenericType: true } parent }
            && parent.GetGenericTypeDefinition() == typeof(ViewProjection<>)
        let view = type.BaseType!.GetGenericArguments()[0]
        where view.IsAssignableTo(typeof(IView))
        select (
            $"{view.GetProperty(nameof(IView.Stream), BindingFlags.Public | BindingFlags.Static)!.GetValue(null)}",
            Folding.Of(view, type)
        )
    ).ToDictionary();

    /// <summary>The stream at a point, or why there is none. Personal fields are opened for callers who may read names.</summary>
    /// <exception cref="NewerVersionException">This node does not know the type of one of its events.</exception>
    public async Task<(StreamState? State, Problem? Problem)> At(HttpContext http, Guid stream, PointInHistory point)
    {
        await ShouldBeKnown(stream, point, http.RequestAborted);
        await using var session = store.QuerySession();
        var all = await session.Events.FetchStreamAsync(stream, version: point.Version ?? 0, token: http.RequestAborted);
        IReadOnlyList<IEvent> events = [.. all.TakeWhile(e => e.Sequence <= point.Position)];
        if (events.Count == 0 || events[^1].Version < point.Version)
            return (null, KernelProblems.NotFound.Because($"There is no stream {stream} at {point.Words}."));
        var streamType = StreamTypes.Of(events[0].EventTypeName) ?? "unknown";
        if (!ByStreamType.TryGetValue(streamType, out var folding))
            return (null, AuditProblems.NoState.Because($"No state is kept of a {streamType} stream; read its events."));
        var view = folding.Fold(stream, events);
        if (JsonSerializer.SerializeToNode(view is IChangeByDay dated ? dated.On(point.Day) : view, Json.Options) is not JsonObject state)
            return (null, AuditProblems.NoState.Because($"The events of stream {stream} make no {streamType}."));
        state.Remove("sortKey");
        var owners = events.Where(e => e.Data is IHoldPersonalData).ToDictionary(e => e.Id, e => ((IHoldPersonalData)e.Data).PersonId);
        await Open(state, Shown);
        return (new StreamState(streamType, events, state), null);

        async Task<JsonNode?> Shown(SealedField field) =>
            !http.User.Has(Scopes.PeopleRead) ? new JsonObject { ["sealed"] = true, ["event"] = field.EventId }
            : (await hiddenPeople.In(http)).Contains(owners[field.EventId]) ? null
            : await personalData.Open(owners[field.EventId], field, http.RequestAborted);
    }

    /// <summary>Marten reads nothing of a stream where it knows the type of one event not.</summary>
    private async Task ShouldBeKnown(Guid stream, PointInHistory point, CancellationToken cancellation)
    {
        var unknown = await database.Query(
            """
            select type, seq_id from register.mt_events
            where stream_id = $1 and type <> all($2) and version <= coalesce($3::bigint, version) order by seq_id limit 1
            """,
            [stream, StreamTypes.All.Keys.ToArray(), point.Version],
            row => NewerVersionException.Of(row.GetString(0), row.GetInt64(1)),
            cancellation
        );
        if (unknown is [{ } newer])
            throw newer;
    }

    /// <summary>
    /// Puts in the place of each sealed field what is shown of it: its text, null where that is hidden or gone, and for callers who may
    /// not read names the event that holds it, so that a change can be seen without what it says.
    /// </summary>
    private static async Task Open(JsonNode node, Func<SealedField, Task<JsonNode?>> shown)
    {
        switch (node)
        {
            case JsonArray items:
                foreach (var item in items.OfType<JsonNode>())
                    await Open(item, shown);
                break;
            case JsonObject members:
                foreach (var (name, value) in members.ToList())
                {
                    if (Sealed(value) is { } field)
                        members[name] = await shown(field);
                    else if (value is not null)
                        await Open(value, shown);
                }

                break;
        }
    }

    private static SealedField? Sealed(JsonNode? node) =>
        node is JsonObject { Count: 4 } o && o.ContainsKey("ciphertext") && o.ContainsKey("eventId")
            ? o.Deserialize<SealedField>(Json.Options)
            : null;

    /// <summary>A registered projection as a function from events to its read model.</summary>
    private abstract class Folding
    {
        public static Folding Of(Type view, Type projection) =>
            (Folding)Activator.CreateInstance(typeof(With<>).MakeGenericType(view), Activator.CreateInstance(projection))!;

        public abstract object? Fold(Guid stream, IEnumerable<IEvent> events);

        private sealed class With<TView>(ViewProjection<TView> projection) : Folding
            where TView : class
        {
            public override object? Fold(Guid stream, IEnumerable<IEvent> events) =>
                events.Aggregate((TView?)null, (view, e) => projection.Evolve(view!, stream, e));
        }
    }
}
