using CooperationEvents.Statistics.Presentation;

namespace CooperationEvents.Publications;

/// <summary>A number of people so few that they could be recognised, which a publication would state or let everybody work out.</summary>
/// <param name="Than">The earlier publication from which it is the difference; null where the figure itself is.</param>
public sealed record SmallCell(string Member, int People, Guid? Than)
{
    public string InWords =>
        Than is { } earlier
            ? $"{Member} would differ by {People} from the publication {earlier}, which tells of {Most}{People} {Noun}. Set it to true to "
                + $"publish all the same."
            : $"{Member} would be {People}, which tells of {People} {Noun}. Set it to true to publish all the same.";

    /// <summary>Several attendances may be those of one person.</summary>
    private string Most => Member == SmallCells.Attendances && People > 1 ? "at most " : "";

    private string Noun => People == 1 ? "person" : "people";
}

/// <summary>Which numbers of a figure tell of 1 to 4 people, by themselves or by their difference from what was published before.</summary>
public static class SmallCells
{
    internal const string Attendances = "attendances";

    private const int MostPeople = 4;

    /// <param name="earlier">All figures that were ever public: what was withdrawn was read.</param>
    /// <param name="kin">The kin of the organisations that any of these figures is of.</param>
    /// <param name="daysOf">The first and the last day of all meetings held under a framework, null: under any.</param>
    public static IReadOnlyList<SmallCell> Of(
        FigurePublished stated,
        IEnumerable<PublicationView> earlier,
        IReadOnlyDictionary<Guid, OrganisationKin> kin,
        Func<Guid?, (DateOnly First, DateOnly Last)> daysOf
    ) =>
        [
            .. Small(Numbers(stated.Figure), than: null),
            .. from before in earlier
            where
                Includes(stated.Question, stated.AsOf, before.Question, before.AsOf, kin, daysOf)
                || Includes(before.Question, before.AsOf, stated.Question, stated.AsOf, kin, daysOf)
            from cell in Small(Differences(stated.Figure, before.Figure), before.Id)
            select cell,
        ];

    /// <summary>
    /// Attendances add up, as people do not: their difference is how many there were at the meetings that are in one of the two alone,
    /// also where everybody there is in both.
    /// </summary>
    private static IEnumerable<(string Member, int People)> Differences(PublishedFigure one, PublishedFigure other) =>
        [
            .. Numbers(one).Zip(Numbers(other), (a, b) => (a.Member, Math.Abs(a.People - b.People))),
            (Attendances, Math.Abs(one.Attendances - other.Attendances)),
        ];

    private static IEnumerable<(string Member, int People)> Numbers(PublishedFigure figure) =>
        [
            ("staffKnown", figure.StaffKnown),
            ("staffAtLeast", figure.StaffAtLeast),
            ("staffKnown with unnamed", figure.StaffKnown + figure.Unnamed),
        ];

    /// <summary>Every number of the figure, or of its differences from another, that is small; of equal ones the first.</summary>
    private static IEnumerable<SmallCell> Small(IEnumerable<(string Member, int People)> numbers, Guid? than) =>
        numbers
            .Where(n => n.People is > 0 and <= MostPeople)
            .DistinctBy(n => n.People)
            .Select(n => new SmallCell(n.Member, n.People, than));

    /// <summary>Whether everything the second question is about, the first is about too.</summary>
    private static bool Includes(
        PublishedQuestion whole,
        DateOnly wholeAsOf,
        PublishedQuestion part,
        DateOnly partAsOf,
        IReadOnlyDictionary<Guid, OrganisationKin> kin,
        Func<Guid?, (DateOnly First, DateOnly Last)> daysOf
    )
    {
        var ((wholeFrom, wholeTo), (from, to), (first, last)) = (Days(whole, wholeAsOf), Days(part, partAsOf), daysOf(part.Framework));
        return (wholeFrom <= from || wholeFrom <= first)
            && (to <= wholeTo || last <= wholeTo)
            && (whole.Framework is null || whole.Framework == part.Framework)
            && (whole.Level is null || whole.Level == part.Level)
            && (
                whole.Party is null
                || whole.Party == part.Party
                || part is { Party: null, Organisation: { } o } && kin[o].Parties.Contains(whole.Party)
            )
            && (
                whole.Organisation is null
                || part.Organisation is { } organisation && Holds(whole, organisation, Frozen.IsLineage(part), kin)
            );
    }

    /// <summary>Whether the organisation the whole is of is this one, or stands in for it.</summary>
    private static bool Holds(PublishedQuestion whole, Guid organisation, bool asLineage, IReadOnlyDictionary<Guid, OrganisationKin> kin) =>
        whole.Organisation == organisation
            ? Frozen.IsLineage(whole) || !asLineage
            : Frozen.IsLineage(whole) && kin[organisation].ShownAs == whole.Organisation;

    /// <summary>The days its meetings can be on.</summary>
    private static (DateOnly From, DateOnly To) Days(PublishedQuestion question, DateOnly asOf)
    {
        var from = question.From?.FirstDay ?? DateOnly.MinValue;
        if (question.Year is not { } year)
            return (from, asOf);
        var (first, last) = (new DateOnly(year, 1, 1), new DateOnly(year, 12, 31));
        return (from > first ? from : first, asOf < last ? asOf : last);
    }
}
