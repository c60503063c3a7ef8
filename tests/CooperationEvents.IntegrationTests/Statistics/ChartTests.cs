using System.Text.Json.Nodes;
using System.Xml.Linq;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests.Statistics;

/// <summary>Charts say what series and breakdowns say, and no more.</summary>
public sealed class ChartTests(SharedRegister register)
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public async Task The_bars_of_a_series_are_its_figures()
    {
        const string role = "analyst";
        var (cooperation, position) = await ThreeYears();
        var query = $"framework={cooperation.Framework}&asOf=2026-01-01&knownAt={position}";

        var rows = (await register.Host.Read($"/v1/statistics/series?{query}", position, role)).ShouldBeRead()["items"]!.AsArray();

        foreach (
            var (measure, cell, figure) in new (string, string, string)[]
            {
                ("meetingsHeld", "inPeriod", "meetingsHeld"),
                ("staff", "inPeriod", "staff"),
                ("attendances", "inPeriod", "attendances"),
                ("cumulativeMeetingsHeld", "cumulative", "meetingsHeld"),
                ("cumulativeStaff", "cumulative", "staff"),
            }
        )
        {
            var words = rows.Select(r => $"{r!.Text("period")}: {Words(r![cell]![figure])}.").ToList();
            var chart = await Chart($"series.svg?{query}&measure={measure}", role);
            chart.Element(Svg + "desc")!.Value.ShouldContain(string.Join(" ", words));
            var labels = chart.Descendants(Svg + "text").Select(t => t.Value).ToList();
            foreach (var row in rows)
                labels.ShouldContain(row![cell]![figure] is JsonObject staff ? Label(staff) : row[cell]![figure]!.ToString(), measure);
        }
    }

    [Theory]
    [InlineData("by=year", new[] { "by year", "Year" })]
    [InlineData("by=level,year", new[] { "by level and year", "Level" })]
    [InlineData("by=organisation", new[] { "by organisation", "DG HOME" })]
    [InlineData("by=mode,country", new[] { "by mode and country", "not stated" })]
    public async Task A_breakdown_is_drawn_with_its_question_in_words(string by, string[] texts)
    {
        var (cooperation, position) = await ThreeYears();

        var chart = await Chart($"breakdown.svg?framework={cooperation.Framework}&asOf=2026-01-01&knownAt={position}&{by}", "analyst");

        chart.Attribute("role")!.Value.ShouldBe("img");
        chart.Elements().First().Name.ShouldBe(Svg + "title");
        var labels = string.Join("\n", chart.Descendants(Svg + "text").Select(t => t.Value));
        labels.ShouldContain("EU-IOM cooperation");
        labels.ShouldContain("2026-01-01");
        labels.ShouldContain($"position {position}");
        labels.ShouldContain("Source: ");
        foreach (var text in texts)
            labels.ShouldContain(text);
    }

    [Fact]
    public async Task The_same_question_is_the_same_bytes_by_its_path_and_by_Accept()
    {
        var (cooperation, position) = await ThreeYears();
        var query = $"framework={cooperation.Framework}&asOf=2026-01-01&knownAt={position}&by=party,year&measure=staff";
        await Chart($"breakdown.svg?{query}", "analyst");

        var one = await register.Host.Get($"/v1/statistics/breakdown.svg?{query}", "analyst");

        one.ContentType.ShouldBe("image/svg+xml; charset=utf-8");
        (await register.Host.Get($"/v1/statistics/breakdown?{query}", "analyst", ("Accept", "image/svg+xml"))).Text.ShouldBe(one.Text);
    }

    [Fact]
    public async Task What_has_the_same_name_or_a_name_that_XML_cannot_hold_is_drawn_all_the_same()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var namesake = await Cooperation.Organisation(register.Host, "DG HOME");
        await cooperation.Do(
            $"/v1/frameworks/{cooperation.Framework}/members",
            new
            {
                organisationId = namesake,
                party = "EU",
                joinedOn = "2012",
            }
        );
        var body = cooperation.Meeting();
        body["delegations"] = new JsonArray([
            .. new[] { cooperation.Home, namesake }.Select(o => new JsonObject
            {
                ["organisationId"] = o,
                ["count"] = 9,
                ["precision"] = "minimum",
            }),
        ]);
        var held = (await register.Host.Post("/v1/meetings/record-held", body)).ShouldBeAccepted(201);
        await register.Host.Reaches(held.Position);

        var chart = await Chart(
            $"breakdown.svg?framework={cooperation.Framework}&by=organisation,year&measure=staff&knownAt={held.Position}&asOf=2026-01-01",
            "analyst"
        );

        chart.Element(Svg + "desc")!.Value.ShouldContain($"DG HOME ({namesake.ToString()[^8..]}): 2018 9 or more");
    }

    [Theory]
    [InlineData("series.svg?measure=people", "/measure")]
    [InlineData("breakdown.svg?measure=cumulativeStaff", "/measure")]
    [InlineData("breakdown?measure=staff", "/measure")]
    [InlineData("series.svg?by=level", "/by")]
    public async Task What_cannot_be_drawn_is_refused_by_name(string query, string pointer) =>
        (await register.Host.Get($"/v1/statistics/{query}", "analyst")).ShouldBeProblem(422, "invalid", pointer);

    [Fact]
    public async Task Where_nothing_happened_it_says_so()
    {
        var cooperation = await Cooperation.Start(register.Host);
        await register.Host.Reaches((await cooperation.Schedule()).Position);

        var chart = await Chart($"breakdown.svg?framework={cooperation.Framework}&by=country", "analyst");

        chart.Descendants(Svg + "text").Select(t => t.Value).ShouldContain("Nothing happened in this part of the activity.");
    }

    private static string Words(JsonNode? figure) =>
        figure switch
        {
            JsonObject staff when staff["atMost"] is null => $"{staff["atLeast"]} or more",
            JsonObject staff when staff["atMost"]!.ToString() != staff["atLeast"]!.ToString() => $"{staff["atLeast"]} to {staff["atMost"]}",
            JsonObject staff => staff["atLeast"]!.ToString(),
            _ => figure!.ToString(),
        };

    private static string Label(JsonObject staff) =>
        Words(staff).Replace(" or more", "+", StringComparison.Ordinal).Replace(" to ", "–", StringComparison.Ordinal);

    private async Task<XElement> Chart(string path, string role)
    {
        var answer = await register.Host.Get($"/v1/statistics/{path}", role);
        answer.Status.ShouldBe(200, answer.ToString());
        return XElement.Parse(answer.Text);
    }

    private async Task<(Cooperation Cooperation, long Position)> ThreeYears()
    {
        var cooperation = await Cooperation.Start(register.Host);
        await Held("2018-04-04", 2, null);
        await Held("2019-04-04", 7, "exact");
        var last = await Held("2020-04-04", 30, "minimum");
        await register.Host.Reaches(last.Position);
        return (cooperation, last.Position);

        async Task<Answer> Held(string day, int people, string? precision)
        {
            var body = cooperation.Meeting(("start", day));
            body["attendees"] = Bodies.Of(
                new { attendees = (await cooperation.People(people)).Select(p => cooperation.Attendee(p, status: "attended")).ToArray() }
            )["attendees"]!.DeepClone();
            if (precision is not null)
                body["delegations"] = new JsonArray(
                    new JsonObject
                    {
                        ["organisationId"] = cooperation.Iom,
                        ["count"] = 5,
                        ["precision"] = precision,
                    }
                );
            return (await register.Host.Post("/v1/meetings/record-held", body)).ShouldBeAccepted(201);
        }
    }
}
