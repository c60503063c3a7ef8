using CooperationEvents.Reading;
using static CooperationEvents.Reading.ParameterSchemas;

namespace CooperationEvents.Meetings;

/// <summary>The query parameters of this room.</summary>
internal static class MeetingsParameters
{
    public static QueryParameter[] All { get; } =
    [
        new("framework", "The id of a framework.", Id),
        new("organisation", "The id of an organisation.", Id),
        new("level", "The code of a level.", Text),
        new("topic", "The code of an area.", Text),
        new("state", "The meeting's state.", () => Words("scheduled", "postponed", "cancelled", "held", "did-not-take-place", "voided")),
        new("from", "Meetings with a day on or after this one, or the first of this month or year.", PartialDay),
        new("to", "Meetings with a day on or before this one, or the last of this month or year.", PartialDay),
    ];
}
