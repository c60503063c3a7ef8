using System.Globalization;
using System.Text.Json.Nodes;
using CooperationEvents.Testing;

namespace CooperationEvents.EndToEndTests;

public sealed class DemoTests(RunningDemo demo) : IClassFixture<RunningDemo>
{
    private const string Sentence =
        "Since the start of the cooperation in July 2012, 15 meetings have taken place at all levels, involving over 300 EU and IOM staff.";

    private const string AsOf = "asOf=2018-04-04";

    [Fact]
    public async Task The_demo_ends_with_the_published_sentence_which_can_be_fetched_explained_and_loaded_again()
    {
        demo.Output.Select(line => line.Trim()).ShouldContain(Sentence);
        await TheSentenceIsServed();
        await EveryFigureIsExplained();
        await using (var visitor = await DashboardVisitor.Open(demo))
            await visitor.SeesTheFiguresAndTheirEvidence(Sentence);
        await LoadingItAgainChangesNothing();
        await CtrlCEndsItAll();
    }

    private async Task TheSentenceIsServed()
    {
        var sheet = await Json($"/v1/statistics/factsheet?{AsOf}");
        sheet["sentence"]!.GetValue<string>().ShouldBe(Sentence);
        sheet["evidence"]!.AsArray().Count.ShouldBe(15);

        (await Text($"/v1/statistics/factsheet?{AsOf}", "text/plain")).ShouldBe(Sentence + "\n");

        var markdown = await Text($"/v1/statistics/factsheet?{AsOf}", "text/markdown");
        markdown.ShouldStartWith("# ");
        markdown.ShouldContain($"\n{Sentence}\n");
    }

    /// <summary>The items behind each figure are as many as it says, and each names events.</summary>
    private async Task EveryFigureIsExplained()
    {
        var statistics = await Json($"/v1/statistics/cumulative?{AsOf}");
        foreach (var measure in (string[])["meetingsHeld", "attendances", "unnamed", "staff.known", "staff.atLeast"])
        {
            var explained = await Json($"/v1/statistics/explain?{AsOf}&measure={measure}");
            var items = explained["items"]!.AsArray();
            items.ShouldAllBe(item => item!["events"]!.AsArray().Count > 0);
            var figure = explained["figure"]!.GetValue<int>();
            items.Sum(item => item!["heads"]?.GetValue<int>() ?? 1).ShouldBe(figure, measure);
            measure.Split('.').Aggregate(statistics, (node, member) => node[member]!).GetValue<int>().ShouldBe(figure, measure);
        }

        statistics["meetingsHeld"]!.GetValue<int>().ShouldBe(15);
        statistics["staff"]!["atLeast"]!.GetValue<int>().ShouldBeInRange(301, 399);
    }

    private async Task LoadingItAgainChangesNothing()
    {
        var before = await Position();

        (await demo.LoadAgain()).ShouldContain(Sentence);

        (await Position()).ShouldBe(before);
    }

    private async Task CtrlCEndsItAll()
    {
        demo.Processes().ShouldNotBeEmpty();

        (await demo.Interrupt(TimeSpan.FromMinutes(3))).ShouldBe(0);

        await Wait.Until("every process of the demo to end", () => demo.Processes().Count == 0);
    }

    private async Task<JsonNode> Json(string path) => JsonNode.Parse(await Text(path, "application/json"))!;

    private async Task<string> Text(string path, string mediaType)
    {
        using var answer = await demo.Get(path, accept: mediaType);
        var text = await answer.Content.ReadAsStringAsync();
        ((int)answer.StatusCode).ShouldBe(200, text);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe(mediaType);
        return text;
    }

    private async Task<long> Position()
    {
        using var answer = await demo.Get("/v1/meetings");
        return long.Parse(answer.Headers.GetValues("Cooperation-Position").Single(), CultureInfo.InvariantCulture);
    }
}
