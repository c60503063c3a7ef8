using System.Text.Json;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests.Statistics;

public sealed partial class StatisticsPropertyTests
{
    private const int CutsOfEachHistory = 5;

    /// <summary>The dimensions a question may be about, and which way the parameters are named.</summary>
    private static readonly string[] Periods = ["year", "quarter", "month"];

    [Fact]
    public Task Every_breakdown_equals_a_recount_and_its_cells_are_explained() =>
        runs.ForEach(async run =>
        {
            var choices = run.Choices();
            for (var i = 0; i < CutsOfEachHistory; i++)
            {
                var asked = await Cut.Of(runs, run, choices);
                string[] dimensions = ["framework", .. NaiveRecount.Dimensions];
                choices.Shuffle(dimensions);
                string[] by = dimensions[..(1 + choices.Next(2))];
                var query = $"{asked.Query}&by={string.Join(',', by)}{(by.Length == 1 ? "&overlap=people" : "")}";
                var answer = await runs.Host.Read($"/v1/statistics/breakdown?{query}", asked.Position, "admin");
                if (asked.Unknown(answer) is { } fault)
                {
                    if (fault.Length > 0)
                        return fault;
                    continue;
                }

                using var breakdown = JsonDocument.Parse(answer.Text);
                if (
                    Difference(asked.Recount.Breakdown(by, asked.Part, asked.Framework), NaiveRecount.BreakdownOf(breakdown.RootElement)) is
                    { } difference
                )
                    return $"breakdown?{query}\n{difference}";
                var cells = breakdown.RootElement.GetProperty("items").EnumerateArray().ToArray();
                if (cells.Length > 0 && await WronglyExplained(asked, cells[choices.Next(cells.Length)], by, choices) is { } wrong)
                    return $"breakdown?{query}\n{wrong}";
            }

            return null;
        });

    [Fact]
    public Task Every_series_equals_a_recount_and_its_periods_are_explained() =>
        runs.ForEach(async run =>
        {
            var choices = run.Choices();
            for (var i = 0; i < CutsOfEachHistory; i++)
            {
                var asked = await Cut.Of(runs, run, choices);
                var per = Periods[choices.Next(3)];
                var query = $"{asked.Query}&per={per}";
                var answer = await runs.Host.Read($"/v1/statistics/series?{query}", asked.Position, "admin");
                if (asked.Unknown(answer) is { } fault)
                {
                    if (fault.Length > 0)
                        return fault;
                    continue;
                }

                using var series = JsonDocument.Parse(answer.Text);
                if (Difference(asked.Recount.Series(per), NaiveRecount.SeriesOf(series.RootElement)) is { } difference)
                    return $"series?{query}\n{difference}";
                var rows = series.RootElement.GetProperty("items").EnumerateArray().ToArray();
                if (rows.Length == 0)
                    continue;
                var row = rows[choices.Next(rows.Length)];
                var measure = CellMeasures[choices.Next(CellMeasures.Length)];
                if (
                    await OtherFigure(
                        $"{query}&period={row.GetProperty("period").GetString()}",
                        measure,
                        row.GetProperty("inPeriod"),
                        asked.Events
                    ) is
                    { } within
                )
                    return within;
                if (!row.TryGetProperty("cumulative", out var cumulative))
                    continue;
                foreach (var upTo in asked.QueriesUpTo(row.GetProperty("to").GetString()!))
                {
                    if (await OtherFigure(upTo, measure, cumulative, asked.Events) is { } wrong)
                        return wrong;
                }
            }

            return null;
        });

    [Fact]
    public Task The_figures_of_every_part_and_who_does_not_count_in_it_equal_a_recount() =>
        runs.ForEach(async run =>
        {
            var choices = run.Choices();
            for (var i = 0; i < CutsOfEachHistory; i++)
            {
                var asked = await Cut.Of(runs, run, choices);
                var answer = await runs.Host.Read($"/v1/statistics/cumulative?{asked.Query}", asked.Position, "analyst");
                if (asked.Unknown(answer) is { } fault)
                {
                    if (fault.Length > 0)
                        return fault;
                    continue;
                }

                using var figures = JsonDocument.Parse(answer.Text);
                if (Difference([$"{asked.Recount.TotalOfRows}"], [NaiveRecount.Figures(figures.RootElement)]) is { } difference)
                    return $"cumulative?{asked.Query}\n{difference}";
                if (asked.First)
                    continue;
                var notCounted = string.Join(
                    ' ',
                    figures.RootElement.GetProperty("notCounted").EnumerateObject().Select(n => n.Value.GetInt32())
                );
                if (Difference([asked.Recount.NotCountedOf(asked.Framework, asked.AsOf, asked.Part)], [notCounted]) is { } other)
                    return $"cumulative?{asked.Query}, notCounted\n{other}";
                foreach (var part in figures.RootElement.GetProperty("notCounted").EnumerateObject())
                {
                    if (await OtherFigure(asked.Query, $"notCounted.{part.Name}", figures.RootElement, asked.Events) is { } wrong)
                        return wrong;
                }
            }

            return null;
        });

