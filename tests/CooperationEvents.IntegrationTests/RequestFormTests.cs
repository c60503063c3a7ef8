using System.Text.Json.Nodes;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests;

/// <summary>What holds for requests and answers, whatever they are about.</summary>
public sealed class RequestFormTests(SharedRegister register)
{
    private RegisterHost Host => register.Host;

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("identity, deflate")]
    public async Task An_encoded_body_is_refused_and_told_how_to_send_it(string coding)
    {
        using var content = new ByteArrayContent([0x1f, 0x8b, 8, 0]);
        content.Headers.ContentType = new("application/json");
        content.Headers.TryAddWithoutValidation("Content-Encoding", coding);

        var answer = await Host.Post("/v1/organisations", content);

        answer.ShouldBeProblem(415, "unsupported-media-type");
        answer.Header("Accept-Encoding").ShouldBe("identity");
    }

    [Fact]
    public async Task A_byte_order_mark_before_the_body_is_passed_over()
    {
        using var content = new ByteArrayContent([.. "\uFEFF"u8, .. """{"name":"Marked","shortName":"MARK"}"""u8]);
        content.Headers.ContentType = new("application/json");

        (await Host.Post("/v1/organisations", content)).ShouldBeAccepted(201);
    }

    [Fact]
    public async Task What_is_too_long_is_refused_with_a_problem()
    {
        (await Host.Get("/v1/meetings?topic=" + new string('x', 9_000))).ShouldBeProblem(414, "target-too-long");
        (await Host.Get("/v1/meetings", "recorder", ("X-Filler", new string('x', 40_000)))).ShouldBeProblem(431, "headers-too-large");
    }

    [Fact]
    public async Task Head_is_answered_wherever_get_is()
    {
        var cooperation = await Cooperation.Start(Host);
        var meeting = await cooperation.Schedule();
        await Host.Reaches(meeting.Position);
        foreach (
            var path in new[]
            {
                "/health/live",
                "/health/ready",
                "/openapi/v1.json",
                "/",
                "/schemas",
                "/problems",
                "/v1/meetings",
                $"/v1/meetings/{meeting.Id}",
                $"/v1/meetings/{meeting.Id}.ics",
                $"/v1/calendar.ics?framework={cooperation.Framework}",
                "/v1/organisations",
                "/v1/feed",
                $"/v1/statistics/cumulative?framework={cooperation.Framework}",
                "/v1/audit/log/checkpoints",
            }
        )
        {
            var (get, head) = (await Host.Get(path, "admin"), await Host.Send(HttpMethod.Head, path, null, "admin"));
            head.Status.ShouldBe(get.Status, path);
            head.ContentType.ShouldBe(get.ContentType, path);
            head.ETag.ShouldBe(get.ETag, path);
            head.Text.ShouldBeEmpty(path);
        }

        (await Host.Send(HttpMethod.Head, "/v1/feed", null, "admin", ("Accept", "text/event-stream"))).Status.ShouldBe(200);
        (await Host.Send(HttpMethod.Head, "/v1/nothing", null, "admin")).Status.ShouldBe(404);
        (await Host.Send(HttpMethod.Head, "/v1/meetings", null, null)).Status.ShouldBe(401);
        (await Host.Send(HttpMethod.Head, "/v1/events", null, "admin")).Status.ShouldBe(405);
    }

    [Theory]
    [InlineData("text/csv; header=present", "text/csv")]
    [InlineData("text/csv; charset=utf-8, application/json; q=0.5", "text/csv")]
    [InlineData("text/csv; q=0.4, application/json; q=0.5", "application/json")]
    [InlineData("application/json; charset=utf-8", "application/json")]
    [InlineData("text/*", "text/csv")]
    [InlineData("Text/CSV", "text/csv")]
    [InlineData("*/*", "application/json")]
    [InlineData("application/json; q=0, */*", "text/csv")]
    public async Task Parameters_of_a_media_range_make_no_other_type_of_it(string accept, string type) =>
        (await Host.Get("/v1/organisations?limit=1", "analyst", ("Accept", accept))).ContentType.ShouldStartWith(type);

    [Fact]
    public async Task Who_takes_nothing_that_is_served_is_told_what_is() =>
        (await Host.Get("/v1/organisations?limit=1", "analyst", ("Accept", "application/xml")))
            .ShouldBeProblem(406, "not-acceptable")
            .Json.Text("detail")
            .ShouldContain("text/csv");

    [Theory]
    [InlineData("text/html")]
    [InlineData("application/xml, text/*")]
    [InlineData("application/json; q=0")]
    public async Task What_is_served_as_json_alone_is_served_as_nothing_else(string accept)
    {
        var cooperation = await Cooperation.Start(Host);
        foreach (var path in new[] { $"/v1/frameworks/{cooperation.Framework}", "/v1/audit/completeness", "/v1/imports/unknown" })
        {
            var refused = (await Host.Get(path, "admin", ("Accept", accept))).ShouldBeProblem(406, "not-acceptable");
            (refused.ContentType, refused.Json.Text("detail")).ShouldBe(
                ("application/problem+json", "This is served as application/json.")
            );
        }

        var id = Guid.NewGuid();
        var body = new
        {
            id,
            name = "Nobody reads the answer",
            shortName = "NONE",
        };
        (await Host.Post("/v1/organisations", body, "admin", ("Accept", accept))).ShouldBeProblem(406, "not-acceptable");
        (await Host.Post("/v1/events", new { }, "admin", ("Accept", accept))).ShouldBeProblem(406, "not-acceptable");
        (await Host.Get($"/v1/organisations/{id}", "admin")).ShouldBeProblem(404, "not-found");
    }

    [Theory]
    [InlineData("*/*")]
    [InlineData("application/*")]
    [InlineData("application/json")]
    [InlineData("Application/JSON")]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")]
    [InlineData("no media type")]
    public async Task What_browsers_and_programs_accept_by_default_is_taken(string accept) =>
        (await Host.Get("/v1/audit/completeness", "auditor", ("Accept", accept))).ContentType.ShouldStartWith("application/json");

    [Fact]
    public async Task Who_has_the_newest_version_is_not_sent_it_again_unless_the_day_or_others_change_it_too()
    {
        var cooperation = await Cooperation.Start(Host);
        var meeting = await cooperation.Schedule();
        var person = await cooperation.Person();
        var path = $"/v1/meetings/{meeting.Id}?minPosition={meeting.Position}";
        foreach (var tags in new[] { "\"1\"", "W/\"1\"", "\"7\", \"1\"", "*" })
        {
            var known = await Host.Get(path, "analyst", ("If-None-Match", tags));
            (known.Status, known.Text, known.Header("ETag")).ShouldBe((304, "", "\"1\""));
        }

        (await Host.Get(path, "analyst", ("If-None-Match", "\"2\""))).ShouldBeRead();
        (await Host.Get(path, "analyst", ("If-None-Match", "none"))).ShouldBeRead();
        var last = await cooperation.Do($"/v1/organisations/{cooperation.Home}/rename", new { name = "New", on = "2020" });
        var organisation = $"/v1/organisations/{cooperation.Home}?minPosition={last.Position}";
        (await Host.Get(organisation, "analyst", ("If-None-Match", "*"))).ShouldBeRead();
        (await Host.Get($"/v1/people/{person}?minPosition={last.Position}", "privacy", ("If-None-Match", "*"))).ShouldBeRead();
    }

    [Fact]
    public async Task A_token_is_said_not_to_be_taken_where_no_issuer_is_configured() =>
        (await Host.Get("/v1/meetings", null, ("Authorization", "Bearer eyJhbGciOiJub25lIn0.e30.")))
            .ShouldBeProblem(401, "unauthenticated")
            .Json.Text("detail")
            .ShouldContain("Bearer tokens are not taken here");

    [Theory]
    [InlineData("{\"name\": \"A\",}")]
    [InlineData("{\"name\": // note\n \"A\"}")]
    [InlineData("{\"name\": \"A\"")]
    [InlineData("{\"name\": 'A'}")]
    [InlineData("{\"name\": \"A\", \"name\": \"B\"}", "/name")]
    public async Task Broken_json_is_told_in_plain_words(string body, params string[] pointers)
    {
        var problem = (await Host.Post("/v1/organisations", body)).ShouldBeProblem(400, "unreadable", pointers);

        problem.Json.Text("detail").ShouldStartWith("The body ");
        problem.Text.ShouldNotContain("reader", Case.Insensitive);
        problem.Text.ShouldNotContain("option", Case.Insensitive);
        problem.Text.ShouldNotContain("LineNumber");
    }

    [Theory]
    [InlineData("member")]
    [InlineData("type")]
    [InlineData("level")]
    public async Task A_long_name_is_not_sent_back_whole(string which)
    {
        var name = new string('x', 900_000);
        var cooperation = await Cooperation.Start(Host);
        var answer = which switch
        {
            "member" => await Host.Post(
                "/v1/organisations",
                new JsonObject
                {
                    ["name"] = "A",
                    ["shortName"] = "A",
                    [name] = 1,
                }
            ),
            "type" => await Host.Post(
                "/v1/events",
                "{}",
                "recorder",
                ("ce-specversion", "1.0"),
                ("ce-id", "1"),
                ("ce-source", "/d"),
                ("ce-type", name[..20_000])
            ),
            _ => await Host.Post("/v1/meetings", cooperation.Meeting(("topics", new JsonArray(name[..150])))),
        };

        answer.Status.ShouldBe(422, answer.Text[..Math.Min(500, answer.Text.Length)]);
        answer.Text.Length.ShouldBeLessThan(8_000);
    }

    [Theory]
    [InlineData("2026-01-31T12:00:00.123456789Z", 200)]
    [InlineData("2026-01-31T12:00:00.1234567Z", 200)]
    [InlineData("2026-01-31t12:00:00z", 200)]
    [InlineData("2026-01-31T13:00:00%2B01:00", 200)]
    [InlineData("2026-01-31T13:00:00+01:00", 422)]
    [InlineData("yesterday", 422)]
    public async Task A_moment_is_read_as_it_is_written(string knownAt, int status)
    {
        var answer = await Host.Get($"/v1/statistics/cumulative?knownAt={knownAt}", "analyst");

        answer.Status.ShouldBe(status, answer.ToString());
        if (knownAt.Contains('+', StringComparison.Ordinal))
            answer.Text.ShouldContain("%2B");
    }

    [Fact]
    public async Task A_stream_from_beyond_the_history_is_put_off_as_a_page_is()
    {
        (await Host.Get("/v1/feed", "analyst", ("Accept", "text/event-stream"), ("Last-Event-ID", "999999999999")))
            .ShouldBeProblem(503, "busy")
            .Header("Retry-After")
            .ShouldNotBeNull();
        (await Host.Get("/v1/feed?after=999999999999", "analyst", ("Accept", "text/event-stream"))).ShouldBeProblem(503, "busy");
    }

    [Fact]
    public async Task A_list_shows_each_record_once_whatever_is_rescheduled_meanwhile()
    {
        var cooperation = await Cooperation.Start(Host);
        var scheduled = new List<Guid>();
        for (var day = 1; day <= 7; day++)
            scheduled.Add((await cooperation.Schedule(("start", $"2018-04-0{day}"))).Id);
        await Host.Reaches(
            (
                await cooperation.Schedule(("start", "2019"), ("frameworks", Cooperation.Under(cooperation.Framework, "technical-experts")))
            ).Position
        );

        var path = $"/v1/meetings?framework={cooperation.Framework}&level=senior-officials&limit=3";
        var page = await Host.Get(path);
        var seen = page.ItemIds().ToList();
        var moved = await cooperation.Do($"/v1/meetings/{scheduled[5]}/reschedule", new { start = "2017-01-01" });
        await Host.Reaches((await cooperation.Do($"/v1/meetings/{scheduled[0]}/reschedule", new { start = "2020-01-01" })).Position);
        while (page.Header("Link") is { } link)
        {
            page = await Host.Get(link[1..link.IndexOf('>', StringComparison.Ordinal)]);
            seen.AddRange(page.ItemIds());
        }

        seen.ShouldBe(scheduled, ignoreOrder: true);
        moved.Version.ShouldBe(2);
    }

    [Fact]
    public async Task A_conflict_names_the_record_and_what_differs()
    {
        var cooperation = await Cooperation.Start(Host);
        var body = cooperation.Meeting(("id", Guid.NewGuid()), ("venue", "Charlemagne"));
        var first = (await Host.Post("/v1/meetings", body)).ShouldBeAccepted(201);

        var conflict = (
            await Host.Post("/v1/meetings", body.With("title", "Another").With("venue", null).With("mode", "online"))
        ).ShouldBeProblem(409, "id-in-use", "/title", "/mode", "/venue");

        conflict.Id.ShouldBe(first.Id);
        var venue = conflict.Json["errors"]!.AsArray().Single(e => e!.Text("pointer") == "/venue")!;
        venue.Text("recorded").ShouldBe("Charlemagne");
        venue["sent"].ShouldBeNull();
        conflict.Json["errors"]![0]!.Text("sent").ShouldBe("Another");
    }

    [Fact]
    public async Task A_conflict_about_a_person_shows_values_only_to_who_may_read_them()
    {
        var body = new JsonObject
        {
            ["id"] = Guid.NewGuid(),
            ["name"] = "Ana Silva",
            ["email"] = "ana@example.eu",
        };
        var first = (await Host.Post("/v1/people", body)).ShouldBeAccepted(201);
        var other = body.With("email", "other@example.eu");

        var blind = (await Host.Post("/v1/people", other)).ShouldBeProblem(409, "id-in-use", "/email");
        blind.Id.ShouldBe(first.Id);
        blind.Text.ShouldNotContain("example.eu");

        var seeing = (await Host.Post("/v1/people", other, "admin")).ShouldBeProblem(409, "id-in-use", "/email");
        seeing.Json["errors"]![0]!.Text("recorded").ShouldBe("ana@example.eu");
    }

    [Fact]
    public async Task An_attendance_recorded_otherwise_says_what_is_recorded()
    {
        var cooperation = await Cooperation.Start(Host);
        var (meeting, person) = (await cooperation.Schedule(), await cooperation.Person());
        await cooperation.Do(
            $"/v1/meetings/{meeting.Id}/attendance",
            new { attendees = new[] { cooperation.Attendee(person, "chair", "attended") } }
        );

        var conflict = (
            await Host.Post(
                $"/v1/meetings/{meeting.Id}/attendance",
                new { attendees = new[] { cooperation.Attendee(person, "expert", "absent") } }
            )
        ).ShouldBeProblem(409, "attendance-already-recorded", "/attendees/0/role", "/attendees/0/status");

        conflict.Id.ShouldBe(meeting.Id);
        conflict.Json["errors"]![0]!.Text("recorded").ShouldBe("chair");
        conflict.Json["errors"]![0]!.Text("sent").ShouldBe("expert");
    }
}
