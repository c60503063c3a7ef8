using System.Text.Json.Nodes;

namespace CooperationEvents.IntegrationTests.Statistics;

public sealed class FactsheetTests(SharedRegister register)
{
    /// <summary>The day after everything in these tests.</summary>
    private const string AsOf = "2026-01-01";

    [Fact]
    public async Task It_states_the_figure_with_the_meetings_it_rests_on()
    {
        var (cooperation, held, position) = await FifteenMeetings();

        var sheet = (
            await register.Host.Read($"/v1/statistics/factsheet?framework={cooperation.Framework}&asOf={AsOf}", position, "analyst")
        ).ShouldBeRead();

        sheet
            .Text("sentence")
            .ShouldBe(
                "Since the start of the cooperation in July 2012, 15 meetings have taken place at all levels, involving over 300 EU and "
                    + "IOM staff. Of 14 meetings, no attendance is recorded."
            );
        sheet.Text("since").ShouldBe("2012-07");
        sheet.Text("asOf").ShouldBe(AsOf);
        sheet["meetingsHeld"]!.GetValue<int>().ShouldBe(15);
        sheet["staff"]!.ToJsonString().ShouldBe("""{"known":2,"atLeast":341,"atMost":null}""");
        var evidence = sheet["evidence"]!.AsArray();
        evidence.Select(e => e!["meetingId"]!.GetValue<Guid>()).ShouldBe(held, ignoreOrder: true);
        foreach (var meeting in evidence)
        {
            var events = meeting!["events"]!.AsArray().Select(e => e!.GetValue<Guid>()).ToArray();
            events.ShouldNotBeEmpty();
            (
                await register.Host.Database.Scalar<long>(
                    "select count(*) from register.mt_events where id = any($1) and stream_id = $2",
                    events,
                    meeting["meetingId"]!.GetValue<Guid>()
                )
            ).ShouldBe(events.Length);
        }
    }

    [Theory]
    [InlineData(
        "level=technical-experts",
        "Since the start of the cooperation in July 2012, no meetings have taken place at the level Technical experts."
    )]
    [InlineData("from=2011-01-01&asOf=2011-12-31", "From 1 January 2011 to 31 December 2011, no meetings took place.")]
    [InlineData(
        "definition=1&level=technical-experts",
        "Since the start of the cooperation in July 2012, no meetings have taken place at the level technical-experts."
    )]
    [InlineData("year=2011", "In 2011, no meetings took place.")]
    [InlineData("year=2011&asOf=2011-12-31", "In 2011, no meetings took place.")]
    [InlineData("year=2011&asOf=2011-03-01", "From 1 January 2011 to 1 March 2011, no meetings took place.")]
    public async Task It_may_be_of_a_part_that_its_sentence_can_say(string part, string sentence)
    {
        var (cooperation, _, position) = await FifteenMeetings();

        var sheet = (
            await register.Host.Read(
                $"/v1/statistics/factsheet?framework={cooperation.Framework}{(part.Contains("asOf", StringComparison.Ordinal) ? "" : $"&asOf={AsOf}")}&{part}",
                position,
                "analyst"
            )
        ).ShouldBeRead();

        sheet.Text("sentence").ShouldBe(sentence);
    }

    [Theory]
    [InlineData("country=not-stated")]
    [InlineData("party=not-stated&organisation=not-stated")]
    [InlineData("until=2018-01-01")]
    public async Task It_is_of_no_part_that_its_sentence_could_not_say(string part) =>
        (await register.Host.Get($"/v1/statistics/factsheet?{part}", "analyst")).ShouldBeProblem(422, "invalid");

    [Theory]
    [InlineData("party=not-stated", "14 meetings at which nobody is counted have taken place at all levels.")]
    [InlineData("organisation=not-stated", "14 meetings at which nobody is counted have taken place at all levels.")]
    [InlineData("organisation=not-stated&definition=1", "14 meetings have taken place at all levels, involving 0 not-stated staff.")]
    public async Task Of_what_has_no_name_it_says_what_that_is(string part, string stated)
    {
        var (cooperation, _, position) = await FifteenMeetings();

        var sheet = await register.Host.Read(
            $"/v1/statistics/factsheet?framework={cooperation.Framework}&asOf={AsOf}&{part}",
            position,
            "analyst"
        );

        sheet.ShouldBeRead().Text("sentence").ShouldStartWith($"Since the start of the cooperation in July 2012, {stated}");
    }

