using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;
using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Reading;
using CooperationEvents.Statistics.Counting;
using Wolverine.Http;

namespace CooperationEvents.Statistics.Presentation;

/// <summary>The figure as it is stated in public, with the meetings it rests on.</summary>
public sealed record Factsheet(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] Guid? Framework,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] PartialDate? Since,
    DateOnly? From,
    DateOnly AsOf,
    string KnownAt,
    long Position,
    string Definition,
    string? OrgView,
    PartAsked? Part,
    string Sentence,
    int MeetingsHeld,
    int? MeetingsWithoutAttendance,
    int Attendances,
    int Unnamed,
    StaffInvolved Staff,
    ValueList<FactsheetMeeting> Evidence
);

/// <summary>A meeting a figure rests on, with the events that made it.</summary>
public sealed record FactsheetMeeting(Guid MeetingId, string Title, string Start, ValueList<Guid> Events);

public static class FactsheetEndpoint
{
    [WolverineGet("/v1/statistics/factsheet", OperationId = "get-factsheet")]
    [Query(
        Scopes.StatisticsRead,
        typeof(Factsheet),
        "framework",
        "figures:from",
        "asOf",
        "knownAt",
        "definition",
        "level",
        "year",
        "party",
        "counted:organisation",
        "orgView",
        Also = Scopes.ActivityRead,
        MediaTypes = ["application/json", "text/plain", "text/markdown"]
    )]
    public static async Task<IResult> Get(HttpContext http, Questions questions, FiguresReader reader)
    {
        var (question, refused) = await questions.Read(http);
        if (refused is not null)
            return refused;
        if (!Sentence.Says(question!.Filter))
            return ProblemResult.Of(
                KernelProblems.Invalid.Because(
                    "The sentence of a fact sheet says the level, the year, and either the party or the organisation, and no other part. "
                        + "Ask for cumulative to narrow it further."
                )
            );
        var frameworks = await reader.Frameworks(question!, http.RequestAborted);
        var statistics = await CumulativeStatisticsEndpoint.Of(question!, reader, http.RequestAborted);
        var figures = new Figures(
            statistics.MeetingsHeld,
            statistics.MeetingsWithoutAttendance,
            statistics.Attendances,
            statistics.Unnamed,
            statistics.Staff
        );
        var meetings = await reader.Explain(question!, Measure.All[0], 0, int.MaxValue, http.RequestAborted);
        var sheet = new Factsheet(
            statistics.Framework,
            statistics.Since,
            statistics.From,
            statistics.AsOf,
            statistics.KnownAt,
            statistics.Position,
            statistics.Definition,
            statistics.OrgView,
            statistics.Part,
            await Sentence.Of(question, figures, reader, http.RequestAborted),
            statistics.MeetingsHeld,
            statistics.MeetingsWithoutAttendance,
            statistics.Attendances,
            statistics.Unnamed,
            statistics.Staff,
            [.. meetings.Select(m => new FactsheetMeeting(m.MeetingId!.Value, m.Title!, m.Start!, m.Events))]
        );
        http.Response.Headers.Vary = "Accept";
        return MediaTypes.Preferred(http.Request, "application/json", "text/plain", "text/markdown") switch
        {
            "text/plain" => Results.Text(
                sheet.Sentence + (question.Lineage ? $" Counted with {AskedInWords.ByLineage}.\n" : "\n"),
                "text/plain",
                Encoding.UTF8
            ),
            "text/markdown" => Results.Text(
                Markdown(sheet, frameworks is [var one] ? one.Name : "All frameworks"),
                "text/markdown",
                Encoding.UTF8
            ),
            _ => Results.Json(sheet, Json.Options),
        };
    }

    private static string Markdown(Factsheet sheet, string name)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {Escape(name)}\n\n{Escape(sheet.Sentence)}\n\n");
        var without = sheet.MeetingsWithoutAttendance is { } n
            ? string.Create(CultureInfo.InvariantCulture, $"| of them without attendance | {n} |\n")
            : "";
        text.Append("| figure | value |\n| --- | --- |\n");
        text.Append(
            CultureInfo.InvariantCulture,
            $"| meetings held | {sheet.MeetingsHeld} |\n{without}| attendances | {sheet.Attendances} |\n| people not named | "
                + $"{sheet.Unnamed} |\n"
        );
        text.Append(
            CultureInfo.InvariantCulture,
            $"| staff known by name | {sheet.Staff.Known} |\n| staff at least | {sheet.Staff.AtLeast} |\n| staff at most | "
                + $"{sheet.Staff.AtMost?.ToString(CultureInfo.InvariantCulture) ?? "not known"} |\n\n"
        );
        text.Append(
            CultureInfo.InvariantCulture,
            $"{(sheet.From is { } from ? $"From {from:yyyy-MM-dd}, as" : "As")} of {sheet.AsOf:yyyy-MM-dd}, as known at position "
                + $"{sheet.Position}, by definition {sheet.Definition}{(sheet.OrgView is null ? "" : $"; {AskedInWords.ByLineage}")}.\n\n"
        );
        text.Append("## Meetings\n\n| date | meeting | id |\n| --- | --- | --- |\n");
        foreach (var meeting in sheet.Evidence)
            text.Append(CultureInfo.InvariantCulture, $"| {meeting.Start} | {Escape(meeting.Title)} | {meeting.MeetingId} |\n");
        return text.ToString();
    }

    /// <summary>Text that CommonMark, with the extensions of GitHub, shows as it is.</summary>
    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            var c = text[at];
            if (c is '|' or '\\' or '`' or '*' or '_' or '[' or ']' or '<' or '>' or '#' or '&' or '~' or '$' || BeginsLink(text, at))
                escaped.Append('\\');
            escaped.Append(c is '\n' or '\r' ? ' ' : c);
        }

        return escaped.ToString();
    }

    /// <summary>Whether an address becomes a link by the sign there. A link would show the backslashes that are in it.</summary>
    private static bool BeginsLink(string text, int at) =>
        text.AsSpan(at).StartsWith("://") || text[at] == '.' && text.AsSpan(0, at).EndsWith("www");
}
