using System.Text.Json.Nodes;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests.Statistics;

/// <summary>Organisations that others follow: shown as they were, or folded into those that stand in their place.</summary>
public sealed class LineageTests(SharedRegister register)
{
    [Fact]
    public async Task Organisations_are_shown_as_they_were_or_folded_into_those_that_followed_by_the_day()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var held = await Held(cooperation, cooperation.Home, cooperation.Iom);
        var next = await Cooperation.Organisation(register.Host, "DG NEXT");
        var succeeded = await Succeed(cooperation.Home, "replace", "2021-01-16", next);

        (await ByOrganisation(cooperation, succeeded)).ShouldBe([("DG HOME", 1), ("IOM", 1)], ignoreOrder: true);
        (await ByOrganisation(cooperation, succeeded, "&orgView=lineage")).ShouldBe([("DG NEXT", 1), ("IOM", 1)], ignoreOrder: true);
        (await ByOrganisation(cooperation, succeeded, "&orgView=lineage&asOf=2021-01-15")).ShouldBe(
            [("DG HOME", 1), ("IOM", 1)],
            ignoreOrder: true
        );
        (await ByOrganisation(cooperation, succeeded, "&orgView=lineage&asOf=2021-01-16")).ShouldBe(
            [("DG NEXT", 1), ("IOM", 1)],
            ignoreOrder: true
        );
        (await ByOrganisation(cooperation, succeeded, $"&orgView=lineage&knownAt={held.Position}")).ShouldBe(
            [("DG HOME", 1), ("IOM", 1)],
            ignoreOrder: true
        );
        (await ByOrganisation(cooperation, succeeded, $"&orgView=lineage&organisation={next}")).ShouldBe([("DG NEXT", 1)]);
    }

    /// <summary>It has no figures in that view, and 0 would deny what it did.</summary>
    [Fact]
    public async Task What_is_counted_as_another_is_refused_with_what_it_is_counted_as()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var held = await Held(cooperation, cooperation.Home, cooperation.Iom);
        var (next, last, east) = (
            await Cooperation.Organisation(register.Host, "DG NEXT"),
            await Cooperation.Organisation(register.Host, "DG LAST"),
            await Cooperation.Organisation(register.Host, "DG EAST")
        );
        await Succeed(next, "merge", "2023", last);
        await Succeed(cooperation.Iom, "split", "2022", east, next);
        var succeeded = await Succeed(cooperation.Home, "replace", "2021-01-16", next);
        await register.Host.Reaches(succeeded.Position);

        foreach (var statistic in new[] { "cumulative", "explain", "series", "factsheet" })
            (await Asked(statistic, "organisation", cooperation.Home)).ShouldContain($"{last} (DG LAST)");
        (await Asked("cumulative", "host", cooperation.Home)).ShouldContain($"{last} (DG LAST)");
        (await Asked("cumulative", "coHost", next)).ShouldContain($"{last} (DG LAST)");
        (await Asked("cumulative", "organisation", cooperation.Home, "&asOf=2022")).ShouldContain($"{next} (DG NEXT)");
        (await Asked("cumulative", "organisation", cooperation.Iom)).ShouldContain("counted as unallocated");
        foreach (var asThen in new[] { "&asOf=2020", $"&knownAt={held.Position}" })
        {
            var query = $"framework={cooperation.Framework}&orgView=lineage&organisation={cooperation.Home}{asThen}";
            (await register.Host.Get($"/v1/statistics/cumulative?{query}", "analyst")).ShouldBeRead()["unnamed"]!
                .GetValue<int>()
                .ShouldBe(1);
        }

        object body = new
        {
            framework = cooperation.Framework,
            organisation = cooperation.Home,
            orgView = "lineage",
            acknowledgeSmallCells = true,
        };
        (await register.Host.Post("/v1/statistics/publications", body, "analyst")).ShouldBeProblem(422, "invalid", "/organisation");

        async Task<string> Asked(string statistic, string parameter, Guid organisation, string more = "")
        {
            var answer = await register.Host.Get(
                $"/v1/statistics/{statistic}?framework={cooperation.Framework}&orgView=lineage&{parameter}={organisation}{more}",
                "analyst"
            );
            answer.ShouldBeProblem(422, "invalid", $"/{parameter}");
            return answer.Text;
        }
    }

    /// <summary>What was stated of an organisation that was folded since may be sent again.</summary>
    [Fact]
    public async Task A_publication_of_what_is_counted_as_another_since_is_repeated()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var held = await Held(cooperation, cooperation.Home, cooperation.Iom);
        await register.Host.Reaches(held.Position);
        object body = new
        {
            id = Guid.NewGuid(),
            framework = cooperation.Framework,
            organisation = cooperation.Home,
            orgView = "lineage",
            acknowledgeSmallCells = true,
        };
        var published = (await register.Host.Post("/v1/statistics/publications", body, "analyst")).ShouldBeAccepted(201);
        await Succeed(cooperation.Home, "replace", "2021-01-16", await Cooperation.Organisation(register.Host, "DG NEXT"));

        var again = (await register.Host.Post("/v1/statistics/publications", body, "analyst")).ShouldBeAccepted(201);

        (again.Id, again.Version, again.Position).ShouldBe((published.Id, published.Version, published.Position));
    }

    [Fact]
    public async Task A_split_goes_to_its_default_and_without_one_is_unallocated()
    {
        var cooperation = await Cooperation.Start(register.Host);
        await Held(cooperation, cooperation.Home, cooperation.Iom);
        var (east, south) = (
            await Cooperation.Organisation(register.Host, "DG EAST"),
            await Cooperation.Organisation(register.Host, "DG SOUTH")
        );
        await Succeed(cooperation.Home, "split", "2025-02", east, south);
        var split = (
            await register.Host.Post(
                $"/v1/organisations/{cooperation.Iom}/succeed",
                new
                {
                    kind = "split",
                    on = "2025",
                    successors = new[] { east, south },
                    @default = south,
                }
            )
        ).ShouldBeAccepted();

        (await ByOrganisation(cooperation, split, "&orgView=lineage")).ShouldBe([("DG SOUTH", 1), ("unallocated", 1)], ignoreOrder: true);
        (await ByOrganisation(cooperation, split, "&orgView=lineage&organisation=unallocated")).ShouldBe([("unallocated", 1)]);
        (await ByOrganisation(cooperation, split)).ShouldBe([("DG HOME", 1), ("IOM", 1)], ignoreOrder: true);
        var read = (await register.Host.Read($"/v1/organisations/{cooperation.Iom}", split.Position)).ShouldBeRead()["succession"]!;
        (read.Text("kind"), read.Text("on"), read["default"]!.GetValue<Guid>()).ShouldBe(("split", "2025", south));
    }

    [Fact]
    public async Task A_line_of_successions_is_followed_as_far_as_the_day_and_membership_is_not_inherited()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var (second, third) = (
            await Cooperation.Organisation(register.Host, "SECOND"),
            await Cooperation.Organisation(register.Host, "THIRD")
        );
        await Held(cooperation, cooperation.Home, second);
        await Succeed(second, "merge", "2022", third);
        var last = await Succeed(cooperation.Home, "merge", "2020", second);

        (await ByOrganisation(cooperation, last, "&orgView=lineage&asOf=2021-06-01")).ShouldBe([("SECOND", 1)]);
        (await ByOrganisation(cooperation, last, "&orgView=lineage")).ShouldBe([("THIRD", 1)]);
        var answer = (
            await register.Host.Read(
                $"/v1/statistics/cumulative?framework={cooperation.Framework}&orgView=lineage",
                last.Position,
                "analyst"
            )
        ).ShouldBeRead();
        answer.Text("orgView").ShouldBe("lineage");
        answer["notCounted"]!["guestHeads"]!.GetValue<int>().ShouldBe(1, "The second organisation was no member, whomever it followed.");
    }

    /// <summary>
    /// By an earlier <c>asOf</c> the organisations of that day would be asked about: <c>until</c> keeps those of the series.
    /// </summary>
    [Fact]
    public async Task A_cumulative_figure_of_a_series_is_explained_with_the_organisations_of_its_day()
    {
        var cooperation = await Cooperation.Start(register.Host);
        await Held(cooperation, cooperation.Home, cooperation.Iom);
        var next = await Cooperation.Organisation(register.Host, "DG AFTER");
        var last = await Succeed(cooperation.Home, "replace", "2021-01-16", next);
        var query = $"framework={cooperation.Framework}&orgView=lineage&organisation={next}&asOf=2026-01-01";

        var row = (await register.Host.Read($"/v1/statistics/series?{query}", last.Position, "analyst")).ShouldBeRead()["items"]![0]!;
        var explained = (
            await register.Host.Read($"/v1/statistics/explain?{query}&until={row.Text("to")}", last.Position, "analyst")
        ).ShouldBeRead();

        row["cumulative"]!["meetingsHeld"]!.GetValue<int>().ShouldBe(1);
        explained["figure"]!.GetValue<int>().ShouldBe(1);
        explained["part"]!.Text("until").ShouldBe("2018-12-31");
        explained["items"]!.AsArray().Count.ShouldBe(1);
        (await register.Host.Read($"/v1/statistics/explain?{query}&until=2017-12-31", last.Position, "analyst")).ShouldBeRead()["figure"]!
            .GetValue<int>()
            .ShouldBe(0);
    }

    [Fact]
    public async Task Successions_posted_at_once_never_close_a_circle()
    {
        var organisations = await Task.WhenAll(Enumerable.Range(1, 5).Select(i => Cooperation.Organisation(register.Host, $"Ring {i}")));

        var answers = await Task.WhenAll(
            organisations.Select(
                (organisation, i) =>
                    register.Host.Post(
                        $"/v1/organisations/{organisation}/succeed",
                        new
                        {
                            kind = "merge",
                            on = "2020",
                            successors = new[] { organisations[(i + 1) % organisations.Length] },
                        }
                    )
            )
        );

        answers.Count(a => a.Status == 200).ShouldBe(organisations.Length - 1);
        answers.Single(a => a.Status != 200).ShouldBeProblem(409, "succession-in-circle", "/successors");
    }

    [Theory]
    [InlineData("orgView=today", "/orgView")]
    [InlineData("organisation=unallocated", "/organisation")]
    public async Task What_no_view_of_organisations_is_or_shows_is_refused(string query, string pointer) =>
        (await register.Host.Get($"/v1/statistics/cumulative?{query}", "analyst")).ShouldBeProblem(422, "invalid", pointer);

    /// <summary>A meeting in 2018 at which each had one head.</summary>
    private static async Task<Answer> Held(Cooperation cooperation, params Guid[] organisations)
    {
        var body = cooperation.Meeting();
        body["delegations"] = new JsonArray([
            .. organisations.Select(o => new JsonObject
            {
                ["organisationId"] = o,
                ["count"] = 1,
                ["precision"] = "exact",
            }),
        ]);
        return (await cooperation.Host.Post("/v1/meetings/record-held", body)).ShouldBeAccepted(201);
    }

    private async Task<Answer> Succeed(Guid organisation, string kind, string on, params Guid[] successors) =>
        (
            await register.Host.Post(
                $"/v1/organisations/{organisation}/succeed",
                new
                {
                    kind,
                    on,
                    successors,
                }
            )
        ).ShouldBeAccepted();

    private async Task<IReadOnlyList<(string, int)>> ByOrganisation(Cooperation cooperation, Answer after, string more = "")
    {
        var answer = (
            await register.Host.Read($"/v1/statistics/cumulative?framework={cooperation.Framework}{more}", after.Position, "analyst")
        ).ShouldBeRead();
        return
        [
            .. answer["byOrganisation"]!
                .AsArray()
                .Select(o => (o!["shortName"]?.GetValue<string>() ?? o.Text("organisation"), o["unnamed"]!.GetValue<int>())),
        ];
    }
}
