using Npgsql;

namespace CooperationEvents.Recording;

/// <summary>The database is away, or cannot do what is asked for a while: nothing is wrong with what was asked.</summary>
public static class Outage
{
    private const string SequenceAtItsEnd = "2200H";

    public static bool Is(Exception error) =>
        error switch
        {
            PostgresException { SqlState: ['5', '7' or '3' or '8', ..] or ['0', '8', ..] } => true,
            PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction or SequenceAtItsEnd } => true,
            PostgresException => false,
            NpgsqlException or TimeoutException => true,
            _ => error.InnerException is { } inner && Is(inner),
        };

    /// <summary>What keeps a database that answers from doing what is asked, as a sentence; null where it is another thing.</summary>
    public static string? Why(Exception error) =>
        StateOf(error) switch
        {
            PostgresErrorCodes.DiskFull => "The disk of the database is full (53100).",
            PostgresErrorCodes.OutOfMemory => "The database has no memory left (53200).",
            PostgresErrorCodes.TooManyConnections => "The database has no connection left (53300).",
            ['5', '3', ..] and var state => $"The database lacks what it needs ({state}).",
            PostgresErrorCodes.ReadOnlySqlTransaction => "The database can be read only (25006): it is a standby, or was set to that.",
            SequenceAtItsEnd =>
                "The sequence of the positions is at its end (2200H): somebody has set it, since the service would need ages to get there.",
            PostgresErrorCodes.CheckViolation => "A rule that the service did not make keeps this out of the history (23514).",
            _ => null,
        };

    /// <summary>
    /// Whether the history takes no such event: somebody has put a rule upon its tables, which have none. Others may be taken, so what is
    /// committed together is tried apart.
    /// </summary>
    public static bool IsForbidden(Exception error) =>
        error is PostgresException { SqlState: PostgresErrorCodes.CheckViolation, SchemaName: "register" }
        || error.InnerException is { } inner && IsForbidden(inner);

    /// <summary>Whether nothing is recorded until somebody has seen to the database, although it can be read.</summary>
    public static bool EndsRecording(Exception error) =>
        StateOf(error) is PostgresErrorCodes.DiskFull or PostgresErrorCodes.ReadOnlySqlTransaction or SequenceAtItsEnd;

    private static string? StateOf(Exception error) =>
        error is PostgresException { SqlState: var state } ? state
        : error.InnerException is { } inner ? StateOf(inner)
        : null;
}
