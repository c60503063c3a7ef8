using CooperationEvents.Audit.History;
using CooperationEvents.AuditLog;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Audit.TransparencyLog;

/// <summary>
/// Signs what is committed. The order is what makes a crash harmless at any point: leaves and head are committed, the
/// checkpoint is signed and committed, the anchor is flushed, and only then is it published.
/// </summary>
internal sealed class CheckpointWriter(NpgsqlConnection connection, AnchorCheck check, LogKeys keys, Anchor anchor, long epoch)
{
    /// <summary>The largest size this one has put into the anchor, or found there.</summary>
    private long _anchored = -1;

    /// <summary>Signs the log as it is now, where that was not done yet; says the size that is published then.</summary>
    /// <exception cref="LogRefusedException">The anchor does not agree with the log.</exception>
    /// <exception cref="LogDamagedException">The log no longer grows out of what was signed last.</exception>
    public async Task<long> Sign(CancellationToken cancellation)
    {
        var head = await LogHead.Read(connection, lockIt: false, cancellation);
        var last = await StoredCheckpoints.Newest(connection, keys.Origin, cancellation);
        var anchored = await check.Newest(head, last, _anchored, cancellation);
        if (last is not null && last.Checkpoint != anchored?.Checkpoint)
            await CheckStored(last, head, cancellation);
        _anchored = anchored?.Checkpoint.Size ?? -1;
        if (last is null || last.Checkpoint.Size < head.Size)
        {
            var note = new Checkpoint(keys.Origin, head.Size, await check.Root(head.Size, head.Size, cancellation)).Sign(
                await Signers(last, cancellation)
            );
            last = new CheckpointLine(note);
            await Store(last, cancellation);
        }

        if (_anchored < last.Checkpoint.Size)
            anchor.Add(last, isFirst: anchored is null);
        _anchored = last.Checkpoint.Size;
        await Publish(last.Checkpoint.Size, cancellation);
        return last.Checkpoint.Size;
    }

    private Task Publish(long size, CancellationToken cancellation) =>
        connection.Execute(
            $"update {LogTables.Head} set published = $1 where epoch = $2 and published is distinct from $1",
            [size, epoch],
            cancellation
        );

    /// <summary>A checkpoint that a crash left in the database alone is held to the log and to the keys before it is anchored.</summary>
    private async Task CheckStored(CheckpointLine last, LogHead head, CancellationToken cancellation)
    {
        if (last.Checkpoint.Size > head.Size || await check.Root(head.Size, last.Checkpoint.Size, cancellation) != last.Checkpoint.Root)
            throw new LogDamagedException($"its first {last.Checkpoint.Size} leaves no longer have the root that was signed");
        try
        {
            if (last.Note.SignedBy([keys.Current.Verifier, .. await StoredCheckpoints.KnownKeys(connection, cancellation)]).Count > 0)
                return;
        }
        catch (FormatException)
        {
            // A false signature counts as none.
        }

        throw new LogDamagedException($"the checkpoint of {last.Checkpoint.Size} entries is signed by no key of this log");
    }

    /// <summary>The key in use; with the one before, where this checkpoint is the changeover.</summary>
    private async Task<SigningKey[]> Signers(CheckpointLine? last, CancellationToken cancellation)
    {
        if (
            last is null
            || await StoredCheckpoints.KeyInUse(connection, keys.Origin, cancellation) is not { } inUse
            || inUse == keys.Current.Verifier
        )
            return [keys.Current];
        return keys.Retiring is { } retiring && retiring.Verifier == inUse
            ? [retiring, keys.Current]
            : throw new LogRefusedException(LogStart.OtherKey(inUse));
    }

    /// <summary>Commits the checkpoint, and the key that signs from it on, unless another sequencer has taken over.</summary>
    private async Task Store(CheckpointLine line, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if ((await LogHead.Read(connection, lockIt: true, cancellation)).Epoch != epoch)
            throw new FencedException();
        await StoredCheckpoints.Add(connection, line, cancellation);
        await using (
            var command = connection.Statement(
                $"""
                insert into {LogTables.Key} (origin, first_size, key)
                select $1, $2, $3 where $3 is distinct from (select key from {LogTables.Key} where origin = $1
                    order by first_size desc limit 1)
                """,
                keys.Origin,
                line.Checkpoint.Size,
                keys.Current.Verifier.ToString()
            )
        )
        {
            await command.ExecuteNonQueryAsync(cancellation);
        }

        await transaction.CommitAsync(cancellation);
    }
}

