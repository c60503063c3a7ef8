using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CooperationEvents.Kernel;

namespace CooperationEvents.Feed;

/// <summary>
/// What of an event leaves the register: the members its type declares, without those that are protected, however deep they
/// stand. The type decides and not the stored text, so that a member nobody declares is not shown either.
/// </summary>
public static class PublicData
{
    private static readonly JsonSerializerOptions WithoutProtected = Made();

    /// <summary>The stored names of every event type, in order.</summary>
    public static IReadOnlyList<string> Types { get; } = [.. EventType.All.Select(e => e.Name)];

    /// <summary>The types of streams, in order.</summary>
    public static IReadOnlyList<string> StreamTypes { get; } =
    [.. EventType.All.Select(e => $"{e.Stream}").Distinct().Order(StringComparer.Ordinal)];

    /// <summary>The type of the streams that events of this stored type stand in.</summary>
    public static string StreamTypeOf(string type) => $"{Find(type).Stream}";

    /// <summary>The stored types of one type of stream.</summary>
    public static IEnumerable<string> TypesIn(string streamType) =>
        EventType.All.Where(e => $"{e.Stream}" == streamType).Select(e => e.Name);

    /// <param name="type">The stored name.</param>
    /// <param name="json">The data as it is stored.</param>
    /// <exception cref="InvalidOperationException">This version does not know the type, so it cannot tell what of it is
    /// protected.</exception>
    public static JsonElement Of(string type, string json)
    {
        var data = JsonSerializer.Deserialize(json, Find(type).Type, Json.Options)!;
        return JsonSerializer.SerializeToElement(data, data.GetType(), WithoutProtected);
    }

    private static EventType Find(string type) =>
        EventType.Find(type)
        ?? throw new InvalidOperationException(
            $"This version of the service does not know events of the type {type}; nothing after the first of them is shown."
        );

    private static JsonSerializerOptions Made()
    {
        var options = Json.Apply(
            new JsonSerializerOptions { TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LeaveOutProtected } } }
        );
        options.MakeReadOnly();
        return options;
    }

    private static void LeaveOutProtected(JsonTypeInfo type)
    {
        for (var i = type.Properties.Count - 1; i >= 0; i--)
        {
            if (IsProtected(type.Properties[i].PropertyType))
                type.Properties.RemoveAt(i);
        }
    }

    /// <summary>A protected value, or a list or map of them.</summary>
    private static bool IsProtected(Type type) =>
        type == typeof(Protected)
        || type.GetGenericArguments().Any(IsProtected)
        || (type.GetElementType() is { } element && IsProtected(element));
}
