using System.Globalization;
using System.Text;
using CooperationEvents.Audit.History;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Reading;
using CooperationEvents.Statistics.Counting;
using CooperationEvents.Statistics.Presentation;
using Microsoft.AspNetCore.Authorization;
using Wolverine.Http;

namespace CooperationEvents.Publications;

/// <summary>
/// A published figure as everybody reads it, without a key: what was stated, of what, and the digest of what it rests on. It names no
/// person and no meeting.
/// </summary>
/// <param name="Framework">The name of the framework; absent where it is of all together.</param>
/// <param name="Organisation">What the organisation the figure is of was called on its day.</param>
public sealed record PublicFigure(
    Guid Id,
    DateTimeOffset PublishedAt,
    string Sentence,
    PublishedFigure Figure,
    PublishedQuestion Question,
    string? Framework,
    string? Level,
    string? Organisation,
    DateOnly AsOf,
    long Position,
    string Definition,
    PublishedEvidence Evidence,
    Withdrawal? Withdrawn
)
{
    /// <summary>What it is of, on one line.</summary>
    internal string Asked => string.Join("; ", AskedParts);

    /// <summary>What it is of, part by part.</summary>
    internal IEnumerable<string> AskedParts =>
        new[]
        {
            Framework ?? "All frameworks together",
            Level,
            Question.Year is { } year ? Number(year) : null,
            Question.Party,
            Organisation,
            Frozen.IsLineage(Question) ? AskedInWords.ByLineage : null,
            Question.From is { } from ? $"from {from}" : null,
            string.Create(
                CultureInfo.InvariantCulture,
                $"up to {AsOf:yyyy-MM-dd}, as known at position {Position}, by definition {Definition}"
            ),
        }.OfType<string>();

    /// <summary>Every figure with its name in words.</summary>
    internal IEnumerable<(string Name, int? Value)> Numbers =>
        [
            ("meetings held", Figure.MeetingsHeld),
            .. Figure.MeetingsWithoutAttendance is { } without ? [("of them without attendance", without)] : Array.Empty<(string, int?)>(),
            ("attendances", Figure.Attendances),
            ("people not named", Figure.Unnamed),
            ("staff known by name", Figure.StaffKnown),
            ("staff at least", Figure.StaffAtLeast),
            ("staff at most", Figure.StaffAtMost),
        ];

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>
/// The addresses of published figures that need no key. What was altered in the history, or is gone from it, is stated to nobody.
/// </summary>
public static class PublicFigureEndpoint
{
    /// <summary>Raised where what is answered of a figure changes its form, so that nobody keeps the form before.</summary>
    private const int Form = 4;

    [
        WolverineGet("/public/figures/{publicationId}", OperationId = "read-public-figure-page"),
        AllowAnonymous,
        Answers(MediaTypes.Page, "A published figure as a page.", Conditional = true, HasPosition = true, Refuses = ["409"])
    ]
    public static Task<IResult> Page(string publicationId, HttpContext http, Reader reader, FiguresReader figures, EventHistory history) =>
        Answer(publicationId, http, reader, figures, history, "html", figure =>
            PlainPage.Of(http, $"{figure.Framework ?? "All frameworks"}: a published figure", PageOf(figure))
        );

    [
        WolverineGet("/public/figures/{publicationId}.json", OperationId = "read-public-figure"),
        AllowAnonymous,
        Answers(
            "application/json",
            "A published figure.",
            Answer = typeof(PublicFigure),
            Conditional = true,
            HasPosition = true,
            Refuses = ["409"]
        )
    ]
    public static Task<IResult> GetJson(
        string publicationId,
        HttpContext http,
        Reader reader,
        FiguresReader figures,
        EventHistory history
    ) => Answer(publicationId, http, reader, figures, history, "json", figure => Results.Json(figure, Json.Options));

    [
        WolverineGet("/public/figures/{publicationId}.csv", OperationId = "read-public-figure-csv"),
        AllowAnonymous,
        Answers(CsvLines.MediaType, "A published figure as a table.", Conditional = true, HasPosition = true, Refuses = ["409"])
    ]
    public static Task<IResult> GetCsv(
        string publicationId,
        HttpContext http,
        Reader reader,
        FiguresReader figures,
        EventHistory history
    ) =>
        Answer(publicationId, http, reader, figures, history, "csv", figure =>
            Results.Text(Csv.Write(TableOf(figure), CsvFormat.Plain), CsvLines.MediaType, Encoding.UTF8)
        );

    [
        WolverineGet("/public/figures/{publicationId}.svg", OperationId = "read-public-figure-chart"),
        AllowAnonymous,
        Answers(ChartDrawing.MediaType, "A published figure as a picture.", Conditional = true, HasPosition = true, Refuses = ["409"])
    ]
    public static Task<IResult> GetChart(
        string publicationId,
        HttpContext http,
        Reader reader,
        FiguresReader figures,
        EventHistory history
    ) =>
        Answer(publicationId, http, reader, figures, history, "svg", figure =>
            Results.Text(ChartDrawing.Write(ChartOf(figure)), ChartDrawing.MediaType, Encoding.UTF8)
        );

    private static async Task<IResult> Answer(
        string publicationId,
        HttpContext http,
        Reader reader,
        FiguresReader figures,
        EventHistory history,
        string form,
        Func<PublicFigure, IResult> written
    )
    {
        var (view, _, refused) = await reader.Found<PublicationView>(http, publicationId, waits: true);
        if (view is null)
            return refused!;
        if (await PublicProofEndpoint.RefusedAsAltered(view, history, http.RequestAborted) is { } altered)
            return altered;
        http.Response.Headers.CacheControl = "public, no-cache";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        if (EntityTags.IsKnown(http, EntityTags.Of(FormattableString.Invariant($"{view.Version}-{Form}"), form)))
            return Results.StatusCode(StatusCodes.Status304NotModified);
        var question = Frozen.Question(view.Question, view.AsOf, view.Definition, view.Position);
        var facts = await figures.Facts(question, http.RequestAborted);
        return written(
            new PublicFigure(
                view.Id,
                view.PublishedAt,
                view.Sentence,
                view.Figure,
                view.Question with
                {
                    KnownAt = null,
                },
                view.Question.Framework is null ? null : facts.FrameworksOf(question).FirstOrDefault()?.Name,
                view.Question.Level is { } level ? facts.NameOf(question, "level", level) ?? level : null,
                view.Question.Organisation is { } organisation ? facts.NamesOf(question, organisation.ToString())?.ShortName : null,
                view.AsOf,
                view.Position,
                view.Definition,
                view.Evidence,
                view.Withdrawn
            )
        );
    }

    private static string PageOf(PublicFigure figure)
    {
        var withdrawn = figure.Withdrawn is { } w
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"<p role=\"alert\"><strong>Withdrawn on {w.At:yyyy-MM-dd}:</strong> {Text(w.Reason)}</p>\n"
            )
            : "";
        var rows = string.Concat(
            figure.Numbers.Select(n =>
                $"<tr><th scope=\"row\">{Text(n.Name)}</th>"
                + $"<td>{n.Value?.ToString(CultureInfo.InvariantCulture) ?? "not known"}</td></tr>\n"
            )
        );
        return string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            <h1>{{Name(figure.Framework ?? "All frameworks together")}}</h1>
            {{withdrawn}}<p>{{Text(figure.Sentence)}}</p>
            <table class="figures">
            <caption>{{string.Join("; ", figure.AskedParts.Select(Name))}}</caption>
            <tbody>
            {{rows}}</tbody>
            </table>
            <p>Published {{figure.PublishedAt:yyyy-MM-dd}}. It rests on {{figure.Evidence.Count}} events, whose ids have the SHA-256
                <code>{{Text(figure.Evidence.Sha256)}}</code>.</p>
            <p>That it stands in the audit log is shown by its <a href="/public/figures/{{figure.Id}}.tlog-proof">proof</a> and its
                <a href="/public/figures/{{figure.Id}}.entry">entry</a>. Auditors prove the evidence too, by
                <code>/v1/statistics/publications/{{figure.Id}}/proof</code>.</p>
            <p>As <a href="/public/figures/{{figure.Id}}.json">JSON</a>, <a href="/public/figures/{{figure.Id}}.csv">CSV</a>
                and <a href="/public/figures/{{figure.Id}}.svg">picture</a>.</p>
            """
        );
    }

    private static DataTable TableOf(PublicFigure figure) =>
        new(
            "A published figure",
            new Asked(Frozen.Question(figure.Question, figure.AsOf, figure.Definition, figure.Position)),
            [
                new("publication", DataType.Text, "The id of the publication."),
                new("sentence", DataType.Text, "What was stated."),
                new("framework", DataType.Text, "The name of the framework; empty for all together."),
                .. DataColumn.Figures(),
                new("withdrawn", DataType.Truth, "Whether it is no longer stated."),
                new("question", DataType.Text, "What it is of, in words."),
            ],
            [
                [
                    figure.Id,
                    figure.Sentence,
                    figure.Framework,
                    figure.Figure.MeetingsHeld,
                    figure.Figure.MeetingsWithoutAttendance,
                    figure.Figure.Attendances,
                    figure.Figure.Unnamed,
                    figure.Figure.StaffKnown,
                    figure.Figure.StaffAtLeast,
                    figure.Figure.StaffAtMost,
                    figure.Withdrawn is not null,
                    figure.Asked,
                ],
            ]
        );

    private static Chart ChartOf(PublicFigure figure) =>
        new(
            figure.Sentence,
            figure.Withdrawn is { } w
                ? [figure.Asked, string.Create(CultureInfo.InvariantCulture, $"Withdrawn on {w.At:yyyy-MM-dd}: {w.Reason}")]
                : [figure.Asked],
            "Number",
            "Figure",
            [""],
            [
                new ChartRow("Meetings held", [ChartFigure.Of(figure.Figure.MeetingsHeld)]),
                new ChartRow("Attendances", [ChartFigure.Of(figure.Figure.Attendances)]),
                new ChartRow("Staff involved", [new ChartFigure(figure.Figure.StaffAtLeast, figure.Figure.StaffAtMost)]),
            ],
            [
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Source: cooperation register, publication {figure.Id}, position {figure.Position}, definition {figure.Definition} of "
                        + $"the figures."
                ),
            ],
            Upright: false
        );

    private static string Text(string text) => PlainPage.Text(text);

    private static string Name(string name) => PlainPage.Name(name);
}
