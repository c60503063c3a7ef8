using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json;
using CooperationEvents.AuditLog;

namespace CooperationEvents.Kernel;

/// <summary>An event type of the service.</summary>
/// <param name="Name">The name under which its events are stored, for ever.</param>
/// <param name="Stream">The streams they stand in: <see cref="StreamTypes"/>.</param>
/// <param name="Type">What their data is read as.</param>
public sealed record EventType(string Name, StreamKind Stream, Type Type)
{
    private static readonly FrozenDictionary<string, EventType> ByName = (
        from type in typeof(EventType).Assembly.GetTypes()
        let stored = type.GetCustomAttribute<StoredAttribute>(inherit: false)
        where stored is not null
        select new EventType(stored.Name, StreamKind.Find(StreamTypes.Of(stored.Name)) ?? throw Unlisted(type), type)
    ).ToFrozenDictionary(e => e.Name);

    private static readonly FrozenDictionary<Type, EventType> ByType = ByName.Values.ToFrozenDictionary(e => e.Type);

    /// <summary>All there are, in the order of their names.</summary>
    public static IReadOnlyList<EventType> All { get; } = [.. ByName.Values.OrderBy(e => e.Name, StringComparer.Ordinal)];

    /// <summary>The name that Marten stores beside <see cref="Name"/>.</summary>
    public string ClrName { get; } = $"{Type.FullName}, {Type.Assembly.GetName().Name}";

    /// <summary>Whether the statistics make facts of its events.</summary>
    public bool MakesFacts { get; } = !Type.IsDefined(typeof(NoFactAttribute), inherit: false);

    /// <summary>Whether its events hold personal data.</summary>
    public bool IsPersonal => Type.IsAssignableTo(typeof(IHoldPersonalData));

    /// <summary>The event type of that stored name; null where there is none.</summary>
    public static EventType? Find(string name) => ByName.GetValueOrDefault(name);

    /// <exception cref="KeyNotFoundException">It is no event type.</exception>
    public static EventType Of(Type type) => ByType[type];

    /// <summary>The stored name of an event type.</summary>
    public static string NameOf(Type type) => ByType[type].Name;

    /// <summary>The event types of one kind of stream.</summary>
    public static IEnumerable<EventType> In(StreamKind stream) => All.Where(e => e.Stream == stream);

    /// <summary>The data of a stored event. What Marten leaves in the history is of no type of ours, and is read as its name.</summary>
    public static object Read(string name, string json) =>
        ByName.TryGetValue(name, out var known) ? JsonSerializer.Deserialize(json, known.Type, Json.Options)! : name;

    private static InvalidOperationException Unlisted(Type type) =>
        new($"{type} has no stream: list it in src/CooperationEvents.AuditLog/StreamTypes.cs. Nothing runs before that.");
}
