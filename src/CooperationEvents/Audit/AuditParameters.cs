using CooperationEvents.AuditLog;
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
        new("recorded:from", "Recorded at or after this time; a day stands for its beginning in UTC.", Time),
        new("recorded:to", "Recorded before this time; a day stands for its beginning in UTC.", Time),
        new("version", "The version of the stream.", () => Whole(1)),
        new("at", "A time: what was settled by then.", Time),
        new("position", "A position in the whole history.", Position),
        new("moment:from", "The earlier moment: a version, a time, or position:N.", Moment),
        new("moment:to", "The later moment, in the same forms; the newest settled position where absent.", Moment),
        new("size:from", "The size of the earlier tree, or of the first checkpoint.", Position),
        new("size:to", "The size of the later tree; that of the newest checkpoint where absent.", Position),
        new("index:from", "The index of the first entry.", Position),
        new("index:to", "The index after the last entry.", Position),
        new("history:type", "The stored name of an event type, such as meeting_held.", () =>
            Words([.. StreamTypes.All.Keys.Order(StringComparer.Ordinal)])
        ),
    ];

    private static OpenApiSchema Moment() =>
        new() { AnyOf = [Whole(1), Time(), new OpenApiSchema { Type = JsonSchemaType.String, Pattern = "^position:[0-9]{1,19}$" }] };
}
