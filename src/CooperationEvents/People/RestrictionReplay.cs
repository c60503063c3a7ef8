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
    ILogger<RestrictionReplay> logger
)
{
    public async Task Run(CancellationToken cancellation)
    {
        var told = ledger.Restrictions();
        var recorded = await Recorded(told.Keys, cancellation);

        // Another version writes no line: what it recorded since is newer than what the ledger tells.
        await ledger.Add(recorded.Values.Where(last => !(told.GetValueOrDefault(last.Person)?.At > last.At)), cancellation);
        var lost = told.Values.Where(line => line.Restricted && IsLost(line, recorded.GetValueOrDefault(line.Person))).ToList();
        var hidden = recorded.Values.Where(last => last.Restricted).Concat(lost).Select(line => line.Person).ToList();
        var stored = await keys.Stored(hidden, cancellation);
        var shown = stored.Where(key => key.Value.State == PersonKeyState.Active).Select(key => key.Key).ToHashSet();
        if (shown.Count > 0)
            await keys.Restrict(shown, restricted: true, cancellation);
        foreach (var line in lost)
        {
            if (await Record(line.Person, cancellation))
                shown.Add(line.Person);
        }

        if (shown.Count > 0)
            HiddenAgain(logger, shown.Count);
    }

    private static bool IsLost(RestrictionLine line, RestrictionLine? recorded) =>
        recorded is null || (!recorded.Restricted && recorded.At < line.At);

    /// <summary>The last restriction or lifting in the history, of each person who is restricted and of each of these people.</summary>
    private async Task<IReadOnlyDictionary<Guid, RestrictionLine>> Recorded(IEnumerable<Guid> people, CancellationToken cancellation)
    {
        var last = await database.Query(
            $"""
            select distinct on (stream_id) timestamp, stream_id, (data ->> 'restricted')::bool from register.mt_events
            where type = 'person_restricted' and stream_id in (
                select id from {PersonView.Table} where data ->> 'restricted' = 'true' union all select unnest($1::uuid[]))
            order by stream_id, version desc
            """,
            [people.ToArray()],
            row => new RestrictionLine(row.GetFieldValue<DateTimeOffset>(0), row.GetGuid(1), row.GetBoolean(2)),
            cancellation
        );
        return last.ToDictionary(line => line.Person);
    }

    /// <summary>Records a restriction that the history has lost; false where it has not, or the person is not in it any more.</summary>
    private async Task<bool> Record(Guid person, CancellationToken cancellation)
    {
        var again = new RestrictPerson(Reference.To(person), "Asked for before a backup was restored, which did not know of it.", true);
        var submission = new Submission(Caller.Itself("erasure-ledger"), work =>
            work.Change<Person>(again.PersonId, state => RestrictPerson.Decide(state, again))
        );
        return await recorder.Record(submission, cancellation) is CommandResult.Accepted { Events: > 0 };
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The database is of an older moment than restrictions; {Count} people are hidden again"
    )]
    private static partial void HiddenAgain(ILogger logger, int count);
}
