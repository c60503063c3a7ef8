using CooperationEvents.Kernel;
using CooperationEvents.Statistics.Facts;

namespace CooperationEvents.Statistics.Counting;

/// <summary>
/// Which values a filter can have: those that frameworks, organisations and meetings have. A value that nothing has is a mistake of who
/// asks, and must not pass for a count of 0.
/// </summary>
internal static class KnownValues
{
    /// <summary>How many of the values there are a problem lists.</summary>
    private const int MostTold = 30;

    /// <summary>Whether a framework has the level and the party that are asked about, so that its count is an answer.</summary>
    public static bool Has(FrameworkFacts framework, Question question)
    {
        return IsKnown(question.Filter.Level, framework.Levels) && IsKnown(question.Filter.Party, framework.Parties);

        bool IsKnown(string? value, IEnumerable<CodeFact> codes) =>
            value is null or Question.NotStated || codes.Any(c => c.Code == value && c.KnownFrom <= question.Position);
    }

    /// <summary>
    /// What is wrong with the filter, by the names of the parameters. Levels and parties are those of the
    /// framework asked about; a meeting has its areas from any of its frameworks, and its country from none. Every meeting has a level.
    /// </summary>
    public static IReadOnlyList<FieldError> Unknown(Question question, KnownFacts facts)
    {
        var (filter, frameworks) = (question.Filter, facts.FrameworksOf(question).ToList());
        return
        [
            .. Coded("level", filter.Level, frameworks.SelectMany(f => f.Levels)),
            .. Coded("party", filter.Party, frameworks.SelectMany(f => f.Parties)),
            .. Coded("area", filter.Area, facts.ReferenceFacts.Frameworks.SelectMany(f => f.Areas)),
            .. Organisation("organisation", filter.Organisation),
            .. Organisation("host", filter.Host),
            .. Organisation("coHost", filter.CoHost),
            .. Country(filter.Country),
        ];

        IEnumerable<FieldError> Coded(string name, string? value, IEnumerable<CodeFact> codes)
        {
            if (value is null or Question.NotStated)
                return [];
            var known = codes.Where(c => c.KnownFrom <= question.Position).Select(c => c.Code).Distinct().ToList();
            return known.Contains(value) ? [] : [Refused(name, value, known)];
        }

        IEnumerable<FieldError> Organisation(string name, string? value)
        {
            if (value is null or Question.NotStated or Question.Unallocated)
                return [];
            if (facts.NamesOf(question, value) is { } names)
                return Folded(name, facts.Ids.Find(Guid.Parse(value))!.Value, names);
            var known = facts
                .ReferenceFacts.Names.Keys.Where(o => ShownAs(o) == o)
                .Select(o => (Id: facts.Ids[o], Names: facts.NamesOf(o, question.AsOf, question.Position)))
                .Where(o => o.Names is not null)
                .Select(o => $"{o.Id} ({o.Names!.Value.ShortName})")
                .Order(StringComparer.Ordinal)
                .ToList();
            return [Refused(name, value, known)];
        }

        // What is counted as another has no figures of its own in that view, and 0 would deny what it did.
        IEnumerable<FieldError> Folded(string name, int organisation, NameFact names)
        {
            var shownAs = ShownAs(organisation);
            if (shownAs == organisation)
                return [];
            var other =
                shownAs == KnownFacts.Unallocated ? Question.Unallocated
                : facts.NamesOf(shownAs, question.AsOf, question.Position) is { } follower ? $"{facts.Ids[shownAs]} ({follower.ShortName})"
                : $"{facts.Ids[shownAs]}";
            return
            [
                new FieldError(
                    "/" + name,
                    $"By lineage, {names.ShortName} is counted as {other} on {question.AsOf:yyyy-MM-dd}. Ask for that, or leave 'orgView' "
                        + "out: organisations are as they were at the meeting then."
                ),
            ];
        }

        int ShownAs(int organisation) => question.Lineage ? facts.ShownAs(organisation, question.AsOf, question.Position) : organisation;

        IEnumerable<FieldError> Country(string? value)
        {
            if (value is null or Question.NotStated)
                return [];
            var known = facts
                .Under(framework: null)
                .Select(m => m.At(question.Position)?.Country)
                .Distinct()
                .OfType<int>()
                .Select(c => facts.Words[c])
                .Order(StringComparer.Ordinal)
                .ToList();
            return known.Contains(value) ? [] : [Refused("country", value, known)];
        }

        FieldError Refused(string name, string value, IReadOnlyList<string> known)
        {
            var told = string.Join(", ", known.Take(MostTold));
            var rest = known.Count > MostTold ? $" and {known.Count - MostTold} more" : "";
            return new FieldError(
                "/" + name,
                $"At position {question.Position} nothing has '{value}'. "
                    + (
                        known.Count == 0 ? $"There is none yet; {Question.NotStated} asks for what has none."
                        : name == "level" ? $"There are {told}{rest}."
                        : $"There are {told}{rest}; and {Question.NotStated}."
                    )
            );
        }
    }
}
