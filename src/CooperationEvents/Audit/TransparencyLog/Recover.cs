using System.Globalization;
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
        var known = (
            await connection.Query($"select origin from {LogTables.Origin}", [], row => row.GetString(0), cancellation)
        ).ToHashSet();
        var promised = anchor.Whole().ToLookup(l => l.Checkpoint.Origin);
        var lostLogs = promised.Where(lines => !known.Contains(lines.Key)).ToList();
        var head = await LogHead.Read(connection, lockIt: false, cancellation);
        var anchored = promised[oldOrigin].MaxBy(l => l.Checkpoint.Size);
        var stored = await StoredCheckpoints.Newest(connection, oldOrigin, cancellation);
        if (new[] { anchored, stored }.MaxBy(l => l?.Checkpoint.Size ?? -1) is not { } old)
        {
            // An earlier recovery recorded the log, and was killed before its first checkpoint.
            return configured.Exist && configured.Origin == oldOrigin && lostLogs.Count == 0
                ? await GoOn(connection, configured, cancellation)
                : throw new LogRefusedException(
                    $"Neither the anchor {anchor.Path} nor the database holds a checkpoint of {oldOrigin}. Configure the key of that log."
                );
        }

        var lostKeys = await LostKeys(connection, promised, cancellation);
        var common = await CommonSize(promised[oldOrigin], head.Size, cancellation);
        if (
            lostLogs.Count == 0
            && anchored is not null
            && anchored.Checkpoint.Size >= head.Published
            && common >= old.Checkpoint.Size
            && await Missing(connection, oldOrigin, promised[oldOrigin], cancellation) is { } missing
        )
        {
            return missing.Count + lostKeys.Count > 0
                ? await PutBack(connection, oldOrigin, missing, lostKeys, cancellation)
                : throw new LogRefusedException($"The anchor and the log of {oldOrigin} agree; there is nothing to recover.");
        }

        var ended = new List<EndedLog> { new(old, common) };
        foreach (var log in lostLogs)
            ended.Add(new EndedLog(log.MaxBy(l => l.Checkpoint.Size)!, await CommonSize(log, head.Size, cancellation)));
        anchor.CheckWritable();
        var keys = NewKeys(origin => !known.Contains(origin) && lostLogs.All(log => log.Key != origin));
        await Raise(Margin * ended.Count, cancellation);
        var successions = ended.Zip(lostLogs.Select(log => log.Key).Append(keys.Origin), (log, next) =>
            new LogSucceeded(Log.StreamId, next, log.Newest.Note.ToString(), log.Common, log.Lost, options.Reason, options.By)
        );
        var together = new object();
        var results = await recorder.RecordFirst(
            [.. successions.Select(s => new Submission(Caller.Itself("audit-recover"), work => Succeed(work, s)) { Together = together })],
            (batch, decided) => Begin(batch, decided, lostKeys, lostLogs, keys.Origin, head.Size),
            cancellation
        );
        CheckAccepted(results);
        return string.Join('\n', ended.Select(log => log.InWords).Append(await GoOn(connection, keys, cancellation)));
    }

    /// <summary>Sequences what there is, signs the first checkpoint of the log, and says so.</summary>
    private async Task<string> GoOn(NpgsqlConnection connection, LogKeys keys, CancellationToken cancellation)
    {
        var sequencer = await Sequencer.TakeOver(connection, cancellation);
        while (await sequencer.Next(cancellation) > 0) { }

        var check = new AnchorCheck(database, keys, anchor, new LeavesAtStart(), clock);
        var size = await new CheckpointWriter(connection, check, keys, anchor, sequencer.Epoch).Sign(cancellation);
        return $"""
            It goes on as {keys.Origin}, with {size} entries.
            Give auditors the new key: {keys.Current.Verifier}
            """;
    }

    /// <summary>
    /// The keys that signed checkpoints which only the anchor knows, and that the database does not know: of an earlier recovery, or since
    /// a change of the key. Auditors have them, and the log goes on stating them.
    /// </summary>
    /// <exception cref="LogRefusedException">One was not given, or did not sign what it claims to.</exception>
    private async Task<IReadOnlyList<SignedFrom>> LostKeys(
        NpgsqlConnection connection,
        ILookup<string, CheckpointLine> promised,
        CancellationToken cancellation
    )
    {
        var known = await StoredCheckpoints.KnownKeys(connection, cancellation);
        var lost = new List<SignedFrom>();
        foreach (var lines in promised)
        {
            var stored = await StoredCheckpoints.Roots(connection, lines.Key, cancellation);
            VerifierKey[] keys = [.. known, .. GivenKeys().Where(key => key.Name == lines.Key)];
            lost.AddRange(SignersOf(lines.Where(l => !stored.Contains(l.Checkpoint.Size)), keys.Distinct()));
        }

        return [.. lost.Where(signed => !known.Contains(signed.Key))];
    }

    /// <summary>Those of the command, and those that the log is signed with here.</summary>
    private IEnumerable<VerifierKey> GivenKeys() =>
        [
            .. options.EndedKeys,
            .. configured.Exist ? [configured.Current.Verifier] : Array.Empty<VerifierKey>(),
            .. configured.Retiring is { } retiring ? [retiring.Verifier] : Array.Empty<VerifierKey>(),
            .. options.DevelopmentDirectory is { } directory ? LogKeys.InDirectory(directory) : [],
        ];

    /// <summary>The keys that signed checkpoints of one origin, each with the first size it signed.</summary>
    private IEnumerable<SignedFrom> SignersOf(IEnumerable<CheckpointLine> lines, IEnumerable<VerifierKey> keys)
    {
        var from = new Dictionary<VerifierKey, long>();
        foreach (var (checkpoint, note) in lines)
        {
            // Two keys sign a changeover: whoever knows one of them alone would forget the other.
            var signers = SignersOf(note, keys);
            var unknown = note.Signatures.FirstOrDefault(s => s.Name == checkpoint.Origin && !signers.Any(s.IsBy));
            var id = unknown?.KeyId.ToString("x8", CultureInfo.InvariantCulture) ?? "HASH";
            if (signers.Count == 0 || unknown is not null)
                throw new LogRefusedException(
                    $"The anchor {anchor.Path} holds a checkpoint of {checkpoint.Origin} with {checkpoint.Size} entries, signed by a key "
                        + $"that the database does not know. Where an earlier recovery or a change of the key is lost, give the key "
                        + $"that auditors have: --ended-key '{checkpoint.Origin}+{id}+BASE64'. "
                        + $"Where the log is another register's, configure the anchor of this one."
                );
            foreach (var key in signers)
                from[key] = Math.Min(checkpoint.Size, from.GetValueOrDefault(key, long.MaxValue));
        }

        return from.Select(signed => new SignedFrom(signed.Key, signed.Value));
    }

    private static IReadOnlyList<VerifierKey> SignersOf(SignedNote note, IEnumerable<VerifierKey> keys)
    {
        try
        {
            return note.SignedBy(keys);
        }
        catch (FormatException)
        {
            // A false signature of one of the keys counts as none.
            return [];
        }
    }

    /// <summary>The keys under which the log goes on.</summary>
    /// <param name="isNew">Whether no log ever had that origin.</param>
    private LogKeys NewKeys(Func<string, bool> isNew)
    {
        var keys =
            options.DevelopmentDirectory is { } directory && (!configured.Exist || !isNew(configured.Origin))
                ? LogKeys.Renew(directory)
                : configured;
        return isNew(keys.Origin)
            ? keys
            : throw new LogRefusedException(
                $"The log goes on under a new origin. Configure a new Audit:Origin and an Audit:SigningKey of that name; {keys.Origin} has "
                    + $"ended."
            );
    }

    private static async Task<StreamDecision> Succeed(UnitOfWork work, LogSucceeded succession) =>
        await work.Find<Log>(Log.StreamId) is null
            ? await work.Create<Log>(Log.StreamId, null, (_, _) => Decision.Accept(succession))
            : await work.Change<Log>(Log.StreamId, _ => Decision.Accept(succession));

    /// <summary>How many leaves the restored log shares with the one that was published, as far as its checkpoints can tell.</summary>
    private async Task<long> CommonSize(IEnumerable<CheckpointLine> lines, long size, CancellationToken cancellation)
    {
        var common = 0L;
        var reader = new TileReader(tiles, size);
        foreach (var line in lines.Where(l => l.Checkpoint.Size <= size).OrderBy(l => l.Checkpoint.Size))
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

    /// <summary>The checkpoints of the anchor that have no row in the database; null where a row says otherwise.</summary>
    private static async Task<IReadOnlyList<CheckpointLine>?> Missing(
        NpgsqlConnection connection,
        string origin,
        IEnumerable<CheckpointLine> lines,
        CancellationToken cancellation
    )
    {
        var rows = await StoredCheckpoints.Roots(connection, origin, cancellation);
        return lines.Any(l => rows[l.Checkpoint.Size].Any(root => root != l.Checkpoint.Root))
            ? null
            : [.. lines.Where(l => !rows.Contains(l.Checkpoint.Size)).DistinctBy(l => l.Checkpoint.Size)];
    }

    /// <summary>Puts checkpoints of the anchor, and the keys that signed them, back into the database.</summary>
    private static async Task<string> PutBack(
        NpgsqlConnection connection,
        string origin,
        IReadOnlyList<CheckpointLine> missing,
        IReadOnlyList<SignedFrom> lostKeys,
        CancellationToken cancellation
    )
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var command in missing.Select(StoredCheckpoints.AddCommand).Concat(lostKeys.Select(AddKeyCommand)))
            batch.BatchCommands.Add(command);
        await batch.ExecuteNonQueryAsync(cancellation);
        return $"{missing.Count} checkpoints of {origin} and {lostKeys.Count} keys were missing in the database, and were put back from "
            + $"the anchor. The log goes on as it was.";
    }

    private static NpgsqlBatchCommand AddKeyCommand(SignedFrom signed) => StoredCheckpoints.AddKeyCommand(signed.Key, signed.FirstSize);

    /// <summary>Positions above every known one: only the owner of the sequence may set it.</summary>
    private Task Raise(long margin, CancellationToken cancellation) =>
        owner.Execute(
            $"""
            select setval('register.mt_events_sequence', greatest(
                (select max(seq_id) from {StoredEvent.Table}), (select max(seq) from {LogTables.Leaf}),
                (select last_value from register.mt_events_sequence), {options.Above}) + {margin})
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

    /// <summary>Adds what is committed with the successions: the origins, and the checkpoints and keys that were lost.</summary>
    /// <exception cref="LogRefusedException">A succession is refused; nothing is committed.</exception>
    private static Task Begin(
        NpgsqlBatch batch,
        IReadOnlyList<CommandResult> results,
        IReadOnlyList<SignedFrom> lostKeys,
        IReadOnlyList<IGrouping<string, CheckpointLine>> lostLogs,
        string origin,
        long size
    )
    {
        CheckAccepted(results);
        foreach (var next in lostLogs.Select(log => log.Key).Append(origin))
            batch.BatchCommands.Add(StoredCheckpoints.AddOriginCommand(next, size));
        foreach (var signed in lostKeys)
            batch.BatchCommands.Add(AddKeyCommand(signed));
        foreach (var log in lostLogs)
        {
            foreach (var line in log.DistinctBy(l => l.Checkpoint.Size))
                batch.BatchCommands.Add(StoredCheckpoints.AddCommand(line));
        }

        batch.BatchCommands.Add(new NpgsqlBatchCommand($"update {LogTables.Head} set published = -1"));
        return Task.CompletedTask;
    }

    private static void CheckAccepted(IEnumerable<CommandResult> results)
    {
        if (results.OfType<CommandResult.Refused>().FirstOrDefault() is { } refused)
            throw new LogRefusedException($"The succession could not be recorded, and nothing was changed: {refused.Problem.Detail}");
    }

    /// <summary>A log that goes on no more, and how many of its leaves are here.</summary>
    /// <param name="Newest">The newest checkpoint known of it.</param>
    private sealed record EndedLog(CheckpointLine Newest, long Common)
    {
        public long Lost => Math.Max(0, Newest.Checkpoint.Size - Common);

        public string InWords =>
            $"The log {Newest.Checkpoint.Origin} has ended. Of {Newest.Checkpoint.Size} entries that were published, {Common} are here and "
            + $"{Lost} are lost.";
    }

    /// <summary>A key, and the first size it signed.</summary>
    private sealed record SignedFrom(VerifierKey Key, long FirstSize);
}

/// <summary>
/// How the command was called. <paramref name="Above"/> is a position that somebody knows of, where the database does not;
/// <paramref name="EndedKeys"/> are keys that signed what only the anchor knows.
/// </summary>
internal sealed record RecoverOptions(
    string Reason,
    string By,
    long Above,
    IReadOnlyList<VerifierKey> EndedKeys,
    string? DevelopmentDirectory
);
