using CooperationEvents.Kernel;

namespace CooperationEvents.People;

/// <summary>Records that a person works for an organisation, in a function and grade, from a date on. Function and grade are personal data.</summary>
public sealed record StartAffiliation(
    Reference PersonId,
    Reference OrganisationId,
    Guid? Id = null,
    [property: Text(200)] string? Function = null,
    [property: Text(60)] string? Grade = null,
    PartialDate? From = null) : ICommand
{
    /// <param name="affiliationId">The caller's id, or a new one.</param>
    /// <param name="known">The affiliation of that id in plain text, where there is one.</param>
    public static Decision Decide(Person person, Guid affiliationId, Guid organisationId, AffiliationDetails? known, StartAffiliation command)
    {
        var wanted = new AffiliationDetails(affiliationId, organisationId, command.Function, command.Grade, command.From);
        if (known == wanted)
            return Decision.Nothing;
        if (known is not null)
            return KernelProblems.IdInUse.At("/id", "This id names another affiliation of the person.");
        return Decision.Accept(new AffiliationStarted(
            person.Id, affiliationId, organisationId, Protected.OfOptional(command.Function), Protected.OfOptional(command.Grade), command.From));
    }
}

/// <summary>An affiliation in plain text, as a rule compares it.</summary>
public sealed record AffiliationDetails(Guid AffiliationId, Guid OrganisationId, string? Function, string? Grade, PartialDate? From);
