using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using CooperationEvents.Projections;
using CooperationEvents.Statistics.Counting;
using CooperationEvents.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CooperationEvents.IntegrationTests.Statistics;

/// <summary>What holds for the statistics of every history, shown on random ones.</summary>
public sealed partial class StatisticsPropertyTests(HistoryRuns runs) : IClassFixture<HistoryRuns>
{
    public const string SeedVariable = HistoryRuns.SeedVariable;

    private const double LeastShareAccepted = 0.5;
    private const int QuestionsOfEachHistory = 5;

    /// <summary>Of how many explanations one is read again in pages.</summary>
    private const int MeasuresPerPaged = 4;

    private const int CellsOfEachDimension = 1;

    private static readonly string[] Categories = ["observers", "interpreters", "support", "guests"];
    internal static readonly string[] CellMeasures =
    [
        "meetingsHeld",
        "meetingsWithoutAttendance",
        "attendances",
        "unnamed",
        "staff.known",
        "staff.atLeast",
        "staff.atMost",
    ];

    [Fact]
    public async Task The_histories_say_enough_to_prove_something()
    {
        runs.All.SelectMany(r => r.Faults).ShouldBeEmpty();
        var share = (double)runs.All.Sum(r => r.Accepted) / runs.All.Sum(r => r.History.Commands.Count);
        share.ShouldBeGreaterThan(LeastShareAccepted);
        if (runs.All.Count == 1)
            return;

        var history = await runs.Stored.UpTo(runs.All.Max(r => r.Position));
        (await runs.KindsLeftOut()).ShouldBeEmpty(
            "No random history had it: add a step to RandomHistory, and what it does to NaiveMeeting."
        );
        runs.All.Sum(r => r.Questions.Count(q => q.Answer.Status == 200)).ShouldBeGreaterThan(runs.All.Count);

        var all = NaiveRecount.Of(history, long.MaxValue, null, new DateOnly(2026, 1, 1));
        all.Total.Attendances.Count.ShouldBeGreaterThan(runs.All.Count);
        all.Total.Unnamed.ShouldBeGreaterThan(runs.All.Count);
        all.NotCounted.Where(n => n.Value.Count == 0).ShouldBeEmpty();
        all.GuestHeads.ShouldBeGreaterThan(0);
        all.Total.WithoutAttendance!.Value.ShouldBeGreaterThan(runs.All.Count / 2);
        all.AtMidnight.ShouldBeGreaterThan(runs.All.Count / 5);
        all.OneByMerges.ShouldBeGreaterThan(runs.All.Count / 5, "Merged persons met at too few meetings.");
        all.LongestLine.ShouldBeGreaterThan(2);
        all.Cut(null, new DateOnly(2026, 1, 1));
        foreach (var dimension in NaiveRecount.Dimensions)
            all.Rows.Select(r => r.Values[dimension]).Distinct().Count().ShouldBeGreaterThan(1, dimension);
        foreach (var dimension in NaiveRecount.Dimensions.Except(["level", "year"]))
            all.Rows.ShouldContain(r => r.Values[dimension] == NaiveRecount.NotStated, dimension);
        all.Rows.ShouldContain(r => r.End.Length == 4);
        NaiveRecount
            .Of(history, long.MaxValue, null, new DateOnly(2026, 1, 1), lineage: true)
            .Cells.Keys.ShouldContain("organisation unallocated ");
    }

    /// <summary>A figure that is not listed is neither explained in these tests nor held against the SQL for analysts.</summary>
    [Fact]
    public void Every_figure_of_a_cell_is_recounted() =>
        typeof(Figures)
            .GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .SelectMany(p =>
                p.PropertyType == typeof(StaffInvolved) ? typeof(StaffInvolved).GetProperties().Select(s => Named(p, s)) : [Named(p)]
            )
            .ShouldBe(
                CellMeasures,
                ignoreOrder: true,
                "Add it to CellMeasures, to NaiveRecount with its Cuts, and to the statements of docs/analysts.md."
            );

    [Fact]
    public Task Every_figure_equals_a_recount_of_the_events() =>
        runs.ForEach(async run =>
        {
            var choices = run.Choices();
            for (var i = 0; i < QuestionsOfEachHistory; i++)
            {
                if (await Disagreement(await run.Ask(runs.Host, choices, run.Position)) is { } why)
                    return why;
            }

            return null;
        });

