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
    /// The name of a level, a party or an area in the frameworks asked about. Where they name it differently, the names are joined. Null
    /// where none of them has the code. A joint meeting can have an area of any of its frameworks. So an area that the framework asked
    /// about lacks has its name from the frameworks it held such meetings with.
    /// </summary>
    public static string? NameOf(this KnownFacts facts, Question question, string dimension, string code)
    {
        var names = NamesIn(facts.FrameworksOf(question));
        if (names.Count == 0 && dimension == "area" && question.Framework is { } framework)
        {
            var joined = facts.JoinedOn(code, framework, question.Position);
            names = NamesIn(facts.ReferenceFacts.Frameworks.Where(f => joined.Contains(f.Id)));
        }

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

    /// <summary>The frameworks that a held meeting of this one is under too, and which is about the area.</summary>
    private static HashSet<Guid> JoinedOn(this KnownFacts facts, string area, Guid framework, long position)
    {
        var joined = new HashSet<Guid>();
        foreach (var meeting in facts.Under(framework))
        {
            if (meeting.At(position) is not { Held: true, Voided: false } held || !held.Areas.Any(a => facts.Words[a] == area))
                continue;
            var under = meeting.Placements.Where(p => p.Known.At(position)).Select(p => facts.Ids[p.Framework]).ToList();
            if (under.Contains(framework))
                joined.UnionWith(under);
        }

        return joined;
    }

    /// <summary>The frameworks asked about that were known at that position.</summary>
    public static IEnumerable<FrameworkFacts> FrameworksOf(this KnownFacts facts, Question question) =>
        facts.ReferenceFacts.Frameworks.Where(framework =>
            framework.KnownFrom <= question.Position && (question.Framework is null || framework.Id == question.Framework)
        );
}
