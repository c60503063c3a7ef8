using System.Collections.Frozen;
using System.Text.Json;

namespace CooperationEvents.AuditLog;

/// <summary>
/// Which stream an event type belongs to, as docs/events.json lists them: the file is part of this assembly. And the tombstones that
/// failed saves leave.
/// </summary>
public static class StreamTypes
{
    /// <summary>Type and stream type of what a failed save leaves: no event, without data, in no order of versions.</summary>
    public const string Tombstone = "tombstone";

    private static readonly FrozenDictionary<string, string> Streams = Listed()
        .Append((Type: Tombstone, Stream: Tombstone))
        .ToFrozenDictionary(listed => listed.Type, listed => listed.Stream);

    /// <summary>Every event type, with its stream type.</summary>
    public static IReadOnlyDictionary<string, string> All => Streams;

    /// <summary>The stream type of an event type; null where the type is unknown.</summary>
    public static string? Of(string type) => Streams.GetValueOrDefault(type);

    private static List<(string Type, string Stream)> Listed()
    {
        using var file = typeof(StreamTypes).Assembly.GetManifestResourceStream("events.json")!;
        using var streams = JsonDocument.Parse(file);
        return
        [
            .. from stream in streams.RootElement.EnumerateObject()
            from type in stream.Value.EnumerateObject()
            select (type.Name, stream.Name),
        ];
    }
}
