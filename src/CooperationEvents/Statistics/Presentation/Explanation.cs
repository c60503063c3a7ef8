using System.Globalization;
using System.Text.Json.Serialization;
using CooperationEvents.Kernel;
using CooperationEvents.Reading;
using CooperationEvents.Statistics.Counting;
using Wolverine.Http;

namespace CooperationEvents.Statistics.Presentation;

/// <summary>
/// The items behind a figure. Their number equals the figure; of delegations, the sum of their heads. A figure that is a
/// largest meeting's names that meeting. <paramref name="EventAddress"/> is a URI template of the ids of events.
/// </summary>
public sealed record Explanation(
    Question Question,
    string Measure,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] int? Figure,
    Guid? Meeting,
    string EventAddress,
    ValueList<Explained> Items
) : Statistic(Question)
{
    /// <summary>Where each event is read by whoever may read this, as a URI template (RFC 6570) of its id.</summary>
    public const string AddressOfEvents = "/v1/feed/events/{events}";
}

public static class ExplanationEndpoint
{
    internal const int LargestPage = 10_000;

    private static readonly Representations<Explanation> Forms = new("explain", Table);

    [WolverineGet("/v1/statistics/explain", OperationId = "explain-statistics")]
    [Statistic(typeof(Explanation), "measure", "evidence:limit", "cursor", MediaTypes = ["application/json", CsvLines.MediaType])]
    public static Task<IResult> Get(HttpContext http, Questions questions, FiguresReader figures)
    {
        string? name = null;
        var (limit, skip) = (LargestPage, 0);
        return Forms.Answer(
            http,
            questions,
            figures,
            (question, _) => Of(question, Measure.All.First(m => m.Name == (name ?? "meetingsHeld")), skip, limit, http, figures),
            query =>
            {
                name = query.OneOf("measure", [.. Measure.All.Select(m => m.Name)]);
                limit = query.Number("limit", 1, LargestPage) ?? LargestPage;
                skip = (int)(Cursor.ReadNumber(http, query, int.MaxValue - LargestPage) ?? 0);
            }
        );
    }

    [WolverineGet("/v1/statistics/explain.csv", OperationId = "explain-statistics-csv")]
    [Statistic(typeof(string), "measure", "evidence:limit", "cursor", MediaTypes = [CsvLines.MediaType])]
    public static Task<IResult> GetCsv(HttpContext http, Questions questions, FiguresReader figures) => Get(http, questions, figures);

    [WolverineGet("/v1/statistics/explain.csv-metadata.json", OperationId = "explain-statistics-csv-metadata")]
    [Statistic(typeof(CsvMetadata), "measure", "evidence:limit", "cursor", MediaTypes = [CsvMetadata.MediaType])]
    public static Task<IResult> GetCsvMetadata(HttpContext http, Questions questions, FiguresReader figures) =>
        Get(http, questions, figures);

    private static async Task<Explanation> Of(
        Question question,
        Measure measure,
        int skip,
        int limit,
        HttpContext http,
        FiguresReader figures
    )
    {
        var counted = await figures.Count(question, http.RequestAborted);
        var figure = measure.Figure(counted.Whole, counted.NotCounted);
        Guid? largest = null;
        if (measure.Name == "staff.atLeast" && counted.Whole.Staff.AtLeast > counted.Whole.Staff.Known)
        {
            largest = counted.LargestMeeting;
            measure = Measure.LargestMeeting(measure, largest!.Value);
        }

        // One more than asked for tells whether there is a next page; the position is fixed in its link.
        var items = await figures.Explain(question, measure, skip, limit + 1, http.RequestAborted);
        if (items.Count > limit)
            Cursor.Link(
                http,
                $"{skip + limit}",
                new("knownAt", question.Position.ToString(CultureInfo.InvariantCulture)),
                new("asOf", question.AsOf.ToString("O", CultureInfo.InvariantCulture))
            );
        return new Explanation(question, measure.Name, figure, largest, Explanation.AddressOfEvents, [.. items.Take(limit)]);
    }

    private static DataTable Table(Explanation explanation) =>
        new(
            $"The items behind {explanation.Measure}",
            new Asked(explanation.Question),
            [
                new("kind", DataType.Text, "meeting, attendance, person or delegation."),
                new("meetingId", DataType.Text, "The id of the meeting; empty for a person."),
                new(
                    "personId",
                    DataType.Text,
                    "The id of the person, as whom merged persons are counted; empty for a meeting or a delegation."
                ),
                new("organisationId", DataType.Text, "The id of the organisation somebody was there for."),
                .. DataColumn.Keys("shortName", "organisationName"),
                new("role", DataType.Text, "The role of an attendance."),
                new("heads", DataType.Number, "The people of a delegation who are not named; their sum is the figure."),
                new("precision", DataType.Text, "Of the heads: exact, minimum or estimated."),
                new("title", DataType.Text, "The title of the meeting."),
                new("start", DataType.Text, "The start of the meeting, as finely as it is known: 2021, 2021-03 or 2021-03-04."),
                new("events", DataType.Text, "The ids of the events that made the item.", " ") { ValueUrl = Explanation.AddressOfEvents },
            ],
            [
                .. explanation.Items.Select(i =>
                    (object?[])
                        [
                            i.Kind,
                            i.MeetingId,
                            i.PersonId,
                            i.OrganisationId,
                            i.ShortName,
                            i.OrganisationName,
                            i.Role,
                            i.Heads,
                            i.Precision,
                            i.Title,
                            i.Start,
                            string.Join(' ', i.Events),
                        ]
                ),
            ]
        );
}
