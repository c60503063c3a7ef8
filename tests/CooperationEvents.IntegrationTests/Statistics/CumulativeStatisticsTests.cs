using System.Globalization;
using System.Text.Json.Nodes;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests.Statistics;

/// <summary>Questions for cumulative figures: what they may ask, and what they are answered where they ask otherwise.</summary>
public sealed class CumulativeStatisticsTests(SharedRegister register)
{
    private const string Path = "/v1/statistics/cumulative";

    [Fact]
    public async Task The_answer_has_every_figure_and_echoes_the_question_with_its_defaults()
    {
        var (cooperation, last) = await OneMeeting();

        var answer = (await register.Host.Read($"{Path}?framework={cooperation.Framework}", last, "analyst")).ShouldBeRead().AsObject();

        answer.Select(m => m.Key).ShouldBe(
        [
            "framework", "since", "asOf", "knownAt", "position", "definition", "meetingsHeld", "attendances", "unnamed", "staff", "notCounted",
            "byLevel", "byYear", "byParty", "byOrganisation",
        ]);
        answer["framework"]!.GetValue<Guid>().ShouldBe(cooperation.Framework);
        answer.Text("asOf").ShouldBe(DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        answer["position"]!.GetValue<long>().ShouldBeGreaterThanOrEqualTo(last);
        answer.Text("knownAt").ShouldBe(answer["position"]!.ToString());
        answer["meetingsHeld"]!.GetValue<int>().ShouldBe(1);
        answer["byLevel"]!.AsArray().Select(l => l!.Text("level")).ShouldBe(["senior-officials", "technical-experts"]);
        answer["byYear"]!.AsArray().Single()!["year"]!.GetValue<int>().ShouldBe(2018);
    }

    [Fact]
    public async Task Joining_on_the_first_day_counts_and_leaving_on_it_does_not()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var joins = await Cooperation.Organisation(register.Host, "Joins");
        var leaves = await Cooperation.Organisation(register.Host, "Leaves");
        await cooperation.Do($"/v1/frameworks/{cooperation.Framework}/members", new { organisationId = joins, party = "EU", joinedOn = "2018-04-04" });
        await cooperation.Do($"/v1/frameworks/{cooperation.Framework}/members", new { organisationId = leaves, party = "EU", joinedOn = "2012" });
        await cooperation.Do($"/v1/frameworks/{cooperation.Framework}/members/{leaves}/leave", new { leftOn = "2018-04-04" });
        var body = cooperation.Meeting(("start", "2018-04-04"), ("end", "2018-04-06"));
        body["delegations"] = new JsonArray(Delegation(joins, 3), Delegation(leaves, 4));
        var last = (await register.Host.Post("/v1/meetings/record-held", body)).ShouldBeAccepted(201);

        var answer = (await register.Host.Read($"{Path}?framework={cooperation.Framework}", last.Position, "analyst")).ShouldBeRead();
        answer["unnamed"]!.GetValue<int>().ShouldBe(3);
        answer["notCounted"]!["guestHeads"]!.GetValue<int>().ShouldBe(4);

        var before = (await register.Host.Read($"{Path}?framework={cooperation.Framework}&asOf=2018-04-05", last.Position, "analyst")).ShouldBeRead();
        before["meetingsHeld"]!.GetValue<int>().ShouldBe(0, "The meeting counts from its last day on.");
    }

    [Fact]
    public async Task Of_two_memberships_taken_back_alike_a_correction_replaces_one()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var organisation = await Cooperation.Organisation(register.Host, "Twice");
        var members = $"/v1/frameworks/{cooperation.Framework}/members";
        for (var i = 0; i < 2; i++)
        {
            await cooperation.Do(members, new { organisationId = organisation, party = "EU", joinedOn = "2018-01-01" });
            await cooperation.Do($"{members}/{organisation}/correct", new { leftOn = "2018-01-01", reason = "It never joined." });
        }

        await cooperation.Do($"{members}/{organisation}/correct", new { leftOn = "2019", reason = "It did join." });
        var body = cooperation.Meeting(("start", "2018-04-04"));
        body["delegations"] = new JsonArray(Delegation(organisation, 3));
        var last = (await register.Host.Post("/v1/meetings/record-held", body)).ShouldBeAccepted(201);

