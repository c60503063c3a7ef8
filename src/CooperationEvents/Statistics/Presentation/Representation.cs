using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Statistics.Counting;

namespace CooperationEvents.Statistics.Presentation;

/// <summary>The form in which a statistic is asked for: by <c>Accept</c>, or by the ending of its path.</summary>
internal enum Representation
{
    Json,
    Csv,
    CsvMetadata,
    Chart,
}

/// <summary>
/// The forms a statistic is served in, each made from it: JSON, a table and what describes it, and a chart where it can be drawn.
/// </summary>
/// <param name="Name">As in its path.</param>
internal sealed record Representations<T>(string Name, Func<Question, T, DataTable> Table)
{
    public bool HasChart { get; init; }

    /// <summary>The form the caller likes best.</summary>
    public Representation Preferred(HttpContext http)
    {
        http.Response.Headers.Vary = "Accept";
        string[] offered = HasChart ? ["application/json", Csv.MediaType, ChartDrawing.MediaType] : ["application/json", Csv.MediaType];
        return MediaTypes.Preferred(http.Request, offered) switch
        {
            Csv.MediaType => Representation.Csv,
            ChartDrawing.MediaType => Representation.Chart,
            _ => Representation.Json,
        };
    }

    /// <summary>The statistic in that form.</summary>
    /// <param name="chart">Where the form may be a chart.</param>
    public IResult Write(HttpContext http, Representation form, Question question, T statistic, Chart? chart = null) =>
        form switch
        {
            Representation.Csv => Csv.Of(http, Name, Table(question, statistic), question.Csv),
            Representation.CsvMetadata => Csv.Metadata(http, Name, Table(question, statistic), question.Csv),
            Representation.Chart => ChartDrawing.Of(http, Name, chart!),
            _ => Results.Json(statistic, Json.Options),
        };
}
