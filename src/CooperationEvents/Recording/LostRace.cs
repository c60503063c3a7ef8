using CooperationEvents.Kernel;
using Npgsql;

namespace CooperationEvents.Recording;

/// <summary>Races between transactions: who loses one has recorded nothing, and is decided again on what the winner recorded.</summary>
internal static class LostRace
{
    public static CommandResult GivenUp { get; } =
        KernelProblems.Busy.Because("Too many others are changing the same record. Send the request again.") with
        {
            RetryAfter = 1,
        };

    public static bool Is(Exception exception) =>
        IsEndedSession(exception)
        || exception
            is LostRaceException
                or PostgresException
                {
                    SqlState: PostgresErrorCodes.UniqueViolation
                        or PostgresErrorCodes.SerializationFailure
                        or PostgresErrorCodes.DeadlockDetected,
                };

    /// <summary>Whether an administrator ended the session, of which a connection in the pool may only now be told.</summary>
    public static bool IsEndedSession(Exception exception) => exception is PostgresException { SqlState: PostgresErrorCodes.AdminShutdown };

    /// <summary>How long who lost waits, after so many attempts.</summary>
    public static TimeSpan Delay(int attempts) => TimeSpan.FromMilliseconds(Random.Shared.Next(1, 10 * Math.Min(attempts, 20)));
}

/// <summary>Another transaction stored a key for the same new person first, or the session ended before the commit.</summary>
internal sealed class LostRaceException : Exception;
