using CooperationEvents.Kernel;

namespace CooperationEvents.Organisations;

/// <summary>A service or agency, such as DG HOME, EEAS or IOM.</summary>
public sealed record Organisation(Guid Id, string Name, string ShortName, ValueList<string> Identifiers, Succession? Succession = null)
    : IState<Organisation>,
        IHaveTraits
{
    public static string Stream => "organisation";

    /// <summary>Its name and identifiers; an organisation that others succeeded is known not to be them.</summary>
    public IEnumerable<Trait> Traits =>
        Succession is not null
            ? []
            :
            [
                new Trait("name", "same name", TraitForm.Name, Name),
                .. Identifiers.Select(i => new Trait("identifier", "same identifier", TraitForm.Text, i)),
            ];

    public static Organisation? Fold(Organisation? state, Recorded recorded) =>
        recorded.Data switch
        {
            OrganisationRegistered e => new Organisation(e.OrganisationId, e.Name, e.ShortName, e.Identifiers),
            OrganisationRenamed e => state! with { Name = e.Name, ShortName = e.ShortName },
            OrganisationSucceeded e => state! with { Succession = new Succession(e.Kind, e.On, e.Successors, e.Default) },
            _ => state,
        };
}

/// <summary>Who stands in an organisation's place, and from when.</summary>
public sealed record Succession(SuccessionKind Kind, PartialDate On, ValueList<Guid> Successors, Guid? Default);
