using CooperationEvents.Access;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
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
    [WolverinePost("/v1/people/{personId}/restrict", OperationId = "restrict-person"), Command(Scopes.PrivacyManage, HttpOnly = true)]
    public static CommandRule Post(RestrictPerson command, MergedPeople merged, KeyStore keys, CancellationToken cancellation) =>
        CommandRule.Change<Person>(command.PersonId, async (person, _) =>
        {
            var (people, late) = await merged.With([person.Id], cancellation);
            if (late is not null)
                return late;

            // The keys follow what is asked for before it is recorded: whoever asked to be hidden is hidden at once, on every node.
            await keys.Restrict(people, command.Restricted, cancellation);
            return RestrictPerson.Decide(person, command);
        });
}
