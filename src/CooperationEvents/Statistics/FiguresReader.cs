using CooperationEvents.Kernel;
using Microsoft.Extensions.Caching.Memory;

namespace CooperationEvents.Statistics;

/// <summary>A framework as the facts knew it at the question's position.</summary>
internal sealed record KnownFramework(Guid Id, string Name, PartialDate EstablishedOn, IReadOnlyList<string> Parties);

/// <summary>
/// Reads the figures of a question from the facts. What was counted for a question is kept for a while: at a position it is the
/// same for ever.
/// </summary>
public sealed class FiguresReader(FactStore store) : IDisposable
{
    private const int MostKept = 2_000;

    private readonly MemoryCache _kept = new(new MemoryCacheOptions { SizeLimit = MostKept });

    public void Dispose() => _kept.Dispose();

    internal async ValueTask<Facts> Facts(Question question, CancellationToken cancellation) => await store.At(question.Position, cancellation);

    internal async Task<IReadOnlyList<KnownFramework>> Frameworks(Question question, CancellationToken cancellation) =>
    [
        .. from framework in (await Facts(question, cancellation)).Agreements.Frameworks
           where framework.KnownFrom <= question.Position && (question.Framework is null || framework.Id == question.Framework)
           select new KnownFramework(framework.Id, framework.Name, framework.EstablishedOn, framework.Parties),
    ];

    /// <summary>The levels of the frameworks asked about, by rank.</summary>
    internal async Task<IReadOnlyList<(Guid Framework, string Code)>> Levels(Question question, CancellationToken cancellation) =>
    [
        .. from framework in (await Facts(question, cancellation)).Agreements.Frameworks
           where framework.KnownFrom <= question.Position && (question.Framework is null || framework.Id == question.Framework)
           from level in framework.Levels
           where level.KnownFrom <= question.Position
           select (framework.Id, level.Code),
    ];

    /// <summary>The whole, who is not counted, and the cells of these tables that have any meeting.</summary>
    internal Task<Counted> Count(Question question, CancellationToken cancellation, params Dimension[][] tables)
    {
        return Kept(question, string.Join(';', tables.Select(t => string.Join(',', t.Select(d => d.Name)))), facts =>
        {
            var cells = Cells.Of(facts, question, tables);
            return new Counted(
                cells.Whole.Figures,
                cells.NotCounted,
                cells.Whole.Largest?.Id,
                [
                    .. tables.Select((dimensions, table) => (IReadOnlyList<CountedCell>)
                    [
                        .. cells.Of(table)
                            .Select(c => new CountedCell(
                                dimensions[0].Describe(facts, question, c.Key.First),
                                dimensions.Length > 1 ? dimensions[1].Describe(facts, question, c.Key.Second) : null,
                                c.Tally.Figures))
                            .OrderBy(c => c.First.Rank).ThenBy(c => c.Second?.Rank),
                    ]),
                ]);
        }, cancellation);
    }

    /// <summary>Every period from the first to the last with a meeting: what is in it, and all up to its end.</summary>
    internal Task<CountedSeries> CountSeries(Question question, Per per, CancellationToken cancellation) => Kept(question, $"series {per}", facts =>
    {
        var cells = Cells.Of(facts, question, [Dimension.Placed(per)], [Dimension.CountedBy(per)]);
        var placed = cells.Of(0).Where(c => c.Key.First.Code is not null).ToDictionary(c => c.Key.First.Code!.Value, c => c.Tally.Figures);
        var unplaced = cells.Of(0).Where(c => c.Key.First.Code is null).Select(c => c.Tally.Figures).SingleOrDefault();
        var counted = cells.Of(1).ToDictionary(c => c.Key.First.Code!.Value, c => c.Tally);
        var periods = new List<CountedPeriod>();
        var sum = new Tally();
        for (var number = counted.Keys.DefaultIfEmpty().Min(); counted.Count > 0 && number <= counted.Keys.Max(); number++)
        {
            if (counted.TryGetValue(number, out var tally))
                sum.Add(tally);
            periods.Add(new CountedPeriod(new Period(per, number), placed.GetValueOrDefault(number, Figures.None), sum.Figures));
        }

        return new CountedSeries(periods, unplaced);
    }, cancellation);