    [Fact]
    public Task What_was_known_at_a_position_is_a_recount_up_to_it_and_is_answered_the_same_for_ever() =>
        runs.ForEach(async run =>
        {
            foreach (var asked in run.Questions)
            {
                if (await Disagreement(asked) is { } why)
                    return why;
                if (await ChangedSince(asked) is { } changed)
                    return changed;
            }

            return null;
        });

    [Fact]
    public Task Every_figure_is_explained_by_as_many_items_as_it_says() =>
        runs.ForEach(async run =>
        {
            var choices = run.Choices();
            foreach (var framework in new[] { run.History.Framework(0), choices.Next(2) == 0 ? run.History.Framework(1) : run.Together })
            {
                var position =
                    framework is null && choices.Next(2) == 0 && run.Questions.Count > 0 ? run.Questions[^1].KnownAt : run.Position;
                var asOf = choices.Next(2) == 0 ? new DateOnly(2026, 1, 1) : RandomHistory.AsOf(choices);
                var query = Asked.QueryOf(framework, asOf, position, lineage: choices.Next(3) == 0);
                var answer = await runs.Host.Read($"/v1/statistics/cumulative?{query}", position, "analyst");
                if (answer.Status == 422)
                    continue;
                var history = await runs.Stored.UpTo(position);
                var recount = NaiveRecount.Of(history, position, framework, asOf);
                var events = history.Select(e => e.Id).ToHashSet();
                using var figures = JsonDocument.Parse(answer.Text);
                foreach (var (measure, figure) in FiguresIn(figures.RootElement))
                {
                    var (items, why) = await Explained(query, measure, figure, figures.RootElement, events);
                    why ??= Missing(measure, items, recount);
                    if (choices.Next(MeasuresPerPaged) == 0)
                        why ??= await PagedDifferently(query, measure, items, choices);
                    if (why is not null)
                        return $"explain?{query}&measure={measure}: {why}";
                }

                if (await WrongCell(query, figures.RootElement, choices, events) is { } wrong)
                    return wrong;
            }

            return null;
        });

    [Fact]
    public Task A_publication_is_reproduced_and_what_changed_it_since_adds_up_to_its_difference() =>
        runs.ForEach(async run =>
        {
            for (var i = 0; i < RandomHistory.Publications; i++)
            {
                var answer = await runs.Host.Read($"/v1/statistics/publications/{run.History.Publication(i)}", run.Position, "analyst");
                if (answer.Status == 404)
                    continue;
                using var document = JsonDocument.Parse(answer.Text);
                var publication = document.RootElement;
                var question = publication.GetProperty("question");
                var recount = NaiveRecount.Of(
                    await runs.Stored.UpTo(run.Position),
                    publication.GetProperty("position").GetInt64(),
                    question.GetProperty("framework").GetGuid(),
                    DateOnly.Parse(publication.GetProperty("asOf").GetString()!, System.Globalization.CultureInfo.InvariantCulture),
                    from: question.TryGetProperty("from", out var from)
                        ? new DateOnly(int.Parse(from.GetString()!, System.Globalization.CultureInfo.InvariantCulture), 1, 1)
                        : null
                );
                var whole = !question.TryGetProperty("party", out _) && !question.TryGetProperty("organisation", out _);
                var figure = publication.GetProperty("figure");
                if (
                    whole
                    && (
                        figure.GetProperty("meetingsHeld").GetInt32(),
                        figure.GetProperty("meetingsWithoutAttendance").GetInt32(),
                        figure.GetProperty("attendances").GetInt32(),
                        figure.GetProperty("staffKnown").GetInt32()
                    )
                        != (
                            recount.Total.Meetings.Count,
                            recount.Total.WithoutAttendance,
                            recount.Total.Attendances.Count,
                            recount.Total.Persons.Count()
                        )
                )
                    return $"The recount is {recount.Total}, but {answer}";
                if (!publication.GetProperty("reproduced").GetBoolean())
                    return $"Not reproduced: {answer}";
                foreach (
                    var member in new[]
                    {
                        "meetingsHeld",
                        "attendances",
                        "unnamed",
                        "staffKnown",
                        "staffAtLeast",
                        "meetingsWithoutAttendance",
                    }
                )
                {
                    var sum = publication
                        .GetProperty("changes")
                        .EnumerateArray()
                        .Sum(c => c.GetProperty("difference").GetProperty(member).GetInt32());
                    if (sum != publication.GetProperty("today").GetProperty("difference").GetProperty(member).GetInt32())
                        return $"The changes of {member} add up to {sum}: {answer}";
                }
            }

            return null;
        });

