using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace CooperationEvents.IntegrationTests;

public sealed class ProblemTests(SharedRegister register)
{
    [Theory]
    [InlineData("{")]
    [InlineData("nonsense")]
    [InlineData("{\"name\":\"EEAS\",}")]
    [InlineData("{\"name\":NaN}")]
    [InlineData("{\"name\":01}")]
    [InlineData("{name:\"EEAS\"}")]
    [InlineData("{'name':'EEAS'}")]
    [InlineData("// comment\n{}")]
    [InlineData("{} {}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("1")]
    [InlineData("\"EEAS\"")]
    [InlineData("   ")]
    [InlineData("{\"name\":\"a\",\"name\":\"b\",\"shortName\":\"c\"}", "/name")]
    [InlineData("{\"name\":\"a\",\"n\\u0061me\":\"b\",\"shortName\":\"c\"}", "/name")]
    [InlineData(
        "{\"name\":\"a\",\"shortName\":\"c\",\"externalReference\":{\"system\":\"x\",\"id\":\"1\",\"id\":\"2\"}}",
        "/externalReference/id"
    )]
    [InlineData("{\"name\":\"tab\tinside\"}")]
    [InlineData("{\"name\":\"\\x\"}")]
    [InlineData("{\"\\ud800\":1}")]
    public async Task A_body_that_is_no_json_object_cannot_be_read(string body, params string[] pointers) =>
        (await register.Host.Post("/v1/organisations", body)).ShouldBeProblem(400, "unreadable", pointers);

    [Fact]
    public async Task A_body_that_is_not_utf8_cannot_be_read()
    {
        byte[] latin1 = [.. "{\"name\":\"caf"u8, 0xE9, .. "\",\"shortName\":\"x\"}"u8];
        byte[] overlong = [.. "{\"name\":\""u8, 0xC0, 0x80, .. "\",\"shortName\":\"x\"}"u8];
        byte[] surrogate = [.. "{\"name\":\""u8, 0xED, 0xA0, 0x80, .. "\",\"shortName\":\"x\"}"u8];

        foreach (var body in new[] { latin1, overlong, surrogate, Encoding.Unicode.GetBytes("{}") })
            (await register.Host.Post("/v1/organisations", body)).ShouldBeProblem(400, "unreadable");
    }

    [Fact]
    public async Task A_body_nested_deeper_than_anything_here_cannot_be_read()
    {
        var body = $$"""{"name":{{new string('[', 5_000)}}{{new string(']', 5_000)}}}""";

        (await register.Host.Post("/v1/organisations", body)).ShouldBeProblem(400, "unreadable");
    }

    [Theory]
    [InlineData("""{"name":1,"shortName":["x"]}""", "/name", "/shortName")]
    [InlineData("""{"name":null,"shortName":true}""", "/name", "/shortName")]
    [InlineData("""{"name":"","shortName":" \t "}""", "/name", "/shortName")]
    [InlineData("""{}""", "/name", "/shortName")]
    [InlineData("""{"name":"a\u0000b","shortName":"x"}""", "/name")]
    [InlineData("""{"name":"\ud800","shortName":"a\udc00b"}""", "/name", "/shortName")]
    [InlineData("""{"name":"x","shortName":"x","id":"\ud800"}""", "/id")]
    [InlineData("""{"name":"x","shortName":"x","id":"00000000-0000-0000-0000-000000000000"}""", "/id")]
    [InlineData("""{"name":"x","shortName":"x","id":7}""", "/id")]
    [InlineData("""{"name":"x","shortName":"x","id":null,"externalReference":{"system":"s"}}""", "/externalReference/id")]
    [InlineData("""{"name":"x","shortName":"x","externalReference":"s/1"}""", "/externalReference")]
    [InlineData("""{"name":"x","shortName":"x","identifiers":"urn:x:y"}""", "/identifiers")]
    [InlineData(
        """{"name":"x","shortName":"x","identifiers":["urn:x:y",null,"no uri",3]}""",
        "/identifiers/1",
        "/identifiers/2",
        "/identifiers/3"
    )]
    [InlineData(
        """{"name":"x","shortName":"x","identifiers":["/foo","//foo/bar","C:\\x","a b:c","a:b","urn:x:y"]}""",
        "/identifiers/0",
        "/identifiers/1",
        "/identifiers/2",
        "/identifiers/3"
    )]
    [InlineData("""{"name":"x","shortName":"x","frobnicate":1,"Name":"y"}""", "/frobnicate", "/Name")]
    [InlineData("""{"name":"x","shortName":"x","externalReference":{"system":"s","id":"1","kind":"crm"}}""", "/externalReference/kind")]
    [InlineData("""{"name":"x","shortName":"x","a/b~c":1}""", "/a~1b~0c")]
    public async Task A_body_that_can_be_read_but_not_taken_is_refused_by_member(string body, params string[] pointers) =>
        (await register.Host.Post("/v1/organisations", body)).ShouldBeProblem(422, "invalid", pointers);

    [Fact]
    public async Task Only_the_days_of_a_meeting_have_a_time()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var (home, framework) = (cooperation.Home, cooperation.Framework);
        const string Time = "2020-01-01T10:00";
        foreach (
            var (path, body, member) in new (string, object, string)[]
            {
                (
                    $"/v1/frameworks/{framework}/members",
                    new
                    {
                        organisationId = home,
                        party = "EU",
                        joinedOn = Time,
                    },
                    "/joinedOn"
                ),
                (
                    $"/v1/organisations/{home}/rename",
                    new
                    {
                        name = "a",
                        shortName = "b",
                        on = Time,
                    },
                    "/on"
                ),
                (
                    "/v1/commitments",
                    new
                    {
                        frameworkId = framework,
                        text = "a",
                        owners = new[] { home },
                        dueOn = Time,
                    },
                    "/dueOn"
                ),
            }
        )
            (await register.Host.Post(path, body)).ShouldBeProblem(422, "invalid", member);
    }

    [Fact]
    public async Task A_member_nobody_knows_is_refused_by_name()
    {
        var problem = (await register.Host.Post("/v1/organisations", """{"name":"x","shortName":"x","shortname":"y"}""")).ShouldBeProblem(
            422,
            "invalid",
            "/shortname"
        );

        problem.Json["errors"]![0]!.Text("detail").ShouldContain("shortname");
    }

    [Fact]
    public async Task A_text_too_long_is_refused_and_one_just_short_enough_is_kept_whole()
    {
        (await register.Host.Post("/v1/organisations", new { name = new string('n', 201), shortName = "x" })).ShouldBeProblem(
            422,
            "invalid",
            "/name"
        );
        var name = string.Concat(Enumerable.Repeat("ß😀", 66)) + "\uFFFFx";
        var kept = (await register.Host.Post("/v1/organisations", new { name, shortName = "x" })).ShouldBeAccepted(201);
        (await register.Host.Read($"/v1/organisations/{kept.Id}", kept.Position)).ShouldBeRead().Text("name").ShouldBe(name);
    }

    [Theory]
    [InlineData("1e400")]
    [InlineData("1.5")]
    [InlineData("-1")]
    [InlineData("2147483648")]
    [InlineData("99999999999999999999999999999999")]
    [InlineData("\"7\"")]
    [InlineData("null")]
    [InlineData("[7]")]
    public async Task A_head_count_that_is_no_sensible_number_is_refused(string count)
    {
        var cooperation = await Cooperation.Start(register.Host);
        var meeting = await cooperation.Schedule();

        (
            await register.Host.Post(
                $"/v1/meetings/{meeting.Id}/delegations",
                $$"""{"organisationId":"{{cooperation.Iom}}","count":{{count}},"precision":"exact"}"""
            )
        ).ShouldBeProblem(422, "invalid", "/count");
    }

    [Theory]
    [InlineData("start", "\"2018-02-30\"")]
    [InlineData("start", "\"2018-04-04T25:00\"")]
    [InlineData("start", "\"2018-04-04T09:30Z\"")]
    [InlineData("start", "\"2018-04-04T09:30+02:00\"")]
    [InlineData("start", "\"0000\"")]
    [InlineData("start", "\"٢٠١٨\"")]
    [InlineData("start", "20180404")]
    [InlineData("end", "\"2018-04-03\"")]
    [InlineData("timeZone", "\"Mars/Olympus\"")]
    [InlineData("timeZone", "\"+02:00\"")]
    [InlineData("mode", "\"InPerson\"")]
    [InlineData("mode", "0")]
    [InlineData("country", "\"Belgium\"")]
    [InlineData("country", "\"be\"")]
    [InlineData("country", "\"UK\"")]
    [InlineData("country", "\"XX\"")]
    [InlineData("country", "\"XK\"")]
    [InlineData("country", "\"EU\"")]
    [InlineData("frameworks", "[]")]
    [InlineData("frameworks", "{}")]
    [InlineData("hosts", "[{}]", "/hosts/0/organisationId")]
    [InlineData("inMarginsOf", "\"the other meeting\"")]
    [InlineData("topics", "[\"\"]", "/topics/0")]
    [InlineData("topics", "[\"health\",\"health\"]", "/topics/1")]
    public async Task A_meeting_with_a_member_that_cannot_be_is_refused(string member, string value, string? pointer = null)
    {
        var cooperation = await Cooperation.Start(register.Host);

        (await register.Host.Post("/v1/meetings", cooperation.Meeting((member, JsonNode.Parse(value))))).ShouldBeProblem(
            422,
            "invalid",
            pointer ?? "/" + member
        );
    }

    [Fact]
    public async Task A_time_of_day_needs_its_zone()
    {
        var cooperation = await Cooperation.Start(register.Host);

        (await register.Host.Post("/v1/meetings", cooperation.Meeting(("start", "2018-04-04T09:30")))).ShouldBeProblem(
            422,
            "invalid",
            "/timeZone"
        );
    }

    [Theory]
    [InlineData("EU\nX")]
    [InlineData("-EU")]
    [InlineData("E U")]
    public async Task A_code_is_letters_digits_and_inner_hyphens_to_its_very_end(string code)
    {
        var body = Cooperation.Agreement();
        body["parties"]![0]!["code"] = code;

        (await register.Host.Post("/v1/frameworks", body)).ShouldBeProblem(422, "invalid", "/parties/0/code");
    }

    [Fact]
    public async Task What_stands_in_the_path_is_refused_in_the_body()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var meeting = await cooperation.Schedule();

        (
            await register.Host.Post($"/v1/meetings/{meeting.Id}/cancel", new { meetingId = meeting.Id, reason = "no quorum" })
        ).ShouldBeProblem(422, "invalid", "/meetingId");
    }

