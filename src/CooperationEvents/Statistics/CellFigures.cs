using System.Text.Json.Serialization;

namespace CooperationEvents.Statistics;

/// <summary>
/// The figures of one cell of a table. Where they are <paramref name="Suppressed"/>, so few people are behind them that a reader
/// without <c>people:read</c> is told the meetings alone, and the rest is null.
/// </summary>
public sealed record CellFigures(
    int MeetingsHeld,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] int? Attendances,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] int? Unnamed,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] StaffInvolved? Staff,
    bool Suppressed)
{
    public static CellFigures Of(Figures figures, bool suppressed = false) => suppressed
        ? new CellFigures(figures.MeetingsHeld, null, null, null, true)
        : new CellFigures(figures.MeetingsHeld, figures.Attendances, figures.Unnamed, figures.Staff, false);
}
