using System.Globalization;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests.Feed;

public sealed class FeedPageTests(SharedRegister register)
{
    private RegisterHost Host => register.Host;

    [Fact]
    public async Task An_item_says_where_in_the_history_it_stands_who_recorded_it_and_what()
    {
        var onBehalfOf = (await Host.Post("/v1/people", new { name = "Ada Lovelace" })).ShouldBeAccepted(201).Id;
        var body = new
        {
            name = "European External Action Service",
            shortName = "EEAS",
            externalReference = Commands.External(),
        };
        var posted = (
            await Host.Post(
                "/v1/organisations",
                body,
                "recorder",
                ("Cooperation-Source", "crm"),
                ("X-Correlation-Id", "c-1"),
                ("Cooperation-On-Behalf-Of", $"{onBehalfOf}")
            )
        ).ShouldBeAccepted(201);

        var page = await Host.Read($"/v1/feed?after={posted.Position - 1}", posted.Position, "analyst");

        var item = page.ShouldBeRead()["items"]![0]!.AsObject();
        item.Select(member => member.Key)
            .ShouldBe([
                "position",
                "id",
                "stream",
                "streamType",
                "version",
                "type",
                "at",
                "actor",
                "onBehalfOf",
                "source",
                "correlation",
                "causation",
                "data",
            ]);
        var row = (
            await Host.Database.Rows(
                "select id, user_name, causation_id, timestamp from register.mt_events where seq_id = $1",
                posted.Position
            )
        ).Single();
        item["position"]!.GetValue<long>().ShouldBe(posted.Position);
        item["id"]!.GetValue<Guid>().ShouldBe((Guid)row[0]!);
        item["stream"]!.GetValue<Guid>().ShouldBe(posted.Id);
        item.Text("streamType").ShouldBe("organisation");
        item["version"]!.GetValue<long>().ShouldBe(1);
        item.Text("type").ShouldBe("organisation_registered");
        item.Text("at").ShouldBe(((DateTime)row[3]!).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
        item.Text("actor").ShouldBe((string)row[1]!);
        item["onBehalfOf"]!.GetValue<Guid>().ShouldBe(onBehalfOf);
        item.Text("source").ShouldBe("crm");
        item.Text("correlation").ShouldBe("c-1");
        item.Text("causation").ShouldBe((string)row[2]!);
        item["data"]!.Text("shortName").ShouldBe("EEAS");
        item["data"]!["externalReference"]!.Text("system").ShouldBe("crm");
    }

    [Fact]
    public async Task Pages_lead_from_one_to_the_next_and_the_last_says_where_to_ask_on()
    {
        var before = await Host.Database.Scalar<long>("select max(seq_id) from register.mt_events");
        var cooperation = await Cooperation.Start(Host);
        var last = await cooperation.Schedule();
        var page = await Host.Read($"/v1/feed?after={before}&limit=2", last.Position, "analyst");
        page.ShouldBeRead()["items"]!.AsArray().Count.ShouldBe(2);
        page.Header("Link").ShouldNotBeNull();
        page.PositionHeader.ShouldBeGreaterThanOrEqualTo(last.Position);

        var (items, reached) = await Host.ReadOn(before, "&limit=2");

        items.Select(FeedClient.Place).ShouldBe(await History(before, reached));
        var more = await cooperation.Schedule();
        await Host.Read("/v1/feed?limit=1", more.Position, "analyst");
        var (newItems, newReached) = await Host.ReadOn(reached);
        newReached.ShouldBeGreaterThanOrEqualTo(more.Position);
        newItems.Select(FeedClient.Place).ShouldBe(await History(reached, newReached));

        // The register of all tests has events of its own, a seal of its journal, say.
        async Task<IEnumerable<(long, Guid)>> History(long after, long upTo) =>
            (await Host.Database.History(after)).Where(e => e.Position <= upTo);
    }

    [Fact]
    public async Task Every_filter_leaves_what_it_says()
    {
        var cooperation = await Cooperation.Start(Host);
        var meeting = await cooperation.Schedule();
        var person = await cooperation.Person();
        await cooperation.Do(
            $"/v1/meetings/{meeting.Id}/attendance",
            new { attendees = new[] { cooperation.Attendee(person, status: "attended") } }
        );
        var last = await cooperation.Do($"/v1/meetings/{meeting.Id}/hold", new { });
        await Host.Read("/v1/feed?limit=1", last.Position, "analyst");
        var after = meeting.Position - 1;

        (await Types("")).ShouldBe(["meeting_scheduled", "person_registered", "attendance_recorded", "meeting_held"]);
        (await Types("&type=meeting_held")).ShouldBe(["meeting_held"]);
        (await Types("&streamType=meeting")).ShouldBe(["meeting_scheduled", "attendance_recorded", "meeting_held"]);
        (await Types("&streamType=meeting&type=meeting_held")).ShouldBe(["meeting_held"]);
        (await Types("&streamType=person&type=meeting_held")).ShouldBeEmpty();
        (await Types($"&stream={person}")).ShouldBe(["person_registered"]);
        (await Types($"&stream={meeting.Id}&type=meeting_scheduled")).ShouldBe(["meeting_scheduled"]);
        (await Types($"&stream={Guid.NewGuid()}")).ShouldBeEmpty();

        async Task<IEnumerable<string>> Types(string filter) =>
            (await Host.ReadOn(after, filter))
                .Items.Where(item => item["stream"]!.GetValue<Guid>() is var stream && (stream == meeting.Id || stream == person))
                .Select(item => item.Text("type"));
    }

    [Fact]
    public async Task Nothing_personal_leaves_with_an_event_not_even_sealed()
    {
        var cooperation = await Cooperation.Start(Host);
        var before = await Host.Database.Scalar<long>("select max(seq_id) from register.mt_events");
        var person = (
            await Host.Post(
                "/v1/people",
                new
                {
                    name = "Grace Hopper",
                    email = "grace@example.org",
                    externalReference = Commands.External(),
                    affiliation = new
                    {
                        organisationId = cooperation.Home,
                        function = "Director",
                        grade = "P-XIV",
                        from = "2015",
                    },
                }
            )
        ).ShouldBeAccepted(201).Id;
        await cooperation.Do($"/v1/people/{person}/correct", new { reason = "misspelt", name = "Grace Brewster Hopper" });
        var meeting = await cooperation.Schedule();
        await cooperation.Do(
            $"/v1/meetings/{meeting.Id}/attendance",
            new { attendees = new[] { cooperation.Attendee(person, status: "absent") } }
        );
        var last = await cooperation.Do(
            $"/v1/meetings/{meeting.Id}/attendance/{person}/correct",
            new { reason = "was there", status = "attended" }
        );

        var page = await Host.Read($"/v1/feed?after={before}", last.Position, "admin");

        var items = page.ShouldBeRead()["items"]!
            .AsArray()
            .Where(item => item!["stream"]!.GetValue<Guid>() is var stream && (stream == meeting.Id || stream == person))
            .ToList();
        items.Count.ShouldBe(6);
        items[0]!["data"]!.AsObject().Select(member => member.Key).ShouldBe(["personId"]);
        items[1]!["data"]!.AsObject().Select(member => member.Key).ShouldBe(["personId", "affiliationId", "organisationId", "from"]);
        items[2]!["data"]!.AsObject().Select(member => member.Key).ShouldBe(["personId", "replaces", "emailRemoved"]);
        items[^1]!["data"]!.AsObject().Select(member => member.Key).ShouldBe(["meetingId", "personId", "replaced", "corrected"]);
        var ciphertexts = (
            await Host.Database.Rows(
                "select v.value from register.mt_events, jsonb_each_text(data) v where stream_id = $1 and v.key in ('name', 'email', "
                    + "'externalReference', 'function', 'grade', 'reason')",
                person
            )
        )
            .Select(row => (string)row[0]!)
            .ToList();
        ciphertexts.Count.ShouldBe(7);
        foreach (var personal in ciphertexts.Concat(["Hopper", "grace", "Director", "P-XIV", "misspelt", "was there"]))
            page.Text.ShouldNotContain(personal, Case.Insensitive);
    }

    [Fact]
    public async Task A_position_that_is_not_settled_yet_is_waited_for_and_then_put_off()
    {
        var answer = await Host.Get($"/v1/feed?after={long.MaxValue}", "analyst");

        answer.ShouldBeProblem(503, "busy").Header("Retry-After").ShouldBe("1");
        answer.PositionHeader.ShouldBeLessThan(long.MaxValue);
    }

    [Theory]
    [InlineData("after=-1", "/after")]
    [InlineData("after=first", "/after")]
    [InlineData("after=1&after=2", "/after")]
    [InlineData("limit=0", "/limit")]
    [InlineData("limit=501", "/limit")]
    [InlineData("type=meeting_forgotten", "/type")]
    [InlineData("type=MeetingHeld", "/type")]
    [InlineData("type=tombstone", "/type")]
    [InlineData("streamType=meetings", "/streamType")]
    [InlineData("stream=iom", "/stream")]
    [InlineData("types=meeting_held", "/types")]
    [InlineData("minPosition=soon", "/minPosition")]
    [InlineData("from=1&to=2", "/from", "/to")]
    public async Task A_query_that_cannot_be_answered_is_refused_by_parameter(string query, params string[] pointers) =>
        (await Host.Get("/v1/feed?" + query, "analyst")).ShouldBeProblem(422, "invalid", pointers);

    [Fact]
    public async Task A_reader_gets_past_any_number_of_events_that_its_filter_leaves_out_and_tombstones_are_not_shown()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database);
        var first = await Cooperation.Organisation(host, "The first");
        await database.Rows(
            """
            insert into register.mt_events
            select (jsonb_populate_record(e, jsonb_build_object('seq_id', nextval('register.mt_events_sequence'), 'id', gen_random_uuid(),
                'type', 'tombstone', 'mt_dotnet_type', 'JasperFx.Events.Tombstone, JasperFx.Events', 'version', n + 1, 'data', '{}'::jsonb))).*
            from register.mt_events e, generate_series(1, 2200) n where e.stream_id = $1
            """,
            first
        );
        var last = (await host.Post("/v1/people", new { name = "Ada Lovelace" })).ShouldBeAccepted(201);
        await host.Read("/v1/feed?limit=1", last.Position, "analyst");

        var page = await host.Get("/v1/feed?streamType=person", "analyst");
        page.ShouldBeRead()["items"]!.AsArray().ShouldBeEmpty();
        FeedClient.Next(page).ShouldNotBeNull();

        var (items, reached) = await host.ReadOn(0, "&streamType=person");
        items.Select(FeedClient.Place).ShouldBe([(last.Position, items[0]["id"]!.GetValue<Guid>())]);
        reached.ShouldBe(last.Position);
        (await host.ReadOn(0)).Items.Select(item => item.Text("type")).ShouldBe(["organisation_registered", "person_registered"]);
        Directory.Delete(host.DataDirectory, recursive: true);
    }
}
