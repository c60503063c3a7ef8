using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Reading;
using CooperationEvents.Statistics.Counting;

namespace CooperationEvents.Statistics.Presentation;

/// <summary>How a statistic is drawn.</summary>
/// <param name="Measures">The figures that can be drawn, by their words in the parameter <c>measure</c>; the first by default.</param>
internal sealed record Drawing<T>(IReadOnlyList<string> Measures, Func<T, string, AskedInWords, Chart> Draw);

/// <summary>
/// How a statistic is asked for and answered over HTTP. It has the form that its endpoint says (<see cref="QueryAttribute.MediaTypes"/>),
/// of several the one the caller likes best: JSON, a table and what describes it, or a chart.
/// </summary>
/// <param name="Name">As in its path.</param>
internal sealed record Representations<T>(string Name, Func<T, DataTable> Table, Drawing<T>? Drawing = null)
    where T : Statistic
{
    /// <summary>Answers the question of the request, or says why it cannot be answered.</summary>
    /// <param name="answer">To the question, resolved to a settled position that the facts have reached.</param>
    /// <param name="more">Reads the parameters the statistic takes beside those of a question and of a chart.</param>
    /// <param name="refuse">Why the question has no answer of this kind; null where it has one.</param>
    public async Task<IResult> Answer(
        HttpContext http,
        Questions questions,
        FiguresReader figures,
        Func<Question, CancellationToken, Task<T>> answer,
        Action<QueryParameters>? more = null,
        Func<Question, CancellationToken, Task<Problem?>>? refuse = null
    )
    {
        var form = Form(http);
        var measure = Drawing?.Measures[0];
        var (question, refused) = await questions.Read(http, query =>
        {
            more?.Invoke(query);
            if (form == ChartDrawing.MediaType)
                measure = query.OneOf("measure", [.. Drawing!.Measures]) ?? measure;
        });
        if (refused is not null)
            return refused;
        if (refuse is not null && await refuse(question!, http.RequestAborted) is { } problem)
            return ProblemResult.Of(problem);
        var statistic = await answer(question!, http.RequestAborted);
        return form switch
        {
            CsvLines.MediaType => Csv.Of(http, Name, Table(statistic), question!.Csv),
            CsvMetadata.MediaType => Csv.Metadata(http, Name, Table(statistic), question!.Csv),
            ChartDrawing.MediaType => ChartDrawing.Of(
                http,
                Name,
                Drawing!.Draw(statistic, measure!, await AskedInWords.Of(question!, figures, http.RequestAborted))
            ),
            _ => Results.Json(statistic, Json.Options),
        };
    }

    private static string Form(HttpContext http)
    {
        var offered = http.GetEndpoint()!.Metadata.GetRequiredMetadata<QueryAttribute>().MediaTypes;
        if (offered is [var only])
            return only;
        http.Response.Headers.Vary = "Accept";
        return MediaTypes.Preferred(http.Request, offered);
    }
}
