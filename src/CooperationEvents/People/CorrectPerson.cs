using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using Wolverine.Http;

namespace CooperationEvents.People;

/// <summary>Corrects a person's name or e-mail address. What is absent stays. The reason is personal data too.</summary>
[SealsTexts]
public sealed record CorrectPerson(
    Reference PersonId,
    [property: Text(1000)] string Reason,
    [property: Text(200)] string? Name = null,
    [property: Text(254, Pattern = MailAddress.RecordedPattern, Words = MailAddress.Words)] string? Email = null,
    bool RemoveEmail = false
) : ICommand
{
    /// <param name="known">The person's details now, in plain text; null where they can no longer be read.</param>
    /// <param name="keptOut">Why the address is not recorded where it is another; null where it may be.</param>
    public static Decision Decide(Person person, PersonDetails known, Problem? keptOut, CorrectPerson command)
    {
        if (command.RemoveEmail && command.Email is not null)
            return KernelProblems.Invalid.At("/removeEmail", "Give email or removeEmail, not both.");
        if (
            Correction.NothingGiven(("name", command.Name), ("email", command.Email), ("removeEmail", command.RemoveEmail ? true : null)) is
            { } nothing
        )
            return nothing;
        var name = command.Name == known.Name ? null : command.Name;
        var email = command.Email == known.Email ? null : command.Email;
        if (MailAddress.Fault(email, "/email") is { } fault)
            return fault;
        if (email is not null && keptOut is not null)
            return keptOut;
        var removed = command.RemoveEmail && known.Email is not null;
        return (name, email, removed) is (null, null, false)
            ? Decision.Nothing
            : Decision.Accept(
                new PersonDetailsCorrected(
                    person.Id,
                    person.NamedBy,
                    Protected.Of(command.Reason),
                    Protected.OfOptional(name),
                    Protected.OfOptional(email),
                    removed
                )
            );
    }
}

public static class CorrectPersonEndpoint
{
    [WolverinePost("/v1/people/{personId}/correct", OperationId = "correct-person"), Command(Scopes.PeopleWrite)]
    public static CommandRule Post(CorrectPerson command) =>
        new(work =>
            work.Change<Person>(command.PersonId, async person =>
                CorrectPerson.Decide(
                    person,
                    new PersonDetails(await work.Open(person.Id, person.Name), await work.Open(person.Id, person.Email)),
                    await work.KeptOut(command.Email),
                    command
                )
            )
        );
}

/// <summary>A person's details in plain text, as they are known when a rule looks at them.</summary>
public sealed record PersonDetails(string? Name, string? Email);
