using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Recording;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Audit.Journal;

/// <summary>
/// Who read what of the history, or names of people, when and why. A reading is recorded before the first byte of the answer, and outside
/// the history, so that it can be deleted when its time has come. Each day is sealed in the history.
/// </summary>
internal sealed class AccessJournal(NpgsqlDataSource database, JournalledRequest requests)
{
    public const string PurposeHeader = "Cooperation-Purpose";

    private const int LongestPurpose = 500;
    private const int LongestRequest = 2_000;

    /// <summary>Records the request; the problem says why it may not be answered.</summary>
    public async Task<Problem?> Record(HttpContext http)
    {
        string? purpose = http.Request.Headers[PurposeHeader];
        if (purpose is not null && !(purpose.Length is > 0 and <= LongestPurpose && purpose.All(c => c is >= ' ' and <= '~')))
            return RecordingProblems.InvalidHeader.Because($"{PurposeHeader} must be 1 to {LongestPurpose} printable ASCII characters.");
        var length = http.Request.Path.ToUriComponent().Length + http.Request.QueryString.ToUriComponent().Length;
        if (length > LongestRequest)
            return KernelProblems.TooLarge.Because($"The path and query may have {LongestRequest} characters; they have {length}.");
        await using var command = database.Statement(
            "insert into audit.access (at, reader, request, purpose) values (clock_timestamp(), $1, $2, $3)",
            http.User.PrincipalId(),
            requests.Of(http),
            purpose is null ? DBNull.Value : purpose
        );
        try
        {
            await command.ExecuteNonQueryAsync(http.RequestAborted);
            return null;
        }
        catch (NpgsqlException e)
        {
            AccessJournalLog.NotRecorded(http.RequestServices.GetRequiredService<ILogger<AccessJournal>>(), e);
            return AuditProblems.NotRecorded.Because(
                "Reading the history is recorded before it is answered, and that failed. Ask again."
            ) with
            {
                RetryAfter = 2,
            };
        }
    }
}

/// <summary>
/// Forgets readings older than <c>Audit:JournalKeptDays</c> (730 where absent), once their day is sealed; the seals stay.
/// </summary>
public sealed record ForgetReadings;

public static class ForgetReadingsHandler
{
    public static Task Handle(ForgetReadings message, NpgsqlDataSource database, AuditOptions options, CancellationToken cancellation) =>
        database.Execute("select audit.forget_access(now() - $1)", [TimeSpan.FromDays(options.JournalKeptDays)], cancellation);
}

internal static partial class AccessJournalLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "A reading of the history could not be recorded, and was refused")]
    public static partial void NotRecorded(ILogger logger, Exception error);
}

public static class AccessJournalMiddleware
{
    /// <summary>
    /// Every endpoint under <c>audit:read</c>, and every one that answers with names to callers who may read them, passes here, so that
    /// none can forget to record who reads. No cache keeps such an answer.
    /// </summary>
    public static void UseAccessJournal(this WebApplication app) =>
        app.Use(
            async (http, next) =>
            {
                if (!IsJournalled(http))
                {
                    await next(http);
                    return;
                }

                http.Response.OnStarting(() =>
                {
                    http.Response.Headers.CacheControl = "no-store";
                    if (!http.Response.Headers.Vary.ToString().Contains("Authorization", StringComparison.Ordinal))
                        http.Response.Headers.Append("Vary", "Authorization, X-Api-Key");
                    return Task.CompletedTask;
                });
                if (await http.RequestServices.GetRequiredService<AccessJournal>().Record(http) is { } problem)
                    await ProblemResult.Of(problem).ExecuteAsync(http);
                else
                    await next(http);
            }
        );

    private static bool IsJournalled(HttpContext http) =>
        http.GetEndpoint()?.Metadata is { } metadata
        && (
            metadata.GetMetadata<RequiresScopeAttribute>()?.Scope is Scopes.AuditRead or Scopes.PeopleRead
            || metadata.GetMetadata<OpensNamesAttribute>()?.Scopes.Any(http.User.Has) == true
        );
}
