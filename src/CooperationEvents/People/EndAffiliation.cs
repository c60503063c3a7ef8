using CooperationEvents.Kernel;

namespace CooperationEvents.People;

/// <summary>Ends an affiliation.</summary>
public sealed record EndAffiliation(Reference PersonId, Guid AffiliationId, PartialDate Until) : ICommand
{
    public static Decision Decide(Person person, EndAffiliation command)
    {
        if (!person.Affiliations.TryGetValue(command.AffiliationId, out var affiliation))
            return PersonProblems.AffiliationNotFound.Because($"The person has no affiliation {command.AffiliationId}.");
        if (affiliation.Until == command.Until)
            return Decision.Nothing;
        if (affiliation.Until is { } until)
            return PersonProblems.AffiliationEnded.Because($"It ended on {until}.");
        if (affiliation.From is { } from && command.Until.LastDay < from.FirstDay)
            return PersonProblems.EndsBeforeStart.At("/until", $"It began on {from}; until must not be before that.");
        return Decision.Accept(new AffiliationEnded(person.Id, command.AffiliationId, command.Until));
    }
}
