using CooperationEvents.Kernel;

namespace CooperationEvents.Organisations;

/// <summary>Registers a service or agency. The name is public record.</summary>
public sealed record RegisterOrganisation(
    [property: Text(200)] string Name,
    [property: Text(60)] string ShortName,
    Guid? Id = null,
    [property: Uri(AnyScheme = true), Bounds(0, 50)] ValueList<string>? Identifiers = null,
    ExternalReference? ExternalReference = null) : ICommand
{
    public static Decision Decide(Guid id, ValueList<object>? created, RegisterOrganisation command) => Decision.Create(
        created,
        new OrganisationRegistered(id, command.Name, command.ShortName, command.Identifiers ?? [], command.ExternalReference));
}
