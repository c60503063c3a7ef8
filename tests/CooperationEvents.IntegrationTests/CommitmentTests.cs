using System.Text;
using System.Text.Json.Nodes;
using CooperationEvents.IntegrationTests.Ingestion;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests;

/// <summary>What organisations undertook, over HTTP, and what became of it.</summary>
public sealed class CommitmentTests(SharedRegister register)
{
    private RegisterHost Host => register.Host;

    [Fact]
    public async Task A_commitment_is_read_with_all_that_became_of_it()
    {
        var cooperation = await Cooperation.Start(Host);
        var (agreed, next) = (await cooperation.Schedule(), await cooperation.Schedule(("start", "2018-10-01")));
        var reference = Bodies.Of(Commands.External());
        var made = await cooperation.Undertake(
            ("owners", new JsonArray(cooperation.Home, cooperation.Iom)),
            ("meetingId", agreed.Id),
            ("area", "health"),
            ("externalReference", reference)
        );
        var path = $"/v1/commitments/{made.Id}";
        await cooperation.Do(
            $"{path}/progress",
            new
            {
                on = "2018-06",
                note = "A pilot runs.",
                evidence = "https://example.org/pilot",
            }
        );
        await cooperation.Do(
            $"{path}/review",
            new
            {
                meetingId = next.Id,
                on = "2018-10-01",
                assessment = "On track",
            }
        );
        await cooperation.Do($"{path}/due-date", new { dueOn = "2019-06", reason = "more rivers" });
        await cooperation.Do($"{path}/fulfil", new { on = "2019-05-01", evidence = "https://example.org/forecasts" });
        var corrected = await cooperation.Do($"{path}/correct", new { reason = "minutes", text = "Share forecasts of floods." });

        var read = (await Host.Read(path, corrected.Position)).ShouldBeRead();
        JsonNode
            .DeepEquals(
                read,
                new JsonObject
                {
                    ["id"] = made.Id,
                    ["version"] = 6,
                    ["frameworkId"] = cooperation.Framework,
                    ["meetingId"] = agreed.Id,
                    ["text"] = "Share forecasts of floods.",
                    ["owners"] = new JsonArray(cooperation.Home, cooperation.Iom),
                    ["area"] = "health",
                    ["dueOn"] = "2019-06",
                    ["status"] = "fulfilled",
                    ["overdue"] = false,
                    ["progress"] = new JsonArray(
                        new JsonObject
                        {
                            ["on"] = "2018-06",
                            ["note"] = "A pilot runs.",
                            ["evidence"] = "https://example.org/pilot",
                        }
                    ),
                    ["reviews"] = new JsonArray(
                        new JsonObject
                        {
                            ["meetingId"] = next.Id,
                            ["on"] = "2018-10-01",
                            ["assessment"] = "On track",
                        }
                    ),
                    ["fulfilled"] = new JsonObject { ["on"] = "2019-05-01", ["evidence"] = "https://example.org/forecasts" },
                    ["externalReference"] = reference.DeepClone(),
                }
            )
            .ShouldBeTrue(read.ToJsonString());

        await cooperation.Do($"{path}/reopen", new { reason = "one river was left out" });
        var dropped = await cooperation.Do($"{path}/drop", new { reason = "others do it" });
        var closed = (await Host.Read(path, dropped.Position)).ShouldBeRead();
        closed.Text("status").ShouldBe("dropped");
        closed["fulfilled"].ShouldBeNull();
        closed["dropped"]!.Text("reason").ShouldBe("others do it");
        var reopened = await cooperation.Do($"{path}/reopen", new { reason = "they stopped" });
        var open = (await Host.Read(path, reopened.Position)).ShouldBeRead();
        (open.Text("status"), open["overdue"]!.GetValue<bool>(), open["dropped"]).ShouldBe(("open", true, null));
    }

    [Fact]
    public async Task What_was_stated_and_is_not_known_is_taken_away()
    {
        var cooperation = await Cooperation.Start(Host);
        var made = await cooperation.Undertake(("meetingId", (await cooperation.Schedule()).Id), ("area", "health"));
        var remove = new[] { "meeting-id", "area", "due-on" };
        var corrected = await cooperation.Do($"/v1/commitments/{made.Id}/correct", new { reason = "minutes", remove });

        var read = (await Host.Read($"/v1/commitments/{made.Id}", corrected.Position)).ShouldBeRead();
        (read["meetingId"], read["area"], read["dueOn"]).ShouldBe((null, null, null));
    }

