using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Recording;
using CooperationEvents.Storage;

namespace CooperationEvents.People;

/// <summary>Destroys what can be read of fields that have been kept as long as the rules of retention say.</summary>
public sealed record ExpireFields;

public static class ExpireFieldsHandler
{
    public static Task Handle(ExpireFields message, FieldExpiry expiry, CancellationToken cancellation) => expiry.Run(cancellation);
}

/// <summary>
/// Takes fields that are due through their steps: recorded, written to the ledger, forgotten everywhere else, salts destroyed and
/// signalled. What is recorded and not destroyed, a crash has left; the next run destroys it first.
/// </summary>
public sealed partial class FieldExpiry(
    Retention retention,
    MergedPeople merged,
    PrivacyOptions options,
    ErasureLedger ledger,
    KeyStore keys,
    Recorder recorder,
    IEnumerable<IHoldOfPeople> places,
    DatabaseClock clock,
    ILogger<FieldExpiry> logger
)
{
    /// <summary>How many people's fields expire in one run; the next takes what is left.</summary>
    public const int MostPeople = 2_000;

    private const int AtATime = 100;

    public async Task Run(CancellationToken cancellation)
    {
        // Whom a meeting or a correction just recorded made active must be known to be.
        if ((await merged.With([], cancellation)).Problem is { } late)
            throw new InvalidOperationException($"Whose fields expire is not known yet: {late.Detail}");
        var recorded = await retention.Recorded(cancellation);
        foreach (var people in recorded.Chunk(AtATime))
            await Complete(people, cancellation);
        foreach (var lines in ledger.ReadExpired().Where(line => IsLost(line, recorded)).Chunk(AtATime))
            await Record([.. lines.Select(line => (line.Person, (long?)null, line.Expired))], cancellation);

        var due = (await retention.Due(options.Retention, cancellation)).People.Where(p => p.Salts.Count > 0).ToList();
        foreach (var people in due.Take(MostPeople).Chunk(AtATime))
        {
            var expired = await Record([.. people.Select(p => (p.PersonId, (long?)p.Version, p.Salts))], cancellation);
            await Destroy(
                [
                    .. people
                        .Where(p => expired.Contains(p.PersonId))
                        .SelectMany(p => p.Salts, (p, salt) => new ExpiredField(p.PersonId, salt)),
                ],
                cancellation
            );
        }

        if (due.Count > 0)
            Ended(logger, Math.Min(due.Count, MostPeople), Math.Max(due.Count - MostPeople, 0));
    }

    /// <summary>Whether the history lacks what the ledger says, as after a restore.</summary>
    private static bool IsLost(ExpiryLine line, IReadOnlyDictionary<Guid, ValueList<FieldSalt>> recorded) =>
        !line.Expired.All(salt => salt.IsAmong(recorded.GetValueOrDefault(line.Person, [])));

    /// <summary>Destroys what was recorded as expired and is still there.</summary>
    private async Task Complete(IReadOnlyCollection<KeyValuePair<Guid, ValueList<FieldSalt>>> recorded, CancellationToken cancellation)
    {
        var live = await keys.LiveSalts([.. recorded.Select(r => r.Key)], cancellation);
        await Destroy(
            [.. recorded.SelectMany(r => live[r.Key].Where(salt => salt.IsAmong(r.Value)), (r, salt) => new ExpiredField(r.Key, salt))],
            cancellation
        );
    }

    /// <summary>
    /// Records that fields expired, of each person whose record has the version that was looked at. Who was recorded is returned; whose
    /// record has changed since is looked at again by the next run.
    /// </summary>
    private async Task<IReadOnlySet<Guid>> Record(
        IReadOnlyList<(Guid PersonId, long? Version, ValueList<FieldSalt> Salts)> people,
        CancellationToken cancellation
    )
    {
        var recorded = new HashSet<Guid>();
        for (var done = 0; done < people.Count; )
        {
            IReadOnlyList<CommandResult> results;
            try
            {
                results = await recorder.RecordFirst([.. people.Skip(done).Select(Submission)], null, cancellation);
            }
            catch (NewerVersionException)
            {
                // It is the first of them whose record a newer version changed. A node of that version looks at it.
                done++;
                continue;
            }

            for (var i = 0; i < results.Count; i++)
            {
                switch (results[i])
                {
                    case CommandResult.Accepted:
                        recorded.Add(people[done + i].PersonId);
                        break;
                    case CommandResult.Refused { Problem: { } problem } when problem.Type == KernelProblems.Busy:
                        throw new InvalidOperationException($"What expired could not be recorded: {problem.Detail}");
                }
            }

            done += results.Count;
        }

        return recorded;

        static Submission Submission((Guid PersonId, long? Version, ValueList<FieldSalt> Salts) of) =>
            new(Caller.Itself("retention"), work => work.Change<Person>(of.PersonId, person => RetentionRules.Expire(person, of.Salts)))
            {
                Expected = of.Version is { } version ? new ExpectedVersion(Any: false, [version]) : null,
            };
    }

    private async Task Destroy(IReadOnlyCollection<ExpiredField> expired, CancellationToken cancellation)
    {
        if (expired.Count == 0)
            return;
        var now = await clock.Now(cancellation);
        await ledger.Add(expired.GroupBy(e => e.PersonId, e => e.Salt).Select(e => new ExpiryLine(now, e.Key, [.. e])), cancellation);
        foreach (var place in places)
            await place.ForgetFields(expired, cancellation);
        await keys.DestroySalts(expired, cancellation);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Fields of {People} people were due to expire; {Left} are left to the next run")]
    private static partial void Ended(ILogger logger, int people, int left);
}