    [Fact]
    public async Task A_command_that_needs_nothing_takes_no_body()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var meeting = await cooperation.Schedule();

        (await register.Host.Post($"/v1/meetings/{meeting.Id}/hold")).ShouldBeAccepted();
    }

    [Fact]
    public async Task A_body_over_one_mebibyte_is_too_large_whether_or_not_it_says_so()
    {
        var body = Encoding.UTF8.GetBytes($$"""{"name":"{{new string('n', 1024 * 1024)}}","shortName":"x"}""");
        var unannounced = new StreamContent(new Unseekable(body));
        unannounced.Headers.ContentType = new MediaTypeHeaderValue("application/json");

        (await register.Host.Post("/v1/organisations", body)).ShouldBeProblem(413, "too-large");
        (await register.Host.Post("/v1/organisations", unannounced)).ShouldBeProblem(413, "too-large");
    }

    [Fact]
    public async Task An_event_the_audit_log_could_not_hold_is_refused_before_it_is_recorded()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var meeting = await cooperation.Schedule();
        var items = Enumerable.Range(1, 100).Select(_ => new { title = new string('€', 300) });

        (await register.Host.Post($"/v1/meetings/{meeting.Id}/agenda", new { items })).ShouldBeProblem(413, "too-large");
        (await cooperation.History(meeting.Id)).ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/xml")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("nonsense")]
    [InlineData(null)]
    public async Task Another_content_type_is_not_taken(string? contentType)
    {
        var content = new ByteArrayContent("""{"name":"x","shortName":"x"}"""u8.ToArray());
        if (contentType is not null)
            content.Headers.TryAddWithoutValidation("Content-Type", contentType);

        (await register.Host.Post("/v1/organisations", content)).ShouldBeProblem(415, "unsupported-media-type");
    }

    [Theory]
    [InlineData("application/json; charset=iso-8859-1")]
    [InlineData("application/merge-patch+json; charset=\"UTF-16\"")]
    public async Task A_body_in_another_charset_is_not_read_as_utf_8(string contentType)
    {
        var content = new ByteArrayContent("""{"name":"x","shortName":"x"}"""u8.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);

        var refused = (await register.Host.Post("/v1/organisations", content)).ShouldBeProblem(415, "unsupported-media-type");

        refused.Json.Text("detail").ShouldContain("Send it in UTF-8");
    }

    [Theory]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/json; charset=\"UTF-8\"")]
    [InlineData("application/json; charset=us-ascii")]
    [InlineData("Application/JSON")]
    public async Task Json_is_taken_however_its_type_is_spelled(string contentType)
    {
        var content = new ByteArrayContent("""{"name":"x","shortName":"x"}"""u8.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);

        (await register.Host.Post("/v1/organisations", content)).ShouldBeAccepted(201);
    }

    [Theory]
    [InlineData("/v1")]
    [InlineData("/v1/meeting")]
    [InlineData("/v1/organisations/1/2/3")]
    [InlineData("/v2/meetings")]
    [InlineData("/%2e%2e/etc/passwd")]
    public async Task A_path_nobody_serves_is_not_found_whoever_asks(string path)
    {
        (await register.Host.Get(path, role: null)).ShouldBeProblem(404, "no-such-path");
        (await register.Host.Post(path, new { })).ShouldBeProblem(404, "no-such-path");
    }

    [Theory]
    [InlineData("DELETE", "/v1/organisations", "GET, HEAD, POST")]
    [InlineData("PUT", "/v1/meetings/3f0e8a56-0dd6-4c62-a9f2-000000000001", "GET, HEAD")]
    [InlineData("PATCH", "/v1/meetings/3f0e8a56-0dd6-4c62-a9f2-000000000001/hold", "POST")]
    [InlineData("GET", "/v1/meetings/record-held/hold", "POST")]
    public async Task A_method_the_path_does_not_take_is_named_with_those_it_does(string method, string path, string allowed)
    {
        var answer = (await register.Host.Send(new HttpMethod(method), path, null, "admin")).ShouldBeProblem(405, "method-not-allowed");

        answer.Header("Allow")!.Split(", ").ShouldBe(allowed.Split(", "), ignoreOrder: true);
    }

    [Theory]
    [InlineData("Cooperation-Source", "naïve")]
    [InlineData("Cooperation-Source", "201")]
    [InlineData("Cooperation-Source", "ada@example.org")]
    [InlineData("X-Correlation-Id", "naïve")]
    [InlineData("X-Correlation-Id", "Ada Lovelace")]
    [InlineData("X-Correlation-Id", "ada.lovelace")]
    [InlineData("X-Correlation-Id", "ada1@example.org")]
    [InlineData("X-Correlation-Id", "129")]
    [InlineData("Cooperation-On-Behalf-Of", "Ada Lovelace")]
    public async Task A_header_that_cannot_be_kept_is_refused(string name, string value)
    {
        if (int.TryParse(value, out var length))
            value = new string('x', length);

        (await register.Host.Post("/v1/organisations", new { name = "x", shortName = "x" }, "recorder", (name, value))).ShouldBeProblem(
            400,
            "invalid-header"
        );
    }

    /// <summary>Hides its length, so that it is sent without one.</summary>
    private sealed class Unseekable(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }

    [Fact]
    public async Task Where_path_and_body_are_wrong_pointers_lead_into_the_body_alone()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var meeting = await cooperation.Schedule();
        var (person, organisation) = (Guid.NewGuid(), Guid.NewGuid());

        var refused = await register.Host.Post(
            $"/v1/meetings/{meeting.Id}/attendance/{person}/correct",
            new { reason = "She spoke for another", organisationId = organisation }
        );

        refused
            .ShouldBeProblem(422, "unknown-reference", "/organisationId")
            .Json.Text("detail")
            .ShouldBe($"There is no person {person}. /organisationId: There is no organisation {organisation}.");
    }

    [Fact]
    public async Task Whoever_a_path_names_and_is_unknown_is_not_found()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var meeting = await cooperation.Schedule();
        var unknown = Guid.NewGuid();
        foreach (
            var (path, body) in new (string, object)[]
            {
                ($"/v1/meetings/{meeting.Id}/attendance/{unknown}/correct", new { reason = "She chaired", role = "chair" }),
                ($"/v1/meetings/{meeting.Id}/registrations/{unknown}/withdraw", new { }),
                ($"/v1/frameworks/{cooperation.Framework}/members/{unknown}/leave", new { leftOn = "2020" }),
            }
        )
            (await register.Host.Post(path, body)).ShouldBeProblem(404, "not-found");
        (
            await register.Host.Post(
                $"/v1/meetings/{meeting.Id}/delegations",
                new
                {
                    organisationId = unknown,
                    count = 3,
                    precision = "exact",
                }
            )
        ).ShouldBeProblem(422, "unknown-reference", "/organisationId");
    }
}