    [Fact]
    public async Task What_a_commitment_names_must_be_there_and_of_its_framework()
    {
        var cooperation = await Cooperation.Start(Host);
        var other = await Cooperation.Start(Host);
        var (elsewhere, voided) = (await other.Schedule(), await cooperation.Schedule());
        await cooperation.Do($"/v1/meetings/{voided.Id}/void", new { reason = "entered twice" });
        var none = Guid.NewGuid();

        await Refused(422, "unknown-reference", "/frameworkId", ("frameworkId", none));
        await Refused(422, "unknown-reference", "/meetingId", ("meetingId", none));
        await Refused(422, "unknown-reference", "/owners/1", ("owners", new JsonArray(cooperation.Home, none)));
        await Refused(422, "invalid", "/owners", ("owners", new JsonArray()));
        await Refused(422, "invalid", "/owners/1", ("owners", new JsonArray(cooperation.Home, cooperation.Home)));
        await Refused(422, "unknown-commitment-area", "/area", ("area", "space"));
        await Refused(409, "meeting-of-another-framework", "/meetingId", ("meetingId", elsewhere.Id));
        await Refused(409, "commitment-at-voided-meeting", "/meetingId", ("meetingId", voided.Id));
        var made = await cooperation.Undertake();
        (
            await Host.Post(
                $"/v1/commitments/{made.Id}/review",
                new
                {
                    meetingId = elsewhere.Id,
                    on = "2018-10-01",
                    assessment = "On track",
                }
            )
        ).ShouldBeProblem(409, "meeting-of-another-framework", "/meetingId");

        async Task Refused(int status, string slug, string pointer, (string, JsonNode?) member) =>
            (await Host.Post("/v1/commitments", cooperation.Commitment(member))).ShouldBeProblem(status, slug, pointer);
    }

    [Fact]
    public async Task A_closed_one_is_followed_up_once_it_is_open_again()
    {
        var cooperation = await Cooperation.Start(Host);
        var path = $"/v1/commitments/{(await cooperation.Undertake()).Id}";
        await cooperation.Do($"{path}/fulfil", new { on = "2018-05" });

        foreach (var (command, body) in FollowUps((await cooperation.Schedule()).Id))
            (await Host.Post($"{path}/{command}", body))
                .ShouldBeProblem(409, "commitment-not-open")
                .Json.Text("title")
                .ShouldContain("reopen it first");
        (await Host.Post($"{path}/drop", new { reason = "others do it" })).ShouldBeProblem(409, "commitment-not-open");
        (await Host.Post($"{path}/fulfil", new { on = "2018-06" })).ShouldBeProblem(409, "commitment-already-fulfilled", "/on");
        await cooperation.Do($"{path}/reopen", new { reason = "too early" });
        await cooperation.Do($"{path}/drop", new { reason = "others do it" });
        (await Host.Post($"{path}/fulfil", new { on = "2018-06" })).ShouldBeProblem(409, "commitment-not-open");
        await cooperation.Do($"{path}/reopen", new { reason = "they stopped" });
        foreach (var (command, body) in FollowUps((await cooperation.Schedule()).Id))
            await cooperation.Do($"{path}/{command}", body);

        static IEnumerable<(string Command, object Body)> FollowUps(Guid meeting) =>
            [
                ("progress", new { on = "2018-06", note = "A pilot runs." }),
                (
                    "review",
                    new
                    {
                        meetingId = meeting,
                        on = "2018-07-01",
                        assessment = "On track",
                    }
                ),
                ("due-date", new { dueOn = "2019", reason = "more rivers" }),
            ];
    }

    [Fact]
    public async Task What_happened_is_not_on_a_day_toCome_and_what_shows_it_is_a_link()
    {
        var cooperation = await Cooperation.Start(Host);
        var path = $"/v1/commitments/{(await cooperation.Undertake()).Id}";
        var meeting = (await cooperation.Schedule()).Id;
        var later = $"{DateTime.UtcNow.AddDays(2):yyyy-MM-dd}";

        (await Host.Post($"{path}/progress", new { on = later, note = "A pilot runs." })).ShouldBeProblem(409, "on-a-day-to-come", "/on");
        (await Host.Post($"{path}/fulfil", new { on = later })).ShouldBeProblem(409, "on-a-day-to-come", "/on");
        (
            await Host.Post(
                $"{path}/review",
                new
                {
                    meetingId = meeting,
                    on = later,
                    assessment = "On track",
                }
            )
        ).ShouldBeProblem(409, "on-a-day-to-come", "/on");
    }

