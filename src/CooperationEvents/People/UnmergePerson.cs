using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using Wolverine.Http;

namespace CooperationEvents.People;

/// <summary>
/// Takes back a merge: the two are counted apart again. Whoever was merged into this person stays so. The reason is sealed.
/// </summary>
[SealsTexts]
public sealed record UnmergePerson(Reference PersonId, [property: Text(1000)] string Reason) : ICommand
{
    public static Decision Decide(Person person, UnmergePerson command) =>
        person.MergedInto is { } into
            ? Decision.Accept(new PersonUnmerged(person.Id, into, Protected.Of(command.Reason)))
            : Decision.Nothing;
}

public static class UnmergePersonEndpoint
{
    [WolverinePost("/v1/people/{personId}/unmerge", OperationId = "unmerge-person"), Command(Scopes.PeopleWrite)]
    public static CommandRule Post(UnmergePerson command) =>
        new(work => work.Change<Person>(command.PersonId, person => UnmergePerson.Decide(person, command)));
}
