using CooperationEvents.Access;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Recording;
using Npgsql;

namespace CooperationEvents.Audit;

/// <summary>
/// Who read what of the history, why, and when: recorded before the first byte of the answer, and outside the history, so
/// that it can be deleted when its time has come. Each day is sealed in the history.
/// </summary>
public sealed class AccessJournal(NpgsqlDataSource database)
{
    public const string PurposeHeader = "Cooperation-Purpose";

    private const int LongestPurpose = 500;
    private const int LongestRequest = 2_000;

    internal const string Schema = """
        create table if not exists audit.access (
            id bigint generated always as identity primary key,
            at timestamptz not null default clock_timestamp(),
            reader uuid not null,
            request text not null,
            purpose text
        );
        create index if not exists access_at on audit.access (at);
        """;

    internal const string Grants = """
        grant select, insert on audit.access to cooperation_service;
        """;

    /// <summary>Records the request; the problem says why it may not be answered.</summary>
    public async Task<Problem?> Record(HttpContext http)
    {
        string? purpose = http.Request.Headers[PurposeHeader];
        if (purpose is not null && !(purpose.Length is > 0 and <= LongestPurpose && purpose.All(c => c is >= ' ' and <= '~')))
            return RecordingProblems.InvalidHeader.Because($"{PurposeHeader} must be 1 to {LongestPurpose} printable ASCII characters.");
        var request = $"{http.Request.Method} {http.Request.Path.ToUriComponent()}{http.Request.QueryString.ToUriComponent()}";
        if (request.Length > LongestRequest)
            return KernelProblems.TooLarge.Because($"The path and query may have {LongestRequest} characters; they have {request.Length}.");
        await using var command = database.CreateCommand("insert into audit.access (reader, request, purpose) values ($1, $2, $3)");
        command.Parameters.Add(new NpgsqlParameter { Value = http.User.PrincipalId() });
        command.Parameters.Add(new NpgsqlParameter { Value = request });
        command.Parameters.Add(new NpgsqlParameter { Value = purpose is null ? DBNull.Value : purpose });
        try
        {
            await command.ExecuteNonQueryAsync(http.RequestAborted);
            return null;
        }
        catch (NpgsqlException e)
        {
            AccessJournalLog.NotRecorded(http.RequestServices.GetRequiredService<ILogger<AccessJournal>>(), e);
            return AuditProblems.NotRecorded.Because("Reading the history is recorded before it is answered, and that failed. Ask again.") with { RetryAfter = 2 };
        }
    }
}

internal static partial class AccessJournalLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "A reading of the history could not be recorded, and was refused")]
    public static partial void NotRecorded(ILogger logger, Exception error);
}

public static class AccessJournalMiddleware
{
    /// <summary>Every endpoint under <c>audit:read</c> passes here, so that none can forget to record who reads.</summary>
    public static void UseAccessJournal(this WebApplication app) => app.Use(async (http, next) =>
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<RequiresScopeAttribute>()?.Scope == Scopes.AuditRead
            && await http.RequestServices.GetRequiredService<AccessJournal>().Record(http) is { } problem)
            await ProblemResult.Of(problem).ExecuteAsync(http);
        else
            await next(http);
    });
}
