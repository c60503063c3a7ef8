using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using Wolverine.Http;

namespace CooperationEvents.Organisations;

/// <summary>Registers a service or agency. The name is public record.</summary>
public sealed record RegisterOrganisation(
    [property: Text(200)] string Name,
    [property: Text(60)] string ShortName,
    Guid? Id = null,
    [property: Uri(AnyScheme = true), Bounds(0, 50)] ValueList<string>? Identifiers = null,
    ExternalReference? ExternalReference = null
) : ICommand
{
    /// <param name="today">In UTC.</param>
    public static Decision Decide(Guid id, Created<Organisation>? created, DateOnly today, RegisterOrganisation command) =>
        Decision.Create(
            created?.Events,
            created is null ? null : [created.Now.AsRegistered(created.First<OrganisationRegistered>(), today)],
            fault: null,
            new OrganisationRegistered(id, command.Name, command.ShortName, command.Identifiers ?? [], command.ExternalReference)
        );
}

public static class RegisterOrganisationEndpoint
{
    [WolverinePost("/v1/organisations", OperationId = "register-organisation")]
    [Command(Scopes.ActivityWrite, CreatesAt = "/v1/organisations/")]
    public static CommandRule Post(RegisterOrganisation command) =>
        new(work =>
            work.Create<Organisation>(command.Id, command.ExternalReference, (id, created) =>
                RegisterOrganisation.Decide(id, created, work.Today(timeZone: null), command)
            )
        );
}
