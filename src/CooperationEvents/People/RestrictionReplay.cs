using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Recording;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.People;

/// <summary>
/// Hides again, at every start, whom a restored backup would show: the keys may be of an older moment than the restrictions in the history,
/// and the history of an older one than those in the ledger.
/// </summary>
internal sealed partial class RestrictionReplay(
    NpgsqlDataSource database,
    KeyStore keys,
    ErasureLedger ledger,
    Recorder recorder,
    TimeProvider clock,
    ILogger<RestrictionReplay> logger
)
{
    public async Task Run(CancellationToken cancellation)
    {
        var restricted = await database.Query(
            $"select id from {PersonView.Table} where data ->> 'restricted' = 'true'",
            [],
            row => row.GetGuid(0),
            cancellation
        );
        await ledger.Restrict(restricted, restricted: true, clock.GetUtcNow(), cancellation);
        var lost = ledger.Restricted().Except(restricted).ToList();
        var stored = await keys.Stored([.. restricted, .. lost], cancellation);
        var shown = stored.Where(key => key.Value.State == PersonKeyState.Active).Select(key => key.Key).ToList();
        await keys.Restrict(shown, restricted: true, cancellation);
        var recorded = 0;
        foreach (var person in lost)
            recorded += await Record(person, cancellation) ? 1 : 0;
        if (shown.Count + recorded > 0)
            HiddenAgain(logger, shown.Union(lost).Count());
    }

    /// <summary>Records a restriction that the history has lost; false where it has not, or the person is not in it any more.</summary>
    private async Task<bool> Record(Guid person, CancellationToken cancellation)
    {
        var again = new RestrictPerson(Reference.To(person), "Asked for before a backup was restored, which did not know of it.", true);
        var submission = new Submission(
            Caller.Itself("erasure-ledger"),
            work => work.Change<Person>(again.PersonId, state => RestrictPerson.Decide(state, again)),
            200
        );
        return await recorder.Record(submission, cancellation) is CommandResult.Accepted { Events: > 0 };
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The database is of an older moment than restrictions; {Count} people are hidden again"
    )]
    private static partial void HiddenAgain(ILogger logger, int count);
}
