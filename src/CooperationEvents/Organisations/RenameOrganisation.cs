using CooperationEvents.Kernel;

namespace CooperationEvents.Organisations;

/// <summary>Records a new name. Where the short name is absent it stays.</summary>
public sealed record RenameOrganisation(
    Reference OrganisationId,
    [property: Text(200)] string Name,
    PartialDate On,
    [property: Text(60)] string? ShortName = null) : ICommand
{
    public static Decision Decide(Guid id, Organisation organisation, RenameOrganisation command)
    {
        var shortName = command.ShortName ?? organisation.ShortName;
        return (command.Name, shortName) == (organisation.Name, organisation.ShortName)
            ? Decision.Nothing
            : Decision.Accept(new OrganisationRenamed(id, command.Name, shortName, command.On, organisation.Name, organisation.ShortName));
    }
}
