using System.Collections.Concurrent;
using CooperationEvents.Kernel;
using CooperationEvents.Reading;
using CooperationEvents.Statistics.Facts;
using Microsoft.Extensions.Caching.Memory;

namespace CooperationEvents.Statistics.Counting;

/// <summary>A framework as the facts knew it at the question's position.</summary>
internal sealed record KnownFramework(Guid Id, string Name, PartialDate EstablishedOn, IReadOnlyList<CodeFact> Parties);

/// <summary>A level as the facts knew it at the question's position.</summary>
internal sealed record KnownLevel(Guid Framework, string FrameworkName, string Code, string Name);

/// <summary>
/// Reads the figures of a question from the facts. What was counted is kept for a while, and answers for every day: at a position it
/// is the same for ever, and at later positions until a fact that can count changes.
/// </summary>
public sealed class FiguresReader : IDisposable
{
    /// <summary>In days of cells, some 50 bytes each.</summary>
    private const int MostKept = 2_000_000;

    private readonly FactStore _store;
    private readonly MemoryCache _kept = new(new MemoryCacheOptions { SizeLimit = MostKept, CompactionPercentage = 0.25 });
    private readonly ConcurrentDictionary<object, Lazy<Cells>> _counting = new();
    private readonly Recounts _recounts;

    public FiguresReader(FactStore store)
    {
        _store = store;
        _recounts = new Recounts(_kept, MostKept / 4);
    }

    public void Dispose() => _kept.Dispose();

    internal async ValueTask<KnownFacts> Facts(Question question, CancellationToken cancellation) =>
        await _store.At(question.Position, cancellation);

    internal async Task<IReadOnlyList<KnownFramework>> Frameworks(Question question, CancellationToken cancellation) =>
        [.. from framework in (await Facts(question, cancellation)).FrameworksOf(question) select Known(framework)];

    /// <summary>Those frameworks that have the level and the party asked about; in the others nothing can count.</summary>
    internal async Task<IReadOnlyList<KnownFramework>> FrameworksThatHave(Question question, CancellationToken cancellation) =>
        [
            .. from framework in (await Facts(question, cancellation)).FrameworksOf(question)
            where KnownValues.Has(framework, question)
            select Known(framework),
        ];

    private static KnownFramework Known(FrameworkFacts framework) =>
        new(framework.Id, framework.Name, framework.EstablishedOn, framework.Parties);

    /// <summary>The levels of the frameworks that have what is asked about, by rank.</summary>
    internal async Task<IReadOnlyList<KnownLevel>> Levels(Question question, CancellationToken cancellation) =>
        [
            .. from framework in (await Facts(question, cancellation)).FrameworksOf(question)
            where KnownValues.Has(framework, question)
            from level in framework.Levels
            where level.KnownFrom <= question.Position
            select new KnownLevel(framework.Id, framework.Name, level.Code, level.Name),
        ];

    /// <summary>The whole, who is not counted, and the cells of these tables that have any meeting.</summary>
    internal async Task<Counted> Count(Question question, CancellationToken cancellation, params Dimension[][] tables)
    {
        var facts = await Facts(question, cancellation);
        var asked = Same(facts, question);
        var key = (asked, "answer", TextOf(tables));
        if (_kept.TryGetValue(key, out Counted? known))
            return known!;
        var cells = Kept(facts, asked, tables);
        var counted = new Counted(
            (cells.Whole.At(question.AsOf) ?? Figures.None).By(question),
            cells.NotCounted(question.AsOf),
            cells.Whole.Largest(question.AsOf)?.Id,
            [
                .. tables.Select(
                    (dimensions, table) =>
                        (IReadOnlyList<CountedCell>)
                            [
                                .. cells
                                    .Of(table, question.AsOf)
                                    .Select(c => new CountedCell(
                                        dimensions[0].Describe(facts, question, c.Key.First),
                                        dimensions.Length > 1 ? dimensions[1].Describe(facts, question, c.Key.Second) : null,
                                        c.Figures.By(question)
                                    ))
                                    .OrderBy(c => c.First.Rank)
                                    .ThenBy(c => c.Second?.Rank),
                            ]
                ),
            ]
        );
        return _kept.Set(key, counted, new MemoryCacheEntryOptions { Size = 1 + counted.Tables.Sum(t => t.Count) });
    }

    /// <summary>How many periods there are from the first to the last with a meeting.</summary>
    internal async Task<int> PeriodsOf(Question question, Per per, CancellationToken cancellation) =>
        (await Placed(question, per, cancellation)).Whole.Span(question.AsOf) is var (first, last)
            ? Period.Of(per, last).Number!.Value - Period.Of(per, first).Number!.Value + 1
            : 0;

    /// <summary>Every period from the first to the last with a meeting: what is in it, and all up to its end.</summary>
    internal async Task<CountedSeries> CountSeries(Question question, Per per, CancellationToken cancellation)
    {
        var cells = await Placed(question, per, cancellation);
        var placed = cells.Of(0, question.AsOf).ToDictionary(c => new Period(per, c.Key.First.Code), c => c.Figures.By(question));
        var periods = new List<CountedPeriod>();
        if (cells.Whole.Span(question.AsOf) is var (first, last))
        {
            for (var number = Period.Of(per, first).Number; number <= Period.Of(per, last).Number; number++)
            {
                var period = new Period(per, number);
                var end = period.LastDay < question.AsOf ? period.LastDay : question.AsOf;
                periods.Add(
                    new CountedPeriod(
                        period,
                        placed.GetValueOrDefault(period, Figures.None.By(question)),
                        cells.Whole.At(end)!.By(question)
                    )
                );
            }
        }

        return new CountedSeries(periods, placed.GetValueOrDefault(new Period(per, null)));
    }

