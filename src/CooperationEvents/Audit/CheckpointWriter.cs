using CooperationEvents.AuditLog;
using Npgsql;

namespace CooperationEvents.Audit;

/// <summary>
/// Signs what is committed. The order is what makes a crash harmless at any point: leaves and head are committed, the
/// checkpoint is signed and committed, the anchor is flushed, and only then is it published.
/// </summary>
internal sealed class CheckpointWriter(NpgsqlConnection connection, LogTiles tiles, LogKeys keys, Anchor anchor, long epoch)
{
    private long? _anchored;

    /// <summary>Signs the log as it is now, where that was not done yet; says the size that is published then.</summary>
    /// <exception cref="LogDamagedException">The log no longer grows out of what was signed last.</exception>
    public async Task<long> Sign(CancellationToken cancellation)
    {
        var head = await LogHead.Read(connection, lockIt: false, cancellation);
        var last = await StoredCheckpoints.Newest(connection, keys.Origin, cancellation);
        if (last is null || last.Checkpoint.Size < head.Size)
        {
            var reader = new TileReader(tiles, head.Size);
            if (last is not null && await Root(reader, last.Checkpoint.Size, cancellation) != last.Checkpoint.Root)
                throw new LogDamagedException($"its first {last.Checkpoint.Size} leaves no longer have the root that was signed");
            var note = new Checkpoint(keys.Origin, head.Size, await Root(reader, head.Size, cancellation)).Sign(await Signers(last, cancellation));
            await Store(new CheckpointLine(note), cancellation);
        }

        return await Publish(cancellation);
    }

    /// <summary>Appends the newest stored checkpoint to the anchor and publishes it, where a crash came between.</summary>
    public async Task<long> Publish(CancellationToken cancellation)
    {
        if (await StoredCheckpoints.Newest(connection, keys.Origin, cancellation) is not { } newest)
            return -1;
        _anchored ??= anchor.Newest(keys.Origin)?.Checkpoint.Size ?? -1;
        if (_anchored < newest.Checkpoint.Size)
        {
            anchor.Add(newest);
            _anchored = newest.Checkpoint.Size;
        }

        await using var command = new NpgsqlCommand($"update {LogTables.Head} set published = $1 where epoch = $2 and published is distinct from $1", connection);
        command.Parameters.Add(new NpgsqlParameter { Value = newest.Checkpoint.Size });
        command.Parameters.Add(new NpgsqlParameter { Value = epoch });
        await command.ExecuteNonQueryAsync(cancellation);
        return newest.Checkpoint.Size;
    }

    private static async Task<Digest> Root(TileReader reader, long size, CancellationToken cancellation)
    {
        try
        {
            return await reader.RootAsync(size, cancellation);
        }
        catch (InvalidDataException e)
        {
            throw new LogDamagedException(e.Message);
        }
    }

    /// <summary>The key in use; with the one before, where this checkpoint is the changeover.</summary>
    private async Task<SigningKey[]> Signers(CheckpointLine? last, CancellationToken cancellation)
    {
        if (last is null || await StoredCheckpoints.KeyInUse(connection, keys.Origin, cancellation) is not { } inUse || inUse == keys.Current.Verifier)
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
        await using (var command = new NpgsqlCommand($"insert into {LogTables.Checkpoint} (origin, size, root, note) values ($1, $2, $3, $4)", connection))
        {
            command.Parameters.Add(new NpgsqlParameter { Value = keys.Origin });
            command.Parameters.Add(new NpgsqlParameter { Value = line.Checkpoint.Size });
            command.Parameters.Add(new NpgsqlParameter { Value = line.Checkpoint.Root.ToArray() });
            command.Parameters.Add(new NpgsqlParameter { Value = line.Note.ToString() });
            await command.ExecuteNonQueryAsync(cancellation);
        }

        await using (var command = new NpgsqlCommand(
            $"""
            insert into {LogTables.Key} (origin, first_size, key)
            select $1, $2, $3 where $3 is distinct from (select key from {LogTables.Key} where origin = $1 order by first_size desc limit 1)
            """,
            connection))
        {
            command.Parameters.Add(new NpgsqlParameter { Value = keys.Origin });
            command.Parameters.Add(new NpgsqlParameter { Value = line.Checkpoint.Size });
            command.Parameters.Add(new NpgsqlParameter { Value = keys.Current.Verifier.ToString() });
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
        await using var command = new NpgsqlCommand($"select note from {LogTables.Checkpoint} where origin = $1 order by size desc limit 1", connection);
        command.Parameters.Add(new NpgsqlParameter { Value = origin });
        return await command.ExecuteScalarAsync(cancellation) is string note ? new CheckpointLine(SignedNote.Parse(note)) : null;
    }

    public static async Task<VerifierKey?> KeyInUse(NpgsqlConnection connection, string origin, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select key from {LogTables.Key} where origin = $1 order by first_size desc limit 1", connection);
        command.Parameters.Add(new NpgsqlParameter { Value = origin });
        return await command.ExecuteScalarAsync(cancellation) is string key ? VerifierKey.Parse(key) : null;
    }

    /// <summary>The origin the log has now, the newest of its successions; null before its first start.</summary>
    public static async Task<string?> Origin(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select origin from {LogTables.Origin} order by number desc limit 1", connection);
        return await command.ExecuteScalarAsync(cancellation) as string;
    }

    /// <summary>Every key that signed, with the first and last size it signed; both keys sign the changeover.</summary>
    public static async Task<IReadOnlyList<LogKey>> Keys(NpgsqlDataSource database, string? origin, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"""
            select k.key, k.first_size, lead(k.first_size) over (partition by k.origin order by k.first_size) from {LogTables.Key} k
            join {LogTables.Origin} o using (origin) where $1::text is null or origin = $1 order by o.number, k.first_size
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)origin ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        var keys = new List<LogKey>();
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
            keys.Add(new LogKey(VerifierKey.Parse(rows.GetString(0)), rows.GetInt64(1), await rows.IsDBNullAsync(2, cancellation) ? null : rows.GetInt64(2)));
        return keys;
    }
}
