using CooperationEvents.Reading;
using CooperationEvents.Statistics.Counting;
using CooperationEvents.Statistics.Presentation;
using Microsoft.OpenApi;
using static CooperationEvents.Reading.ParameterSchemas;

namespace CooperationEvents.Statistics;

/// <summary>The query parameters of this room.</summary>
internal static class StatisticsParameters
{
    private static readonly string Dimensions = string.Join("|", Dimension.All.Select(d => d.Name));

    public static QueryParameter[] All { get; } =
    [
        new("party", "The code of a party.", Text),
        new("counted:organisation", "The id of an organisation, or not-stated; by lineage also unallocated.", Organisation),
        new("year", "The year of a meeting's last day.", () => Number(1000, 9999)),
        new(
            "orgView",
            "Organisations as they were at the meeting, or folded by the successions up to asOf, where organisation may also be "
                + "unallocated; atMeeting where absent.",
            () => Words("atMeeting", "lineage")
        ),
        new("asOf", "Activity up to this day, or the last of this month or year; today in UTC where absent.", PartialDay),
        new("definition", "The version of the definitions of the figures; the newest where absent.", () =>
            Words(Question.NewestDefinition, Question.FirstDefinition)
        ),
        new("overlap", "With people, also in how many rows of the one dimension the persons known are.", () => Words("people")),
        new("figures:from", "Only meetings whose last day is on or after this one, or the first of this month or year.", PartialDay),
        new(
            "knownAt",
            "What had been recorded by this time or position, of a day by its beginning (UTC); the newest settled position where absent.",
            PositionOrTime
        ),
        new("period", "A year, a quarter (2018-Q2) or a month (2018-04); or unplaced, of the length in per.", () =>
            new OpenApiSchema { Type = JsonSchemaType.String, Pattern = Period.Pattern }
        ),
        new("per", "The length of periods; a year where absent.", () => Words("year", "quarter", "month")),
        new(
            "until",
            "Only meetings whose last day is on or before this one, or the last of this month or year; organisations are folded as of asOf "
                + "all the same.",
            PartialDay
        ),
        new("by", $"One or two of {string.Join(", ", Dimension.All.Select(d => d.Name))}; level where absent.", () =>
            new OpenApiSchema { Type = JsonSchemaType.String, Pattern = $"^({Dimensions})(,({Dimensions}))?$" }
        ),
        new("area", "The code of an area, or not-stated.", Text),
        new("host", "The id of the organisation that hosted, or not-stated; by lineage also unallocated.", Organisation),
        new("coHost", "The id of an organisation that co-hosted, or not-stated; by lineage also unallocated.", Organisation),
        new("country", "The country a meeting took place in, or not-stated.", Text),
        new("mode", "A meeting's mode, or not-stated.", () => Words([.. Dimension.Modes, Question.NotStated])),
        new("role", "The role of an attendance that counts, or not-stated.", () =>
            Words([.. CountedFacts.RolesThatCount, Question.NotStated])
        ),
        new("drawn:measure", "Of a chart (image/svg+xml) alone: the figure to draw; meetingsHeld where absent.", () =>
            Words([.. ChartedMeasure.All.Select(m => m.Name)])
        ),
        new(
            "drawn-over-time:measure",
            "Of a chart (image/svg+xml) alone: the figure to draw, of each period or up to its end; meetingsHeld where absent.",
            () => Words([.. SeriesEndpoint.Measures])
        ),
        new("evidence:limit", "How many items at most; as many as there may be where absent.", () =>
            Number(1, ExplanationEndpoint.LargestPage)
        ),
        new("measure", "The figure to take apart; meetingsHeld where absent.", () => Words([.. Measure.All.Select(m => m.Name)])),
    ];

    private static OpenApiSchema Organisation() => IdOr(Question.NotStated, Question.Unallocated);
}
