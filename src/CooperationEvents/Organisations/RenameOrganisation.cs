using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using Wolverine.Http;

namespace CooperationEvents.Organisations;

/// <summary>
/// Records a name that begins on a day. Names that begin later stay. Where the short name is absent it stays. Both are public record.
/// </summary>
public sealed record RenameOrganisation(
    Reference OrganisationId,
    [property: Text(200)] string Name,
    PartialDate On,
    [property: Text(60)] string? ShortName = null
) : ICommand
{
    public static Decision Decide(Organisation organisation, RenameOrganisation command)
    {
        var replaced = organisation.NameOn(command.On.FirstDay);
        var shortName = command.ShortName ?? replaced.ShortName;
        return (command.Name, shortName) == (replaced.Name, replaced.ShortName)
            ? Decision.Nothing
            : Decision.Accept(
                new OrganisationRenamed(organisation.Id, command.Name, shortName, command.On, replaced.Name, replaced.ShortName)
            );
    }
}

public static class RenameOrganisationEndpoint
{
    [WolverinePost("/v1/organisations/{organisationId}/rename", OperationId = "rename-organisation"), Command(Scopes.ActivityWrite)]
    public static CommandRule Post(RenameOrganisation command) =>
        new(work => work.Change<Organisation>(command.OrganisationId, organisation => RenameOrganisation.Decide(organisation, command)));
}
