using CooperationEvents.Kernel;

namespace CooperationEvents.Organisations;

/// <summary>A service or agency, such as DG HOME, EEAS or IOM.</summary>
/// <param name="Names">Each name it was given, in the order they were recorded; the first has no beginning.</param>
public sealed record Organisation(Guid Id, ValueList<NameSince> Names, ValueList<string> Identifiers, Succession? Succession = null)
    : IState<Organisation>,
        IHaveTraits
{
    public static StreamKind Stream => StreamKind.Organisation;

    public IEnumerable<Trait> Traits => TraitsFrom(DateOnly.MinValue);

    /// <summary>
    /// Its name of the day, the names announced for later, and identifiers; an organisation that others succeeded is known not to be them.
    /// </summary>
    public IEnumerable<Trait> TraitsFrom(DateOnly day) =>
        Succession is not null
            ? []
            :
            [
                .. Names
                    .Where(n => n.Since > day)
                    .Select(n => n.Since)
                    .Distinct()
                    .Order()
                    .Prepend(day)
                    .Select(since => new Trait("name", "same name", TraitForm.Name, NameOn(since).Name)),
                .. Identifiers.Select(i => new Trait("identifier", "same identifier", TraitForm.Text, i)),
            ];

    public static Organisation? Fold(Organisation? state, Recorded recorded) =>
        recorded.Data switch
        {
            OrganisationRegistered e => new Organisation(
                e.OrganisationId,
                [new NameSince(e.Name, e.ShortName, DateOnly.MinValue)],
                e.Identifiers
            ),
            OrganisationRenamed e => state! with { Names = [.. state.Names, new NameSince(e.Name, e.ShortName, e.On.FirstDay)] },
            OrganisationSucceeded e => state! with { Succession = new Succession(e.Kind, e.On, e.Successors, e.Default) },
            _ => state,
        };

    /// <summary>What would register it as it is on a day.</summary>
    public OrganisationRegistered AsRegistered(OrganisationRegistered first, DateOnly day)
    {
        var name = NameOn(day);
        return first with { Name = name.Name, ShortName = name.ShortName };
    }

    /// <summary>The name it has on a day; of two that began on one day, the one recorded later.</summary>
    public NameSince NameOn(DateOnly day) => Names.Reverse().Where(n => n.Since <= day).MaxBy(n => n.Since)!;
}

/// <summary>A name, and the day it began.</summary>
public sealed record NameSince(string Name, string ShortName, DateOnly Since);

/// <summary>Who stands in an organisation's place, and from when.</summary>
public sealed record Succession(SuccessionKind Kind, PartialDate On, ValueList<Guid> Successors, Guid? Default);
