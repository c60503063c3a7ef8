using CooperationEvents.Audit.History;
using CooperationEvents.AuditLog;
using CooperationEvents.Kernel;
using CooperationEvents.Projections;
using CooperationEvents.Recording;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Audit.TransparencyLog;

/// <summary>
/// <c>audit recover</c>: lets the log go on, under a new origin, where its database was restored to an older moment than was
/// published. What is lost stays lost; that it is lost, and who decided to go on, is recorded and signed.
/// </summary>
internal sealed class Recover(
    NpgsqlDataSource database,
    [FromKeyedServices(DataSources.Owner)] NpgsqlDataSource owner,
    Recorder recorder,
    Anchor anchor,
    LogKeys configured,
    RecoverOptions options,
    LogTiles tiles,
    TimeProvider clock
)
{
    /// <summary>
    /// How far the next position lies above every known one: positions that were given out and lost must not be given out again.
    /// </summary>
    private const long Margin = 1_000_000;

    /// <summary>Recovers, and says what was done; throws, and changes nothing, where there is nothing to recover.</summary>
    public async Task<string> Run(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        if (!await connection.TryTake(AdvisoryLocks.Log, cancellation))
            throw new LogRefusedException("A node of the service runs this log. Stop every node first.");
        await CheckOwner(cancellation);
        var oldOrigin = await StoredCheckpoints.Origin(connection, cancellation)
            ?? throw new LogRefusedException("The database holds no log.");
        var head = await LogHead.Read(connection, lockIt: false, cancellation);
        var (anchored, stored) = (anchor.Newest(oldOrigin), await StoredCheckpoints.Newest(connection, oldOrigin, cancellation));
        var old = new[] { anchored, stored }.MaxBy(l => l?.Checkpoint.Size ?? -1)
            ?? throw new LogRefusedException($"Neither the anchor {anchor.Path} nor the database holds a checkpoint of {oldOrigin}.");
        var common = await CommonSize(oldOrigin, head.Size, cancellation);
        if (
            anchored is not null
            && anchored.Checkpoint.Size >= head.Published
            && common >= old.Checkpoint.Size
            && await PutBack(connection, oldOrigin, cancellation) is { } putBack
        )
        {
            return putBack > 0
                ? $"{putBack} checkpoints of {oldOrigin} were missing in the database, and were put back from the anchor. The log goes on "
                    + $"as it was."
                : throw new LogRefusedException($"The anchor and the log of {oldOrigin} agree; there is nothing to recover.");
        }

        var keys =
            options.DevelopmentDirectory is { } directory && (!configured.Exist || configured.Origin == oldOrigin)
                ? LogKeys.Renew(directory)
                : configured;
        if (keys.Origin == oldOrigin)
            throw new LogRefusedException(
                $"The log goes on under a new origin. Configure a new Audit:Origin and an Audit:SigningKey of that name; {oldOrigin} has "
                    + $"ended."
            );
        var lost = Math.Max(0, old.Checkpoint.Size - common);
        await Raise(cancellation);
        await Begin(connection, keys.Origin, head.Size, cancellation);
        var succession = new LogSucceeded(Log.StreamId, keys.Origin, old.Note.ToString(), common, lost, options.Reason, options.By);
        if (
            await recorder.Record(new Submission(Caller.Itself("audit-recover"), work => Succeed(work, succession), 200), cancellation)
            is CommandResult.Refused { Problem: var problem }
        )
            throw new LogRefusedException($"The succession could not be recorded: {problem.Detail}");

        var sequencer = await Sequencer.TakeOver(connection, cancellation);
        while (await sequencer.Next(cancellation) > 0) { }

        var check = new AnchorCheck(database, keys, anchor, clock);
        var size = await new CheckpointWriter(connection, check, keys, anchor, sequencer.Epoch).Sign(cancellation);
        return $"""
            The log {oldOrigin} has ended. It goes on as {keys.Origin}, with {size} entries.
            Of {old.Checkpoint.Size} entries that were published, {common} are here and {lost} are lost.
            Give auditors the new key: {keys.Current.Verifier}
            """;
    }

    private static async Task<StreamDecision> Succeed(UnitOfWork work, LogSucceeded succession) =>
        await work.Find<Log>(Log.StreamId) is null
            ? await work.Create<Log>(Log.StreamId, null, (_, _) => Decision.Accept(succession))
            : await work.Change<Log>(Log.StreamId, _ => Decision.Accept(succession));

    /// <summary>How many leaves the restored log shares with the one that was published, as far as checkpoints can tell.</summary>
    private async Task<long> CommonSize(string origin, long size, CancellationToken cancellation)
    {
        var common = 0L;
        var reader = new TileReader(tiles, size);
        foreach (
            var line in anchor.Read().Where(l => l.Checkpoint.Origin == origin && l.Checkpoint.Size <= size).OrderBy(l => l.Checkpoint.Size)
        )
        {
            if (!await HasRoot(reader, line.Checkpoint, cancellation))
                return common;
            common = line.Checkpoint.Size;
        }

        // No checkpoint speaks against what follows the last one that agrees.
        return size;
    }

    /// <summary>Whether the log has that root; where leaves are missing it has not.</summary>
    private static async Task<bool> HasRoot(TileReader reader, Checkpoint checkpoint, CancellationToken cancellation)
    {
        try
        {
            return await reader.RootAsync(checkpoint.Size, cancellation) == checkpoint.Root;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    /// <summary>
    /// Puts the checkpoints of the anchor that have no row back into the database, and says how many; null where a row says otherwise.
    /// </summary>
    private async Task<int?> PutBack(NpgsqlConnection connection, string origin, CancellationToken cancellation)
    {
        var rows = await StoredCheckpoints.Roots(connection, origin, cancellation);
        var missing = new Dictionary<long, CheckpointLine>();
        foreach (var line in anchor.Whole().Where(l => l.Checkpoint.Origin == origin))
        {
            if (!rows.TryGetValue(line.Checkpoint.Size, out var root))
                missing[line.Checkpoint.Size] = line;
            else if (root != line.Checkpoint.Root)
                return null;
        }

        foreach (var line in missing.Values)
            await StoredCheckpoints.Add(connection, line, cancellation);
        return missing.Count;
    }

    /// <summary>Positions above every known one: only the owner of the sequence may set it.</summary>
    private Task Raise(CancellationToken cancellation) =>
        owner.Execute(
            $"""
            select setval('register.mt_events_sequence', greatest(
                (select max(seq_id) from {StoredEvent.Table}), (select max(seq) from {LogTables.Leaf}),
                (select last_value from register.mt_events_sequence), {options.Above}) + {Margin})
            """,
            [],
            cancellation
        );

    private async Task CheckOwner(CancellationToken cancellation)
    {
        await using var command = owner.Statement("select has_sequence_privilege('register.mt_events_sequence', 'update')");
        if (await command.ExecuteScalarAsync(cancellation) is not true)
            throw new LogRefusedException(
                $"Positions must go on above every known one, and only cooperation_schema may see to that. Configure "
                    + $"ConnectionStrings:{DataSources.Owner}."
            );
    }

    private static async Task Begin(NpgsqlConnection connection, string origin, long size, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using (
            var command = connection.Statement(
                $"insert into {LogTables.Origin} (number, origin, first_size) select max(number) + 1, $1, $2 from {LogTables.Origin}",
                origin,
                size
            )
        )
        {
            await command.ExecuteNonQueryAsync(cancellation);
        }

        await connection.Execute($"update {LogTables.Head} set published = -1", [], cancellation);
        await transaction.CommitAsync(cancellation);
    }
}

/// <summary>
/// How the command was called. <paramref name="Above"/> is a position that somebody knows of, where the database does not.
/// </summary>
internal sealed record RecoverOptions(string Reason, string By, long Above, string? DevelopmentDirectory);
