using System.Text.Json;
using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Recording;
using Wolverine.Http;

namespace CooperationEvents.People;

/// <summary>Registers a member of staff. Every field but the organisation and the date is personal data and is sealed.</summary>
[SealsTexts]
public sealed record RegisterPerson(
    [property: Text(200)] string Name,
    Guid? Id = null,
    [property: Text(254, Pattern = MailAddress.RecordedPattern, Words = MailAddress.Words)] string? Email = null,
    FirstAffiliation? Affiliation = null,
    ExternalReference? ExternalReference = null
) : ICommand
{
    public static Decision Decide(Guid id, ValueList<object>? created, Guid? organisationId, RegisterPerson command)
    {
        var registered = new PersonRegistered(
            id,
            Protected.Of(command.Name),
            Protected.OfOptional(Spelled(command.Email, created)),
            Protected.OfOptional(command.ExternalReference is { } external ? JsonSerializer.Serialize(external, Json.Options) : null)
        );
        var fault = MailAddress.Fault(command.Email, "/email");
        return command.Affiliation is { } first
            ? Decision.Create(
                created,
                fault,
                PointerOf,
                registered,
                new AffiliationStarted(
                    id,
                    id,
                    organisationId!.Value,
                    Protected.OfOptional(first.Function),
                    Protected.OfOptional(first.Grade),
                    first.From
                )
            )
            : Decision.Create(created, fault, PointerOf, registered);
    }

    /// <summary>An address is one in any of its spellings: it goes by the spelling it was recorded in.</summary>
    private static string? Spelled(string? email, ValueList<object>? created) =>
        created?.OfType<PersonRegistered>().FirstOrDefault()?.Email?.Plain is { } recorded
        && email is not null
        && MailAddress.AreSame(recorded, email)
            ? recorded
            : email;

    private static string PointerOf(object e) => e is AffiliationStarted ? "/affiliation" : "";
}

public static class RegisterPersonEndpoint
{
    [WolverinePost("/v1/people", OperationId = "register-person"), Command(Scopes.PeopleWrite, CreatesAt = "/v1/people/")]
    public static CommandRule Post(RegisterPerson command) =>
        CommandRule.By(async work =>
        {
            var (ids, unknown) = await work.Resolve(
                new References().Add(StreamKind.Organisation, command.Affiliation?.OrganisationId, "/affiliation/organisationId")
            );
            if (unknown is not null)
                return unknown;
            var keptOut = await work.KeptOut(command.Email);
            return await work.Create<Person>(command.Id, command.ExternalReference, (id, created) =>
                keptOut is not null && created is null
                    ? keptOut
                    : RegisterPerson.Decide(
                        id,
                        created,
                        ids.OfOptional(StreamKind.Organisation, command.Affiliation?.OrganisationId),
                        command
                    )
            );
        });
}

/// <summary>The affiliation a person is registered with; its id is the person's.</summary>
public sealed record FirstAffiliation(
    Reference OrganisationId,
    [property: Text(200)] string? Function = null,
    [property: Text(60)] string? Grade = null,
    PartialDate? From = null
);
