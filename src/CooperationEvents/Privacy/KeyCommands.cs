using System.Globalization;
using System.Security.Cryptography;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Privacy;

/// <summary>What is done with the keys from the command line, while nodes serve.</summary>
public static class KeyCommands
{
    public const string Usage = """
        CooperationEvents keys status

          Says which generations of the master key are in use, since when others are not, and on which
          day each of those can be destroyed.

        CooperationEvents keys rotate

          Takes the newest generation of the master key into use, and wraps every key anew with it. Give
          it to every node first, beside the one before, and start each again: it is refused while a node
          does not hold it. Run again, it goes on.
        """;

    /// <summary>Whether the arguments are one of these commands.</summary>
    public static bool Takes(string[] args) => args is ["keys", ..];

    /// <summary>Runs the command; the exit code is 0 where it was done, 1 where it was refused, 2 where it was not understood.</summary>
    public static async Task<int> Run(IServiceProvider services, string[] args, CancellationToken cancellation = default)
    {
        if (args is not ["keys", "status" or "rotate"])
        {
            await Console.Error.WriteLineAsync(Usage);
            return 2;
        }

        try
        {
            await services.GetRequiredService<KeyStart>().Check(cancellation);
            var rotation = ActivatorUtilities.CreateInstance<KeyRotation>(services);
            await Console.Out.WriteLineAsync(args[1] == "rotate" ? await rotation.Run(cancellation) : await rotation.Status(cancellation));
            return 0;
        }
        catch (Exception refused) when (refused is KeysRefusedException or NpgsqlException or DatabaseRefusedException)
        {
            await Console.Error.WriteLineAsync(refused.Message);
            return 1;
        }
    }
}

/// <summary>
/// Wraps every key that survives anew with another generation of the master key. What is destroyed is left behind: once the
/// backups that hold it have gone and the old generation is destroyed, nothing can open it.
/// </summary>
internal sealed class KeyRotation(KeyDatabase database, MasterKeys master, KeyStart start, PrivacyOptions options)
{
    private const int AtATime = 500;

    /// <summary>Whether a node of <c>keys.node</c> was heard of lately.</summary>
    private const string Lives = "seen_at > now() - interval '1 minute'";

    /// <summary>What is wrapped, by its primary key.</summary>
    private static readonly (string Table, string[] Key)[] Tables =
    [
        ("keys.person_key", ["person_id"]),
        ("keys.field_salt", ["person_id", "class", "number"]),
        ("keys.service_key", ["name"]),
    ];

    public async Task<string> Run(CancellationToken cancellation)
    {
        var newest = master.Newest;
        await CheckNodes(newest, cancellation);
        await start.Add(newest, cancellation);
        await start.Follow(cancellation);
        await Signal(cancellation);
        var wrapped = 0;

        // A node that has not heard yet may wrap a new key with the generation before: it is looked for once more behind the signal.
        for (var heard = false; ; )
        {
            var some = 0;
            foreach (var (table, key) in Tables)
                some += await Wrap(table, key, newest, cancellation);
            wrapped += some;
            if (some > 0)
                continue;
            if (heard)
                break;
            heard = await AllHeard(cancellation);
            await Task.Delay(TimeSpan.FromMilliseconds(100), cancellation);
        }

        await database.Source.Execute(
            "update keys.master_generation set left_at = now() where generation < $1 and left_at is null",
            [newest],
            cancellation
        );
        return $"{wrapped} keys are wrapped anew with generation {newest} of the master key.\n{await Status(cancellation)}";
    }

    public async Task<string> Status(CancellationToken cancellation)
    {
        var lines = await database.Source.Query(
            "select generation, made_at, left_at from keys.master_generation order by generation",
            [],
            rows =>
                rows.IsDBNull(2)
                    ? $"Generation {rows.GetInt32(0)} is in use since {Day(rows.GetDateTime(1))}."
                    : $"Generation {rows.GetInt32(0)} is not in use since {Day(rows.GetDateTime(2))}. Destroy it on "
                        + $"{Day(rows.GetDateTime(2) + options.BackupsKeptFor + TimeSpan.FromDays(1))}, when no backup needs it any more.",
            cancellation
        );

        return string.Join('\n', lines);

        static string Day(DateTime day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    }

    /// <exception cref="KeysRefusedException">A node lives that could open nothing any more.</exception>
    private async Task CheckNodes(int generation, CancellationToken cancellation)
    {
        var lacking = await database.Source.Query(
            $"select case name when '' then id::text else name end from keys.node where {Lives} and not $1 = any(generations) order by 1",
            [generation],
            row => row.GetString(0),
            cancellation
        );
        if (lacking.Count > 0)
            throw new KeysRefusedException(
                $"A node that runs does not hold generation {generation} of the master key, and could read no name any more: "
                    + $"{string.Join("; ", lacking)}. Give it that generation, beside the one before, and start it again. One that was "
                    + $"killed is forgotten within a minute."
            );
    }

    private async Task<int> Wrap(string table, string[] key, int generation, CancellationToken cancellation)
    {
        var isThat = string.Join(" and ", key.Select((column, i) => $"{column} = ${i + 3}"));
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var keys = await connection.Query(
            $"select wrapped, generation, {string.Join(", ", key)} from {table} where wrapped is not null "
                + $"and generation < {generation} limit {AtATime} for update",
            [],
            rows =>
                (
                    Key: key.Select((_, i) => rows.GetValue(i + 2)).ToArray(),
                    Wrapped: rows.GetFieldValue<byte[]>(0),
                    Generation: rows.GetInt32(1)
                ),
            cancellation
        );

        foreach (var (values, wrapped, before) in keys)
        {
            var name = KeyStore.Name(table, string.Join('/', values));
            await connection.Execute(
                $"update {table} set wrapped = $1, generation = $2 where {isThat}",
                [master.Wrap(Unwrapped(wrapped, name, before), name, generation), generation, .. values],
                cancellation
            );
        }

        await transaction.CommitAsync(cancellation);
        return keys.Count;
    }

    private byte[] Unwrapped(byte[] wrapped, string name, int generation)
    {
        try
        {
            return master.Unwrap(wrapped, name, generation);
        }
        catch (CryptographicException)
        {
            throw new KeysRefusedException(
                $"The key {name.ReplaceLineEndings(" ")} does not open under generation {generation} of the master key. Nothing more is "
                    + $"wrapped anew until that is mended."
            );
        }
    }

    private Task Signal(CancellationToken cancellation) =>
        database.Source.Execute(
            $"with next as (update keys.signal set number = number + 1 returning number) select number, pg_notify('{KeySignals.Channel}', "
                + $"number::text)::text from next",
            [],
            cancellation
        );

    private Task<bool> AllHeard(CancellationToken cancellation) =>
        database.Source.Scalar<bool>(
            $"select not exists (select from keys.node, keys.signal s where heard < s.number and {Lives})",
            [],
            cancellation
        );
}
