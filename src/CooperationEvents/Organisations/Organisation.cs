using CooperationEvents.Kernel;

namespace CooperationEvents.Organisations;

/// <summary>A service or agency, such as DG HOME, EEAS or IOM.</summary>
public sealed record Organisation(Guid Id, string Name, string ShortName) : IState<Organisation>
{
    public static string Stream => "organisation";

    public static Organisation? Fold(Organisation? state, Recorded recorded) => recorded.Data switch
    {
        OrganisationRegistered e => new Organisation(e.OrganisationId, e.Name, e.ShortName),
        OrganisationRenamed e => state! with { Name = e.Name, ShortName = e.ShortName },
        _ => state,
    };
}
