using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Projections;
using CooperationEvents.Recording;
using CooperationEvents.Storage;
using Wolverine.Http;

namespace CooperationEvents.People;

/// <summary>
/// Hides what is personal of the person, and of everybody merged with them, from everybody but the person's own report, or shows
/// it again. They are counted as before. The reason is free text about a person, and sealed.
/// </summary>
[SealsTexts]
public sealed record RestrictPerson(Reference PersonId, [property: Text(1000)] string Reason, bool Restricted) : ICommand
{
    public static Decision Decide(Person person, RestrictPerson command) =>
        person.Restricted == command.Restricted
            ? Decision.Nothing
            : Decision.Accept(new PersonRestricted(person.Id, command.Restricted, Protected.Of(command.Reason)));
}

public static class RestrictPersonEndpoint
{
    [
        WolverinePost("/v1/people/{personId}/restrict", OperationId = "restrict-person"),
        Command(Scopes.PrivacyManage, HttpOnly = true, GoesOn = true)
    ]
    public static CommandRule Post(
        RestrictPerson command,
        MergedPeople merged,
        KeyStore keys,
        ErasureLedger ledger,
        DatabaseClock clock,
        Recorder recorder,
        ReadPosition position,
        HttpContext http
    )
    {
        var (caller, cancellation) = (CommandRequest.Of(http).Caller, http.RequestAborted);
        return new(async work =>
        {
            var covers = 0L;
            var change = await work.Change<Person>(command.PersonId, async person =>
            {
                var (people, late) = command.Restricted ? (new HashSet<Guid>(), null) : await merged.With([person.Id], cancellation);
                if (late is not null)
                    return late;

                // The keys follow what is asked for before it is recorded: whoever asked to be hidden is hidden at once, on every node, and
                // whoever is shown again is found by name again. Those who are merged with a hidden person are hidden as soon as the read
                // models have come that far, which the answer waits for.
                HashSet<Guid> all = [.. people, person.Id];
                await keys.Restrict(all, command.Restricted, cancellation);
                var now = await clock.Now(cancellation);
                await ledger.Add(all.Select(id => new RestrictionLine(now, id, command.Restricted)), cancellation);

                // Whoever is one with the person and was restricted by another request is shown again too, and the history says so.
                foreach (var other in people.Where(id => id != person.Id))
                {
                    var lifting = new Submission(caller, one => one.Change<Person>(other, its => RestrictPerson.Decide(its, command)));
                    switch (await recorder.Record(lifting, cancellation))
                    {
                        case CommandResult.Refused refused:
                            return refused.Problem;
                        case CommandResult.Accepted lifted:
                            covers = Math.Max(covers, lifted.Position);
                            break;
                    }
                }

                return RestrictPerson.Decide(person, command);
            });
            return change with { Covers = covers };
        })
        {
            Afterwards = accepted => Covered(position, accepted.Position, http),
        };
    }

    private static async Task<Afterwards> Covered(ReadPosition position, long recorded, HttpContext http)
    {
        var (_, late) = await http.WaitWithoutPermit(() => position.Reach(recorded, http.RequestAborted));
        return new Afterwards([], Done: late is null);
    }
}
