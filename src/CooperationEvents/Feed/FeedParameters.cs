using CooperationEvents.Reading;
using static CooperationEvents.Reading.ParameterSchemas;

namespace CooperationEvents.Feed;

/// <summary>The query parameters of this room.</summary>
internal static class FeedParameters
{
    public static QueryParameter[] All { get; } =
    [
        new(
            "after",
            "Events after this position; from the first on where absent. A position that is not settled yet is waited for.",
            Position
        ),
        new("type", "Events of this stored type.", () => Words([.. PublicData.Types])),
        new("streamType", "Events of streams of this type.", () => Words([.. PublicData.StreamTypes])),
        new("stream", "Events of the stream with this id.", Id),
    ];
}
