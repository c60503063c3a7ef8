using CooperationEvents.Reading;
using static CooperationEvents.Reading.ParameterSchemas;

namespace CooperationEvents.Commitments;

/// <summary>The query parameters of this room.</summary>
internal static class CommitmentsParameters
{
    public static QueryParameter[] All { get; } =
    [
        new("status", "The commitment's status. What is overdue is open too.", () => Words("open", "overdue", "fulfilled", "dropped")),
        new("owner", "The id of an organisation that undertook it.", Id),
        new("dueBefore", "Commitments whose last day to be due is before this one, or before the first of this month or year.", PartialDay),
    ];
}