/// <summary>The checkpoints and keys in the database.</summary>
internal static class StoredCheckpoints
{
    public static async Task<CheckpointLine?> Newest(NpgsqlConnection connection, string origin, CancellationToken cancellation)
    {
        var note = await connection.Scalar<string>(
            $"select note from {LogTables.Checkpoint} where origin = $1 order by size desc limit 1",
            [origin],
            cancellation
        );
        if (note is null)
            return null;
        try
        {
            return new CheckpointLine(SignedNote.Parse(note));
        }
        catch (FormatException e)
        {
            throw new LogDamagedException($"the note of its newest checkpoint cannot be read: {e.Message.TrimEnd('.')}");
        }
    }

    public static async Task Add(NpgsqlConnection connection, CheckpointLine line, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { AddCommand(line) } };
        await batch.ExecuteNonQueryAsync(cancellation);
    }

    public static NpgsqlBatchCommand AddCommand(CheckpointLine line) =>
        new($"insert into {LogTables.Checkpoint} (origin, size, root, note) values ($1, $2, $3, $4)")
        {
            Parameters =
            {
                new() { Value = line.Checkpoint.Origin },
                new() { Value = line.Checkpoint.Size },
                new() { Value = line.Checkpoint.Root.ToArray() },
                new() { Value = line.Note.ToString() },
            },
        };

    /// <summary>Another origin after those there are, which begins with so many leaves.</summary>
    public static NpgsqlBatchCommand AddOriginCommand(string origin, long firstSize) =>
        new($"insert into {LogTables.Origin} (number, origin, first_size) select max(number) + 1, $1, $2 from {LogTables.Origin}")
        {
            Parameters =
            {
                new() { Value = origin },
                new() { Value = firstSize },
            },
        };

    public static NpgsqlBatchCommand AddKeyCommand(VerifierKey key, long firstSize) =>
        new($"insert into {LogTables.Key} (origin, first_size, key) values ($1, $2, $3)")
        {
            Parameters =
            {
                new() { Value = key.Name },
                new() { Value = firstSize },
                new() { Value = key.ToString() },
            },
        };

    /// <summary>The root at each size that was signed under an origin; two where somebody put another row beside it.</summary>
    public static async Task<ILookup<long, Digest>> Roots(NpgsqlConnection connection, string origin, CancellationToken cancellation)
    {
        var roots = await connection.Query(
            $"select size, root from {LogTables.Checkpoint} where origin = $1",
            [origin],
            row => (Size: row.GetInt64(0), Root: new Digest(row.GetFieldValue<byte[]>(1))),
            cancellation
        );
        return roots.ToLookup(signed => signed.Size, signed => signed.Root);
    }

    /// <summary>Every key that ever signed.</summary>
    public static async Task<IReadOnlyList<VerifierKey>> KnownKeys(NpgsqlConnection connection, CancellationToken cancellation) =>
        await connection.Query($"select key from {LogTables.Key}", [], rows => VerifierKey.Parse(rows.GetString(0)), cancellation);

    public static async Task<VerifierKey?> KeyInUse(NpgsqlConnection connection, string origin, CancellationToken cancellation)
    {
        var key = await connection.Scalar<string>(
            $"select key from {LogTables.Key} where origin = $1 order by first_size desc limit 1",
            [origin],
            cancellation
        );
        return key is null ? null : VerifierKey.Parse(key);
    }

    /// <summary>The origin the log has now, the newest of its successions; null before its first start.</summary>
    public static Task<string?> Origin(NpgsqlConnection connection, CancellationToken cancellation) =>
        connection.Scalar<string>($"select origin from {LogTables.Origin} order by number desc limit 1", [], cancellation);

    /// <summary>
    /// Every key that signed what is published, with the first and last size it signed; both keys sign the changeover. The last of a log
    /// that has ended signed to its end.
    /// </summary>
    public static async Task<IReadOnlyList<LogKey>> Keys(NpgsqlConnection connection, CancellationToken cancellation) =>
        await connection.Query(
            $"""
            select k.key, k.first_size, coalesce(
                lead(k.first_size) over (partition by k.origin order by k.first_size),
                (select split_part(e.data ->> 'oldCheckpoint', E'\n', 2)::bigint from {LogTables.Origin} next
                    join {StoredEvent.Table} e on e.stream_id = $1 and e.type = '{Succession.EventType}'
                        and e.data ->> 'origin' = next.origin
                    where next.number = o.number + 1))
            from {LogTables.Key} k join {LogTables.Origin} o using (origin), {LogTables.Head} h
            where k.first_size <= h.published or exists (select from {LogTables.Origin} later where later.number > o.number)
            order by o.number, k.first_size
            """,
            [Log.StreamId],
            row => new LogKey(VerifierKey.Parse(row.GetString(0)), row.GetInt64(1), row.IsDBNull(2) ? null : row.GetInt64(2)),
            cancellation
        );
}
