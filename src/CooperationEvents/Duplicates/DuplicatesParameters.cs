using CooperationEvents.Kernel;
using CooperationEvents.Reading;
using static CooperationEvents.Reading.ParameterSchemas;

namespace CooperationEvents.Duplicates;

/// <summary>The query parameters of this room.</summary>
internal static class DuplicatesParameters
{
    /// <summary>The kinds of records that may be told to be the same.</summary>
    public static readonly string[] Kinds = [$"{StreamKind.Person}", $"{StreamKind.Organisation}", $"{StreamKind.Meeting}"];

    public static QueryParameter[] All { get; } = [new("kind", "Only records of this kind.", () => Words(Kinds))];
}
