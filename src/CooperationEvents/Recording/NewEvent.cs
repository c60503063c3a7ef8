using System.Text.Json;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;

namespace CooperationEvents.Recording;

/// <summary>
/// An event as it will be stored: with an id, a place in its stream and metadata of its own, sealed, and written as JSON once.
/// </summary>
internal sealed record NewEvent(Guid Stream, long Version, Recorded Recorded, byte[] Json, Caller Caller, string Causation)
{
    /// <summary>The most bytes that the log holds of one entry.</summary>
    public const int LongestEntry = 65_535;

    /// <summary>What the members around the data take at most: ids, names, and the longest metadata accepted, escaped.</summary>
    private const int Envelope = 4_096;

    private static readonly IReadOnlyDictionary<FieldClass, int> NoneExpired = new Dictionary<FieldClass, int>();

    /// <summary>
    /// Whether its entry in the log may become too long, so that it must not be appended. PostgreSQL writes a space after each comma and
    /// colon, and no other character longer than it is here.
    /// </summary>
    public bool IsTooLong => Json.Length + Json.AsSpan().Count((byte)',') + Json.AsSpan().Count((byte)':') + Envelope > LongestEntry;

    /// <summary>What is known of the caller beside who it is, as JSON; null where that is nothing.</summary>
    public string? Headers =>
        Caller is { OnBehalfOf: null, Source: null }
            ? null
            : JsonSerializer.Serialize(
                new Dictionary<string, string?> { ["onBehalfOf"] = Caller.OnBehalfOf?.ToString(), ["source"] = Caller.Source }
                    .Where(header => header.Value is not null)
                    .ToDictionary()
            );

    /// <summary>
    /// The events that follow from one command, after those the stream has; null where one speaks of a person whose key is gone.
    /// </summary>
    public static async Task<IReadOnlyList<NewEvent>?> Of(
        LoadedStream stream,
        IReadOnlyList<object> events,
        Caller caller,
        PersonalData personalData,
        CancellationToken cancellation
    )
    {
        var causation = Guid.CreateVersion7().ToString();
        var expired = (stream.State as IHaveExpiredFields)?.Expired ?? NoneExpired;
        var made = new List<NewEvent>(events.Count);
        foreach (var data in events)
        {
            var id = Guid.CreateVersion7();
            var type = EventType.NameOf(data.GetType());
            var stored = data is IHoldPersonalData personal ? await personalData.Seal(personal, id, type, expired, cancellation) : data;
            if (stored is null)
                return null;
            var json = JsonSerializer.SerializeToUtf8Bytes(stored, stored.GetType(), Kernel.Json.Options);
            made.Add(new NewEvent(stream.Id, stream.Version + made.Count + 1, new Recorded(id, type, stored), json, caller, causation));
        }

        return made;
    }
}
