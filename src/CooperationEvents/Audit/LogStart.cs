using CooperationEvents.AuditLog;
using Npgsql;

namespace CooperationEvents.Audit;

/// <summary>
/// What must be so before the service runs on this log: the key is that of the log, and the checkpoints outside the
/// database are those of the log inside. Checked at the start and at every takeover of the sequencer.
/// </summary>
internal sealed class LogStart(NpgsqlDataSource database, LogKeys keys, Anchor anchor)
{
    private const string Recover = "If the database was restored to an older moment, and nothing newer can be restored, run the command 'audit recover' of the service (docs/operators.md).";

    /// <summary>Begins a new log where there is none, and refuses one that is not what was signed.</summary>
    /// <exception cref="LogRefusedException">Says why the service must not run.</exception>
    public async Task Check(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await Begin(connection, cancellation);
        var origin = await StoredCheckpoints.Origin(connection, cancellation);
        if (origin != keys.Origin)
            throw new LogRefusedException($"The log has the origin {origin}, and the key that is configured is one of {keys.Origin}. Configure the key of the log; a new origin comes with 'audit recover' alone.");
        if (await StoredCheckpoints.KeyInUse(connection, keys.Origin, cancellation) is { } inUse && inUse != keys.Current.Verifier && inUse != keys.Retiring?.Verifier)
            throw new LogRefusedException(OtherKey(inUse));
        await CheckAnchor(connection, cancellation);
    }

    /// <summary>Holds the outside checkpoints against the log.</summary>
    public async Task CheckAnchor(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var head = await LogHead.Read(connection, lockIt: false, cancellation);
        var newest = anchor.Newest(keys.Origin);
        if (newest is null)
        {
            if (head.Size > 0 || await StoredCheckpoints.Newest(connection, keys.Origin, cancellation) is not null)
                throw new LogRefusedException($"The log has {head.Size} entries, and the anchor {anchor.Path} holds no checkpoint of it. Put the anchor back. {Recover}");
            return;
        }

        if (newest.Note.SignedBy([keys.Current.Verifier, .. await Known(connection, cancellation)]).Count == 0)
            throw new LogRefusedException($"The newest checkpoint in the anchor {anchor.Path} is signed by no key of this log.");
        if (newest.Checkpoint.Size > head.Size)
            throw new LogRefusedException($"The newest checkpoint in the anchor {anchor.Path} has {newest.Checkpoint.Size} entries, and the log only {head.Size}: the database is older than what was published. {Recover}");
        if (await new TileReader(new LogTiles(database), head.Size).RootAsync(newest.Checkpoint.Size, cancellation) != newest.Checkpoint.Root)
            throw new LogRefusedException($"The newest checkpoint in the anchor {anchor.Path}, of {newest.Checkpoint.Size} entries, is not one of this log: the database is not the one that was published. {Recover}");
    }

    public static string OtherKey(VerifierKey inUse) =>
        $"The log is signed with the key {inUse}, and that is neither Audit:SigningKey nor Audit:RetiringKey. To change the key, configure the one in use as Audit:RetiringKey until both have signed a checkpoint.";

    private static async Task<IReadOnlyList<VerifierKey>> Known(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select key from {LogTables.Key}", connection);
        var known = new List<VerifierKey>();
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
            known.Add(VerifierKey.Parse(rows.GetString(0)));
        return known;
    }

    private async Task Begin(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"insert into {LogTables.Origin} (number, origin, first_size) select 1, $1, 0 where not exists (select from {LogTables.Origin}) on conflict do nothing", connection);
        command.Parameters.Add(new NpgsqlParameter { Value = keys.Origin });
        await command.ExecuteNonQueryAsync(cancellation);
    }
}

/// <summary>Why the service must not run on this log.</summary>
public sealed class LogRefusedException(string why) : Exception(why);