    [Fact]
    public async Task Public_text_that_tells_how_to_reach_somebody_is_warned_of()
    {
        var cooperation = await Cooperation.Start(Host);
        var made = await cooperation.Undertake(("text", "Ask ada@example.org for forecasts."));
        Warned(made).ShouldBe(["/text"]);
        var path = $"/v1/commitments/{made.Id}";
        Warned(await cooperation.Do($"{path}/progress", new { on = "2018", note = "Call +32 2 299 11 11" })).ShouldBe(["/note"]);
        Warned(await cooperation.Do($"{path}/drop", new { reason = "ada@example.org left" })).ShouldBe(["/reason"]);

        static IEnumerable<string> Warned(Answer answer) => answer.Json["warnings"]!.AsArray().Select(w => w!.Text("pointer"));
    }

    [Fact]
    public async Task Every_filter_of_the_list_leaves_what_it_says()
    {
        var cooperation = await Cooperation.Start(Host);
        var other = await Cooperation.Start(Host);
        var reference = Commands.External();
        var late = (await cooperation.Undertake(("dueOn", "2018"))).Id;
        var longAgo = (await cooperation.Undertake(("dueOn", "2018-06-30"), ("owners", new JsonArray(cooperation.Iom)))).Id;
        var toCome = (await cooperation.Undertake(("dueOn", "2018-01"), ("externalReference", Bodies.Of(reference)))).Id;
        var someDay = (await cooperation.Undertake(("dueOn", null))).Id;
        var fulfilled = (await cooperation.Undertake()).Id;
        var dropped = (await cooperation.Undertake()).Id;
        var elsewhere = (await other.Undertake(("owners", new JsonArray(other.Home, cooperation.Home)))).Id;
        await cooperation.Do($"/v1/commitments/{fulfilled}/fulfil", new { on = "2018" });
        await cooperation.Do($"/v1/commitments/{toCome}/due-date", new { dueOn = "2999", reason = "more rivers" });
        var last = await cooperation.Do($"/v1/commitments/{dropped}/drop", new { reason = "others do it" });

        await Listed("", late, longAgo, toCome, someDay, fulfilled, dropped);
        await Listed("&status=open", late, longAgo, toCome, someDay);
        await Listed("&status=overdue", late, longAgo);
        await Listed("&status=fulfilled", fulfilled);
        await Listed("&status=dropped", dropped);
        await Listed("&dueBefore=2018-06-30");
        await Listed("&dueBefore=2018-07-01", longAgo);
        await Listed("&dueBefore=2018-06");
        await Listed("&dueBefore=2018-07", longAgo);
        await Listed("&dueBefore=2018-12-31", longAgo);
        await Listed("&dueBefore=2019", late, longAgo, fulfilled, dropped);
        await Listed("&dueBefore=2019-01-01", late, longAgo, fulfilled, dropped);
        await Listed("&dueBefore=2019-01-01&status=fulfilled", fulfilled);
        await Listed($"&owner={cooperation.Iom}", longAgo);
        await Listed($"&owner={other.Iom}");
        (await Host.Get($"/v1/commitments?owner={cooperation.Home}"))
            .ItemIds()
            .ShouldBe([late, toCome, someDay, fulfilled, dropped, elsewhere]);
        var key = System.Text.Json.JsonSerializer.SerializeToNode(reference)!;
        (await Host.Get($"/v1/commitments?system={key.Text("system")}&id={key.Text("id")}")).ItemIds().ShouldBe([toCome]);

        var items = (await Host.Get($"/v1/commitments?framework={cooperation.Framework}")).Json["items"]!.AsArray();
        items.Select(i => i!["overdue"]!.GetValue<bool>()).ShouldBe([true, true, false, false, false, false]);
        items[0]!["progress"].ShouldBeNull();
        var page = await Host.Get($"/v1/commitments?framework={cooperation.Framework}&limit=4");
        page.ItemIds().ShouldBe([late, longAgo, toCome, someDay]);
        var link = page.Header("Link").ShouldNotBeNull();
        (await Host.Get(link[1..link.IndexOf('>', StringComparison.Ordinal)])).ItemIds().ShouldBe([fulfilled, dropped]);

        async Task Listed(string filter, params Guid[] expected) =>
            (await Host.Read($"/v1/commitments?framework={cooperation.Framework}{filter}", last.Position))
                .ItemIds()
                .ShouldBe(expected, filter);
    }

    [Theory]
    [InlineData("status=late", "/status")]
    [InlineData("status=Open", "/status")]
    [InlineData("dueBefore=2018-06-30T09:30", "/dueBefore")]
    [InlineData("owner=iom", "/owner")]
    [InlineData("framework=iom", "/framework")]
    [InlineData("organisation=x", "/organisation")]
    [InlineData("framework=00000000-0000-4000-8000-00000000dead", "/framework")]
    [InlineData("owner=00000000-0000-4000-8000-00000000dead", "/owner")]
    public async Task A_query_that_cannot_be_answered_is_refused_by_parameter(string query, string pointer) =>
        (await Host.Get("/v1/commitments?" + query)).ShouldBeProblem(422, "invalid", pointer);

