using CooperationEvents.Statistics.Facts;
using Microsoft.Extensions.Caching.Memory;

namespace CooperationEvents.Statistics.Counting;

/// <summary>
/// Counts the cells of questions that are asked again and again while activity is recorded. What is recorded is mostly about the newest
/// meetings: those that ended before the first day of which anything changed are counted once, and kept as a start.
/// </summary>
/// <param name="mostKept">The size from which on a start is not kept.</param>
internal sealed class Recounts(IMemoryCache kept, int mostKept)
{
    public Cells Count(KnownFacts facts, Question question, Dimension[][] tables, string tablesText)
    {
        var key = (question with { Position = 0 }, "start", tablesText);
        var earlier = kept.Get<Earlier>(key);
        if (earlier?.Position > question.Position)
            return Cells.Of(facts, question, tables);

        var start = earlier is null or { IsTooLarge: true } ? null : StartOf(facts, question, tables, earlier);
        var cells = Cells.Of(facts, question, tables, start);
        var isTooLarge = earlier?.IsTooLarge == true || start?.Size > mostKept;
        var keptStart = !isTooLarge && start is not null && SavesMost(start, cells) ? start : null;
        kept.Set(
            key,
            new Earlier(question.Position, keptStart, isTooLarge),
            new MemoryCacheEntryOptions { Size = 1 + (keptStart?.Size ?? 0) }
        );
        return cells;
    }

    private static Cells? StartOf(KnownFacts facts, Question question, Dimension[][] tables, Earlier earlier) =>
        facts.EarliestChangeSince(earlier.Position) is not { } day ? null
        : earlier.Start is { } start && start.End <= day ? start
        : Cells.Before(day, facts, question, tables);

    /// <summary>A start with the smaller part of the meetings saves less than a later one would.</summary>
    private static bool SavesMost(Cells start, Cells cells) => 2 * start.Whole.Meetings >= cells.Whole.Meetings;

    /// <param name="Position">The newest position that the question was counted at.</param>
    /// <param name="Start">What is as it was up to that position.</param>
    /// <param name="IsTooLarge">Whether a start of this question would be too large to keep.</param>
    private sealed record Earlier(long Position, Cells? Start, bool IsTooLarge);
}