    [Fact]
    public Task A_meeting_is_read_as_its_events_made_it() =>
        runs.ForEach(async run =>
        {
            var history = await runs.Stored.UpTo(run.Position);
            for (var i = 0; i < RandomHistory.Meetings; i++)
            {
                var id = run.History.Meeting(i);
                var expected = NaiveMeeting.Of(history, id);
                var answer = await runs.Host.Read($"/v1/meetings/{id}", run.Position);
                if (expected is null ? answer.Status != 404 : NaiveMeeting.Canonical(answer.Json) != expected)
                    return $"Expected {expected ?? "404"}\n\nbut {answer}";
            }

            return null;
        });

    [Fact]
    public Task A_commitment_is_read_as_its_events_made_it() =>
        runs.ForEach(async run =>
        {
            var history = await runs.Stored.UpTo(run.Position);
            for (var i = 0; i < RandomHistory.Commitments; i++)
            {
                var id = run.History.Commitment(i);
                var expected = NaiveCommitment.Of(history, id);
                var answer = await runs.Host.Read($"/v1/commitments/{id}", run.Position);
                if (expected is null)
                {
                    if (answer.Status != 404)
                        return $"Expected 404, but {answer}";
                    continue;
                }

                var read = answer.ShouldBeRead().AsObject();
                read.Remove("overdue");
                if (!JsonNode.DeepEquals(read, expected))
                    return $"Expected {expected.ToJsonString()}\n\nbut {answer}";
            }

            return null;
        });

    [Fact]
    public async Task Rebuilding_the_read_models_changes_no_row_and_no_answer()
    {
        // What has been noted of settled positions, and how far the read models had come, is no different afterwards.
        await runs.Database.SettledPositionNoted();
        var leader = runs.Host.Services.GetServices<IHostedService>().OfType<ProjectionLeader>().Single();
        await leader.StopAsync(CancellationToken.None);
        var live = await runs.Database.ReadModels();
        live.Keys.ShouldContain("facts.attendance");
        live.Keys.ShouldContain("views.mt_doc_meetingview");
        live.Values.Count(rows => rows.Count > 0).ShouldBeGreaterThan(12);
        try
        {
            await runs.Database.Rows(
                "update facts.attendance set role = 'interpreter'; delete from facts.meeting; update views.mt_doc_meetingview set data = "
                    + "'{}'"
            );
            var (code, said) = await ServiceProcess.Command(runs.Database, runs.Host.DataDirectory, "database", "rebuild");
            code.ShouldBe(0, said);
            said.ShouldContain("The read models are at position ");
        }
        finally
        {
            await leader.StartAsync(CancellationToken.None);
        }

        var rebuilt = await runs.Database.ReadModels();
        rebuilt.Keys.ShouldBe(live.Keys);
        foreach (var (table, rows) in live)
            rebuilt[table].ShouldBe(rows, table);

        var later = await runs.Host.Post("/v1/organisations", new { name = "After the rebuild", shortName = "LATER" });
        (await runs.Host.Read($"/v1/organisations/{later.Id}", later.Position)).Status.ShouldBe(200);
        await runs.ForEach(async run =>
        {
            foreach (var asked in run.Questions)
            {
                if (await ChangedSince(asked) is { } changed)
                    return changed;
            }

            return null;
        });
    }