    [Fact]
    public async Task A_commitment_is_overdue_from_the_day_after_the_last_day_it_may_be_due_on()
    {
        await using var database = await TestDatabase.Create();
        var clock = new MovableClock();
        clock.MoveTo(new DateTimeOffset(2031, 6, 30, 23, 0, 0, TimeSpan.Zero));
        await using var host = await RegisterHost.Start(database, clock: clock);
        var made = await (await Cooperation.Start(host)).Undertake(("dueOn", "2031-06"));
        await host.Reaches(made.Position);

        (await host.Get("/v1/commitments?status=overdue")).ItemIds().ShouldBeEmpty();
        (await host.Get($"/v1/commitments/{made.Id}")).ShouldBeRead()["overdue"]!.GetValue<bool>().ShouldBeFalse();
        (await host.Post($"/v1/commitments/{made.Id}/progress", new { on = "2031-07-01", note = "A pilot runs." })).ShouldBeProblem(
            409,
            "on-a-day-to-come",
            "/on"
        );
        clock.MoveTo(new DateTimeOffset(2031, 7, 1, 0, 1, 0, TimeSpan.Zero));
        (await host.Get("/v1/commitments?status=overdue")).ItemIds().ShouldBe([made.Id]);
        (await host.Get($"/v1/commitments/{made.Id}")).ShouldBeRead()["overdue"]!.GetValue<bool>().ShouldBeTrue();
        (await host.Post($"/v1/commitments/{made.Id}/progress", new { on = "2031-07-01", note = "A pilot runs." })).ShouldBeAccepted();
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    [Fact]
    public async Task An_event_of_another_system_makes_one_follows_it_up_and_the_history_shows_it()
    {
        var cooperation = await Cooperation.Start(Host);
        var reference = Bodies.Of(Commands.External());
        var made = await Event("make-commitment", cooperation.Commitment(("externalReference", reference.DeepClone())));
        var reported = await Event(
            "report-progress",
            new JsonObject
            {
                ["commitmentId"] = reference.DeepClone(),
                ["on"] = "2018-06",
                ["note"] = "A pilot runs.",
            }
        );
        reported.Id.ShouldBe(made.Id);
        await Host.Reaches(reported.Position);

        var state = (await Host.Get($"/v1/audit/streams/{made.Id}/state?version=1", "auditor")).ShouldBeRead();
        state["state"]!.Text("text").ShouldBe("Share flood forecasts.");
        state["state"]!["progress"]!.AsArray().ShouldBeEmpty();
        var feed = (await Host.Get($"/v1/feed?after={made.Position - 1}&streamType=commitment&limit=1")).ShouldBeRead();
        feed["items"]![0]!.Text("type").ShouldBe("commitment_made");
        feed["items"]![0]!["data"]!.Text("text").ShouldBe("Share flood forecasts.");

        async Task<Answer> Event(string command, JsonObject data) =>
            (
                await Host.Post(
                    "/v1/events",
                    data,
                    "recorder",
                    ("ce-specversion", "1.0"),
                    ("ce-id", $"{Guid.NewGuid()}"),
                    ("ce-source", "/desk"),
                    ("ce-type", $"org.cooperation.{command}.v1")
                )
            ).ShouldBeAccepted();
    }

    [Fact]
    public async Task A_file_of_history_brings_commitments_and_what_became_of_them_once()
    {
        var cooperation = await Cooperation.Start(Host);
        var reference = Bodies.Of(Commands.External());
        var lines = string.Join(
            '\n',
            Line("make-commitment", cooperation.Commitment(("externalReference", reference.DeepClone()))),
            Line("fulfil-commitment", new JsonObject { ["commitmentId"] = reference.DeepClone(), ["on"] = "2018-12" }),
            Line("drop-commitment", new JsonObject { ["commitmentId"] = reference.DeepClone(), ["reason"] = "others do it" })
        );
        var first = await Import();
        Counted(first).ShouldBe((2, 1, 2));
        first.Json["refusals"]![0]!.Text("type").ShouldBe("/problems/commitment-not-open");
        Counted(await Import()).ShouldBe((2, 1, 0));

        async Task<Answer> Import() =>
            await Imports.Ended(Host, await Imports.Post(Host, Encoding.UTF8.GetBytes(lines), "application/x-ndjson", "mode=partial"));

        static string Line(string command, JsonObject data) => new JsonObject { ["command"] = command, ["data"] = data }.ToJsonString();

        static (int, int, int) Counted(Answer import) =>
            (import.Json["accepted"]!.GetValue<int>(), import.Json["refused"]!.GetValue<int>(), import.Json["events"]!.GetValue<int>());
    }
}
