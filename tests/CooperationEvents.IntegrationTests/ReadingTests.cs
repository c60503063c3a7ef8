using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests;

public sealed partial class ReadingTests(SharedRegister register)
{
    [Theory]
    [InlineData("/v1/subscriptions", "admin", "id,owner,url,")]
    [InlineData("/v1/access/keys", "admin", "id,principalId,scopes,")]
    [InlineData("/v1/access/principals", "admin", "id,")]
    [InlineData("/v1/audit/security-events", "auditor", "")]
    [InlineData("/v1/audit/replays", "auditor", "id,state,position,")]
    [InlineData("/v1/possible-duplicates", "secretariat", "kind,why,ids")]
    [InlineData("/v1/people/retention", "privacy", "personId,lastActivity,due,byErasureOnly")]
    public async Task A_list_is_a_table_for_who_asks_for_one_and_nothing_else_than_its_forms(string path, string role, string columns)
    {
        for (var i = 0; i < 2; i++)
            await register.Host.Post("/v1/access/keys", new { owner = "A desk", role = "reader" }, "admin");
        var list = await register.Host.Get(path + "?limit=500", role);
        var table = await register.Host.Get(path, role, ("Accept", "text/csv"));
        var page = await register.Host.Get(path + "?limit=1", role, ("Accept", "text/csv"));

        (table.Status, table.ContentType).ShouldBe((200, "text/csv; charset=utf-8; header=present"), table.ToString());
        table.Text.ShouldStartWith(columns);
        table.Text.ShouldNotMatch(@"\d\d/\d\d/\d\d\d\d", "times are ISO 8601");
        table.Header("Vary").ShouldNotBeNull().ShouldContain("Accept");
        if (list.Header("Link") is null)
            Lines(table).ShouldBeGreaterThanOrEqualTo(1 + list.Json["items"]!.AsArray().Count);
        Lines(page).ShouldBeLessThanOrEqualTo(2);
        (await register.Host.Get(path, role, ("Accept", "application/xml"))).Status.ShouldBe(406);

        static int Lines(Answer answer) => answer.Text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length;
    }

