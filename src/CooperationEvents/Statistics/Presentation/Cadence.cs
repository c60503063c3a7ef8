using System.Text.Json.Serialization;
using CooperationEvents.Kernel;
using CooperationEvents.Reading;
using CooperationEvents.Statistics.Counting;
using Wolverine.Http;

namespace CooperationEvents.Statistics.Presentation;

/// <summary>How regularly meetings are held at each level, and when the next is due.</summary>
public sealed record Cadence(Question Question, ValueList<LevelCadence> Items) : Statistic(Question);

/// <param name="Intervals">The days from the first day of each meeting at the level to that of the next; null where one of them is known
/// less finely.</param>
/// <param name="MedianInterval">In days, of those known; of an even number, the mean of the middle two, rounded down. Null where there are
/// none.</param>
/// <param name="NextDue">The first day of the last meeting and the median interval after it; null where either is not known.</param>
/// <param name="Overdue">Whether that day is before the day asked about; absent where it is not known, and by definition 1.</param>
public sealed record LevelCadence(
    Guid Framework,
    string Level,
    string LevelName,
    int MeetingsHeld,
    EditionHeld? Last,
    ValueList<int?> Intervals,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] int? MedianInterval,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DateOnly? NextDue,
    bool? Overdue
);

public static class CadenceEndpoint
{
    private static readonly Representations<Cadence> Forms = new("cadence", Table);

    [WolverineGet("/v1/statistics/cadence", OperationId = "get-cadence")]
    [Statistic(typeof(Cadence), MediaTypes = ["application/json", CsvLines.MediaType])]
    public static Task<IResult> Get(HttpContext http, Questions questions, FiguresReader figures) =>
        Forms.Answer(http, questions, figures, (question, cancellation) => Of(question, figures, cancellation));

    [WolverineGet("/v1/statistics/cadence.csv", OperationId = "get-cadence-csv")]
    [Statistic(typeof(string), MediaTypes = [CsvLines.MediaType])]
    public static Task<IResult> GetCsv(HttpContext http, Questions questions, FiguresReader figures) => Get(http, questions, figures);

    [WolverineGet("/v1/statistics/cadence.csv-metadata.json", OperationId = "get-cadence-csv-metadata")]
    [Statistic(typeof(CsvMetadata), MediaTypes = [CsvMetadata.MediaType])]
    public static Task<IResult> GetCsvMetadata(HttpContext http, Questions questions, FiguresReader figures) =>
        Get(http, questions, figures);

    private static async Task<Cadence> Of(Question question, FiguresReader figures, CancellationToken cancellation)
    {
        var editions = await figures.Editions(question, cancellation);
        return new Cadence(
            question,
            [
                .. from level in await figures.Levels(question, cancellation)
                where question.Filter.Level is null || question.Filter.Level == level.Code
                select Of(
                    question,
                    level,
                    [
                        .. editions[(level.Framework, level.Code)]
                            .OrderBy(e => e.FirstDay)
                            .ThenBy(e => !e.IsDayKnown && !question.ByFirstDefinition)
                            .ThenBy(e => e.Edition)
                            .ThenBy(e => e.MeetingId),
                    ]
                ),
            ]
        );
    }

    private static LevelCadence Of(Question question, KnownLevel level, IReadOnlyList<EditionHeld> editions)
    {
        int?[] intervals = [.. editions.Zip(editions.Skip(1), Between)];
        int? median = intervals.OfType<int>().Order().ToList() is { Count: > 0 } known ? Median(known) : null;
        var due =
            median is { } days && editions[^1] is var last && IsKnown(last) && last.FirstDay.DayNumber + days <= DateOnly.MaxValue.DayNumber
                ? last.FirstDay.AddDays(days)
                : (DateOnly?)null;
        return new LevelCadence(
            level.Framework,
            level.Code,
            level.Name,
            editions.Count,
            editions.Count == 0 ? null : editions[^1],
            [.. intervals],
            median,
            due,
            due is { } day && !question.ByFirstDefinition ? day < question.AsOf : null
        );

        bool IsKnown(EditionHeld edition) => edition.IsDayKnown || question.ByFirstDefinition;

        int? Between(EditionHeld one, EditionHeld next) =>
            IsKnown(one) && IsKnown(next) ? next.FirstDay.DayNumber - one.FirstDay.DayNumber : null;
    }

    private static int Median(IReadOnlyList<int> ordered) => (ordered[(ordered.Count - 1) / 2] + ordered[ordered.Count / 2]) / 2;

    private static DataTable Table(Cadence cadence) =>
        new(
            "Intervals between the meetings of each level",
            new Asked(cadence.Question),
            [
                .. DataColumn.Keys("framework", "level", "levelName"),
                new DataColumn("meetingsHeld", DataType.Number, "Meetings held at the level."),
                new DataColumn("lastMeeting", DataType.Text, "The id of the last of them."),
                new DataColumn("lastEdition", DataType.Number, "The number of its edition, where one was stated."),
                new DataColumn("lastTitle", DataType.Text, "Its title."),
                new DataColumn("lastStart", DataType.Text, "Its start, as finely as it is known."),
                new DataColumn("lastFirstDay", DataType.Day, "Its first day; the last it may have been, where it is not known."),
                new DataColumn("medianInterval", DataType.Number, "The median of the days from one first day to the next, of those known."),
                new DataColumn(
                    "nextDue",
                    DataType.Day,
                    "The last first day and the median interval after it; empty where either is not known."
                ),
                new DataColumn("overdue", DataType.Truth, "Whether that day is before the day asked about."),
            ],
            [
                .. cadence.Items.Select(r =>
                    (object?[])
                        [
                            r.Framework,
                            r.Level,
                            r.LevelName,
                            r.MeetingsHeld,
                            r.Last?.MeetingId,
                            r.Last?.Edition,
                            r.Last?.Title,
                            r.Last?.Start,
                            r.Last?.FirstDay,
                            r.MedianInterval,
                            r.NextDue,
                            r.Overdue,
                        ]
                ),
            ]
        );
}
