using System.Text.Json;
using System.Text.Json.Nodes;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests.Statistics;

/// <summary>What breakdowns and series may be asked, how they are written, and what they keep to themselves.</summary>
public sealed class BreakdownTests(SharedRegister register)
{
    [Theory]
    [InlineData("breakdown?by=shoe-size", "/by")]
    [InlineData("breakdown?by=level,level", "/by")]
    [InlineData("breakdown?by=level,year,mode", "/by")]
    [InlineData("breakdown?by=", "/by")]
    [InlineData("series?per=week", "/per")]
    [InlineData("series?period=2018-Q5", "/period")]
    [InlineData("series?per=year&period=2018-Q1", "/period")]
    [InlineData("explain?period=unplaced", "/period")]
    [InlineData("explain?per=year&period=unplaced", "/period")]
    [InlineData("breakdown?role=observer", "/role")]
    [InlineData("breakdown?mode=by-pigeon", "/mode")]
    [InlineData("breakdown?host=IOM", "/host")]
    [InlineData("breakdown?by=level,year&overlap=people", "/overlap")]
    [InlineData("breakdown?overlap=rows", "/overlap")]
    [InlineData("breakdown?from=2019-01-01&asOf=2018-12-31", "/from")]
    [InlineData("cumulative?from=2019-01-01&year=2018", "/from")]
    [InlineData("factsheet?year=2019&asOf=2018-12-31", "/year")]
    [InlineData("explain?from=2018-01-01&until=2017-12-31", "/from")]
    [InlineData("breakdown?from=2018-01-02&year=2018&until=2018-01-01", "/from")]
    [InlineData("series?per=quarter&period=2019-Q1&asOf=2018-12-31", "/period")]
    [InlineData("cumulative?period=2018-04&until=2018-03-31", "/period")]
    [InlineData("cadence?from=2019-01-01&period=2018-Q4", "/from")]
    [InlineData("cumulative.csv?year=2018&period=2019-01", "/period")]
    [InlineData("breakdown.svg?year=2019&period=2018-Q4", "/year")]
    [InlineData("factsheet?year=2019&until=2018-12-31", "/year")]
    [InlineData("series?definition=3", "/definition")]
    [InlineData("series.csv?delimiter=tab", "/delimiter")]
    [InlineData("cadence?by=level", "/by")]
    public async Task What_cannot_be_asked_is_refused_by_name(string query, string pointer) =>
        (await register.Host.Get($"/v1/statistics/{query}", "analyst")).ShouldBeProblem(422, "invalid", pointer);

    /// <summary>A month or a year is of the days of which a publication takes it too.</summary>
    [Theory]
    [InlineData("asOf=2018", "asOf=2018-12-31")]
    [InlineData("asOf=2018-04", "asOf=2018-04-30")]
    [InlineData("asOf=2019&from=2018", "asOf=2019-12-31&from=2018-01-01")]
    [InlineData("asOf=2019&from=2018-04", "asOf=2019-12-31&from=2018-04-01")]
    [InlineData("asOf=2019&until=2018-02", "asOf=2019-12-31&until=2018-02-28")]
    public async Task A_month_or_a_year_stands_for_its_last_day_or_as_the_beginning_for_its_first(string partial, string days)
    {
        var cooperation = await Cooperation.Start(register.Host);
        var held = (await register.Host.Post("/v1/meetings/record-held", cooperation.Meeting())).ShouldBeAccepted(201);
        await register.Host.Reaches(held.Position);
        var at = $"framework={cooperation.Framework}&knownAt={held.Position}";

        var answer = (await register.Host.Get($"/v1/statistics/cumulative?{partial}&{at}", "analyst")).ShouldBeRead();

        answer
            .ToJsonString()
            .ShouldBe((await register.Host.Get($"/v1/statistics/cumulative?{days}&{at}", "analyst")).ShouldBeRead().ToJsonString());
    }

    [Fact]
    public async Task Parameters_that_exclude_each_other_are_both_named()
    {
        var answer = await register.Host.Get("/v1/statistics/cumulative?from=2018&until=2017", "analyst");

        answer.ShouldBeProblem(422, "invalid", "/from");
        answer.Text.ShouldContain("'until', 2017-12-31");
        answer.Text.ShouldContain("2018-01-01 is after");
    }