    [Fact]
    public async Task It_denies_no_meeting_to_whom_none_counts()
    {
        var (cooperation, _, _) = await FifteenMeetings();
        var other = await Cooperation.Start(register.Host);
        var last = await other.Schedule();

        var sheet = await register.Host.Read(
            $"/v1/statistics/factsheet?framework={cooperation.Framework}&organisation={other.Iom}",
            last.Position,
            "analyst"
        );

        sheet
            .ShouldBeRead()
            .Text("sentence")
            .ShouldBe("Since the start of the cooperation in July 2012, no meetings with counted IOM staff have taken place.");
    }

    [Fact]
    public async Task It_says_whose_meetings_it_is_about_where_all_their_staff_is_estimated()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var body = cooperation.Meeting();
        body["delegations"] = Bodies.Of(
            new
            {
                all = new[]
                {
                    new
                    {
                        organisationId = cooperation.Iom,
                        count = 12,
                        precision = "estimated",
                    },
                },
            }
        )["all"]!.DeepClone();
        var held = (await register.Host.Post("/v1/meetings/record-held", body)).ShouldBeAccepted(201);

        var sheet = await register.Host.Read(
            $"/v1/statistics/factsheet?framework={cooperation.Framework}&party=IOM",
            held.Position,
            "analyst"
        );

