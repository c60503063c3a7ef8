using System.Text.Json.Serialization;
using CooperationEvents.Kernel;
using Wolverine.Http;

namespace CooperationEvents.Statistics;

/// <summary>How regularly meetings are held at each level, and when the next is due.</summary>
public sealed record Cadence(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] Guid? Framework,
    DateOnly AsOf,
    string KnownAt,
    long Position,
    string Definition,
    string? OrgView,
    PartAsked? Part,
    ValueList<LevelCadence> Items);

/// <param name="Intervals">The days from the first day of each meeting at the level to that of the next.</param>
/// <param name="MedianInterval">In days; of an even number of intervals, the mean of the middle two, rounded down. Null where there are none.</param>
/// <param name="NextDue">The first day of the last meeting and the median interval after it.</param>
public sealed record LevelCadence(
    Guid Framework,
    string Level,
    int MeetingsHeld,
    EditionHeld? Last,
    ValueList<int> Intervals,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] int? MedianInterval,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DateOnly? NextDue);

/// <summary>A meeting held at a level, with the number of its edition where one was stated.</summary>
public sealed record EditionHeld(Guid MeetingId, string Title, int? Edition, string Start, DateOnly FirstDay);

public static class CadenceEndpoint
{
    private static readonly Forms<Cadence> Forms = new("cadence", Table);

    [WolverineGet("/v1/statistics/cadence", OperationId = "get-cadence")]
    [Statistic(typeof(Cadence), MediaTypes = ["application/json", Csv.MediaType])]
    public static Task<IResult> Get(HttpContext http, Questions questions, FiguresReader figures) =>
        Answer(http, questions, figures, Forms.Preferred(http));

    [WolverineGet("/v1/statistics/cadence.csv", OperationId = "get-cadence-csv")]
    [Statistic(typeof(string), MediaTypes = [Csv.MediaType])]
    public static Task<IResult> GetCsv(HttpContext http, Questions questions, FiguresReader figures) =>
        Answer(http, questions, figures, Form.Csv);

    [WolverineGet("/v1/statistics/cadence.csv-metadata.json", OperationId = "get-cadence-csv-metadata")]
    [Statistic(typeof(CsvMetadata), MediaTypes = [CsvMetadata.MediaType])]
    public static Task<IResult> GetCsvMetadata(HttpContext http, Questions questions, FiguresReader figures) =>
        Answer(http, questions, figures, Form.CsvMetadata);

    private static async Task<IResult> Answer(HttpContext http, Questions questions, FiguresReader figures, Form form)
    {
        var (question, refused) = await questions.Read(http);
        if (refused is not null)
            return refused;
        var editions = await figures.Editions(question!, http.RequestAborted);
        return Forms.Write(http, form, new Cadence(
            question!.Framework,
            question.AsOf,
            question.KnownAt,
            question.Position,
            Question.Definition,
            question.OrgView,
            PartAsked.Of(question.Part),
            [
                .. from level in await figures.Levels(question, http.RequestAborted)
                   where question.Part.Level is null || question.Part.Level == level.Code
                   select Of(level.Framework, level.Code, [.. editions[level].OrderBy(e => e.FirstDay).ThenBy(e => e.Edition).ThenBy(e => e.MeetingId)]),
            ]));
    }

    private static LevelCadence Of(Guid framework, string level, IReadOnlyList<EditionHeld> editions)
    {
        var intervals = editions.Zip(editions.Skip(1), (one, next) => next.FirstDay.DayNumber - one.FirstDay.DayNumber).ToList();
        int? median = intervals.Count == 0 ? null : Median([.. intervals.Order()]);
        return new LevelCadence(
            framework,
            level,
            editions.Count,
            editions.Count == 0 ? null : editions[^1],
            [.. intervals],
            median,
            median is { } days && editions[^1].FirstDay.DayNumber + days <= DateOnly.MaxValue.DayNumber ? editions[^1].FirstDay.AddDays(days) : null);
    }

    private static int Median(IReadOnlyList<int> ordered) => (ordered[(ordered.Count - 1) / 2] + ordered[ordered.Count / 2]) / 2;

    private static DataTable Table(Cadence cadence) => new(
        "Intervals between the meetings of each level",
        new Asked(cadence.Framework, cadence.AsOf, cadence.Position, cadence.OrgView, cadence.Part),
        [
            .. DataColumn.Keys("framework", "level"),
            new DataColumn("meetingsHeld", DataType.Number, "Meetings held at the level."),
            new DataColumn("lastMeeting", DataType.Text, "The id of the last of them."),
            new DataColumn("lastEdition", DataType.Number, "The number of its edition, where one was stated."),
            new DataColumn("lastFirstDay", DataType.Day, "Its first day."),
            new DataColumn("medianInterval", DataType.Number, "The median of the days from one first day to the next."),
            new DataColumn("nextDue", DataType.Day, "The last first day and the median interval after it."),
        ],
        [
            .. cadence.Items.Select(r => (object?[])
                [r.Framework, r.Level, r.MeetingsHeld, r.Last?.MeetingId, r.Last?.Edition, r.Last?.FirstDay, r.MedianInterval, r.NextDue]),
        ]);
}
