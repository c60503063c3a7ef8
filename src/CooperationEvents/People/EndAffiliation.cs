using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using Wolverine.Http;

namespace CooperationEvents.People;

/// <summary>Ends an affiliation.</summary>
public sealed record EndAffiliation(Reference PersonId, Guid AffiliationId, PartialDate Until) : ICommand
{
    public static Decision Decide(Person person, EndAffiliation command)
    {
        if (!person.Affiliations.TryGetValue(command.AffiliationId, out var affiliation))
            return PersonProblems.AffiliationNotFound.At("/affiliationId", $"The person has no affiliation {command.AffiliationId}.");
        if (affiliation.Until == command.Until)
            return Decision.Nothing;
        if (affiliation.Until is { } until)
            return PersonProblems.AffiliationEnded.Differing($"It ended on {until}.", [Difference.Of("/until", until, command.Until)]);
        if (affiliation.From is { } from && command.Until.LastDay < from.FirstDay)
            return PersonProblems.EndsBeforeStart.At("/until", $"It began on {from}; until must not be before that.");
        return Decision.Accept(new AffiliationEnded(person.Id, command.AffiliationId, command.Until));
    }
}

public static class EndAffiliationEndpoint
{
    [WolverinePost("/v1/people/{personId}/affiliations/{affiliationId}/end", OperationId = "end-affiliation"), Command(Scopes.PeopleWrite)]
    public static CommandRule Post(EndAffiliation command) =>
        new(work => work.Change<Person>(command.PersonId, person => EndAffiliation.Decide(person, command)));
}
