using CooperationEvents.AuditLog;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Audit.TransparencyLog;

/// <summary>
/// What must be so before the service runs on this log: the key is that of the log, and the checkpoints outside the
/// database are those of the log inside. Checked at the start and at every takeover of the sequencer.
/// </summary>
internal sealed partial class LogStart(NpgsqlDataSource database, LogKeys keys, Anchor anchor, AnchorCheck check, ILogger<LogStart> logger)
{
    /// <summary>Begins a new log where there is none, and refuses one that is not what was signed.</summary>
    /// <exception cref="LogRefusedException">Says why the service must not run.</exception>
    public async Task Check(CancellationToken cancellation)
    {
        try
        {
            await CheckAll(cancellation);
        }
        catch (FormatException e)
        {
            throw AnchorCheck.Refused($"What the database holds of the log has not its form: {e.Message.TrimEnd('.')}.");
        }
    }

    public static string OtherKey(VerifierKey inUse) =>
        $"The log is signed with the key {inUse}, and that is neither Audit:SigningKey nor Audit:RetiringKey. To change the key, configure "
        + $"the one in use as Audit:RetiringKey until both have signed a checkpoint.";

    private async Task CheckAll(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var origin = await StoredCheckpoints.Origin(connection, cancellation);
        if (origin is null)
        {
            if (anchor.Whole() is [.., var last])
                throw AnchorCheck.Refused(
                    $"The database holds no log, and the anchor {anchor.Path} a checkpoint of {last.Checkpoint.Origin} with "
                        + $"{last.Checkpoint.Size} entries: configure the database of that log, or another Audit:AnchorFile for a new one."
                );
            keys.Make();
            await Begin(connection, cancellation);
            origin = await StoredCheckpoints.Origin(connection, cancellation);
        }

        if (!keys.Exist)
            throw AnchorCheck.Refused(
                $"The log has the origin {origin}, and its key is missing: there is no {LogKeys.FileName} in the data directory."
            );
        if (origin != keys.Origin)
            throw AnchorCheck.Refused(
                $"The log has the origin {origin}, and the key that is configured is one of {keys.Origin}: configure the key of the log."
            );
        if (
            await StoredCheckpoints.KeyInUse(connection, keys.Origin, cancellation) is { } inUse
            && inUse != keys.Current.Verifier
            && inUse != keys.Retiring?.Verifier
        )
        {
            // A database that is older than a change of the key is told so first.
            await check.AtStart(connection, cancellation);
            throw new LogRefusedException(OtherKey(inUse));
        }

        foreach (var odd in await check.AtStart(connection, cancellation))
            Odd(logger, odd);
    }

    /// <summary>The key is known from the start, so that it can be handed out before there is anything to sign.</summary>
    private Task Begin(NpgsqlConnection connection, CancellationToken cancellation) =>
        connection.Execute(
            $"""
            with begun as (
                insert into {LogTables.Origin} (number, origin, first_size)
                select 1, $1, 0 where not exists (select from {LogTables.Origin}) on conflict do nothing returning origin)
            insert into {LogTables.Key} (origin, first_size, key) select origin, 0, $2 from begun
            """,
            [keys.Origin, keys.Current.Verifier.ToString()],
            cancellation
        );

    [LoggerMessage(Level = LogLevel.Warning, Message = "{What}")]
    private static partial void Odd(ILogger logger, string what);
}

/// <summary>Why the service must not run on this log.</summary>
public sealed class LogRefusedException(string why) : Exception(why);