    private async Task<Cells> Placed(Question question, Per per, CancellationToken cancellation)
    {
        var facts = await Facts(question, cancellation);
        return Kept(
            facts,
            Same(facts, question),
            [
                [Dimension.Placed(per)],
            ]
        );
    }

    /// <summary>How many of the persons known are in one row of a dimension, in two rows, and so on.</summary>
    internal async Task<IEnumerable<PeopleInRows>> PeopleInRows(Question question, Dimension dimension, CancellationToken cancellation)
    {
        var facts = await Facts(question, cancellation);
        var rowsOf = new Dictionary<int, HashSet<DimensionValue>>();
        var values = new List<DimensionValue>();
        new CountedFacts(facts, question).Each(meeting =>
        {
            foreach (var attendance in meeting.Attendances)
            {
                foreach (var presence in meeting.RowsOf(attendance.Kind))
                {
                    values.Clear();
                    dimension.Values(meeting, presence, values);
                    if (!rowsOf.TryGetValue(attendance.Person, out var rows))
                        rowsOf[attendance.Person] = rows = [];
                    rows.UnionWith(values);
                }
            }
        });
        return rowsOf.Values.GroupBy(rows => rows.Count).OrderBy(g => g.Key).Select(g => new PeopleInRows(g.Key, g.Count()));
    }

    /// <summary>The meetings held at each level.</summary>
    internal async Task<ILookup<(Guid Framework, string Level), EditionHeld>> Editions(Question question, CancellationToken cancellation)
    {
        var facts = await Facts(question, cancellation);
        var editions = new List<((Guid, string) Level, EditionHeld Held)>();
        new CountedFacts(facts, question).Each(meeting =>
        {
            foreach (var placement in meeting.Rows.Select(r => r.Placement).Distinct())
            {
                editions.Add(
                    (
                        (facts.Ids[placement.Framework], facts.Words[placement.Level]),
                        new EditionHeld(
                            meeting.Meeting.Id,
                            meeting.At.Title,
                            placement.Edition,
                            meeting.At.Starts.ToString(),
                            meeting.At.FirstDay
                        )
                        {
                            IsDayKnown = meeting.At.Starts.Precision >= DatePrecision.Day,
                        }
                    )
                );
            }
        });
        return editions.ToLookup(e => e.Level, e => e.Held);
    }

    /// <summary>Some of the items behind a figure, in order of kind, day and id.</summary>
    internal async Task<IReadOnlyList<Explained>> Explain(
        Question question,
        Measure measure,
        int skip,
        int take,
        CancellationToken cancellation
    )
    {
        var facts = await Facts(question, cancellation);
        var parts = new List<Item>();
        new CountedFacts(facts, question).Each(meeting => measure.Items(meeting, parts));
        return [.. Items(facts, parts).Skip(skip).Take(take).Select(item => item.Written(facts, question))];
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
    private static IEnumerable<ItemParts> Items(KnownFacts facts, List<Item> parts)
    {
        var ordered = parts.Select(p => (Part: p, Key: new ItemKey(facts, p))).OrderBy(p => p.Key).ToList();
        for (int first = 0, next; first < ordered.Count; first = next)
        {
            for (next = first + 1; next < ordered.Count && ordered[next].Key.IsSame(ordered[first].Key); next++) { }

            yield return new ItemParts(ordered.GetRange(first, next - first).ConvertAll(p => p.Part));
        }
    }

    /// <summary>The question as it is cached: at the position it is counted at, so that questions with the same answer are equal.</summary>
    private static Question Same(KnownFacts facts, Question question) =>
        question with
        {
            Position = facts.SameAs(question.Framework, question.Position),
            KnownAt = "",
            Csv = CsvFormat.Plain,
        };

    private static string TextOf(Dimension[][] tables) => string.Join(';', tables.Select(t => string.Join(',', t.Select(d => d.Name))));

    /// <summary>What was counted for the question, whatever day it asks for; counted once, however many ask at once.</summary>
    private Cells Kept(KnownFacts facts, Question question, Dimension[][] tables)
    {
        // Which organisation stands in for another depends on the day asked about.
        var counted = question with { AsOf = question.Lineage ? question.AsOf : DateOnly.MaxValue };
        var text = TextOf(tables);
        var key = (counted, "cells", text);
        if (_kept.TryGetValue(key, out Cells? known))
            return known!;
        var counting = _counting.GetOrAdd(key, _ => new Lazy<Cells>(() => _recounts.Count(facts, counted, tables, text)));
        try
        {
            var cells = counting.Value;
            return _kept.Set(key, cells, new MemoryCacheEntryOptions { Size = cells.Size });
        }
        finally
        {
            _counting.TryRemove(new(key, counting));
        }
    }
}

/// <summary>What was counted for a question: the whole, and the cells of each table in their order.</summary>
/// <param name="LargestMeeting">The meeting with the most people; null where nobody was at any.</param>
internal sealed record Counted(
    Figures Whole,
    NotCounted NotCounted,
    Guid? LargestMeeting,
    IReadOnlyList<IReadOnlyList<CountedCell>> Tables
);

internal sealed record CountedCell(DimensionName First, DimensionName? Second, Figures Figures);

/// <param name="Unplaced">What is known less finely than by periods; null where there is nothing.</param>
internal sealed record CountedSeries(IReadOnlyList<CountedPeriod> Periods, Figures? Unplaced);

internal sealed record CountedPeriod(Period Period, Figures InPeriod, Figures Cumulative);