    private async Task<string?> Disagreement(Asked asked)
    {
        var recount = NaiveRecount.Of(
            await runs.Stored.UpTo(asked.KnownAt),
            asked.KnownAt,
            asked.Framework,
            asked.AsOf,
            asked.Lineage,
            asked.From,
            asked.First
        );
        if (!recount.Known && asked.Framework is not null)
            return asked.Answer.Status == 422 ? null : $"There is no framework {asked.Framework} yet, but {asked.Answer}";
        if (asked.Answer.Status != 200)
            return asked.Answer.ToString();
        using var answer = JsonDocument.Parse(asked.Answer.Text);
        var echo = answer.RootElement;
        if (
            echo.GetProperty("position").GetInt64() != asked.KnownAt
            || echo.GetProperty("asOf").GetString() != asked.AsOf.ToString("O")
            || Member(echo, "from") != (asked.From?.ToString("O") ?? "")
            || echo.GetProperty("definition").GetString() != (asked.First ? "1" : "2")
            || (echo.GetProperty("framework").ValueKind == JsonValueKind.Null ? null : echo.GetProperty("framework").GetGuid())
                != asked.Framework
        )
            return $"The question is not echoed: {asked.Answer}";
        var expected = recount.Lines();
        var answered = NaiveRecount.LinesOf(echo);
        return expected.SequenceEqual(answered)
            ? null
            : $"cumulative?{asked.Query}\nThe recount alone says:\n  {string.Join("\n  ", expected.Except(answered))}\nThe service alone "
                + $"says:\n  {string.Join("\n  ", answered.Except(expected))}";
    }

    private async Task<string?> ChangedSince(Asked asked)
    {
        var again = await runs.Host.Read($"/v1/statistics/cumulative?{asked.Query}", asked.KnownAt, "analyst");
        return again.Status == asked.Answer.Status && (again.Status == 422 || again.Text == asked.Answer.Text)
            ? null
            : $"cumulative?{asked.Query}\nwas answered first {asked.Answer}\nand then {again}";
    }

    private static string Named(params IEnumerable<PropertyInfo> path) =>
        string.Join('.', path.Select(p => JsonNamingPolicy.CamelCase.ConvertName(p.Name)));

    /// <summary>Every figure of an answer, by the measure that explains it.</summary>
    private static IEnumerable<(string Measure, int? Figure)> FiguresIn(JsonElement answer)
    {
        foreach (var measure in CellMeasures)
            yield return (measure, FigureOf(answer, measure));
        foreach (var part in answer.GetProperty("notCounted").EnumerateObject())
            yield return ("notCounted." + part.Name, part.Value.GetInt32());
    }

    internal static int? FigureOf(JsonElement row, string measure)
    {
        foreach (var name in measure.Split('.'))
        {
            if (!row.TryGetProperty(name, out row))
                return null;
        }

        return row.ValueKind == JsonValueKind.Null ? null : row.GetInt32();
    }

    private async Task<(IReadOnlyList<JsonElement> Items, string? Wrong)> Explained(
        string query,
        string measure,
        int? figure,
        JsonElement figures,
        HashSet<Guid> events
    )
    {
        var answer = await runs.Host.Get($"/v1/statistics/explain?{query}&measure={measure}", "analyst");
        if (answer.Status != 200)
            return ([], answer.ToString());
        var explanation = JsonDocument.Parse(answer.Text).RootElement;
        IReadOnlyList<JsonElement> items = [.. explanation.GetProperty("items").EnumerateArray()];
        var (persons, unnamed) = (FigureOf(figures, "staff.known")!.Value, FigureOf(figures, "unnamed")!.Value);
        if (FigureOf(explanation, "figure") != figure)
            return (items, $"the figure is {figure}, and {FigureOf(explanation, "figure")} where it is explained");
        if (items.Sum(Weight) != (figure ?? (measure == "staff.atMost" ? persons + unnamed : 0)))
            return (items, $"the figure is {figure}, its items are {items.Sum(Weight)}");
        if (items.Select(i => Key(i)).Distinct().Count() != items.Count)
            return (items, "an item stands there twice");
        if (
            items.FirstOrDefault(i =>
                !i.GetProperty("events").EnumerateArray().Any()
                || i.GetProperty("events").EnumerateArray().Any(e => !events.Contains(e.GetGuid()))
            ) is
            { ValueKind: not JsonValueKind.Undefined } stray
        )
            return (items, $"an item has events that are not in the history by then: {stray}");
        if (measure == "staff.atLeast" && figure > persons && !explanation.TryGetProperty("meeting", out _))
            return (items, "the largest meeting is not named");
        return (items, null);
    }

