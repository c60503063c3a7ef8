using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Serialization;
using CooperationEvents.Kernel;

namespace CooperationEvents.Http;

/// <summary>A problem as RFC 9457 has it, with <c>errors</c> by JSON Pointer and the trace it belongs to.</summary>
public sealed record ProblemBody(
    string Type,
    string Title,
    int Status,
    string Detail,
    string TraceId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ValueList<ProblemError>? Errors = null)
{
    public static ProblemBody Of(Problem problem, HttpContext http) => new(
        problem.Type.Uri,
        problem.Type.Title,
        problem.Type.Status,
        problem.Detail,
        Activity.Current?.TraceId.ToString() ?? http.TraceIdentifier,
        problem.Errors.Count == 0 ? null : [.. problem.Errors.Select(e => new ProblemError(e.Pointer, e.Detail))]);
}

public sealed record ProblemError(string Pointer, string Detail);

/// <summary>Answers with a problem.</summary>
public sealed class ProblemResult : IResult
{
    public const string MediaType = "application/problem+json";

    private readonly Problem _problem;

    private ProblemResult(Problem problem) => _problem = problem;

    public static IResult Of(Problem problem) => new ProblemResult(problem);

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = _problem.Type.Status;
        if (_problem.RetryAfter is { } seconds)
            httpContext.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return httpContext.Response.WriteAsJsonAsync(
            ProblemBody.Of(_problem, httpContext),
            Json.Options,
            MediaType,
            httpContext.RequestAborted);
    }
}
