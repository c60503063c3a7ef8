using System.Text.Json;
using CooperationEvents.Kernel;

namespace CooperationEvents.UnitTests.Contracts;

/// <summary>The examples of docs/events.json: one event of every stored type, by its stream, with every member set.</summary>
internal static class EventSamples
{
    private static readonly JsonSerializerOptions Indented = new(Json.Options) { WriteIndented = true };

    private static readonly Dictionary<string, Dictionary<string, JsonElement>> ByStream = JsonSerializer.Deserialize<
        Dictionary<string, Dictionary<string, JsonElement>>
    >(File.ReadAllText(Path.Combine(Repository.Root, "docs", "events.json")), Json.Options)!;

    private static readonly Dictionary<string, JsonElement> ByName = ByStream
        .Values.SelectMany(types => types)
        .ToDictionary(type => type.Key, type => type.Value);

    /// <summary>What the file lists: streams, and the stored names of their events.</summary>
    public static IEnumerable<(string Stream, string Name)> Listed =>
        ByStream.SelectMany(stream => stream.Value.Keys.Select(name => (stream.Key, name)));

    public static IReadOnlyList<object> All => [.. EventType.All.Select(e => Of(e.Name))];

    public static object Of(string storedName) => EventType.Read(storedName, Text(storedName));

    /// <summary>The example as the file has it.</summary>
    public static string Text(string storedName) => JsonSerializer.Serialize(ByName[storedName], Indented);

    /// <summary>An event as it is stored, for a comparison with its example.</summary>
    public static string Stored(object data) => JsonSerializer.Serialize(data, data.GetType(), Indented);
}
