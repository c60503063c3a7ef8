namespace CooperationEvents.Publications;

/// <summary>A number of people so few that they could be recognised, which a publication would state or let everybody work out.</summary>
/// <param name="Than">The earlier publication from which it is the difference; null where the figure itself is.</param>
public sealed record SmallCell(string Member, int People, Guid? Than)
{
    public string InWords =>
        Than is { } earlier
            ? $"{Member} would differ by {People} from the publication {earlier}, which tells of {People} {Noun}. Set it to true to "
                + $"publish all the same."
            : $"{Member} would be {People}, which tells of {People} {Noun}. Set it to true to publish all the same.";

    private string Noun => People == 1 ? "person" : "people";
}

/// <summary>Which numbers of a figure tell of 1 to 4 people, by themselves or by their difference from what was published before.</summary>
public static class SmallCells
{
    private const int MostPeople = 4;

    /// <param name="earlier">All figures that were ever public: what was withdrawn was read.</param>
    public static IReadOnlyList<SmallCell> Of(FigurePublished stated, IEnumerable<PublicationView> earlier) =>
        [
            .. Small(Numbers(stated.Figure), than: null),
            .. from before in earlier
            where
                Includes(stated.Question, stated.AsOf, before.Question, before.AsOf)
                || Includes(before.Question, before.AsOf, stated.Question, stated.AsOf)
            from cell in Small(
                Numbers(stated.Figure).Zip(Numbers(before.Figure), (now, then) => (now.Member, People: Math.Abs(now.People - then.People))),
                before.Id
            )
            select cell,
        ];

    private static IEnumerable<(string Member, int People)> Numbers(PublishedFigure figure) =>
        [
            ("staffKnown", figure.StaffKnown),
            ("staffAtLeast", figure.StaffAtLeast),
            ("staffKnown with unnamed", figure.StaffKnown + figure.Unnamed),
        ];

    /// <summary>One for the figure, or for each publication it differs from: the first of its numbers that is small.</summary>
    private static IEnumerable<SmallCell> Small(IEnumerable<(string Member, int People)> numbers, Guid? than) =>
        numbers.Where(n => n.People is > 0 and <= MostPeople).Take(1).Select(n => new SmallCell(n.Member, n.People, than));

    /// <summary>Whether everything the second question is about, the first is about too.</summary>
    private static bool Includes(PublishedQuestion whole, DateOnly wholeAsOf, PublishedQuestion part, DateOnly partAsOf) =>
        partAsOf <= wholeAsOf
        && (whole.From is not { } from || (part.From is { } later && from.FirstDay <= later.FirstDay))
        && Covers(whole.Framework, part.Framework)
        && Covers(whole.Year, part.Year)
        && Covers(whole.Organisation, part.Organisation)
        && (whole.Level is null || whole.Level == part.Level)
        && (whole.Party is null || whole.Party == part.Party)
        && (whole.OrgView == part.OrgView || whole.Organisation is null);

    private static bool Covers<T>(T? whole, T? part)
        where T : struct => whole is null || Equals(whole, part);
}