        var answer = (await register.Host.Read($"{Path}?framework={cooperation.Framework}", last.Position, "analyst")).ShouldBeRead();
        answer["unnamed"]!.GetValue<int>().ShouldBe(3);
        var framework = (await register.Host.Read($"/v1/frameworks/{cooperation.Framework}", last.Position)).ShouldBeRead();
        framework["members"]!.AsArray().Where(m => m!["organisationId"]!.GetValue<Guid>() == organisation).Select(m => m!.Text("leftOn"))
            .ShouldBe(["2018-01-01", "2019"], ignoreOrder: true);
    }

    [Theory]
    [InlineData("cumulative")]
    [InlineData("explain")]
    [InlineData("factsheet")]
    public async Task A_framework_nobody_established_is_not_found(string endpoint) =>
        (await register.Host.Get($"/v1/statistics/{endpoint}?framework={Guid.NewGuid()}", "analyst")).ShouldBeProblem(404, "not-found");

    [Fact]
    public async Task A_framework_was_not_there_before_it_was_recorded()
    {
        var (cooperation, last) = await OneMeeting();
        (await register.Host.Read($"{Path}?framework={cooperation.Framework}&knownAt=0", last, "analyst")).ShouldBeProblem(404, "not-found");
    }

    [Theory]
    [InlineData("asOf=2018-02-30", "/asOf")]
    [InlineData("asOf=2018", "/asOf")]
    [InlineData("asOf=yesterday", "/asOf")]
    [InlineData("asOf=2018-01-01&asOf=2018-01-02", "/asOf")]
    [InlineData("framework=EU-IOM", "/framework")]
    [InlineData("knownAt=lately", "/knownAt")]
    [InlineData("knownAt=-1", "/knownAt")]
    [InlineData("year=18", "/year")]
    [InlineData("asof=2018-01-01", "/asof")]
    [InlineData("measure=attendances", "/measure")]
    public async Task What_cannot_be_read_is_refused_by_name(string query, string pointer) =>
        (await register.Host.Get($"{Path}?{query}", "analyst")).ShouldBeProblem(422, "invalid", pointer);

    [Fact]
    public async Task The_future_cannot_be_known_yet() =>
        (await register.Host.Get($"{Path}?knownAt={Uri.EscapeDataString(DateTime.UtcNow.AddHours(1).ToString("O"))}", "analyst")).ShouldBeProblem(422, "invalid", "/knownAt");

    [Theory]
    [InlineData("cumulative")]
    [InlineData("explain")]
    [InlineData("factsheet")]
    public async Task A_position_that_is_not_settled_is_to_be_asked_for_again(string statistic)
    {
        var answer = await register.Host.Get($"/v1/statistics/{statistic}?knownAt=999999999999", "analyst");
        answer.Status.ShouldBe(503, answer.ToString());
        answer.ShouldBeAnyProblem();
        answer.Header("Retry-After").ShouldNotBeNull();
    }

    [Fact]
    public async Task What_was_known_at_a_time_is_what_was_settled_by_then()
    {
        var (cooperation, first) = await OneMeeting();
        var before = await Noted(first);
        var second = await RecordHeld(cooperation, "2019-05-05");
        var after = await Noted(second);

        var query = $"{Path}?framework={cooperation.Framework}&asOf=2026-01-01";
        var then = (await register.Host.Get($"{query}&knownAt={Uri.EscapeDataString(before)}", "analyst")).ShouldBeRead();
        then["meetingsHeld"]!.GetValue<int>().ShouldBe(1);
        then.Text("knownAt").ShouldBe(before);
        then["position"]!.GetValue<long>().ShouldBe(first);
        var now = (await register.Host.Get($"{query}&knownAt={Uri.EscapeDataString(after)}", "analyst")).ShouldBeRead();
        now["meetingsHeld"]!.GetValue<int>().ShouldBe(2);
        now["position"]!.GetValue<long>().ShouldBe(second);

        (await register.Host.Get($"{query}&knownAt=1999-12-31T23:59:59Z", "analyst")).ShouldBeProblem(404, "not-found");
    }

    [Fact]
    public async Task It_takes_an_analyst()
    {
        (await register.Host.Get(Path, role: null)).Status.ShouldBe(401);
        (await register.Host.Get(Path, "recorder")).Status.ShouldBe(403);
        (await register.Host.Get(Path, "analyst")).Status.ShouldBe(200);
    }

    private async Task<(Cooperation Cooperation, long Position)> OneMeeting()
    {
        var cooperation = await Cooperation.Start(register.Host);
        return (cooperation, await RecordHeld(cooperation, "2018-04-04"));
    }

    private async Task<long> RecordHeld(Cooperation cooperation, string start) =>
        (await register.Host.Post("/v1/meetings/record-held", cooperation.Meeting(("start", start)))).ShouldBeAccepted(201).Position;

    /// <summary>The time, once the register has noted that this position is settled.</summary>
    private async Task<string> Noted(long position)
    {
        await Wait.Until($"position {position} to be noted as settled", async () => await register.Host.Database.Scalar<long>("select coalesce(max(position), 0) from recording.settled_position") >= position);
        return await register.Host.Database.Scalar<string>("""select to_char(clock_timestamp(), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""");
    }

    private static JsonObject Delegation(Guid organisation, int count) => new() { ["organisationId"] = organisation, ["count"] = count, ["precision"] = "exact" };
}
