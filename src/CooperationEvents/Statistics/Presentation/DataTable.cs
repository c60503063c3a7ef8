using System.Globalization;
using CooperationEvents.Statistics.Counting;

namespace CooperationEvents.Statistics.Presentation;

/// <summary>The type of a column, by its name in CSVW.</summary>
internal static class DataType
{
    public const string Text = "string";
    public const string Number = "integer";
    public const string Day = "date";
    public const string Truth = "boolean";
}

/// <summary>A column of a <see cref="DataTable"/>: its name, its CSVW type, and what stands in it.</summary>
/// <param name="Separator">The separator of values in a cell that may hold several.</param>
internal sealed record DataColumn(string Name, string Type, string Description, string? Separator = null)
{
    /// <summary>A URI template that leads from a value to what it names.</summary>
    public string? ValueUrl { get; init; }

    private static readonly Dictionary<string, DataColumn> Known = new DataColumn[]
    {
        new("framework", DataType.Text, "The id of the framework, to which the code of the level or party belongs."),
        new("frameworkName", DataType.Text, "The name of the framework."),
        new("level", DataType.Text, "The code of a level."),
        new("levelName", DataType.Text, "The name of the level."),
        new("year", DataType.Number, "The year of the last day."),
        new("party", DataType.Text, "The code of a party; not-stated where nobody who counts was there."),
        new("partyName", DataType.Text, "The name of the party."),
        new("organisation", DataType.Text, "The id of the organisation represented; not-stated where nobody who counts was there."),
        new("shortName", DataType.Text, "The short name of the organisation on the day asked about."),
        new("organisationName", DataType.Text, "The name of the organisation on the day asked about."),
        new("area", DataType.Text, "The code of an area the meeting was about, or not-stated."),
        new("areaName", DataType.Text, "The name of the area."),
        new("host", DataType.Text, "The id of an organisation that hosted, or not-stated."),
        new("hostShortName", DataType.Text, "The short name of the host on the day asked about."),
        new("hostName", DataType.Text, "The name of the host on the day asked about."),
        new("coHost", DataType.Text, "The id of an organisation that co-hosted, or not-stated."),
        new("coHostShortName", DataType.Text, "The short name of the co-host on the day asked about."),
        new("coHostName", DataType.Text, "The name of the co-host on the day asked about."),
        new("country", DataType.Text, "The code of the country the meeting took place in (ISO 3166-1), or not-stated."),
        new("countryName", DataType.Text, "The English name of the country."),
        new("mode", DataType.Text, "in-person, online, hybrid, or not-stated."),
        new("role", DataType.Text, "The role in which people attended; not-stated for people not named."),
    }.ToDictionary(c => c.Name);

    public static IEnumerable<DataColumn> Keys(params IEnumerable<string> names) => names.Select(n => Known[n]);

    /// <summary>The figures of a cell, in the order of <see cref="DataTable.Cells"/>.</summary>
    public static IEnumerable<DataColumn> Figures(string prefix = "", string of = "") =>
        from column in new DataColumn[]
        {
            new("meetingsHeld", DataType.Number, "Meetings held"),
            new("meetingsWithoutAttendance", DataType.Number, "Meetings held of which neither an attendance nor a head count was recorded"),
            new("attendances", DataType.Number, "Pairs of a person and a meeting with a counted attendance"),
            new("unnamed", DataType.Number, "Heads of delegations, beyond those named"),
            new("staffKnown", DataType.Number, "Distinct persons"),
            new("staffAtLeast", DataType.Number, "The fewest people there can have been"),
            new("staffAtMost", DataType.Number, "The most people there can have been; empty where that is not known"),
        }
        select new DataColumn(
            prefix.Length == 0 ? column.Name : prefix + char.ToUpperInvariant(column.Name[0]) + column.Name[1..],
            column.Type,
            $"{column.Description}{of}."
        );
}

/// <summary>A statistic as a table, with the question it answers.</summary>
internal sealed record DataTable(string Title, Asked Asked, IReadOnlyList<DataColumn> Columns, IReadOnlyList<object?[]> Rows)
{
    public static IEnumerable<object?> Cells(Figures? figures) =>
        [
            figures?.MeetingsHeld,
            figures?.MeetingsWithoutAttendance,
            figures?.Attendances,
            figures?.Unnamed,
            figures?.Staff.Known,
            figures?.Staff.AtLeast,
            figures?.Staff.AtMost,
        ];
}

/// <summary>The question a table answers.</summary>
internal sealed record Asked(Question Question)
{
    /// <summary>The columns of the question, which every row repeats.</summary>
    public static IReadOnlyList<DataColumn> Columns { get; } =
    [
        new("activityFrom", DataType.Day, "Activity from this day on; empty from the beginning."),
        new("asOf", DataType.Day, "Activity up to this day."),
        new("position", DataType.Number, "What had been recorded up to this position of the history."),
        new("definition", DataType.Text, "The version of the definitions of the figures."),
    ];

    public IReadOnlyList<object?> Values => [Question.From, Question.AsOf, Question.Position, Question.Definition];

    /// <summary>The question on one line.</summary>
    public override string ToString()
    {
        var filter = string.Concat(PartAsked.Of(Question.Filter)?.Named.Select(p => $", {p.Name} {p.Value}") ?? []);
        var from = Question.From is { } day ? string.Create(CultureInfo.InvariantCulture, $"; from {day:yyyy-MM-dd}") : "";
        var framework = Question.Framework is { } id ? $"Framework {id}" : "All frameworks";
        var lineage = Question.Lineage ? $", {AskedInWords.ByLineage}" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{framework}{filter}{lineage}{from}; as of {Question.AsOf:yyyy-MM-dd}; as known at position {Question.Position}; "
                + $"definition {Question.Definition}"
        );
    }
}
