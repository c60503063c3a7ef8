using CooperationEvents.Kernel;
using CooperationEvents.Statistics.Facts;

namespace CooperationEvents.Statistics.Counting;

/// <summary>What the facts say of frameworks and organisations, as known at the position a question asks about.</summary>
internal static class AskedFacts
{
    /// <summary>The names of an organisation on the day asked about; null for what is no organisation's id.</summary>
    public static NameFact? NamesOf(this KnownFacts facts, Question question, string organisation) =>
        Uuid.Read(organisation) is { } id && facts.Ids.Find(id) is { } number
            ? facts.NamesOf(number, question.AsOf, question.Position)
            : null;

    /// <summary>
    /// The name of a level, a party or an area in the frameworks asked about; several, joined, where they name it differently. Null where
    /// none of them has the code. A joint meeting has areas of any of its frameworks, so that others are asked for the name of an area.
    /// </summary>
    public static string? NameOf(this KnownFacts facts, Question question, string dimension, string code)
    {
        var names = NamesIn(facts.FrameworksOf(question));
        if (names.Count == 0 && dimension == "area")
            names = NamesIn(facts.FrameworksOf(question with { Framework = null }));
        return names.Count == 0 ? null : string.Join(" or ", names);

        List<string> NamesIn(IEnumerable<FrameworkFacts> frameworks) =>
            [
                .. frameworks
                    .SelectMany(f =>
                        dimension switch
                        {
                            "level" => f.Levels,
                            "party" => f.Parties,
                            "area" => f.Areas,
                            _ => [],
                        }
                    )
                    .Where(c => c.Code == code && c.KnownFrom <= question.Position)
                    .Select(c => c.Name)
                    .Distinct(),
            ];
    }

    /// <summary>The frameworks asked about that were known at that position.</summary>
    public static IEnumerable<FrameworkFacts> FrameworksOf(this KnownFacts facts, Question question) =>
        facts.ReferenceFacts.Frameworks.Where(framework =>
            framework.KnownFrom <= question.Position && (question.Framework is null || framework.Id == question.Framework)
        );
}
