using System.Security.Cryptography;
using System.Text;
using CooperationEvents.Storage;

namespace CooperationEvents.Privacy;

/// <summary>
/// Holds the master key to the keys in the database at every start: a known value of each generation in use must open. A
/// master key that is missing or another one would make every name unreadable, and is refused.
/// </summary>
public sealed class KeyStart(KeyDatabase database, MasterKeys master)
{
    private static readonly byte[] Known = Encoding.ASCII.GetBytes("CooperationEvents: this opens under the right master key.");

    /// <summary>Whether the database holds anything that was wrapped by a master key.</summary>
    public static Task<bool> HoldsKeys(KeyDatabase database, CancellationToken cancellation) =>
        database.Source.Scalar<bool>(
            """
            select exists (select from keys.master_generation) or exists (select from keys.service_key)
                or exists (select from keys.person_key where wrapped is not null)
            """,
            [],
            cancellation
        );

    /// <exception cref="KeysRefusedException">Says which generation is missing or wrong.</exception>
    public async Task Check(CancellationToken cancellation)
    {
        if (await Generations(cancellation) is { Count: > 0 } generations)
        {
            foreach (var (generation, known, inUse) in generations.Where(g => g.InUse || master.Generations.Contains(g.Generation)))
            {
                if (!master.Generations.Contains(generation))
                    throw new KeysRefusedException(
                        $"Generation {generation} of the master key is missing, and the database holds keys wrapped by it. Put it back "
                            + $"from where it is kept."
                    );
                if (!Opens(known, KnownName(generation), generation))
                    throw new KeysRefusedException(
                        $"Generation {generation} of the master key is another one than the database's keys were wrapped by. Put the right "
                            + $"one back; with this one no name could be read."
                    );
            }
        }
        else if (await AnyKey(cancellation) is { } key)
        {
            // Of an earlier version, which knew no generations.
            if (!master.Generations.Contains(1) || !Opens(key.Wrapped, key.Name, 1))
                throw new KeysRefusedException(
                    "The master key is another one than the database's keys were wrapped by. Put the right one back; with this one no name "
                        + "could be read."
                );
            await Add(1, cancellation);
        }
        else
        {
            await Add(master.Newest, cancellation);
        }

        await Follow(cancellation);
    }

    /// <summary>Takes the generation that was rotated to last for what is new.</summary>
    public async Task Follow(CancellationToken cancellation)
    {
        if (await database.Source.Scalar<int?>("select max(generation) from keys.master_generation", [], cancellation) is { } current)
            master.Current = current;
    }

    /// <summary>Takes a generation into use.</summary>
    internal Task Add(int generation, CancellationToken cancellation) =>
        database.Source.Execute(
            "insert into keys.master_generation (generation, known) values ($1, $2) on conflict do nothing",
            [generation, master.Wrap(Known, KnownName(generation), generation)],
            cancellation
        );

    private bool Opens(byte[] wrapped, string name, int generation)
    {
        try
        {
            master.Unwrap(wrapped, name, generation);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private async Task<IReadOnlyList<(int Generation, byte[] Known, bool InUse)>> Generations(CancellationToken cancellation) =>
        await database.Source.Query(
            "select generation, known, left_at is null from keys.master_generation order by generation",
            [],
            rows => (rows.GetInt32(0), rows.GetFieldValue<byte[]>(1), rows.GetBoolean(2)),
            cancellation
        );

    private async Task<(byte[] Wrapped, string Name)?> AnyKey(CancellationToken cancellation)
    {
        await using var command = database.Source.Statement(
            """
            select * from (
                (select wrapped, 'keys.service_key' as place, name from keys.service_key limit 1)
                union all (select wrapped, 'keys.person_key', person_id::text from keys.person_key
                    where wrapped is not null limit 1)) one limit 1
            """
        );
        await using var row = await command.ExecuteReaderAsync(cancellation);
        return await row.ReadAsync(cancellation) ? (row.GetFieldValue<byte[]>(0), KeyStore.Name(row.GetString(1), row.GetString(2))) : null;
    }

    private static string KnownName(int generation) => $"keys.master_generation\n{generation}";
}