    /// <summary>The meetings held at each level.</summary>
    internal async Task<ILookup<(Guid Framework, string Level), EditionHeld>> Editions(Question question, CancellationToken cancellation)
    {
        var facts = await Facts(question, cancellation);
        var editions = new List<((Guid, string) Level, EditionHeld Held)>();
        new CountedFacts(facts, question).Each(meeting =>
        {
            foreach (var placement in meeting.Rows.Select(r => r.Placement).Distinct())
            {
                editions.Add((
                    (facts.Ids[placement.Framework], facts.Words[placement.Level]),
                    new EditionHeld(meeting.Meeting.Id, meeting.At.Title, placement.Edition, meeting.At.Starts.ToString(), meeting.At.FirstDay)));
            }
        });
        return editions.ToLookup(e => e.Level, e => e.Held);
    }

    /// <summary>Some of the items behind a figure, in order of kind, day and id.</summary>
    internal async Task<IReadOnlyList<Explained>> Explain(Question question, Measure measure, int skip, int take, CancellationToken cancellation)
    {
        var facts = await Facts(question, cancellation);
        var parts = new List<Item>();
        new CountedFacts(facts, question).Each(meeting => measure.Items(meeting, parts));
        return [.. Items(facts, parts).Skip(skip).Take(take).Select(item => item.Written(facts))];
    }

    /// <summary>The ids of the events behind the meetings, attendances and head counts of a question.</summary>
    internal async Task<IReadOnlyCollection<Guid>> Evidence(Question question, CancellationToken cancellation)
    {
        var parts = new List<Item>();
        new CountedFacts(await Facts(question, cancellation), question).Each(meeting =>
        {
            foreach (var measure in Measure.All.Where(m => m.Name is "meetingsHeld" or "attendances" or "unnamed"))
                measure.Items(meeting, parts);
        });
        return parts.SelectMany(p => p.Events).ToHashSet();
    }

    /// <summary>The items that the parts make up, in order: an item of several has its parts next to each other.</summary>
    private static IEnumerable<ItemParts> Items(Facts facts, List<Item> parts)
    {
        var ordered = parts.Select(p => (Part: p, Key: new ItemKey(facts, p))).OrderBy(p => p.Key).ToList();
        for (int first = 0, next; first < ordered.Count; first = next)
        {
            for (next = first + 1; next < ordered.Count && ordered[next].Key.IsSame(ordered[first].Key); next++)
            {
            }

            yield return new ItemParts(ordered.GetRange(first, next - first).ConvertAll(p => p.Part));
        }
    }

    private async Task<T> Kept<T>(Question question, string what, Func<Facts, T> count, CancellationToken cancellation)
        where T : class
    {
        var key = (question with { KnownAt = "" }, what);
        if (_kept.TryGetValue(key, out T? known))
            return known!;
        var counted = count(await Facts(question, cancellation));
        _kept.Set(key, counted, new MemoryCacheEntryOptions { Size = 1 });
        return counted;
    }
}

/// <summary>What was counted for a question: the whole, and the cells of each table in their order.</summary>
/// <param name="LargestMeeting">The meeting with the most people; null where nobody was at any.</param>
internal sealed record Counted(Figures Whole, NotCounted NotCounted, Guid? LargestMeeting, IReadOnlyList<IReadOnlyList<CountedCell>> Tables);

internal sealed record CountedCell(DimensionName First, DimensionName? Second, Figures Figures);

/// <param name="Unplaced">What is known less finely than by periods; null where there is nothing.</param>
internal sealed record CountedSeries(IReadOnlyList<CountedPeriod> Periods, Figures? Unplaced);

internal sealed record CountedPeriod(Period Period, Figures InPeriod, Figures Cumulative);
