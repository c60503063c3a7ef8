using CooperationEvents.Reading;
using static CooperationEvents.Reading.ParameterSchemas;

namespace CooperationEvents.Duplicates;

/// <summary>The query parameters of this room.</summary>
internal static class DuplicatesParameters
{
    public static QueryParameter[] All { get; } =
    [new("kind", "Only records of this kind.", () => Words("person", "organisation", "meeting"))];
}