    /// <summary>The items are the very ones that the recount counted.</summary>
    private static string? Missing(string measure, IReadOnlyList<JsonElement> items, NaiveRecount recount)
    {
        HashSet<string>? expected = measure switch
        {
            "meetingsWithoutAttendance" => null,
            "meetingsHeld" => [.. recount.Total.Meetings.Select(m => $"{m}")],
            "attendances" => [.. recount.Total.Attendances.Select(a => $"{a.Meeting} {a.Person}")],
            "staff.known" => [.. recount.Total.Persons.Select(p => $" {p}")],
            _ when Categories.FirstOrDefault(c => measure == "notCounted." + c) is { } category =>
            [
                .. recount.NotCounted[category].Select(a => $"{a.Meeting} {a.Person}"),
            ],
            _ => null,
        };
        return
            expected is null
            || expected.SetEquals(
                items.Select(i => $"{Member(i, "meetingId")}{(measure == "meetingsHeld" ? "" : " ")}{Member(i, "personId")}")
            )
            ? null
            : "other items were counted again";
    }

    private async Task<string?> PagedDifferently(string query, string measure, IReadOnlyList<JsonElement> items, Random choices)
    {
        if (items.Count == 0)
            return null;
        var limit = Math.Max(1, items.Count / 3 + choices.Next(3));
        var path = $"/v1/statistics/explain?{query}&measure={measure}&limit={limit}";
        var paged = new List<string>();
        for (string? next = path; next is not null; )
        {
            var page = await runs.Host.Get(next, "analyst");
            var part = JsonDocument.Parse(page.Text).RootElement.GetProperty("items").EnumerateArray().Select(i => i.GetRawText()).ToList();
            paged.AddRange(part);
            if (part.Count > limit || paged.Count > items.Count)
                return $"a page of {part.Count} where {limit} were asked for, or more items than there are";
            next = page.Header("Link") is { } link ? link[1..link.IndexOf('>', StringComparison.Ordinal)] : null;
        }

        return paged.SequenceEqual(items.Select(i => i.GetRawText())) ? null : $"in pages of {limit} the items are others";
    }

    /// <summary>Asked for by its filter, a cell has the figures of its row, and they are explained.</summary>
    private async Task<string?> WrongCell(string query, JsonElement figures, Random choices, HashSet<Guid> events)
    {
        var cells = Some("byLevel", row => (WithFramework(row), $"level={Member(row, "level")}"))
            .Concat(Some("byParty", row => (WithFramework(row), $"party={Member(row, "party")}")))
            .Concat(Some("byYear", row => (query, $"year={row.GetProperty("year").GetInt32()}")))
            .Concat(Some("byOrganisation", row => (query, $"organisation={Member(row, "organisation")}")));
        foreach (var (row, (question, filter)) in cells)
        {
            var answer = await runs.Host.Get($"/v1/statistics/cumulative?{question}&{filter}", "analyst");
            using var cell = JsonDocument.Parse(answer.Text);
            if (answer.Status != 200 || NaiveRecount.Figures(cell.RootElement) != NaiveRecount.Figures(row))
                return $"The row is {row}, but {answer}";
            var (measure, figure) = FiguresIn(cell.RootElement).ElementAt(choices.Next(CellMeasures.Length + Categories.Length + 1));
            if ((await Explained($"{question}&{filter}", measure, figure, cell.RootElement, events)).Wrong is { } why)
                return $"explain?{question}&{filter}&measure={measure}: {why}";
        }

        return null;

        string WithFramework(JsonElement row) =>
            query.Contains("framework", StringComparison.Ordinal) ? query : $"{query}&framework={Member(row, "framework")}";

        IEnumerable<(JsonElement Row, (string Question, string Filter))> Some(string dimension, Func<JsonElement, (string, string)> ask)
        {
            var rows = figures.GetProperty(dimension).EnumerateArray().ToArray();
            choices.Shuffle(rows);
            return rows.Take(CellsOfEachDimension).Select(row => (row, ask(row)));
        }
    }

    private static int Weight(JsonElement item) => item.TryGetProperty("heads", out var heads) ? heads.GetInt32() : 1;

    private static (string, string, string, string) Key(JsonElement item) =>
        (
            Member(item, "kind"),
            Member(item, "meetingId"),
            Member(item, "personId"),
            Member(item, "kind") == "attendance" ? "" : Member(item, "organisationId")
        );

    private static string Member(JsonElement item, string name) => item.TryGetProperty(name, out var value) ? value.GetString()! : "";
}