    [Theory]
    [InlineData("series")]
    [InlineData("series.csv")]
    [InlineData("breakdown")]
    [InlineData("breakdown.csv-metadata.json")]
    [InlineData("cadence")]
    [InlineData("cadence.csv")]
    [InlineData("cumulative.csv")]
    public async Task A_framework_nobody_established_is_refused(string statistic) =>
        (await register.Host.Get($"/v1/statistics/{statistic}?framework={Guid.NewGuid()}", "analyst")).ShouldBeProblem(
            422,
            "invalid",
            "/framework"
        );

    /// <summary>A joint meeting may have an area of any of its frameworks.</summary>
    [Fact]
    public async Task An_area_of_another_framework_is_counted_named_listed_and_joined()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var bare = Cooperation.Agreement();
        bare.Remove("areas");
        var other = (await register.Host.Post("/v1/frameworks", bare)).ShouldBeAccepted(201).Id;
        var body = cooperation.Meeting(("topics", new JsonArray("health")));
        body["frameworks"] = new JsonArray([
            .. Cooperation.Under(cooperation.Framework, "senior-officials").Select(f => f!.DeepClone()),
            .. Cooperation.Under(other, "senior-officials").Select(f => f!.DeepClone()),
        ]);
        await register.Host.Post("/v1/meetings/record-held", body);
        body["topics"] = new JsonArray();
        var last = (await register.Host.Post("/v1/meetings/record-held", body)).ShouldBeAccepted(201);

