using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.People;

/// <summary>Holds the database to the ledger of erasures at every start, since either may be of an older moment than the other.</summary>
internal sealed partial class ErasureReplay(
    ErasureLedger ledger,
    Erasures erasures,
    PersonErasure erasure,
    Retention retention,
    KeyStore keys,
    NpgsqlDataSource database,
    DatabaseClock clock,
    ILogger<ErasureReplay> logger
)
{
    private const int AtATime = 1_000;

    /// <exception cref="KeysRefusedException">The ledger is gone though erasures were written to it.</exception>
    public async Task Run(CancellationToken cancellation)
    {
        var known = (await erasures.All(cancellation)).ToDictionary(e => e.PersonId);
        var expired = await retention.Recorded(cancellation);
        if (!ledger.Exists)
        {
            if (known.Values.Any(e => e.DestroyedAt is not null) || expired.Count > 0)
                throw new KeysRefusedException(
                    $"The ledger of erasures {ledger.Path} is not there, and the database knows of {known.Count} erasures and of "
                        + $"{expired.Count} people of whom fields expired. Put it back: without it a restored backup could bring back "
                        + $"what was destroyed. Where it is lost for good, make an empty file of that name; it is filled again from the "
                        + $"database."
                );
            await ledger.Make(cancellation);
        }

        var again = 0;
        foreach (var line in ledger.Read())
        {
            if (
                !known.TryGetValue(line.Person, out var erased)
                || erased.DestroyedAt is null
                || !line.People.ToHashSet().IsSubsetOf(erased.People)
            )
            {
                await erasures.TakeOver(line, cancellation);
                again += await Destroy(async () =>
                {
                    await erasure.DestroyAgain(line.Person, cancellation);
                    return 1;
                });
            }
        }

        var destroyed = known.Values.Where(e => e.DestroyedAt is not null).ToList();
        var alive = await keys.NotDestroyed([.. destroyed.SelectMany(e => e.People)], cancellation);
        foreach (var erased in destroyed)
        {
            await ledger.Add(erased, cancellation);
            var isAlive = alive.Overlaps(erased.People);
            if (isAlive || await IsNotRecorded(erased, cancellation))
            {
                await erasures.Reopen(erased, isAlive, cancellation);
                again++;
            }
        }

        if (again > 0)
            Replayed(logger, again);
        await DestroyExpired(expired, cancellation);
    }

    /// <summary>Where the database keeps them from being destroyed, the service starts all the same.</summary>
    private async Task<int> Destroy(Func<Task<int>> destroy)
    {
        try
        {
            return await destroy();
        }
        catch (KeysNotDestroyedException e)
        {
            NotDestroyed(logger, e.Message);
            return 0;
        }
    }

    /// <summary>Destroys the salts again that the ledger names; the job records it where the history has lost that.</summary>
    private async Task DestroyExpired(IReadOnlyDictionary<Guid, ValueList<FieldSalt>> recorded, CancellationToken cancellation)
    {
        var left = 0;
        foreach (var lines in ledger.ReadExpired().Chunk(AtATime))
        {
            var named = lines.SelectMany(line => line.Expired, (line, salt) => new ExpiredField(line.Person, salt)).ToList();
            left += await Destroy(() => keys.DestroySalts(named, cancellation));
        }

        var now = await clock.Now(cancellation);
        await ledger.Add(recorded.Select(r => new ExpiryLine(now, r.Key, r.Value)), cancellation);
        if (left > 0)
            DestroyedAgain(logger, left);
    }

    /// <summary>
    /// Whether one of them is in the history without having been erased there: the register is of an older moment than the keys.
    /// </summary>
    private Task<bool> IsNotRecorded(Erasure erased, CancellationToken cancellation) =>
        database.Scalar<bool>(
            """
            select exists (
                select from register.mt_streams s where s.id = any($1)
                and not exists (select from register.mt_events e where e.stream_id = s.id and e.type = 'person_erased'))
            """,
            [erased.People.ToArray()],
            cancellation
        );

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The database is of an older moment than {Count} erasures; the keys are destroyed again, and the rest follows"
    )]
    private static partial void Replayed(ILogger logger, int count);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "ALARM: keys that are to be destroyed are still there, and what they open can be read. {Why}"
    )]
    private static partial void NotDestroyed(ILogger logger, string why);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The keys are of an older moment than the ledger of erasures; {Count} salts of fields that expired are destroyed again"
    )]
    private static partial void DestroyedAgain(ILogger logger, int count);
}
