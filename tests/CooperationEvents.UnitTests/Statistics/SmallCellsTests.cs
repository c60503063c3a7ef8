using CooperationEvents.Statistics;
using CsCheck;

namespace CooperationEvents.UnitTests.Statistics;

public sealed class SmallCellsTests
{
    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(1, 0, true)]
    [InlineData(4, 0, true)]
    [InlineData(5, 0, false)]
    [InlineData(0, 3, true)]
    [InlineData(0, 5, false)]
    [InlineData(2, 300, true)]
    public void A_cell_is_small_where_one_to_four_people_are_behind_it(int known, int unnamed, bool small) =>
        SmallCells.IsSmall(Of(known, unnamed)).ShouldBe(small);

    [Fact]
    public void The_smallest_other_cell_hides_with_one_that_stands_alone() =>
        Hidden([Of(2), Of(0), Of(30), Of(8)]).ShouldBe("x..x sum shown");

    [Fact]
    public void Two_small_cells_hide_each_other() =>
        Hidden([Of(2), Of(3), Of(30)]).ShouldBe("xx. sum shown");

    [Fact]
    public void Where_there_is_no_other_cell_the_total_hides_too() =>
        Hidden([Of(2), Of(0)]).ShouldBe("x. sum hidden");

    [Fact]
    public void No_row_and_no_column_of_a_table_in_two_ways_is_left_with_one_hidden_cell()
    {
        // Three rows of three cells.
        IReadOnlyList<IReadOnlyList<int>> lines = [[0, 1, 2], [3, 4, 5], [6, 7, 8], [0, 3, 6], [1, 4, 7], [2, 5, 8]];
        Gen.Int[0, 12].Array[9].Sample(counts =>
        {
            var cells = counts.Select(c => Of(c)).ToList();
            var (suppressed, _) = SmallCells.Suppress(cells, lines);
            for (var i = 0; i < cells.Count; i++)
                (suppressed[i] || !SmallCells.IsSmall(cells[i])).ShouldBeTrue();
            foreach (var line in lines.Where(l => l.Count(i => suppressed[i]) == 1))
                line.Count(i => counts[i] > 0).ShouldBe(1, "Nothing else in the line has people to hide among.");
        }, iter: 300, threads: 1);
    }

    [Fact]
    public void No_period_of_a_series_follows_from_what_is_shown()
    {
        Gen.Select(Gen.Int[0, 9].Array[1, 8], Gen.Int[0, 9]).Sample((counts, unplaced) =>
        {
            var periods = counts.Select(c => Of(c)).ToList();
            var sums = counts.Select((_, i) => Of(counts.Take(i + 1).Sum())).ToList();
            var (hidden, after, hidesUnplaced) = SmallCells.SuppressSeries(periods, sums, unplaced == 0 ? null : Of(unplaced));

            for (var i = 0; i < counts.Length; i++)
                (hidden[i] || !SmallCells.IsSmall(periods[i])).ShouldBeTrue();
            (hidesUnplaced || unplaced == 0 || !SmallCells.IsSmall(Of(unplaced))).ShouldBeTrue();

            // Between two cumulative figures that are shown, a hidden period is never the only one with people.
            var from = 0;
            for (var i = 0; i < counts.Length; i++)
            {
                if (after[i])
                    continue;
                var between = Enumerable.Range(from, i - from + 1).Where(p => hidden[p]).ToList();
                between.Count.ShouldNotBe(1, $"{string.Join(' ', counts)} + {unplaced}");
                from = i + 1;
            }
        }, iter: 500, threads: 1);
    }

    [Fact]
    public void What_is_large_enough_is_shown() =>
        SmallCells.SuppressSeries([Of(5), Of(0), Of(7)], [Of(5), Of(5), Of(12)], null).Periods.Concat(
            SmallCells.SuppressSeries([Of(5), Of(0), Of(7)], [Of(5), Of(5), Of(12)], null).Cumulative).ShouldAllBe(hidden => !hidden);

    private static string Hidden(IReadOnlyList<Figures> cells)
    {
        var (suppressed, sum) = SmallCells.Suppress(cells, []);
        return $"{string.Concat(suppressed.Select(s => s ? 'x' : '.'))} sum {(sum ? "hidden" : "shown")}";
    }

    private static Figures Of(int known, int unnamed = 0) =>
        new(known + unnamed > 0 ? 1 : 0, known, unnamed, StaffInvolved.Of(known, known + unnamed, unnamed, false));
}
