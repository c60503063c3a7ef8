using Npgsql;

namespace CooperationEvents.Recording;

/// <summary>The database is away, or cannot do what is asked for a while: nothing is wrong with what was asked.</summary>
public static class Outage
{
    public static bool Is(Exception error) =>
        error switch
        {
            PostgresException { SqlState: ['5', '7' or '3' or '8', ..] or ['0', '8', ..] } => true,
            PostgresException => false,
            NpgsqlException or TimeoutException => true,
            _ => error.InnerException is { } inner && Is(inner),
        };
}
