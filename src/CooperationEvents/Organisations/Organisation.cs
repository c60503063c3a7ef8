using CooperationEvents.Kernel;

namespace CooperationEvents.Organisations;

/// <summary>A service or agency, such as DG HOME, EEAS or IOM.</summary>
public sealed record Organisation(Guid Id, string Name, string ShortName, Succession? Succession = null) : IState<Organisation>
{
    public static string Stream => "organisation";

    public static Organisation? Fold(Organisation? state, Recorded recorded) => recorded.Data switch
    {
        OrganisationRegistered e => new Organisation(e.OrganisationId, e.Name, e.ShortName),
        OrganisationRenamed e => state! with { Name = e.Name, ShortName = e.ShortName },
        OrganisationSucceeded e => state! with { Succession = new Succession(e.Kind, e.On, e.Successors, e.Default) },
        _ => state,
    };
}

/// <summary>Who stands in an organisation's place, and from when.</summary>
public sealed record Succession(SuccessionKind Kind, PartialDate On, ValueList<Guid> Successors, Guid? Default);