    [Fact]
    public Task The_cadence_of_every_level_equals_a_recount() =>
        runs.ForEach(async run =>
        {
            var choices = run.Choices();
            for (var i = 0; i < CutsOfEachHistory; i++)
            {
                var asked = await Cut.Of(runs, run, choices);
                var answer = await runs.Host.Read($"/v1/statistics/cadence?{asked.Query}", asked.Position, "analyst");
                if (asked.Unknown(answer) is { } fault)
                {
                    if (fault.Length > 0)
                        return fault;
                    continue;
                }

                using var cadence = JsonDocument.Parse(answer.Text);
                if (
                    Difference(
                        asked.Recount.Cadence(asked.Framework, asked.Part, asked.AsOf),
                        NaiveRecount.CadenceOf(cadence.RootElement)
                    ) is
                    { } difference
                )
                    return $"cadence?{asked.Query}\n{difference}";
            }

            return null;
        });

    /// <summary>Asked for by its values, a cell is explained by as many items as its figure says.</summary>
    private async Task<string?> WronglyExplained(Cut asked, JsonElement cell, string[] by, Random choices)
    {
        var part = by.Where(d => d != "framework").ToDictionary(d => d, d => NaiveRecount.ValueOf(cell, d));
        var framework = cell.TryGetProperty("framework", out var of) ? of.GetGuid() : asked.Framework;
        var query = asked.QueryOf(framework, asked.Part.Concat(part.Where(p => !asked.Part.ContainsKey(p.Key))));
        return await OtherFigure(query, CellMeasures[choices.Next(CellMeasures.Length)], cell, asked.Events);
    }

    private async Task<string?> OtherFigure(string query, string measure, JsonElement figures, HashSet<Guid> events) =>
        (await Explained(query, measure, FigureOf(figures, measure), figures, events)).Wrong is { } why
            ? $"explain?{query}&measure={measure}: {why}"
            : null;

    private static string? Difference(IReadOnlyList<string> expected, IReadOnlyList<string> answered) =>
        expected.SequenceEqual(answered)
            ? null
            : $"The recount alone says:\n  {string.Join("\n  ", expected.Except(answered))}\nThe service alone says:\n  "
                + $"{string.Join("\n  ", answered.Except(expected))}\n(or in another order)";

    /// <summary>A random question about part of a history, and its recount.</summary>
    private sealed record Cut(
        Guid? Framework,
        DateOnly? From,
        DateOnly AsOf,
        long Position,
        bool Lineage,
        bool First,
        IReadOnlyDictionary<string, string> Part,
        NaiveRecount Recount,
        HashSet<Guid> Events
    )
    {
        public string Query => QueryOf(Framework, Part);

        public static async Task<Cut> Of(HistoryRuns runs, HistoryRun run, Random choices)
        {
            var position =
                choices.Next(2) == 0 && run.Questions.Count > 0 ? run.Questions[choices.Next(run.Questions.Count)].KnownAt : run.Position;
            var which = choices.Next(RandomHistory.Frameworks + 2);
            Guid? framework = which < RandomHistory.Frameworks ? run.History.Framework(which) : run.Together;
            var asOf = choices.Next(2) == 0 ? new DateOnly(2026, 1, 1) : RandomHistory.AsOf(choices);
            var lineage = choices.Next(3) == 0;
            var from = choices.Next(4) == 0 ? RandomHistory.From(choices, asOf) : (DateOnly?)null;
            var first = choices.Next(6) == 0;
            var history = await runs.Stored.UpTo(position);
            var recount = NaiveRecount.Of(history, position, framework, asOf, lineage, from, first).Cut(framework, asOf);
            var part = new Dictionary<string, string>();
            for (var narrowed = choices.Next(3); narrowed > 0 && recount.Rows.Count > 0; narrowed--)
            {
                var dimension = NaiveRecount.Dimensions[choices.Next(NaiveRecount.Dimensions.Length)];
                part[dimension] = recount.Rows[choices.Next(recount.Rows.Count)].Values[dimension];
            }

            recount.Narrow(part);
            return new Cut(framework, from, asOf, position, lineage, first, part, recount, [.. history.Select(e => e.Id)]);
        }

        public string QueryOf(Guid? framework, IEnumerable<KeyValuePair<string, string>> part) =>
            $"{Asked.QueryOf(framework, AsOf, Position, Lineage, From, First)}{string.Concat(part.Select(p => $"&{NaiveRecount.MemberOf(p.Key)}={p.Value}"))}";

        /// <summary>
        /// The same part, up to a day: as of the same day; and as of that one, where that changes nobody's place in a line of successions.
        /// </summary>
        public IEnumerable<string> QueriesUpTo(string day)
        {
            var end = DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture);
            if (end < From)
                yield break;
            yield return $"{Query}&until={day}";
            if (!Lineage)
                yield return (this with { AsOf = end < AsOf ? end : AsOf }).Query;
        }

        /// <summary>What is wrong with an answer that has no figures; empty where rightly so, null where it has.</summary>
        public string? Unknown(Answer answer) =>
            (answer.Status, Recount.Known || Framework is null) switch
            {
                (200, true) => null,
                (422, false) => "",
                _ => answer.ToString(),
            };
    }
}
