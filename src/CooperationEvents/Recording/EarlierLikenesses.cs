using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Recording;

/// <summary>
/// Notes, once for a database, by what those records are alike and found that were made before that was kept; and their
/// references in the normal form beside the spelling they were recorded in. Names that were noted before their letters were folded are
/// noted anew, once too, and meetings by the moment of their beginning. The service serves meanwhile. Records that a newer version changed
/// in a way that this one does not know are left to the next start of a node that does.
/// </summary>
public sealed partial class EarlierLikenesses(
    NpgsqlDataSource database,
    StreamCache streamCache,
    Likenesses likenesses,
    ExternalReferences references,
    PersonalData personalData,
    TimeProvider clock,
    ILogger<EarlierLikenesses> logger
) : BackgroundService
{
    private const int AtATime = 100;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(30);

    private static readonly Dictionary<string, Func<Reads, Guid, CancellationToken, Task<LoadedStream>>> Loads = typeof(EarlierLikenesses)
        .Assembly.GetTypes()
        .Where(t => t.IsClass && t.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IState<>)))
        .ToDictionary(
            type => $"{type.GetProperty(nameof(IState<>.Stream))!.GetValue(null)}",
            type =>
                typeof(Reads)
                    .GetMethod(nameof(Reads.Stream))!
                    .MakeGenericMethod(type)
                    .CreateDelegate<Func<Reads, Guid, CancellationToken, Task<LoadedStream>>>()
        );

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Note(stoppingToken);
                return;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Failed(logger, e);
                await Task.Delay(RetryDelay, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task Note(CancellationToken cancellation)
    {
        await Once("likeness_noted", "not exists (select from recording.likeness l where l.stream_id = s.id)", Note, cancellation);
        await Once("likeness_folded", $"s.type in ('{StreamKind.Person}', '{StreamKind.Organisation}')", NoteAnew, cancellation);
        await Once("likeness_of_moments", $"s.type = '{StreamKind.Meeting}'", NoteAnew, cancellation);
    }

    /// <summary>Looks at the streams for which the condition holds, unless the table says that this was done.</summary>
    private async Task Once(string done, string condition, Func<Guid, string, CancellationToken, Task> note, CancellationToken cancellation)
    {
        if (
            !await database.Scalar<bool>($"select exists (select from recording.{done})", [], cancellation)
            && await Each(condition, note, cancellation)
        )
            await database.Execute($"insert into recording.{done} default values on conflict do nothing", [], cancellation);
    }

    /// <summary>
    /// Looks at the streams for which the condition holds, in the order of their ids; false where some are left to a newer version.
    /// </summary>
    private async Task<bool> Each(string condition, Func<Guid, string, CancellationToken, Task> note, CancellationToken cancellation)
    {
        var all = true;
        for (var after = Guid.Empty; ; )
        {
            var streams = await database.Query(
                $"""
                select s.id, s.type from register.mt_streams s where s.id > $1 and s.type = any($2) and {condition}
                order by s.id limit $3
                """,
                [after, Loads.Keys.ToArray(), AtATime],
                rows => (Id: rows.GetGuid(0), Kind: rows.GetString(1)),
                cancellation
            );
            foreach (var (id, kind) in streams)
            {
                try
                {
                    await note(id, kind, cancellation);
                }
                catch (NewerVersionException e)
                {
                    all = false;
                    LeftToNewer(logger, id, e.Message);
                }
            }

            if (streams.Count < AtATime)
                return all;
            after = streams[^1].Id;
        }
    }

    /// <summary>
    /// What was recorded of the stream since it was read is looked at again: nothing may be noted of who was erased meanwhile, and no name
    /// that is another by now.
    /// </summary>
    private async Task NoteAnew(Guid id, string kind, CancellationToken cancellation)
    {
        for (var before = -1L; ; )
        {
            var stream = await Loads[kind](new Reads(database, streamCache, references), id, cancellation);
            var changes = await likenesses.Renewed(personalData, stream, cancellation);
            if (changes is { Gone.Count: 0, Come.Count: 0 })
                return;
            await using var connection = await database.OpenConnectionAsync(cancellation);
            await using var transaction = await connection.BeginTransactionAsync(cancellation);

            // It gives way to a command that has noted the stream already, and waits for it to be unlocked.
            await connection.Execute("set local lock_timeout = '500ms'", [], cancellation);
            var version = await connection.Scalar<long?>(
                "select version from register.mt_streams where id = $1 for no key update",
                [id],
                cancellation
            );
            if (version != stream.Version)
            {
                // Its row says otherwise than its events do. The check names that, and nothing is noted of it here.
                if (version is null || stream.Version == before)
                {
                    PassedOver(logger, id);
                    return;
                }

                before = stream.Version;
                continue;
            }

            await using var batch = new NpgsqlBatch(connection, transaction);
            foreach (var command in Likenesses.NoteCommands(changes))
                batch.BatchCommands.Add(command);
            await batch.ExecuteNonQueryAsync(cancellation);
            await transaction.CommitAsync(cancellation);
            return;
        }
    }

    private async Task Note(Guid id, string kind, CancellationToken cancellation)
    {
        var stream = await Loads[kind](new Reads(database, streamCache, references), id, cancellation);
        if (stream.Version == 0)
            return;
        await using var batch = database.CreateBatch();
        var changes = await likenesses.ChangesBy(personalData, [(stream.BeforeItsFirst(), stream)], cancellation);
        foreach (var command in Likenesses.NoteCommands(changes))
            batch.BatchCommands.Add(command);
        if (await ExternalReferences.Of(stream.Creation[0], personalData, cancellation) is { } reference)
            batch.BatchCommands.Add(ExternalReferences.TakeAgainCommand(await references.Digest(stream.Kind, reference, cancellation), id));
        if (batch.BatchCommands.Count > 0)
            await batch.ExecuteNonQueryAsync(cancellation);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What earlier records are alike by could not be noted; trying again")]
    private static partial void Failed(ILogger logger, Exception error);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The row of stream {Stream} is not what its events say: by what it is alike is not noted anew"
    )]
    private static partial void PassedOver(ILogger logger, Guid stream);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "By what stream {Stream} is alike is left to the next start of a node of a newer version. {Why}"
    )]
    private static partial void LeftToNewer(ILogger logger, Guid stream, string why);
}
