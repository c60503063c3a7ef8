using CooperationEvents.Reading;
using Microsoft.OpenApi;
using static CooperationEvents.Reading.ParameterSchemas;

namespace CooperationEvents.Audit;

/// <summary>The query parameters of this room.</summary>
internal static class AuditParameters
{
    public static QueryParameter[] All { get; } =
    [
        new("actor", "The principal id of who recorded.", Id),
        new("source", "The source system that was named when recording.", Text),
        new("correlation", "What was recorded under this correlation id.", Text),
        new("recorded:from", "Recorded at or after this time; a day stands for its beginning in UTC.", Text),
        new("recorded:to", "Recorded before this time; a day stands for its beginning in UTC.", Text),
        new("version", "The version of the stream.", Version),
        new("at", "A time: what was settled by then.", Text),
        new("position", "A position in the whole history.", Position),
        new("moment:from", "The earlier moment: a version, a time, or position:N.", Text),
        new("moment:to", "The later moment, in the same forms; the newest settled position where absent.", Text),
        new("size:from", "The size of the earlier tree, or of the first checkpoint.", Position),
        new("size:to", "The size of the later tree; that of the newest checkpoint where absent.", Position),
        new("index:from", "The index of the first entry.", Position),
        new("index:to", "The index after the last entry.", Position),
        new("history:type", "The stored name of an event type, such as meeting_held.", Text),
    ];

    private static OpenApiSchema Version() =>
        new()
        {
            Type = JsonSchemaType.Integer,
            Format = "int64",
            Minimum = "1",
        };
}
