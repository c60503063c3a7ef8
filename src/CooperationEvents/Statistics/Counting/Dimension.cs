using System.Globalization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Meetings;
using CooperationEvents.Statistics.Facts;

namespace CooperationEvents.Statistics.Counting;

/// <summary>A value of a dimension, as numbers of <see cref="KnownFacts"/>; codes of levels and parties belong to a framework.</summary>
/// <remarks>One number, so that cells are found fast.</remarks>
internal readonly record struct DimensionValue
{
    private readonly long _both;

    public DimensionValue(int? framework, int? code) => _both = ((long)(framework ?? int.MinValue) << 32) | (uint)(code ?? int.MinValue);

    public static DimensionValue NotStated { get; } = new(null, null);

    public int? Framework => Stated((int)(_both >> 32));

    public int? Code => Stated((int)_both);

    public static DimensionValue Of(int? code) => new(null, code);

    private static int? Stated(int number) => number == int.MinValue ? null : number;
}

/// <summary>
/// The value of a dimension in the words of the API. <paramref name="Rank"/> orders the values; what is not stated comes last.
/// </summary>
internal sealed record DimensionName(Guid? Framework, string Code, (int, int, string) Rank)
{
    /// <summary>Whether there is no value. A framework of earlier may have a code that is spelled alike.</summary>
    public bool IsUnstated { get; init; }

    /// <summary>Of the framework that the code belongs to.</summary>
    public string? FrameworkName { get; init; }

    /// <summary>The name in full; null where there is none beside the code.</summary>
    public string? Name { get; init; }

    /// <summary>Of an organisation.</summary>
    public string? ShortName { get; init; }
}

