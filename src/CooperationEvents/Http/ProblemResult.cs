using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using CooperationEvents.Kernel;

namespace CooperationEvents.Http;

/// <summary>
/// A problem as RFC 9457 has it, with <c>errors</c> by JSON Pointer and the trace it belongs to. Of a conflict, <paramref name="Id"/>
/// is the record it is with.
/// </summary>
public sealed record ProblemBody(
    string Type,
    string Title,
    int Status,
    string Detail,
    string TraceId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ValueList<ProblemError>? Errors = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Guid? Id = null
)
{
    private const int LongestDetail = 2_000;
    private const int LongestPointer = 300;

    public static async Task<ProblemBody> Of(Problem problem, HttpContext http)
    {
        Guid[] people = [.. problem.Errors.Select(e => e.PersonId).OfType<Guid>().Distinct()];
        var shown = people is [] ? null : await http.RequestServices.GetRequiredService<IShowPeople>().Of(people, http);
        return new(
            problem.Type.Uri,
            problem.Type.Title,
            problem.Type.Status,
            Cut(problem.Detail, LongestDetail),
            Activity.Current?.TraceId.ToString() ?? http.TraceIdentifier,
            problem.Errors.Count == 0 ? null : [.. problem.Errors.Select(e => ErrorOf(e, shown))],
            problem.Record
        );
    }

    private static ProblemError ErrorOf(FieldError error, IReadOnlySet<Guid>? shown) =>
        error.PersonId is { } person && shown?.Contains(person) != true
            ? new ProblemError(Cut(error.Pointer, LongestPointer), error.Detail)
            : new ProblemError(
                Cut(error.Pointer, LongestPointer),
                Cut(error.Detail, LongestDetail),
                Value(error.Recorded),
                Value(error.Sent)
            );

    private static JsonElement? Value(string? json) => json is null ? null : JsonSerializer.Deserialize<JsonElement>(json);

    /// <summary>A problem cites what was sent, which may be long; the answer is not.</summary>
    private static string Cut(string text, int longest) => text.Length <= longest ? text : text[..longest] + "…";
}

/// <summary>
/// What is wrong with one member; where it differs from what is recorded, both values, save personal ones for whoever may not read them.
/// </summary>
public sealed record ProblemError(
    string Pointer,
    string Detail,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JsonElement? Recorded = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JsonElement? Sent = null
);

/// <summary>Answers with a problem.</summary>
public sealed class ProblemResult : IResult
{
    public const string MediaType = "application/problem+json";

    private readonly Problem _problem;

    private ProblemResult(Problem problem) => _problem = problem;

    public static IResult Of(Problem problem) => new ProblemResult(problem);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var body = await ProblemBody.Of(_problem, httpContext);

        httpContext.Response.StatusCode = _problem.Type.Status;
        if (_problem.RetryAfter is { } seconds)
            httpContext.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        await JsonAnswer.Send(httpContext, body, MediaType);
    }
}