        sheet
            .ShouldBeRead()
            .Text("sentence")
            .ShouldBe("Since the start of the cooperation in July 2012, 1 meeting with counted IOM staff has taken place at all levels.");
    }

    [Fact]
    public async Task It_is_the_sentence_alone_as_plain_text()
    {
        var (cooperation, _, position) = await FifteenMeetings();
        await register.Host.Read("/v1/frameworks", position);

        var sheet = await register.Host.Get(
            $"/v1/statistics/factsheet?framework={cooperation.Framework}&asOf={AsOf}",
            "analyst",
            ("Accept", "text/plain")
        );

        sheet.Status.ShouldBe(200);
        sheet.ContentType.ShouldBe("text/plain; charset=utf-8");
        sheet.Header("Vary")!.ShouldStartWith("Accept,");
        sheet.Text.ShouldBe(
            "Since the start of the cooperation in July 2012, 15 meetings have taken place at all levels, involving over 300 EU and IOM "
                + "staff. Of 14 meetings, no attendance is recorded.\n"
        );
    }

    [Fact]
    public async Task It_is_a_page_to_publish_as_Markdown()
    {
        var (cooperation, held, position) = await FifteenMeetings();
        await register.Host.Read("/v1/frameworks", position);

        var sheet = await register.Host.Get(
            $"/v1/statistics/factsheet?framework={cooperation.Framework}&asOf={AsOf}",
            "analyst",
            ("Accept", "text/markdown")
        );

        sheet.Status.ShouldBe(200);
        sheet.ContentType.ShouldBe("text/markdown; charset=utf-8");
        sheet.Text.ShouldStartWith(
            "# EU-IOM cooperation\n\nSince the start of the cooperation in July 2012, 15 meetings have taken place at all levels, "
                + "involving over 300 EU and IOM staff. Of 14 meetings, no attendance is recorded.\n\n"
        );
        sheet.Text.ShouldContain("| meetings held | 15 |\n| of them without attendance | 14 |\n");
        sheet.Text.ShouldContain("| staff at most | not known |\n");
        foreach (var meeting in held)
            sheet.Text.ShouldContain($"| {meeting} |\n");
    }

    [Fact]
    public async Task Its_meetings_stand_in_the_order_they_took_place()
    {
        var cooperation = await Cooperation.Start(register.Host);
        await RecordHeld(cooperation, "2019", "A | B\n_c_");
        var last = await RecordHeld(cooperation, "2018-04-04", "Earlier");

        var sheet = (
            await register.Host.Read($"/v1/statistics/factsheet?framework={cooperation.Framework}", last.Position, "analyst")
        ).ShouldBeRead();
        sheet["evidence"]!.AsArray().Select(e => e!.Text("start")).ShouldBe(["2018-04-04", "2019"]);

        var page = await register.Host.Get(
            $"/v1/statistics/factsheet?framework={cooperation.Framework}",
            "analyst",
            ("Accept", "text/markdown")
        );
        page.Text.ShouldContain(@"| 2019 | A \| B \_c\_ |");
    }

    [Theory]
    [InlineData("R&amp;D ~~old~~", @"R\&amp;D \~\~old\~\~")]
    [InlineData("<b>1</b> $2$ \\| #3", @"\<b\>1\</b\> \$2\$ \\\| \#3")]
    [InlineData("- 1. [a](b) !", @"- 1. \[a\](b) !")]
    [InlineData("https://x.example/a_b www.x.example/a_b", @"https\://x.example/a\_b www\.x.example/a\_b")]
    public async Task As_Markdown_a_title_reads_as_it_is(string title, string written)
    {
        var cooperation = await Cooperation.Start(register.Host);
        var held = await RecordHeld(cooperation, "2019", title);
        await register.Host.Read("/v1/frameworks", held.Position);

        var page = await register.Host.Get(
            $"/v1/statistics/factsheet?framework={cooperation.Framework}",
            "analyst",
            ("Accept", "text/markdown")
        );

        page.Text.ShouldContain($"| 2019 | {written} |");
    }

    [Theory]
    [InlineData("exact", "between 8 and 15 EU and IOM staff")]
    [InlineData("minimum", "at least 8 EU and IOM staff")]
    public async Task Heads_nobody_named_widen_it(string precision, string stated)
    {
        var cooperation = await Cooperation.Start(register.Host);
        await RecordHeld(cooperation, "2018", "First", attendees: 1, delegation: (7, precision));
        var last = await RecordHeld(cooperation, "2019", "Second", attendees: 7);

        var sheet = (
            await register.Host.Read($"/v1/statistics/factsheet?framework={cooperation.Framework}", last.Position, "analyst")
        ).ShouldBeRead();
        sheet.Text("sentence").ShouldEndWith($"involving {stated}.");
    }

    [Fact]
    public async Task Of_a_framework_nobody_established_it_is_refused() =>
        (await register.Host.Get($"/v1/statistics/factsheet?framework={Guid.NewGuid()}", "analyst")).ShouldBeProblem(
            422,
            "invalid",
            "/framework"
        );

    private async Task<(Cooperation Cooperation, IReadOnlyList<Guid> Held, long Position)> FifteenMeetings()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var held = new List<Guid>();
        for (var i = 0; i < 14; i++)
            held.Add((await RecordHeld(cooperation, $"{2012 + i}", $"Meeting {i}")).Id);
        var last = await RecordHeld(cooperation, "2025", "The largest", attendees: 2, delegation: (339, "minimum"));
        held.Add(last.Id);
        return (cooperation, held, last.Position);
    }

    private static async Task<Testing.Answer> RecordHeld(
        Cooperation cooperation,
        string start,
        string title,
        int attendees = 0,
        (int Count, string Precision)? delegation = null
    )
    {
        var body = cooperation.Meeting(("start", start), ("title", title));
        var people = await cooperation.People(attendees);
        body["attendees"] = new JsonArray([
            .. people.Select(p => new JsonObject
            {
                ["personId"] = p,
                ["organisationId"] = cooperation.Home,
                ["status"] = "attended",
            }),
        ]);
        if (delegation is var (count, precision))
            body["delegations"] = new JsonArray(
                new JsonObject
                {
                    ["organisationId"] = cooperation.Iom,
                    ["count"] = count,
                    ["precision"] = precision,
                }
            );
        return (await cooperation.Host.Post("/v1/meetings/record-held", body)).ShouldBeAccepted(201);
    }
}