        var rows = (
            await register.Host.Read($"/v1/statistics/breakdown?by=area&framework={other}", last.Position, "analyst")
        ).ShouldBeRead()["items"]!.AsArray();
        rows.Select(r => (r!.Text("area"), r!["areaName"]?.GetValue<string>())).ShouldBe([("health", "Health"), ("not-stated", null)]);
        (await register.Host.Get($"/v1/meetings?framework={other}&topic=health", "analyst")).ShouldBeRead()["items"]!
            .AsArray()
            .ShouldHaveSingleItem();
        var refused = await register.Host.Get($"/v1/meetings?framework={other}&topic=heath", "analyst");
        refused.ShouldBeProblem(422, "invalid", "/topic");
        refused.Text.ShouldContain("health");
        (
            await register.Host.Database.Rows(
                """
                select b.area, a.name from analytics.bridge_meeting_area b join analytics.dim_area a using (area_key, framework_id, area)
                where b.framework_id = $1 order by 1
                """,
                other
            )
        ).Select(r => ((string)r[0]!, r[1] as string)).ShouldBe([("health", "Health"), ("not-stated", null)]);
        (
            await register.Host.Database.Scalar<long>(
                """
                select count(*) from analytics.bridge_meeting_area b
                left join (select area_key, count(*) as rows from analytics.dim_area group by area_key) a using (area_key)
                where a.rows is distinct from 1
                """
            )
        ).ShouldBe(0);
    }

    /// <summary>An area of another framework has its name from those that joint meetings are held with, and from no other.</summary>
    [Fact]
    public async Task An_area_has_no_name_of_a_framework_without_a_joint_meeting()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var other = await Agreed(areas: []);
        await Agreed(areas: [new JsonObject { ["code"] = "health", ["name"] = "Unrelated" }]);
        var body = cooperation.Meeting(("topics", new JsonArray("health")));
        body["frameworks"] = new JsonArray([
            .. Cooperation.Under(cooperation.Framework, "senior-officials").Select(f => f!.DeepClone()),
            .. Cooperation.Under(other, "senior-officials").Select(f => f!.DeepClone()),
        ]);
        var held = (await register.Host.Post("/v1/meetings/record-held", body)).ShouldBeAccepted(201);

        var rows = (
            await register.Host.Read($"/v1/statistics/breakdown?by=area&framework={other}", held.Position, "analyst")
        ).ShouldBeRead()["items"]!.AsArray();
        rows.Select(r => r!.Text("areaName")).ShouldBe(["Health"]);
        (await register.Host.Database.Rows("select name from analytics.dim_area where framework_id = $1 and area = 'health'", other))
            .Select(r => (string)r[0]!)
            .ShouldBe(["Health"]);

        async Task<Guid> Agreed(JsonArray areas)
        {
            var agreement = Cooperation.Agreement();
            agreement["areas"] = areas;
            return (await register.Host.Post("/v1/frameworks", agreement)).ShouldBeAccepted(201).Id;
        }
    }

    [Fact]
    public async Task A_level_that_there_is_not_is_told_from_those_there_are()
    {
        var cooperation = await Cooperation.Start(register.Host);
        await register.Host.Read("/v1/frameworks", (await cooperation.Schedule()).Position);

        var refused = await register.Host.Get($"/v1/statistics/cumulative?framework={cooperation.Framework}&level=ministers", "analyst");

        refused.ShouldBeProblem(422, "invalid", "/level");
        refused.Text.ShouldContain("There are senior-officials, technical-experts.");
    }

    /// <summary>A figure under that word is of what has no level, party or area.</summary>
    [Fact]
    public async Task No_level_party_or_area_has_the_code_that_stands_for_none()
    {
        var cooperation = await Cooperation.Start(register.Host);
        object[] named =
        [
            new
            {
                code = "not-stated",
                name = "Odd",
                rank = 9,
            },
        ];
        object[] fine =
        [
            new
            {
                code = "fine",
                name = "Fine",
                rank = 1,
            },
        ];

        await Refused("", Framework(parties: named), "/parties/0/code");
        await Refused("", Framework(levels: named), "/levels/0/code");
        await Refused("", Framework(areas: named), "/areas/0/code");
        await Refused($"/{cooperation.Framework}/levels", named[0], "/code");
        await Refused($"/{cooperation.Framework}/areas", new { code = "not-stated", name = "Odd" }, "/code");

        object Framework(object[]? parties = null, object[]? levels = null, object[]? areas = null) =>
            new
            {
                name = "Odd",
                establishedOn = "2012",
                parties = Without(parties ?? fine, "rank"),
                levels = levels ?? fine,
                areas = Without(areas ?? [], "rank"),
            };

        static JsonArray Without(object[] items, string member)
        {
            var array = JsonSerializer.SerializeToNode(items)!.AsArray();
            foreach (var item in array)
                item!.AsObject().Remove(member);
            return array;
        }

        async Task Refused(string path, object body, string pointer) =>
            (await register.Host.Post("/v1/frameworks" + path, body)).ShouldBeProblem(422, "invalid", pointer);
    }

    [Fact]
    public async Task A_joint_meeting_is_in_a_row_of_each_framework_and_the_overlap_says_so()
    {
        var (one, other) = (await Cooperation.Start(register.Host), await Cooperation.Start(register.Host));
        var person = await one.Person();
        await other.Do(
            $"/v1/frameworks/{other.Framework}/members",
            new
            {
                organisationId = one.Home,
                party = "EU",
                joinedOn = "2012",
            }
        );
        var last = await Held(
            one,
            "2018-04-04",
            [person],
            (
                "frameworks",
                (JsonNode)
                    new JsonArray(
                        new JsonObject { ["frameworkId"] = one.Framework, ["level"] = "senior-officials" },
                        new JsonObject { ["frameworkId"] = other.Framework, ["level"] = "senior-officials" }
                    )
            )
        );

        var answer = (
            await register.Host.Read($"/v1/statistics/breakdown?by=level&organisation={one.Home}", last.Position, "admin")
        ).ShouldBeRead();

        var rows = answer["items"]!.AsArray().Where(r => r!["meetingsHeld"]!.GetValue<int>() > 0).ToList();
        rows.Select(r => r!["framework"]!.GetValue<Guid>()).ShouldBe([one.Framework, other.Framework], ignoreOrder: true);
        answer["overlap"]!.ToJsonString().ShouldBe("""{"meetingsHeld":1,"meetingsWithoutAttendance":0,"attendances":1,"unnamed":0}""");
        answer["total"]!["meetingsHeld"]!.GetValue<int>().ShouldBe(1);
    }

    [Fact]
    public async Task A_meeting_of_several_areas_is_only_in_the_row_of_the_one_that_is_asked_about()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var last = await Held(cooperation, "2018-04-04", await cooperation.People(6), ("topics", new JsonArray("migration", "health")));

        var answer = (
            await register.Host.Read(
                $"/v1/statistics/breakdown?by=area&area=health&framework={cooperation.Framework}",
                last.Position,
                "analyst"
            )
        ).ShouldBeRead();

        answer["items"]!.AsArray().Select(r => (r!.Text("area"), r!["attendances"]!.GetValue<int>())).ShouldBe([("health", 6)]);
        answer["overlap"]!["meetingsHeld"]!.GetValue<int>().ShouldBe(0);
    }

    [Fact]
    public async Task What_is_known_less_finely_than_the_period_is_unplaced_and_counts_from_its_last_day()
    {
        var cooperation = await Cooperation.Start(register.Host);
        await Held(cooperation, "2021-02-03", await cooperation.People(5));
        await Held(cooperation, "2021", await cooperation.People(6));
        var last = await Held(cooperation, "2022-01", await cooperation.People(7));

        var answer = (
            await register.Host.Read($"/v1/statistics/series?framework={cooperation.Framework}&per=quarter", last.Position, "analyst")
        ).ShouldBeRead();

        answer["items"]!
            .AsArray()
            .Select(r =>
                (r!.Text("period"), r!["inPeriod"]!["attendances"]!.GetValue<int>(), r["cumulative"]?["attendances"]!.GetValue<int>())
            )
            .ShouldBe([
                ("2021-Q1", 5, 5),
                ("2021-Q2", 0, 5),
                ("2021-Q3", 0, 5),
                ("2021-Q4", 0, 11),
                ("2022-Q1", 7, 18),
                ("unplaced", 6, null),
            ]);
    }

    [Fact]
    public async Task A_series_of_more_periods_than_anybody_reads_is_refused_and_says_what_to_ask()
    {
        var cooperation = await Cooperation.Start(register.Host);
        await Held(cooperation, "1812", await cooperation.People(1));
        var last = await Held(cooperation, "2018-04-04", await cooperation.People(1));
        var series = $"/v1/statistics/series?framework={cooperation.Framework}&per=";

        var refused = await register.Host.Read($"{series}month", last.Position, "analyst");

        refused.ShouldBeProblem(422, "invalid", "/per");
        refused.Json["errors"]![0]!.Text("detail").ShouldContain("2465 periods");
        (await register.Host.Get($"{series}month&from=2018-01-01", "analyst")).ShouldBeRead()["items"]!.AsArray().Count.ShouldBe(1);
        (await register.Host.Get($"{series}year", "analyst")).ShouldBeRead()["items"]!.AsArray().Count.ShouldBe(207);
    }

    [Fact]
    public async Task Who_reads_records_is_shown_every_cell_of_them()
    {
        var cooperation = await Cooperation.Start(register.Host);
        await Held(cooperation, "2018-04-04", await cooperation.People(2));
        var last = await Held(cooperation, "2019-04-04", await cooperation.People(7));

        var rows = (
            await register.Host.Read($"/v1/statistics/breakdown?framework={cooperation.Framework}&by=year", last.Position, "analyst")
        ).ShouldBeRead()["items"]!.AsArray();

        rows.Select(r => (r!["year"]!.GetValue<int>(), r["staff"]!["known"]!.GetValue<int>())).ShouldBe([(2018, 2), (2019, 7)]);
    }

    [Fact]
    public async Task In_how_many_rows_a_person_is_can_be_asked()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var people = await cooperation.People(5);
        await Held(cooperation, "2018-04-04", [people[0], people[1], people[2]]);
        await Held(
            cooperation,
            "2018-05-04",
            [people[2], people[3]],
            ("frameworks", Cooperation.Under(cooperation.Framework, "technical-experts"))
        );
        var last = await Held(
            cooperation,
            "2019-05-04",
            [people[2], people[4]],
            ("frameworks", Cooperation.Under(cooperation.Framework, "technical-experts"))
        );
        var query = $"framework={cooperation.Framework}&overlap=people&by=level";

        var answer = (await register.Host.Read($"/v1/statistics/breakdown?{query}", last.Position, "analyst")).ShouldBeRead();

        answer["overlap"]!["people"]!.ToJsonString().ShouldBe("""[{"rows":1,"persons":4},{"rows":2,"persons":1}]""");
        var csv = (await register.Host.Get($"/v1/statistics/breakdown.csv?{query}", "analyst")).Text;
        csv.ShouldContain("people,,,,,2,,,,,1,,,,");
    }

    [Fact]
    public async Task Frameworks_have_rows_and_names_stand_beside_every_code_and_id()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var last = await Held(
            cooperation,
            "2018-04-04",
            await cooperation.People(2),
            ("topics", new JsonArray("migration")),
            ("country", "BE"),
            ("hosts", new JsonArray(new JsonObject { ["organisationId"] = cooperation.Iom }))
        );
        await register.Host.Reaches(last.Position);

        foreach (
            var (by, member, name) in new[]
            {
                ("framework", "frameworkName", "EU-IOM cooperation"),
                ("level", "levelName", "Senior officials"),
                ("party", "partyName", "European Union"),
                ("organisation", "organisationName", "DG HOME"),
                ("organisation", "shortName", "DG HOME"),
                ("area", "areaName", "Migration"),
                ("host", "hostName", "IOM"),
                ("country", "countryName", "Belgium"),
            }
        )
        {
            var query = $"framework={cooperation.Framework}&by={by}";
            var row = (await register.Host.Get($"/v1/statistics/breakdown?{query}", "analyst")).ShouldBeRead()["items"]!
                .AsArray()
                .First(r => r!["meetingsHeld"]!.GetValue<int>() > 0)!;
            row.Text(member).ShouldBe(name);
            (await register.Host.Get($"/v1/statistics/breakdown.csv?{query}", "analyst")).Text.ShouldContain(name, customMessage: by);
            (await register.Host.Get($"/v1/statistics/breakdown.svg?{query}", "analyst")).Text.ShouldContain(name, customMessage: by);
        }

        var cumulative = (await register.Host.Get($"/v1/statistics/cumulative.csv?framework={cooperation.Framework}", "analyst")).Text;
        foreach (var name in new[] { "EU-IOM cooperation", "Senior officials", "European Union", "DG HOME" })
            cumulative.ShouldContain(name);
        (
            await register.Host.Get($"/v1/statistics/explain.csv?framework={cooperation.Framework}&measure=attendances", "analyst")
        ).Text.ShouldContain("DG HOME");
        (await register.Host.Get($"/v1/statistics/cadence.csv?framework={cooperation.Framework}", "analyst")).Text.ShouldContain(
            "Senior officials"
        );
    }

    [Fact]
    public async Task A_table_for_spreadsheets_has_semicolons_and_a_byte_order_mark()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var last = await Held(cooperation, "2018-04-04", await cooperation.People(2));
        var query = $"framework={cooperation.Framework}&by=year&asOf=2026-01-01&knownAt={last.Position}";
        await register.Host.Reaches(last.Position);

        var plain = await register.Host.Get($"/v1/statistics/breakdown.csv?{query}", "analyst");
        var csv = await register.Host.Get($"/v1/statistics/breakdown.csv?{query}&delimiter=semicolon&byteOrderMark=true", "analyst");

        csv.Text.ShouldBe(plain.Text.Replace(',', ';'));
        using var raw = await register.Host.Raw($"/v1/statistics/breakdown.csv?{query}&delimiter=semicolon&byteOrderMark=true", "analyst");
        (await raw.Content.ReadAsByteArrayAsync())[..3].ShouldBe([0xEF, 0xBB, 0xBF]);
        var link = csv.Header("Link")!;
        (await register.Host.Get(link[1..link.IndexOf('>', StringComparison.Ordinal)], "analyst")).Json["dialect"]!
            .Text("delimiter")
            .ShouldBe(";");
    }

    [Theory]
    [InlineData("cumulative", "")]
    [InlineData("series", "&per=month")]
    [InlineData("breakdown", "&by=organisation,year")]
    [InlineData("cadence", "")]
    [InlineData("explain", "&measure=staff.known")]
    public async Task It_is_CSV_by_Accept_or_by_its_path_and_is_described(string statistic, string more)
    {
        var cooperation = await Cooperation.Start(register.Host);
        var last = await Held(cooperation, "2018-04-04", await cooperation.People(6));
        var query = $"framework={cooperation.Framework}&asOf=2026-01-01&knownAt={last.Position}{more}";
        await register.Host.Reaches(last.Position);

        var csv = await register.Host.Get($"/v1/statistics/{statistic}?{query}", "analyst", ("Accept", "text/csv"));

        csv.Status.ShouldBe(200, csv.ToString());
        csv.ContentType.ShouldStartWith("text/csv");
        (await register.Host.Get($"/v1/statistics/{statistic}.csv?{query}", "analyst")).Text.ShouldBe(csv.Text);
        (
            await register.Host.Get($"/v1/statistics/{statistic}?{query}", "analyst", ("Accept", "application/json"))
        ).ContentType.ShouldStartWith("application/json");
        var link = csv.Header("Link")!;
        link.ShouldContain("rel=\"describedby\"");
        var metadata = await register.Host.Get(link[1..link.IndexOf('>', StringComparison.Ordinal)], "analyst");
        metadata.ContentType.ShouldStartWith("application/csvm+json");
        var columns = metadata.Json["tableSchema"]!["columns"]!.AsArray();
        var lines = csv.Text.Split("\r\n");
        columns.Select(c => c!.Text("titles")).ShouldBe(lines[0].Split(','));
        lines[^1].ShouldBeEmpty();
        foreach (var line in lines[1..^1])
            line.Split(',').Length.ShouldBe(columns.Count, line);
        metadata.Json.Text("url").ShouldBe($"{statistic}.csv?{query}");
        TabularMetadata.ShouldDescribe(metadata.Json, csv.Text);
    }

    [Fact]
    public async Task When_the_next_meeting_is_due_follows_from_the_median_interval()
    {
        var cooperation = await Cooperation.Start(register.Host);
        foreach (var day in new[] { "2018-01-01", "2018-01-11", "2018-03-02" })
            await Held(cooperation, day, []);
        var last = await Held(cooperation, "2018-03-22", []);

        var answer = (
            await register.Host.Read($"/v1/statistics/cadence?framework={cooperation.Framework}", last.Position, "analyst")
        ).ShouldBeRead();

        var row = answer["items"]!.AsArray().Single(r => r!.Text("level") == "senior-officials")!;
        row["intervals"]!.ToJsonString().ShouldBe("[10,50,20]");
        row["medianInterval"]!.GetValue<int>().ShouldBe(20);
        row.Text("nextDue").ShouldBe("2018-04-11");
        row["last"]!["meetingId"]!.GetValue<Guid>().ShouldBe(last.Id);
        row["overdue"]!.GetValue<bool>().ShouldBeTrue();
        answer["items"]!.AsArray().Single(r => r!.Text("level") == "technical-experts")!["medianInterval"].ShouldBeNull();
        var then = (
            await register.Host.Get($"/v1/statistics/cadence?framework={cooperation.Framework}&asOf=2018-04-11", "analyst")
        ).ShouldBeRead();
        then["items"]!.AsArray().Single(r => r!.Text("level") == "senior-officials")!["overdue"]!
            .GetValue<bool>()
            .ShouldBeFalse("It is due on that day.");
    }

    [Fact]
    public async Task No_days_are_claimed_where_only_a_year_or_a_month_is_known()
    {
        var cooperation = await Cooperation.Start(register.Host);
        foreach (var day in new[] { "2018-01-01", "2018-01-11", "2019", "2020-03-02", "2020-04-01" })
            await Held(cooperation, day, []);
        var known = (
            await register.Host.Read(
                $"/v1/statistics/cadence?framework={cooperation.Framework}",
                (await Held(cooperation, "2020-05-01", [])).Position,
                "analyst"
            )
        ).ShouldBeRead();
        var row = known["items"]!.AsArray()[0]!;
        row["intervals"]!.ToJsonString().ShouldBe("[10,null,null,30,30]");
        row["medianInterval"]!.GetValue<int>().ShouldBe(30);
        row.Text("nextDue").ShouldBe("2020-05-31");

        var last = await Held(cooperation, "2021-05", []);
        var unknown = (
            await register.Host.Read($"/v1/statistics/cadence?framework={cooperation.Framework}", last.Position, "analyst")
        ).ShouldBeRead()["items"]!.AsArray()[0]!;
        unknown["nextDue"].ShouldBeNull();
        unknown["overdue"].ShouldBeNull();
        (await register.Host.Get($"/v1/statistics/cadence?framework={cooperation.Framework}&definition=1", "analyst")).ShouldBeRead()[
            "items"
        ]!.AsArray()[0]!["intervals"]!
            .ToJsonString()
            .ShouldBe("[10,719,62,30,30,395]");
    }

    private static async Task<Answer> Held(
        Cooperation cooperation,
        string start,
        IReadOnlyList<Guid> people,
        params (string, JsonNode?)[] members
    )
    {
        var body = cooperation.Meeting([("start", start), .. members]);
        if (people.Count > 0)
            body["attendees"] = Bodies.Of(new { attendees = people.Select(p => cooperation.Attendee(p, status: "attended")).ToArray() })[
                "attendees"
            ]!.DeepClone();
        return (await cooperation.Host.Post("/v1/meetings/record-held", body)).ShouldBeAccepted(201);
    }
}
