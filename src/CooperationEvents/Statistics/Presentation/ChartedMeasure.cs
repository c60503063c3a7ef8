using CooperationEvents.Statistics.Counting;

namespace CooperationEvents.Statistics.Presentation;

/// <summary>A figure that can be drawn, and how it is read off a cell.</summary>
/// <param name="Name">The word in the parameter <c>measure</c>.</param>
/// <param name="Words">As a title begins.</param>
/// <param name="Axis">What is counted.</param>
internal sealed record ChartedMeasure(string Name, string Words, string Axis, Func<Figures, ChartFigure> Of)
{
    /// <summary>The description of statistics that can be asked for as a chart by <c>Accept</c>.</summary>
    public const string OfChartsOnly = "Only a chart takes the parameter measure.";

    public static IReadOnlyList<ChartedMeasure> All { get; } =
    [
        new("meetingsHeld", "Meetings held", "Meetings", f => ChartFigure.Of(f.MeetingsHeld)),
        new("attendances", "Attendances", "Attendances", f => ChartFigure.Of(f.Attendances)),
        new("staff", "Staff involved", "People", f => ChartFigure.Of(f.Staff)),
    ];

    /// <summary>What a reader must know to read the bars of these figures.</summary>
    public static IEnumerable<string> Notes(IEnumerable<ChartFigure> drawn)
    {
        var figures = drawn.ToList();
        if (figures.Any(f => f.AtLeast != f.AtMost && !f.IsOpen))
            yield return "The filled part of a bar is the fewest people there can have been, the outlined part reaches to the most.";
        if (figures.Any(f => f.IsOpen))
            yield return "An arrow and a plus: the most people there can have been is not known.";
    }
}
