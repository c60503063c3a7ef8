using CooperationEvents.Privacy;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.People;

/// <summary>Holds the keys to the restrictions in the history at every start, since the keys may be of an older moment.</summary>
internal sealed partial class RestrictionReplay(NpgsqlDataSource database, KeyStore keys, ILogger<RestrictionReplay> logger)
{
    public async Task Run(CancellationToken cancellation)
    {
        var restricted = await database.Query(
            $"select id from {PersonView.Table} where data ->> 'restricted' = 'true'",
            [],
            row => row.GetGuid(0),
            cancellation
        );
        var stored = await keys.Stored(restricted, cancellation);
        var shown = stored.Where(key => key.Value.State == PersonKeyState.Active).Select(key => key.Key).ToList();
        if (shown.Count == 0)
            return;
        await keys.Restrict(shown, restricted: true, cancellation);
        HiddenAgain(logger, shown.Count);
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The keys are of an older moment than restrictions; {Count} people are hidden again"
    )]
    private static partial void HiddenAgain(ILogger logger, int count);
}