/// <summary>One way to cut the figures. All cells of all breakdowns are made from this list.</summary>
/// <param name="Name">The word in the parameter <c>by</c>.</param>
/// <param name="Values">Adds the values that a presence at a meeting has: one, or several hosts or areas; at least what is not
/// stated.</param>
internal sealed record Dimension(
    string Name,
    Action<CountedMeeting, Presence, List<DimensionValue>> Values,
    Func<KnownFacts, Question, DimensionValue, DimensionName> Describe
)
{
    /// <summary>The modes of meetings in the words of the API.</summary>
    public static IReadOnlyList<string> Modes { get; } = [.. Enum.GetValues<MeetingMode>().Select(Json.Word)];

    public static Dimension Framework { get; } =
        new(
            "framework",
            (_, presence, into) => into.Add(DimensionValue.Of(presence.Placement.Framework)),
            (facts, _, value) => Framed(facts, facts.Ids[value.Code!.Value])
        );

    public static Dimension Level { get; } =
        new(
            "level",
            (_, presence, into) => into.Add(new DimensionValue(presence.Placement.Framework, presence.Placement.Level)),
            (facts, question, value) => Coded(facts, value, framework => framework.Levels)
        );

    public static Dimension Party { get; } =
        new(
            "party",
            (_, presence, into) => into.Add(new DimensionValue(presence.Placement.Framework, presence.Party)),
            (facts, question, value) => Coded(facts, value, framework => framework.Parties)
        );

    public static Dimension Organisation { get; } =
        new("organisation", (_, presence, into) => into.Add(DimensionValue.Of(presence.Organisation)), Named);

    public static Dimension Year { get; } =
        new(
            "year",
            (meeting, _, into) => into.Add(DimensionValue.Of(meeting.At.LastDay.Year)),
            (_, _, value) => new DimensionName(null, value.Code!.Value.ToString(CultureInfo.InvariantCulture), (0, value.Code.Value, ""))
        );

    public static IReadOnlyList<Dimension> All { get; } =
    [
        Framework,
        Level,
        Party,
        Organisation,
        new(
            "area",
            (meeting, _, into) => AddEach(meeting.Areas, into),
            (facts, question, value) => WithName(Word(facts, question, value), code => facts.NameOf(question, "area", code))
        ),
        new("host", (meeting, _, into) => AddEach(meeting.Hosts, into), Named),
        new("co-host", (meeting, _, into) => AddEach(meeting.CoHosts, into), Named),
        new(
            "country",
            (meeting, _, into) => into.Add(DimensionValue.Of(meeting.At.Country)),
            (facts, question, value) => WithName(Word(facts, question, value), Countries.NameOf)
        ),
        new("mode", (meeting, _, into) => into.Add(DimensionValue.Of(meeting.At.Mode)), Word),
        new(
            "role",
            (_, presence, into) => into.Add(DimensionValue.Of((int?)presence.Role)),
            (_, _, value) =>
                value.Code is { } role ? new DimensionName(null, CountedFacts.WordsOfRoles[role], (0, role, "")) : Unstated(null)
        ),
        Year,
    ];

    /// <summary>The period of the last day; what is known less finely is unplaced.</summary>
    public static Dimension Placed(Per per) =>
        new(
            $"period by {per}",
            (meeting, _, into) => into.Add(DimensionValue.Of(Period.Of(per, meeting.At.Ends, meeting.At.LastDay).Number)),
            (_, _, value) =>
                new DimensionName(null, new Period(per, value.Code).ToString(), (value.Code is null ? 1 : 0, value.Code ?? 0, ""))
        );

    private static void AddEach(int[] values, List<DimensionValue> into)
    {
        foreach (var value in values)
            into.Add(DimensionValue.Of(value));
        if (values.Length == 0)
            into.Add(DimensionValue.NotStated);
    }

    private static DimensionName WithName(DimensionName value, Func<string, string?> nameOf) => value with { Name = nameOf(value.Code) };

    private static DimensionName Word(KnownFacts facts, Question question, DimensionValue value) =>
        value.Code is { } code ? new DimensionName(null, facts.Words[code], (0, 0, facts.Words[code])) : Unstated(null);

    private static DimensionName Named(KnownFacts facts, Question question, DimensionValue value) =>
        value.Code switch
        {
            null => Unstated(null),
            KnownFacts.Unallocated => new DimensionName(null, Question.Unallocated, (1, 0, "")),
            { } code => OrganisationNamed(facts, question, code),
        };

    private static DimensionName OrganisationNamed(KnownFacts facts, Question question, int organisation)
    {
        var (id, names) = (facts.Ids[organisation], facts.NamesOf(organisation, question.AsOf, question.Position));
        return new DimensionName(null, id.ToString(), (0, 0, $"{names?.ShortName} {id}"))
        {
            Name = names?.Name,
            ShortName = names?.ShortName,
        };
    }

    /// <summary>A framework, in the order in which they were established.</summary>
    private static DimensionName Framed(KnownFacts facts, Guid id)
    {
        var index = facts.ReferenceFacts.PlaceOf(id);
        var name = facts.ReferenceFacts.Frameworks[index].Name;
        return new DimensionName(id, id.ToString(), (index, 0, "")) { FrameworkName = name, Name = name };
    }

    /// <summary>A code of a framework, in the order in which the framework has its codes.</summary>
    private static DimensionName Coded(KnownFacts facts, DimensionValue value, Func<FrameworkFacts, IReadOnlyList<CodeFact>> codes)
    {
        var index = facts.ReferenceFacts.PlaceOf(facts.Ids[value.Framework!.Value]);
        var framework = facts.ReferenceFacts.Frameworks[index];
        if (value.Code is not { } code)
            return Unstated(framework.Id) with { Rank = (index, int.MaxValue, ""), FrameworkName = framework.Name };
        var (word, known) = (facts.Words[code], codes(framework));
        return new DimensionName(framework.Id, word, (index, known.TakeWhile(c => c.Code != word).Count(), word))
        {
            FrameworkName = framework.Name,
            Name = known.FirstOrDefault(c => c.Code == word).Name,
        };
    }

    private static DimensionName Unstated(Guid? framework) =>
        new(framework, Question.NotStated, (int.MaxValue, 0, "")) { IsUnstated = true };
}
