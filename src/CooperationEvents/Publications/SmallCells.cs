using CooperationEvents.Kernel;
using CooperationEvents.Statistics.Presentation;

namespace CooperationEvents.Publications;

/// <summary>A number of people so few that they could be recognised, which a publication would state or let everybody work out.</summary>
/// <param name="Than">The earlier publication from which it is the difference; null where the figure itself is.</param>
/// <param name="Parts">The earlier publications whose sum makes the difference; absent where one does.</param>
public sealed record SmallCell(string Member, int People, Guid? Than, ValueList<Guid>? Parts = null)
{
    private const int MostParts = 5;

    public string InWords => $"{Member} {Difference}, which tells of {People} {Noun}. Set it to true to publish all the same.";

    private string Difference =>
        (Than, Parts) switch
        {
            ({ } whole, { } others) => $"and the same of {Listed(others)} would together differ by {People} from the publication {whole}",
            (null, { } parts) => $"would differ by {People} from the sum of {Listed(parts)}",
            ({ } earlier, null) => $"would differ by {People} from the publication {earlier}",
            (null, null) => $"would be {People}",
        };

    private string Noun => People == 1 ? "person" : "people";

    private static string Listed(ValueList<Guid> publications) =>
        $"{(publications.Count == 1 ? "the publication" : "the publications")} {string.Join(", ", publications.Take(MostParts))}"
        + (publications.Count > MostParts ? $" and {publications.Count - MostParts} more" : "");
}

/// <summary>
/// Which numbers of a figure tell of 1 to 4 people: by themselves, by their difference from what was published before, or because a whole
/// and its parts are published, and so few are left.
/// </summary>
public static class SmallCells
{
    private const int MostPeople = 4;

    /// <summary>How many wholes, the newest first, a part is held against with the other parts.</summary>
    private const int MostWholes = 50;

    /// <summary>
    /// The ways to cut a whole into parts that are told from each other by one value: that value, and the question of the whole. Of years,
    /// each part has days of its own; of the others, those of the whole.
    /// </summary>
    private static readonly Cut[] Cuts =
    [
        new(q => q.Framework, q => q with { Framework = null }),
        new(q => q.Level, q => q with { Level = null }),
        new(q => q.Party, q => q with { Party = null }),
        new(q => Frozen.IsLineage(q) ? null : q.Organisation, q => q with { Organisation = null, OrgView = null }),
        new(q => Frozen.IsLineage(q) ? q.Organisation : null, q => q with { Organisation = null, OrgView = null }),
        new(q => q.Year, q => q with { Year = null }) { OfDays = true },
    ];

    /// <param name="earlier">All figures that were ever public: what was withdrawn was read.</param>
    /// <param name="kin">The kin of the organisations that any of these figures is of.</param>
    /// <param name="daysOf">The first and the last day of all meetings held under a framework, null: under any.</param>
    public static IReadOnlyList<SmallCell> Of(
        FigurePublished stated,
        IReadOnlyList<PublicationView> earlier,
        IReadOnlyDictionary<Guid, OrganisationKin> kin,
        Func<Guid?, (DateOnly First, DateOnly Last)> daysOf
    ) =>
        [
            .. Small(Numbers(stated.Figure), than: null),
            .. from before in earlier
            where
                Includes(stated.Question, stated.AsOf, before.Question, before.AsOf, kin, daysOf)
                || Includes(before.Question, before.AsOf, stated.Question, stated.AsOf, kin, daysOf)
            from cell in Small(
                Numbers(stated.Figure).Zip(Numbers(before.Figure), (now, then) => (now.Member, People: Math.Abs(now.People - then.People))),
                before.Id
            )
            select cell,
            .. Cuts.SelectMany(cut => Left(stated, [.. earlier.OrderByDescending(e => e.PublishedAt)], cut, daysOf)),
        ];

    /// <summary>
    /// Who is left of a whole where all its parts that are public are taken away, of each the newest. Where the parts have people in common
    /// they come to more than the whole, which tells nothing of who is left.
    /// </summary>
    /// <param name="earlier">The newest first.</param>
    private static IEnumerable<SmallCell> Left(
        FigurePublished stated,
        IReadOnlyList<PublicationView> earlier,
        Cut cut,
        Func<Guid?, (DateOnly First, DateOnly Last)> daysOf
    )
    {
        if (cut.Value(stated.Question) is { } own)
        {
            foreach (
                var whole in earlier.Where(e => IsPart(cut, e.Question, e.AsOf, stated.Question, stated.AsOf, daysOf)).Take(MostWholes)
            )
            {
                var others = Parts(whole.Question, whole.AsOf).Where(p => !own.Equals(cut.Value(p.Question))).ToList();
                if (others.Count > 0)
                {
                    foreach (var cell in Rest(whole.Figure, [stated.Figure, .. others.Select(p => p.Figure)]))
                        yield return cell with
                        {
                            Than = whole.Id,
                            Parts = [.. others.Select(p => p.Id)],
                        };
                }
            }
        }

        if (Parts(stated.Question, stated.AsOf) is { Count: > 1 } parts)
        {
            foreach (var cell in Rest(stated.Figure, parts.Select(p => p.Figure)))
                yield return cell with
                {
                    Parts = [.. parts.Select(p => p.Id)],
                };
        }

        List<PublicationView> Parts(PublishedQuestion whole, DateOnly asOf) =>
            [.. earlier.Where(e => IsPart(cut, whole, asOf, e.Question, e.AsOf, daysOf)).DistinctBy(e => cut.Value(e.Question))];

        static IEnumerable<SmallCell> Rest(PublishedFigure whole, IEnumerable<PublishedFigure> parts) =>
            Small(
                parts.Aggregate(Numbers(whole), (left, part) =>
                    left.Zip(Numbers(part), (now, taken) => (now.Member, now.People - taken.People))
                ),
                than: null
            );
    }

    /// <summary>Whether the second question is the first, but for one value that it names and the first does not.</summary>
    private static bool IsPart(
        Cut cut,
        PublishedQuestion whole,
        DateOnly wholeAsOf,
        PublishedQuestion part,
        DateOnly partAsOf,
        Func<Guid?, (DateOnly First, DateOnly Last)> daysOf
    )
    {
        if (cut.Value(part) is null || cut.Value(whole) is not null || Undated(cut.Whole(part)) != Undated(whole))
            return false;
        var (ofWhole, ofPart, (first, last)) = (Days(whole, wholeAsOf), Days(part, partAsOf), daysOf(part.Framework));
        return Covers(ofWhole, ofPart) && (cut.OfDays || Covers(ofPart, ofWhole));

        bool Covers((DateOnly From, DateOnly To) one, (DateOnly From, DateOnly To) other) =>
            (one.From <= other.From || one.From <= first) && (other.To <= one.To || last <= one.To);
    }

    /// <summary>The question without what is held against the days of the meetings, or makes no difference to its people.</summary>
    private static PublishedQuestion Undated(PublishedQuestion question) =>
        question with
        {
            AsOf = null,
            KnownAt = null,
            From = null,
            OrgView = Frozen.IsLineage(question) && question.Organisation is not null ? question.OrgView : null,
        };

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

    /// <param name="Value">What tells a part from the others; null where the question is of no part.</param>
    /// <param name="Whole">The question of which it is a part.</param>
    private sealed record Cut(Func<PublishedQuestion, object?> Value, Func<PublishedQuestion, PublishedQuestion> Whole)
    {
        /// <summary>Whether each part has days of its own.</summary>
        public bool OfDays { get; init; }
    }
}
