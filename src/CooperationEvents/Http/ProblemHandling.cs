using CooperationEvents.Kernel;
using CooperationEvents.Recording;
using Microsoft.AspNetCore.Diagnostics;

namespace CooperationEvents.Http;

/// <summary>
/// Answers errors outside the rules with a problem: an unreadable request, an unknown path, a database that does not answer.
/// </summary>
public static partial class ProblemHandling
{
    private static readonly ProblemType NoRoute = new("no-such-path", 404, "Nothing is served at this path");
    private static readonly ProblemType NotAcceptable = new(
        "not-acceptable",
        406,
        "The caller takes none of the media types that are served"
    );
    private static readonly ProblemType Method = new("method-not-allowed", 405, "The path does not take this method");
    private static readonly ProblemType Unavailable = new("unavailable", 503, "The database is not available");
    private static readonly ProblemType Unexpected = new("unexpected", 500, "Something is wrong with the service");

    public static void UseProblems(this WebApplication app)
    {
        app.UseExceptionHandler(
            new ExceptionHandlerOptions
            {
                ExceptionHandler = http => Answer(http, http.Features.Get<IExceptionHandlerFeature>()!.Error),
                SuppressDiagnosticsCallback = context => !IsUnexpected(context.Exception),
            }
        );
        app.UseStatusCodePages(context =>
        {
            var http = context.HttpContext;
            if (http.Response is { StatusCode: 405, Headers.Allow: var allowed } && $"{allowed}".Split(", ").Contains(HttpMethods.Get))
                http.Response.Headers.Allow = $"{allowed}, {HttpMethods.Head}";
            Problem? problem = http.Response.StatusCode switch
            {
                404 => NoRoute.Because($"{http.Request.Path} is not part of this API. See /docs."),
                405 => Method.Because($"{http.Request.Path} does not take {http.Request.Method}; it takes {http.Response.Headers.Allow}."),
                415 => KernelProblems.UnsupportedMediaType.Because("Send application/json."),
                _ => null,
            };
            return problem is null ? Task.CompletedTask : ProblemResult.Of(problem).ExecuteAsync(http);
        });
    }

    /// <summary>
    /// What routing itself answers (nothing here, another method, another media type) goes out before anybody is asked who
    /// they are: the paths are public, and "forbidden" would be no help.
    /// </summary>
    public static void UseRoutingAnswers(this WebApplication app) =>
        app.Use(
            (http, next) =>
            {
                switch (http.GetEndpoint())
                {
                    case null:
                        http.Response.StatusCode = 404;
                        return Task.CompletedTask;
                    case RouteEndpoint:
                        return next(http);
                    case var routing:
                        return routing.RequestDelegate!(http);
                }
            }
        );

    private static Task Answer(HttpContext http, Exception error)
    {
        var outage = Outage.Is(error) || Outage.IsForbidden(error) ? Outage.Why(error) ?? "The database cannot be reached." : null;
        var problem = error switch
        {
            BadHttpRequestException { StatusCode: 413 } => KernelProblems.TooLarge.Because(error.Message),
            BadHttpRequestException { StatusCode: 406 } => NotAcceptable.Because(error.Message),
            BadHttpRequestException { StatusCode: 408 } => KernelProblems.TooSlow.Because(error.Message),
            BadHttpRequestException => KernelProblems.Unreadable.Because(error.Message),
            NewerVersionException newer => newer.Problem,
            _ when outage is not null => Unavailable.Because(
                HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method)
                    ? $"{outage} Ask again."
                    : $"{outage} Nothing was recorded, unless the connection was lost while committing. Send the request again; with an "
                        + "Idempotency-Key it takes effect once."
            ) with
            {
                RetryAfter = 2,
            },
            _ => Unexpected.Because("The failure is logged under the trace id."),
        };
        if (outage is not null)
            DatabaseAway(http.RequestServices.GetRequiredService<ILogger<ProblemResult>>(), outage, error);
        return ProblemResult.Of(problem).ExecuteAsync(http);
    }

    private static bool IsUnexpected(Exception error) =>
        error is not (BadHttpRequestException or NewerVersionException or OperationCanceledException)
        && !Outage.Is(error)
        && !Outage.IsForbidden(error);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Why}")]
    private static partial void DatabaseAway(ILogger logger, string why, Exception error);
}
