using System.Text.Json;
using CooperationEvents.Kernel;

namespace CooperationEvents.People;

/// <summary>Registers a member of staff. Every field but the organisation and the date is personal data and is sealed.</summary>
public sealed record RegisterPerson(
    [property: Text(200)] string Name,
    Guid? Id = null,
    [property: Text(254, Pattern = "^[^@\\s]+@[^@\\s]+$", Words = "an e-mail address")] string? Email = null,
    FirstAffiliation? Affiliation = null,
    ExternalReference? ExternalReference = null) : ICommand
{
    public static Decision Decide(Guid id, ValueList<object>? created, Guid? organisationId, RegisterPerson command)
    {
        var registered = new PersonRegistered(
            id,
            Protected.Of(command.Name),
            Protected.OfOptional(command.Email),
            Protected.OfOptional(command.ExternalReference is { } external ? JsonSerializer.Serialize(external, Json.Options) : null));
        return command.Affiliation is { } first
            ? Decision.Create(created, registered, new AffiliationStarted(
                id, id, organisationId!.Value, Protected.OfOptional(first.Function), Protected.OfOptional(first.Grade), first.From))
            : Decision.Create(created, registered);
    }
}

/// <summary>The affiliation a person is registered with; its id is the person's.</summary>
public sealed record FirstAffiliation(
    Reference OrganisationId, [property: Text(200)] string? Function = null, [property: Text(60)] string? Grade = null, PartialDate? From = null);