    [Theory]
    [InlineData("/v1/meetings", "analyst")]
    [InlineData("/v1/organisations", "analyst")]
    [InlineData("/v1/frameworks", "analyst")]
    [InlineData("/v1/commitments", "analyst")]
    [InlineData("/v1/people", "privacy")]
    [InlineData("/v1/people/retention", "privacy")]
    [InlineData("/v1/possible-duplicates", "analyst")]
    [InlineData("/v1/subscriptions", "admin")]
    [InlineData("/v1/audit/replays", "auditor")]
    [InlineData("/v1/audit/security-events", "admin")]
    [InlineData("/v1/access/keys", "admin")]
    [InlineData("/v1/access/principals", "admin")]
    public async Task A_table_of_a_list_has_semicolons_and_a_byte_order_mark_where_a_spreadsheet_needs_them(string path, string role)
    {
        (string, string) csv = ("Accept", "text/csv");
        var last = await (await Cooperation.Start(register.Host)).Schedule();
        await register.Host.Reaches(last.Position);
        var plain = await register.Host.Get(path + "?limit=1", role, csv);
        var asked = await register.Host.Get(path + "?limit=1&delimiter=semicolon&byteOrderMark=true", role, csv);
        var whole = await register.Host.Get(path + "?delimiter=semicolon", role, csv);

        var header = plain.Text.Split("\r\n")[0];
        asked.Text.TrimStart('\uFEFF').Split("\r\n")[0].ShouldBe(header.Replace(',', ';'), asked.ToString());
        using var raw = await register.Host.Raw(path + "?byteOrderMark=true", role, csv);
        (await raw.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken))[..3].ShouldBe([0xEF, 0xBB, 0xBF]);
        whole.Text.Split("\r\n")[0].ShouldBe(header.Replace(',', ';'));
        (await register.Host.Get(path + "?delimiter=semicolon&byteOrderMark=true", role)).Status.ShouldBe(200);
        (await register.Host.Get(path + "?delimiter=tab&byteOrderMark=yes", role)).ShouldBeProblem(
            422,
            "invalid",
            "/delimiter",
            "/byteOrderMark"
        );
        if (asked.Header("Link") is { } link && link.Contains("describedby", StringComparison.Ordinal))
        {
            var metadata = link.Split('<').Single(part => part.Contains("csv-metadata", StringComparison.Ordinal)).Split('>')[0];
            (await register.Host.Get(metadata, role)).Json["dialect"]!.Text("delimiter").ShouldBe(";");
        }
    }

    [Fact]
    public async Task What_was_written_is_read_with_its_version_once_the_position_is_asked_for()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var meeting = await cooperation.Schedule();

        var read = await register.Host.Read($"/v1/meetings/{meeting.Id}", meeting.Position);

        read.ShouldBeRead()["version"]!.GetValue<long>().ShouldBe(meeting.Version);
        read.ETag.ShouldBe(meeting.ETag);
        read.PositionHeader.ShouldBeGreaterThanOrEqualTo(meeting.Position);
    }

    [Fact]
    public async Task An_organisation_is_read_with_its_former_names()
    {
        var body = Bodies.Of(
            new
            {
                name = "DG Development",
                shortName = "DEVCO",
                identifiers = new[] { "urn:x:devco" },
                externalReference = Commands.External(),
            }
        );
        var registered = (await register.Host.Post("/v1/organisations", body)).ShouldBeAccepted(201);
        var renamed = (
            await register.Host.Post(
                $"/v1/organisations/{registered.Id}/rename",
                new
                {
                    name = "DG International Partnerships",
                    shortName = "INTPA",
                    on = "2021-01-16",
                }
            )
        ).ShouldBeAccepted();

        var read = (await register.Host.Read($"/v1/organisations/{registered.Id}", renamed.Position)).ShouldBeRead();

        read.Text("shortName").ShouldBe("INTPA");
        read["formerNames"]!.AsArray().Single()!.Text("shortName").ShouldBe("DEVCO");
        read["formerNames"]![0]!.Text("until").ShouldBe("2021-01-16");
        read["identifiers"]!.AsArray().Single()!.GetValue<string>().ShouldBe("urn:x:devco");
        JsonNode.DeepEquals(read["externalReference"], body["externalReference"]).ShouldBeTrue();
    }

    [Fact]
    public async Task Names_recorded_out_of_their_order_or_twice_are_read_by_their_days_as_figures_have_them()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var person = await cooperation.Person();
        await register.Host.Post(
            "/v1/meetings/record-held",
            cooperation.Meeting(
                ("attendees", Bodies.Of(new { all = new[] { cooperation.Attendee(person, null, "attended") } })["all"]!.DeepClone())
            )
        );
        Answer? last = null;
        foreach (var (name, on) in new[] { ("C", "2018"), ("B", "2016-05"), ("D", "2021"), ("B", "2016-05"), ("C", "2018"), ("D", "2021") })
            last = await cooperation.Do(
                $"/v1/organisations/{cooperation.Home}/rename",
                new
                {
                    name,
                    shortName = name,
                    on,
                }
            );

        last!.Version.ShouldBe(4);
        var read = (await register.Host.Read($"/v1/organisations/{cooperation.Home}", last.Position)).ShouldBeRead();
        read.Text("shortName").ShouldBe("D");
        read["formerNames"]!
            .AsArray()
            .Select(n => (n!.Text("shortName"), n!.Text("until")))
            .ShouldBe([("DG HOME", "2016-05"), ("B", "2018"), ("C", "2021")]);
        var figures = (
            await register.Host.Read($"/v1/statistics/cumulative?framework={cooperation.Framework}", last.Position, "analyst")
        ).ShouldBeRead();
        figures["byOrganisation"]!.AsArray().Single()!.Text("shortName").ShouldBe("D");
    }

    [Fact]
    public async Task A_name_of_a_day_to_come_is_not_the_name_of_today()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var days = new[] { 1, 400 }.Select(n => $"{DateTime.UtcNow.AddDays(n + 1):yyyy-MM-dd}").ToArray();
        var path = $"/v1/organisations/{cooperation.Home}";
        await cooperation.Do(
            $"{path}/rename",
            new
            {
                name = "Before",
                shortName = "BEFORE",
                on = "2021",
            }
        );
        await cooperation.Do(
            $"{path}/rename",
            new
            {
                name = "Last",
                shortName = "LAST",
                on = days[1],
            }
        );
        var renamed = await cooperation.Do(
            $"{path}/rename",
            new
            {
                name = "Next",
                shortName = "NEXT",
                on = days[0],
            }
        );

        var read = (await register.Host.Read(path, renamed.Position)).ShouldBeRead();

        read.Text("shortName").ShouldBe("BEFORE");
        read["formerNames"]!.AsArray().Single()!.Text("shortName").ShouldBe("DG HOME");
        read["comingNames"]!
            .AsArray()
            .Select(n => (n!.Text("shortName"), n!.Text("from")))
            .ShouldBe([("NEXT", days[0]), ("LAST", days[1])]);
    }

    [Theory]
    [InlineData("/v1/meetings?from=2027-01-01&to=2026-01-01", "/from")]
    [InlineData("/v1/calendar.ics?from=2027-01-01&to=2026-01-01", "/from")]
    [InlineData("/v1/audit/events?from=2027-01-01&to=2026-01-01", "/from")]
    [InlineData("/v1/audit/export?from=2&to=1", "/from")]
    [InlineData("/v1/audit/export.tar?from=1", "/from")]
    [InlineData("/v1/audit/access?from=2026-01-01", "/from")]
    [InlineData("/v1/audit/access/2026-01-01?to=2026-01-01", "/to")]
    [InlineData("/v1/audit/completeness?at=2026-01-01", "/at")]
    public async Task What_could_only_be_empty_and_what_is_no_parameter_are_refused(string path, string pointer)
    {
        var refused = (await register.Host.Get(path, "auditor")).ShouldBeProblem(422, "invalid", pointer);

        refused.Json.Text("detail").ShouldNotContain("there are .");
    }

    [Theory]
    [InlineData("/v1/meetings?from=")]
    [InlineData("/v1/meetings?to=")]
    [InlineData("/v1/calendar.ics?from=")]
    [InlineData("/v1/commitments?dueBefore=")]
    [InlineData("/v1/statistics/cumulative?asOf=")]
    [InlineData("/v1/statistics/cumulative?from=")]
    [InlineData("/v1/statistics/breakdown?until=")]
    public async Task What_is_no_date_is_refused_in_the_same_words_everywhere(string path)
    {
        foreach (var text in new[] { "2018-13", "2018-2-3", "20180203", "2018-04-04T09:30", "0999", "yesterday" })
        {
            var refused = await register.Host.Get(path + text, "analyst");
            refused.Status.ShouldBe(422, path + text);
            refused.Json["errors"]![0]!.Text("detail").ShouldBe("Must be a year (2021), a month (2012-07) or a day (2018-04-04).");
        }

        var body = new { name = "An agreement", establishedOn = "yesterday" };
        var inBody = await register.Host.Post("/v1/frameworks", body);
        inBody.Json["errors"]!
            .AsArray()
            .Single(e => e!.Text("pointer") == "/establishedOn")!
            .Text("detail")
            .ShouldBe("Must be a year (2021), a month (2012-07) or a day (2018-04-04).");
    }

    [Fact]
    public async Task Affiliations_are_listed_from_the_oldest_on_as_members_of_a_framework_are_in_whatever_order_they_were_recorded()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var person = await cooperation.Person();
        string?[] begun = ["2020", "2014-05-02", null, "2014"];
        var last = 0L;
        foreach (var from in begun)
            last = (
                await cooperation.Do($"/v1/people/{person}/affiliations", new { organisationId = cooperation.Home, from }, 201)
            ).Position;
        string?[] oldestFirst = [null, "2014", "2014-05-02", "2020"];

        var read = (await register.Host.Read($"/v1/people/{person}", last, "privacy")).ShouldBeRead();
        var report = await register.Host.Read($"/v1/people/{person}/access-report", last, "privacy");

        Begun(read).ShouldBe(oldestFirst);
        Begun(report.Json).ShouldBe(oldestFirst);

        static IEnumerable<string?> Begun(JsonNode answer) => answer["affiliations"]!.AsArray().Select(a => a!["from"]?.GetValue<string>());
    }

    [Fact]
    public async Task A_framework_is_read_with_its_members_levels_and_areas()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var path = $"/v1/frameworks/{cooperation.Framework}";
        await cooperation.Do($"{path}/members/{cooperation.Iom}/leave", new { leftOn = "2020-02-01" });
        await cooperation.Do($"{path}/members/{cooperation.Home}/correct", new { reason = "minutes found", joinedOn = "2013" });
        await cooperation.Do(
            $"{path}/levels",
            new
            {
                code = "heads-of-unit",
                name = "Heads of unit",
                rank = 3,
            }
        );
        var ended = await cooperation.Do($"{path}/end", new { endedOn = "2030" });

        var read = (await register.Host.Read(path, ended.Position)).ShouldBeRead();

        read["levels"]!.AsArray().Select(l => l!.Text("code")).ShouldBe(["senior-officials", "technical-experts", "heads-of-unit"]);
        read["areas"]!.AsArray().Count.ShouldBe(2);
        read.Text("endedOn").ShouldBe("2030");
        var members = read["members"]!.AsArray().ToDictionary(m => m!["organisationId"]!.GetValue<Guid>());
        members[cooperation.Iom]!.Text("leftOn").ShouldBe("2020-02-01");
        members[cooperation.Home]!.Text("joinedOn").ShouldBe("2013");

        var goesOn = await cooperation.Do($"{path}/end/correct", new { reason = "prolonged", notEnded = true });
        (await register.Host.Read(path, goesOn.Position)).ShouldBeRead()["endedOn"].ShouldBeNull();
    }

    [Theory]
    [InlineData("/v1/meetings", "analyst")]
    [InlineData("/v1/audit/access", "auditor")]
    [InlineData("/v1/audit/completeness", "auditor")]
    public async Task A_position_too_far_ahead_is_waited_for_and_then_put_off(string path, string role)
    {
        var answer = await register.Host.Get($"{path}?minPosition={long.MaxValue}", role);

        answer.ShouldBeProblem(503, "busy");
        int.Parse(answer.Header("Retry-After")!, CultureInfo.InvariantCulture).ShouldBeGreaterThan(0);
        answer.PositionHeader.ShouldBeGreaterThanOrEqualTo(0);
    }

    [Theory]
    [InlineData("/v1/meetings/")]
    [InlineData("/v1/organisations/")]
    [InlineData("/v1/frameworks/")]
    [InlineData("/v1/commitments/")]
    [InlineData("/v1/people/")]
    [InlineData("/v1/statistics/publications/")]
    public async Task Nothing_of_that_id_is_not_found(string path) =>
        (await register.Host.Get(path + Guid.NewGuid(), "admin")).ShouldBeProblem(404, "not-found");

    [Fact]
    public async Task Every_filter_of_the_meetings_list_leaves_what_it_says()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var other = await Cooperation.Start(register.Host);
        var (framework, level) = (cooperation.Framework, "technical-experts");
        var asked = new HashSet<string> { "framework" };
        var ada = await cooperation.Person();
        JsonArray Hosted(Guid by) => [new JsonObject { ["organisationId"] = by }];

        var joint = (
            await cooperation.Schedule(
                ("start", "2018-03-01"),
                ("end", "2018-03-03"),
                ("hosts", Hosted(other.Iom)),
                (
                    "frameworks",
                    new JsonArray(
                        new JsonObject { ["frameworkId"] = framework, ["level"] = "senior-officials" },
                        new JsonObject { ["frameworkId"] = other.Framework, ["level"] = level }
                    )
                )
            )
        ).Id;
        var unseen = await Cooperation.Organisation(register.Host, "Nowhere Seen");
        var experts = (
            await cooperation.Schedule(
                ("start", "2019-05-05"),
                ("frameworks", Cooperation.Under(framework, level)),
                ("topics", new JsonArray("health"))
            )
        ).Id;
        var year = (await cooperation.Schedule(("start", "2021"), ("topics", new JsonArray("migration", "health")))).Id;
        var cancelled = (await cooperation.Schedule(("start", "2020-01-01"))).Id;
        var voided = (await cooperation.Schedule(("start", "2020-02-01"))).Id;
        await cooperation.Do($"/v1/meetings/{experts}/registrations", new { attendees = new[] { cooperation.Attendee(ada) } });
        await cooperation.Do(
            $"/v1/meetings/{year}/delegations",
            new
            {
                organisationId = cooperation.Iom,
                count = 2,
                precision = "exact",
            }
        );
        await cooperation.Do($"/v1/meetings/{experts}/hold", new { });
        await cooperation.Do($"/v1/meetings/{cancelled}/cancel", new { reason = "no quorum" });
        var last = await cooperation.Do($"/v1/meetings/{voided}/void", new { reason = "entered twice" });

        await Listed("", joint, experts, cancelled, voided, year);
        await Listed("&level=senior-officials", joint, cancelled, voided, year);
        await Listed($"&level={level}", experts);
        await Listed("&state=scheduled", joint, year);
        await Listed("&state=held", experts);
        await Listed("&state=cancelled", cancelled);
        await Listed("&state=voided", voided);
        await Listed("&state=postponed");
        await Listed("&state=did-not-take-place");
        await Listed("&from=2018-03-03&to=2018-03-03", joint);
        await Listed("&from=2018-03-04&to=2019-05-05", experts);
        await Listed("&from=2018-03&to=2018-03", joint);
        await Listed("&from=2018-04&to=2019", experts);
        await Listed("&from=2021-12-31", year);
        await Listed("&from=2021", year);
        await Listed("&to=2018-02-28");
        await Listed("&to=2018-02");
        await Listed("&from=2021-01-01&to=2021-12-30");
        await Listed($"&organisation={other.Iom}", joint);
        await Listed($"&organisation={cooperation.Home}", experts);
        await Listed($"&organisation={cooperation.Iom}", year);
        await Listed($"&organisation={unseen}");
        await Listed("&topic=health", experts, year);
        await Listed("&topic=migration", year);
        await Listed("&topic=health&state=scheduled", year);
        (await register.Host.Get($"/v1/meetings?framework={other.Framework}")).ItemIds().ShouldBe([joint]);
        var paths = (await register.Host.Get("/openapi/v1.json", null)).Json["paths"]!;
        ParametersOf("/v1/meetings")
            .Except(ParametersOf("/v1/organisations"))
            .Except(asked)
            .ShouldBeEmpty("Show here what the filter leaves. docs/contributing.md says which files a filter stands in.");

        async Task Listed(string filter, params Guid[] expected)
        {
            asked.UnionWith(filter.Split('&').Select(part => part.Split('=')[0]));
            (await register.Host.Read($"/v1/meetings?framework={framework}{filter}", last.Position)).ItemIds().ShouldBe(expected, filter);
        }

        IEnumerable<string> ParametersOf(string path) =>
            paths[path]!["get"]!["parameters"]!.AsArray().Where(p => p!.Text("in") == "query").Select(p => p!.Text("name"));
    }

    [Fact]
    public async Task A_list_is_paged_whole_and_without_repeats_while_meetings_are_recorded()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var meetings = new List<Answer>();
        for (var day = 10; day < 17; day++)
            meetings.Add(await cooperation.Schedule(("start", $"2018-06-{day}")));
        var read = new List<Guid>();
        var arriving = 0;
        Answer page;
        await register.Host.Reaches(meetings[^1].Position);
        for (var next = $"/v1/meetings?framework={cooperation.Framework}&limit=2"; next is not null; next = Next(page))
        {
            page = await register.Host.Get(next);
            read.AddRange(page.ItemIds());
            page.ItemIds().Count.ShouldBeLessThanOrEqualTo(2);

            // Before, between and after what is read.
            foreach (var day in new[] { "2018-06-09", "2018-06-13", "2018-06-30" })
            {
                if (arriving++ < 6)
                    await cooperation.Schedule(("start", day));
            }
        }

        read.ShouldBeUnique();
        meetings.Select(m => m.Id).ShouldBeSubsetOf(read);
    }

    [Theory]
    [InlineData("/v1/organisations")]
    [InlineData("/v1/frameworks")]
    public async Task A_list_in_the_order_of_recording_ends_with_what_arrives_meanwhile(string path)
    {
        for (var i = 0; i < 3; i++)
            await Cooperation.Start(register.Host);
        var read = new List<Guid>();
        Cooperation? meanwhile = null;
        Answer page;
        for (var next = $"{path}?limit=2"; next is not null; next = Next(page))
        {
            page = await register.Host.Get(next);
            read.AddRange(page.ItemIds());
            if (meanwhile is null)
            {
                meanwhile = await Cooperation.Start(register.Host);
                var last = await meanwhile.Schedule();
                await register.Host.Read("/v1/meetings?limit=1", last.Position);
            }
        }

        read.ShouldBeUnique();
        read.ShouldContain(path == "/v1/frameworks" ? meanwhile!.Framework : meanwhile!.Iom);
    }

    [Fact]
    public async Task The_link_to_the_next_page_keeps_the_filters_and_the_last_page_has_none()
    {
        var cooperation = await Cooperation.Start(register.Host);
        await cooperation.Schedule(("start", "2018-06-01"), ("topics", new JsonArray("health")));
        await cooperation.Schedule(("start", "2018-06-02"));
        var last = await cooperation.Schedule(("start", "2018-06-03"), ("topics", new JsonArray("health")));

        var first = await register.Host.Read($"/v1/meetings?framework={cooperation.Framework}&topic=health&limit=1", last.Position);
        var second = await register.Host.Get(Next(first)!);

        second.ItemIds().ShouldBe([last.Id]);
        second.Header("Link").ShouldBeNull();
    }

    [Theory]
    [InlineData("minPosition=-1", "/minPosition")]
    [InlineData("minPosition=soon", "/minPosition")]
    [InlineData("minPosition=99999999999999999999", "/minPosition")]
    [InlineData("minPosition=", "/minPosition")]
    [InlineData("limit=0", "/limit")]
    [InlineData("limit=501", "/limit")]
    [InlineData("limit=ten", "/limit")]
    [InlineData("limit=1&limit=2", "/limit")]
    [InlineData("framework=iom", "/framework")]
    [InlineData("organisation=iom", "/organisation")]
    [InlineData("state=ended", "/state")]
    [InlineData("state=Held", "/state")]
    [InlineData("from=2018-13-01", "/from")]
    [InlineData("to=yesterday", "/to")]
    [InlineData("level=%00", "/level")]
    [InlineData("topic=", "/topic")]
    [InlineData("cursor=%21%21", "/cursor")]
    [InlineData("cursor=abc", "/cursor")]
    [InlineData("cursor=YWJj", "/cursor")]
    [InlineData("frobnicate=1", "/frobnicate")]
    [InlineData("Limit=1", "/Limit")]
    [InlineData("state=ended&limit=0&from=x", "/state", "/limit", "/from")]
    public async Task A_query_that_cannot_be_answered_is_refused_by_parameter(string query, params string[] pointers) =>
        (await register.Host.Get("/v1/meetings?" + query)).ShouldBeProblem(422, "invalid", pointers);

    [Theory]
    [InlineData("/v1/organisations", "analyst")]
    [InlineData("/v1/frameworks", "analyst")]
    [InlineData("/v1/commitments", "analyst")]
    [InlineData("/v1/people", "privacy")]
    [InlineData("/v1/people/retention", "privacy")]
    [InlineData("/v1/possible-duplicates", "analyst")]
    [InlineData("/v1/statistics/publications", "analyst")]
    [InlineData("/v1/statistics/explain", "analyst")]
    [InlineData("/v1/statistics/explain.csv", "analyst")]
    [InlineData("/v1/subscriptions", "admin")]
    [InlineData("/v1/audit/replays", "auditor")]
    [InlineData("/v1/audit/security-events", "admin")]
    [InlineData("/v1/access/keys", "admin")]
    [InlineData("/v1/access/principals", "admin")]
    public async Task A_cursor_of_another_list_is_refused(string list, string role)
    {
        var cooperation = await Cooperation.Start(register.Host);
        await cooperation.Schedule();
        var last = await cooperation.Schedule();
        var meetings = await register.Host.Read("/v1/meetings?limit=1", last.Position);
        var cursor = Next(meetings)!.Split("cursor=")[1];

        (await register.Host.Get($"/v1/meetings?cursor={cursor}")).ShouldBeRead();
        (await register.Host.Get($"{list}?cursor={cursor}", role)).ShouldBeProblem(422, "invalid", "/cursor");
        (await register.Host.Get($"{list}?cursor=abc", role)).ShouldBeProblem(422, "invalid", "/cursor");
    }

    [Theory]
    [InlineData("/v1/meetings")]
    [InlineData("/v1/calendar.ics")]
    public async Task A_filter_that_nothing_has_is_refused_with_what_there_is(string path)
    {
        var cooperation = await Cooperation.Start(register.Host);
        var last = await cooperation.Schedule();
        await register.Host.Reaches(last.Position);
        var none = Guid.NewGuid();

        (await Asked($"level=expert")).ShouldBeProblem(422, "invalid", "/level").Json.Text("detail").ShouldContain("senior-officials");
        (await Asked($"topic=healht")).ShouldBeProblem(422, "invalid", "/topic").Json.Text("detail").ShouldContain("health");
        (await Asked($"organisation={none}"))
            .ShouldBeProblem(422, "invalid", "/organisation")
            .Json.Text("detail")
            .ShouldContain($"There is no organisation {none}");
        (await register.Host.Get($"{path}?framework={none}"))
            .ShouldBeProblem(422, "invalid", "/framework")
            .Json.Text("detail")
            .ShouldContain($"There is no framework {none}");
        (await register.Host.Get($"{path}?framework={none}&organisation={none}&level=expert")).ShouldBeProblem(
            422,
            "invalid",
            "/framework",
            "/organisation"
        );
        (await Asked($"organisation={cooperation.Iom}")).Status.ShouldBe(200);

        Task<Answer> Asked(string filter) => register.Host.Get($"{path}?framework={cooperation.Framework}&{filter}");
    }

    [Fact]
    public async Task An_id_is_hyphenated_without_braces_and_in_any_capitals()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var meeting = await cooperation.Schedule();
        await register.Host.Reaches(meeting.Position);
        var capitals = $"{meeting.Id}".ToUpperInvariant();

        (await register.Host.Get($"/v1/meetings/{capitals}")).ShouldBeRead();
        (await register.Host.Get($"/v1/audit/streams/{capitals}/state", "auditor")).ShouldBeRead();
        (await register.Host.Get($"/v1/meetings?framework={cooperation.Framework.ToString().ToUpperInvariant()}"))
            .ItemIds()
            .ShouldBe([meeting.Id]);
        (await register.Host.Post($"/v1/meetings/{capitals}/cancel", new { reason = "Strike" })).ShouldBeAccepted();
        foreach (var form in new[] { "N", "B", "P" })
        {
            var id = meeting.Id.ToString(form);
            (await register.Host.Get($"/v1/meetings/{id}")).ShouldBeProblem(404, "not-found");
            (await register.Host.Get($"/v1/audit/streams/{id}/state", "auditor")).ShouldBeProblem(404, "not-found");
            (await register.Host.Get($"/v1/meetings?framework={id}")).ShouldBeProblem(422, "invalid", "/framework");
            (await register.Host.Post($"/v1/meetings/{id}/void", new { reason = "Twice" })).Status.ShouldBe(404);
        }
    }

    [Fact]
    public async Task One_thing_takes_no_parameter_but_the_position()
    {
        var cooperation = await Cooperation.Start(register.Host);

        (await register.Host.Get($"/v1/frameworks/{cooperation.Framework}?state=held")).ShouldBeProblem(422, "invalid", "/state");
    }

    /// <summary>The target of the answer's link to the next page.</summary>
    private static string? Next(Answer page) =>
        page.Header("Link") is { } link
            ? NextLink().Match(link) is { Success: true } match
                ? match.Groups[1].Value
                : throw new InvalidOperationException(link)
            : null;

    [GeneratedRegex("^<([^>]+)>; rel=\"next\"$")]
    private static partial Regex NextLink();
}
