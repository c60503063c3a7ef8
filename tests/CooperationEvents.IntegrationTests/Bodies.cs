using System.Text.Json;
using System.Text.Json.Nodes;
using CooperationEvents.Kernel;

namespace CooperationEvents.IntegrationTests;

internal static class Bodies
{
    /// <summary>A body to be changed before it is posted.</summary>
    public static JsonObject Of(object body) => JsonSerializer.SerializeToNode(body, Json.Options)!.AsObject();

    /// <summary>The same body with one member set, or, where null, without it.</summary>
    public static JsonObject With(this JsonObject body, string member, JsonNode? value)
    {
        var changed = body.DeepClone().AsObject();
        if (value is null)
            changed.Remove(member);
        else
            changed[member] = value;
        return changed;
    }
}
