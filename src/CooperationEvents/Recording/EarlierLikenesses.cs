using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Recording;

/// <summary>
/// Notes, once for a database, by what those records are alike and found that were made before that was kept; and their
/// references in the normal form beside the spelling they were recorded in. The service serves meanwhile.
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
        if (await database.Scalar<bool>("select exists (select from recording.likeness_noted)", [], cancellation))
            return;
        for (var after = Guid.Empty; ; )
        {
            var streams = await Next(after, cancellation);
            foreach (var (id, kind) in streams)
                await Note(id, kind, cancellation);
            if (streams.Count < AtATime)
                break;
            after = streams[^1].Id;
        }

        await database.Execute("insert into recording.likeness_noted default values on conflict do nothing", [], cancellation);
    }

    private async Task<List<(Guid Id, string Kind)>> Next(Guid after, CancellationToken cancellation) =>
        await database.Query(
            """
            select s.id, s.type from register.mt_streams s
            where s.id > $1 and s.type = any($2) and not exists (select from recording.likeness l where l.stream_id = s.id)
            order by s.id limit $3
            """,
            [after, Loads.Keys.ToArray(), AtATime],
            rows => (rows.GetGuid(0), rows.GetString(1)),
            cancellation
        );

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
}
