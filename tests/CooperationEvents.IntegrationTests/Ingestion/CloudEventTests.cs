using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CooperationEvents.Http;
using CooperationEvents.Privacy;
using CooperationEvents.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace CooperationEvents.IntegrationTests.Ingestion;

public sealed class CloudEventTests(SharedRegister register)
{
    private const string Structured = "application/cloudevents+json";
    private const string Batched = "application/cloudevents-batch+json";

    /// <summary>The commands that are taken as events and change a record, by their paths.</summary>
    public static TheoryData<string> Changes =>
        [
            .. Commands.All.Keys.Where(path =>
                path.Contains('{', StringComparison.Ordinal) && CommandCatalogue.All.ContainsKey(Commands.OperationIds[path])
            ),
        ];

    private readonly string _source = $"https://desk.example.org/{Guid.NewGuid():n}";

    [Fact]
    public async Task A_structured_event_is_recorded_as_its_command_is()
    {
        var reference = Commands.External();
        var posted = await Post(
            Event(
                "register-organisation",
                new
                {
                    name = "European External Action Service",
                    shortName = "EEAS",
                    externalReference = reference,
                }
            )
        );

        posted.Status.ShouldBe(200);
        posted.Json.Text("outcome").ShouldBe("accepted");
        posted.Header("ETag").ShouldBe("\"1\"");
        var stored = await register.Host.Database.Rows(
            "select seq_id, type, headers->>'source' from register.mt_events where stream_id = $1",
            posted.Id
        );
        stored.Single().ShouldBe([posted.Position, "organisation_registered", _source]);
        (
            await register.Host.Post(
                "/v1/organisations",
                new
                {
                    name = "European External Action Service",
                    shortName = "EEAS",
                    externalReference = reference,
                }
            )
        ).ShouldBeAccepted(201).Id.ShouldBe(posted.Id);
    }

    /// <summary>An event of a source that was taken once and is none today, which what is remembered of it stands for.</summary>
    [Fact]
    public async Task An_event_that_comes_again_is_a_duplicate_whatever_a_source_may_be_called_since()
    {
        var sent = Event("register-organisation", new { name = "A board of the mail desk", shortName = "BOARD" });
        var first = await Post(sent);
        var actor = (await register.Host.Database.Rows("select user_name from register.mt_events where stream_id = $1", first.Id)).Single()[
            0
        ];
        const string Source = "mailto:desk@example.org";
        var digest = await register
            .Host.Services.GetRequiredService<PersonalData>()
            .Digest(Encoding.UTF8.GetBytes($"event\n{actor}\n{Source.Length}\n{Source}\n{sent["id"]}"), CancellationToken.None);
        await register.Host.Database.Rows(
            "update recording.remembered_answer set key_digest = $2 where stream_id = $1 returning stream_id",
            first.Id,
            digest
        );
        sent["source"] = Source;

        var again = await Post(sent);

        again.Status.ShouldBe(200, again.ToString());
        again.Json.Text("outcome").ShouldBe("duplicate");
        (again.Id, again.Position).ShouldBe((first.Id, first.Position));
        sent["id"] = $"{Guid.NewGuid()}";
        (await Post(sent)).ShouldBeProblem(422, "invalid");
    }

    [Fact]
    public async Task Every_path_parameter_can_be_an_external_reference_in_the_data()
    {
        var (meeting, person, organisation) = (Commands.External(), Commands.External(), Commands.External());
        var cooperation = await Cooperation.Start(register.Host);
        var body = cooperation.Meeting();
        body["externalReference"] = JsonSerializer.SerializeToNode(meeting);

        var items = await PostBatch(
            Event(
                "register-organisation",
                new
                {
                    name = "Frontex",
                    shortName = "FRONTEX",
                    externalReference = organisation,
                }
            ),
            Event("register-person", new { name = "Grace Hopper", externalReference = person }),
            Event(
                "join-framework",
                new
                {
                    frameworkId = cooperation.Framework,
                    organisationId = organisation,
                    party = "EU",
                    joinedOn = "2012-07",
                }
            ),
            Event("schedule-meeting", body),
            Event("hold-meeting", new { meetingId = meeting }),
            Event(
                "record-attendance",
                new
                {
                    meetingId = meeting,
                    attendees = new[]
                    {
                        new
                        {
                            personId = person,
                            organisationId = organisation,
                            status = "attended",
                        },
                    },
                }
            ),
            Event(
                "correct-attendance",
                new
                {
                    meetingId = meeting,
                    personId = person,
                    role = "chair",
                    reason = "she took the chair",
                }
            )
        );

        items.Select(i => i.Text("outcome")).ShouldAllBe(outcome => outcome == "accepted");
        items.Select(i => i["position"]!.GetValue<long>()).ShouldBe(items.Select(i => i["position"]!.GetValue<long>()).Order());
        var statistics = await register.Host.Read(
            $"/v1/statistics/cumulative?framework={cooperation.Framework}",
            items[^1]["position"]!.GetValue<long>(),
            "analyst"
        );
        statistics.Json["attendances"]!.GetValue<int>().ShouldBe(1);
    }

    [Theory]
    [InlineData("APPLICATION/JSON")]
    [InlineData("Application/Vnd.Desk+JSON; Charset=UTF-8")]
    public async Task A_media_type_is_read_in_any_capitals(string contentType) =>
        (
            await Post(Event("register-organisation", new { name = "Ferry Board", shortName = "FB" }).With("datacontenttype", contentType))
        ).Status.ShouldBe(200);

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/vnd.desk+json")]
    [InlineData("APPLICATION/JSON")]
    [InlineData(null)]
    public async Task Data_in_base64_is_the_same_event(string? contentType)
    {
        var body = new
        {
            name = "Ferry Board",
            shortName = "FB",
            externalReference = Commands.External(),
        };
        var plain = Event("register-organisation", body);
        var encoded = plain
            .With("data", null)
            .With("data_base64", Convert.ToBase64String(Encoding.UTF8.GetBytes(Bodies.Of(body).ToJsonString())))
            .With("datacontenttype", contentType);

        var first = await Post(encoded);
        first.Status.ShouldBe(200, first.ToString());
        first.Json.Text("outcome").ShouldBe("accepted");
        (await Post(plain)).Json.Text("outcome").ShouldBe("duplicate");
    }

    [Theory]
    [InlineData("bm8ganNvbg==")]
    [InlineData("not base64")]
    [InlineData("###")]
    public async Task Data_in_base64_that_is_no_json_is_no_event(string data)
    {
        var refused = await Post(
            Event("register-organisation", new { }).With("data", null).With("data_base64", data).With("datacontenttype", "application/json")
        );

        refused.ShouldBeProblem(400, "invalid-cloud-event", "/data_base64");
        refused.Json.Text("detail").ShouldContain("data_base64");
    }

    [Theory]
    [InlineData("sequence", "3000000000")]
    [InlineData("ratio", "1.5")]
    [InlineData("tags", "[]")]
    [InlineData("trace", "{}")]
    [InlineData("Source2", "\"x\"")]
    public async Task An_attribute_that_is_none_is_named(string name, string value) =>
        (await Post(Event("register-organisation", new { name = "A", shortName = "A" }).With(name, JsonNode.Parse(value))))
            .ShouldBeProblem(400, "invalid-cloud-event", $"/{name}")
            .Json.Text("detail")
            .ShouldContain($"'{name}'");

    [Theory]
    [InlineData("2026-01-01t00:00:00z")]
    [InlineData("2026-01-01T00:00:00.123456789Z")]
    [InlineData("2016-12-31T23:59:60Z")]
    public async Task A_time_of_rfc_3339_is_one(string time) =>
        (await Post(Event("register-organisation", new { name = "A", shortName = "A" }).With("time", time))).Status.ShouldBe(200);

    [Fact]
    public async Task Data_that_is_declared_in_another_charset_is_not_read_as_utf_8()
    {
        using var content = Content("{\"name\":\"Frontex\",\"shortName\":\"FRONTEX\"}", "application/json; charset=iso-8859-1");
        var binary = await register.Host.Post(
            "/v1/events",
            content,
            "recorder",
            ("ce-specversion", "1.0"),
            ("ce-id", $"{Guid.NewGuid()}"),
            ("ce-source", _source),
            ("ce-type", Type("register-organisation"))
        );
        binary.ShouldBeProblem(415, "unsupported-media-type").Json.Text("detail").ShouldContain("Send it in UTF-8");

        var structured = Event("register-organisation", new { name = "A", shortName = "A" });
        structured["data_base64"] = Convert.ToBase64String(Encoding.Latin1.GetBytes(structured["data"]!.ToJsonString()));
        structured["datacontenttype"] = "application/json; charset=iso-8859-1";
        structured.Remove("data");
        (await Post(structured)).ShouldBeProblem(400, "invalid-cloud-event", "/data_base64").Json.Text("detail").ShouldContain("UTF-8");
    }

    [Fact]
    public async Task Data_in_base64_is_a_text()
    {
        var refused = await Post(Event("register-organisation", new { }).With("data", null).With("data_base64", 5));

        refused.ShouldBeProblem(400, "invalid-cloud-event", "/data_base64").Json.Text("detail").ShouldContain("base64 (RFC 4648)");
    }

    [Theory]
    [InlineData("ce-subject", "%zz", "ce-subject: a percent sign")]
    [InlineData("ce-source", "%zz", "ce-source: a percent sign")]
    [InlineData("ce-specversion", "%zz", "ce-specversion: a percent sign")]
    [InlineData("ce-x-y", "z", "The attribute 'x-y' cannot be one: its name must be lower-case letters and digits.")]
    public async Task A_header_that_cannot_be_read_is_named(string header, string value, string words)
    {
        using var content = Content("{\"name\":\"Frontex\",\"shortName\":\"FRONTEX\"}", "application/json");
        var headers = new Dictionary<string, string>
        {
            ["ce-specversion"] = "1.0",
            ["ce-id"] = $"{Guid.NewGuid()}",
            ["ce-source"] = _source,
            ["ce-type"] = Type("register-organisation"),
            [header] = value,
        };
        var posted = await register.Host.Post("/v1/events", content, "recorder", [.. headers.Select(h => (h.Key, h.Value))]);

        posted.ShouldBeProblem(400, "invalid-cloud-event").Json.Text("detail").ShouldStartWith(words);
    }

    [Fact]
    public async Task A_binary_event_has_its_attributes_in_headers()
    {
        using var content = Content("{\"name\":\"Frontex\",\"shortName\":\"FRONTEX\"}", "application/json");
        var posted = await register.Host.Send(
            HttpMethod.Post,
            "/v1/events",
            content,
            "recorder",
            ("ce-specversion", "1.0"),
            ("ce-id", "a%20b%C3%A9"),
            ("ce-source", _source),
            ("ce-type", Type("register-organisation"))
        );
        var again = await Post(Event("register-organisation", new { shortName = "FRONTEX", name = "Frontex" }, "a bé"));

        posted.Json.Text("outcome").ShouldBe("accepted");
        again.Json.Text("outcome").ShouldBe("duplicate");
        (again.Id, again.Version, again.Position).ShouldBe((posted.Id, posted.Version, posted.Position));
    }

    [Fact]
    public async Task The_same_event_again_is_a_duplicate_with_the_first_answer_also_after_the_record_has_changed()
    {
        var cloudEvent = Event("register-organisation", new { name = "European External Action Service", shortName = "EEAS" });
        var first = await Post(cloudEvent);
        (await register.Host.Post($"/v1/organisations/{first.Id}/rename", new { name = "EEAS", on = "2020" })).ShouldBeAccepted();

        var second = await Post(cloudEvent);

        second.Json.Text("outcome").ShouldBe("duplicate");
        (second.Id, second.Version, second.Position).ShouldBe((first.Id, first.Version, first.Position));
        second.Header("ETag").ShouldBe(first.Header("ETag"));
        (await Cooperation.History(register.Host, first.Id)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Half_of_a_surrogate_pair_is_told_before_and_after_the_event_was_accepted()
    {
        var cloudEvent = Event("register-organisation", new { name = "Frontex", shortName = "FRONTEX" });
        var broken = cloudEvent.ToJsonString().Replace("Frontex", "\\ud800", StringComparison.Ordinal);
        (await Post(broken)).ShouldBeProblem(422, "invalid", "/data/name");
        (await Post("{\"time\":\"2026-01-01t00:00:00z\"," + broken[1..])).ShouldBeProblem(422, "invalid", "/data/name");

        (await Post(cloudEvent)).Status.ShouldBe(200);
        (await Post(broken)).ShouldBeProblem(409, "event-id-reused");
    }

    [Theory]
    [InlineData("specversion")]
    [InlineData("id")]
    [InlineData("source")]
    [InlineData("type")]
    [InlineData("subject")]
    [InlineData("time")]
    [InlineData("datacontenttype")]
    [InlineData("extension")]
    [InlineData("data_base64")]
    public async Task An_attribute_with_half_of_a_surrogate_pair_is_named(string name)
    {
        var cloudEvent = Event("register-organisation", new { name = "A", shortName = "A" }).With(name, "half");
        if (name == "data_base64")
            cloudEvent.Remove("data");

        var refused = await Post(cloudEvent.ToJsonString().Replace("\"half\"", "\"\\ud800\"", StringComparison.Ordinal));

        refused
            .ShouldBeProblem(400, "invalid-cloud-event", $"/{name}")
            .Json.Text("detail")
            .ShouldBe($"The member '{name}' must be Unicode text; it holds half of a surrogate pair.");
    }

    [Theory]
    [InlineData("type")]
    [InlineData("subject")]
    [InlineData("data")]
    [InlineData("invalid data")]
    [InlineData("no object")]
    [InlineData("unknown type")]
    public async Task The_same_source_and_id_with_something_else_is_refused(string changed)
    {
        var cloudEvent = Event("register-organisation", new { name = "Frontex", shortName = "FRONTEX" });
        (await Post(cloudEvent)).Status.ShouldBe(200);
        switch (changed)
        {
            case "type":
                cloudEvent["type"] = Type("register-person");
                cloudEvent["data"] = new JsonObject { ["name"] = "Grace Hopper" };
                break;
            case "subject":
                cloudEvent["subject"] = "other";
                break;
            case "invalid data":
                cloudEvent["data"]!.AsObject().Remove("shortName");
                break;
            case "no object":
                cloudEvent["data"] = "Frontex";
                break;
            case "unknown type":
                cloudEvent["type"] = Type("frobnicate");
                break;
            default:
                cloudEvent["data"]!["name"] = "Other";
                break;
        }

        (await Post(cloudEvent)).ShouldBeProblem(409, "event-id-reused");
        (await PostBatch(cloudEvent)).Single()["problem"]!.Text("type").ShouldBe("/problems/event-id-reused");
    }

    /// <summary>What stands in the path of a command stands in the data of its event, and is named there.</summary>
    [Theory]
    [MemberData(nameof(Changes))]
    public async Task What_is_unknown_is_named_where_the_data_says_it_also_where_a_path_would(string path)
    {
        var command = await Commands.All[path](await Cooperation.Start(register.Host));
        var inPath = path.Split('/')
            .Zip(command.Path.Split('/'))
            .Where(part => part.First.StartsWith('{'))
            .ToDictionary(part => part.First.Trim('{', '}'), part => part.Second);
        foreach (var unknown in inPath.Keys)
        {
            var data = command.Body.DeepClone().AsObject();
            foreach (var (name, id) in inPath)
                data[name] = name == unknown ? $"{Guid.NewGuid()}" : id;

            var item = (await PostBatch("admin", Event(Commands.OperationIds[path], data))).Single();

            item.Text("outcome").ShouldBe("refused", item.ToJsonString());
            item["problem"]!["status"]!.GetValue<int>().ShouldBeOneOf(404, 422);
            item["problem"]!["errors"]!.AsArray().Select(e => e!.Text("pointer")).ShouldBe([$"/data/{unknown}"], item.ToJsonString());
        }
    }

    [Fact]
    public async Task An_event_that_makes_something_inside_a_record_is_answered_with_its_id()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var meeting = (await cooperation.Schedule()).Id;
        var linked = Event(
            "link-document",
            new
            {
                meetingId = meeting,
                title = "Minutes",
                url = "https://example.org/minutes",
                status = "adopted",
            }
        );
        var concluded = Event(
            "record-outcome",
            new
            {
                meetingId = meeting,
                kind = "conclusion",
                text = new { en = "We agreed." },
            }
        );

        var answers = await PostBatch(linked, concluded);
        var document = answers[0].Text("documentId");
        var again = await Post(linked);
        var other = await PostBatch(Event("link-document", linked["data"]!.DeepClone()));

        (again.Json.Text("outcome"), again.Json.Text("documentId")).ShouldBe(("duplicate", document));
        other.Single().Text("documentId").ShouldBe(document);
        var read = (await register.Host.Read($"/v1/meetings/{meeting}", other.Single()["position"]!.GetValue<long>())).ShouldBeRead();
        read["documents"]!.AsArray().Single()!.Text("documentId").ShouldBe(document);
        read["outcomes"]!.AsArray().Single()!.Text("outcomeId").ShouldBe(answers[1].Text("outcomeId"));
    }

    /// <summary>Acts that only their ids tell from their repeats: the same words again could be meant.</summary>
    [Fact]
    public async Task To_void_reinstate_and_void_again_is_known_again_by_the_ids_of_the_events()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var meeting = (await cooperation.Schedule()).Id;
        var acts = new[] { "void-meeting", "reinstate-meeting", "void-meeting" }
            .Select(act => Event(act, new { meetingId = meeting, reason = "entered twice" }))
            .ToArray();

        (await PostBatch(acts)).Select(i => i.Text("outcome")).ShouldBe(["accepted", "accepted", "accepted"]);
        (await PostBatch(acts)).Select(i => i.Text("outcome")).ShouldBe(["duplicate", "duplicate", "duplicate"]);

        (await Cooperation.History(register.Host, meeting)).ShouldBe([
            "meeting_scheduled",
            "meeting_voided",
            "meeting_reinstated",
            "meeting_voided",
        ]);
    }

    [Fact]
    public async Task Another_caller_may_use_the_same_source_and_id()
    {
        var cloudEvent = Event("register-organisation", new { name = "Frontex", shortName = "FRONTEX" });
        var recorder = await Post(cloudEvent);
        using var content = Content(cloudEvent.ToJsonString(), Structured);
        var admin = await register.Host.Post("/v1/events", content, "admin");

        admin.Json.Text("outcome").ShouldBe("accepted");
        admin.Id.ShouldNotBe(recorder.Id);
    }

    [Fact]
    public async Task What_was_refused_is_decided_again()
    {
        var id = Guid.NewGuid();
        var cloudEvent = Event(
            "rename-organisation",
            new
            {
                organisationId = id,
                name = "EEAS",
                on = "2020",
            }
        );
        (await Post(cloudEvent)).ShouldBeProblem(404, "not-found", "/data/organisationId");
        (
            await register.Host.Post(
                "/v1/organisations",
                new
                {
                    id,
                    name = "European External Action Service",
                    shortName = "EEAS",
                }
            )
        ).ShouldBeAccepted(201);

        (await Post(cloudEvent)).Json.Text("outcome").ShouldBe("accepted");
    }

    [Fact]
    public async Task A_batch_says_of_each_event_what_became_of_it()
    {
        var good = Event("register-organisation", new { name = "Frontex", shortName = "FRONTEX" }, "1");
        var items = await PostBatch(
            good,
            Event("register-organisation", new { name = "No short name" }, "2"),
            good,
            Event("paint-organisation", new { colour = "blue" }, "3"),
            Event("register-organisation", new { name = "Europol", shortName = "EUROPOL" }, "4")
        );

        items
            .Select(i => (i.Text("source"), i.Text("id"), i.Text("outcome")))
            .ShouldBe([
                (_source, "1", "accepted"),
                (_source, "2", "refused"),
                (_source, "1", "duplicate"),
                (_source, "3", "refused"),
                (_source, "4", "accepted"),
            ]);
        items[2]["position"]!.GetValue<long>().ShouldBe(items[0]["position"]!.GetValue<long>());
        items[1].AsObject().ContainsKey("position").ShouldBeFalse();
        items[1]["problem"]!["errors"]![0]!.Text("pointer").ShouldBe("/data/shortName");
        items[3]["problem"]!.Text("type").ShouldBe("/problems/unknown-event-type");
    }

    [Fact]
    public async Task Events_that_come_again_after_who_they_tell_of_was_erased_record_nothing()
    {
        var name = $"Grace {Guid.NewGuid():n}";
        var registered = Event("register-person", new { name });
        var person = (await Post(registered)).ShouldBeAccepted(200).Id;
        var corrected = Event(
            "correct-person",
            new
            {
                personId = person,
                name = "Grace B.",
                reason = "misspelt",
            }
        );
        (await Post(corrected)).ShouldBeAccepted(200);
        (await register.Host.Erase(person, "asked for on paper")).ShouldBeAccepted();

        foreach (
            var again in new[] { registered, corrected, Event("register-person", new { name = "Alan Turing" }, registered.Text("id")) }
        )
            (await Post(again)).ShouldBeProblem(410, "erased");

        var batch = await PostBatch(registered, Event("register-person", new { name = "Alan Turing" }));
        batch.Select(item => item.Text("outcome")).ShouldBe(["refused", "accepted"]);
        (await Cooperation.History(register.Host, person)).ShouldBe(["person_registered", "person_details_corrected", "person_erased"]);
    }

    [Fact]
    public async Task An_empty_batch_is_valid() => (await PostBatch()).ShouldBeEmpty();

    [Fact]
    public async Task An_event_of_a_type_nobody_knows_is_refused_as_that() =>
        (await Post(Event("paint-organisation", new { }))).ShouldBeProblem(422, "unknown-event-type");

    [Theory]
    [InlineData("erase-person", "/v1/people/{personId}/erase")]
    [InlineData("restrict-person", "/v1/people/{personId}/restrict")]
    [InlineData("publish-figure", "/v1/statistics/publications")]
    [InlineData("withdraw-figure", "/v1/statistics/publications/{publicationId}/withdraw")]
    public async Task A_command_that_is_no_event_is_refused_with_the_path_that_takes_it(string operation, string path)
    {
        var refused = await Post(Event(operation, new { }));

        refused.ShouldBeProblem(422, "unknown-event-type");
        refused.Json.Text("detail").ShouldEndWith($"Post its command to {path}.");
    }

    [Fact]
    public async Task Data_that_is_no_json_is_refused()
    {
        var cloudEvent = Event("register-organisation", new { name = "Frontex", shortName = "FRONTEX" });
        cloudEvent["datacontenttype"] = "text/plain";
        cloudEvent["data"] = "Frontex";

        (await Post(cloudEvent)).ShouldBeProblem(422, "invalid", "/data");
    }

    /// <summary>The faults that the CloudEvents project's conformance tests name for its JSON format.</summary>
    [Theory]
    [InlineData("specversion", null)]
    [InlineData("id", null)]
    [InlineData("type", null)]
    [InlineData("source", null)]
    [InlineData("time", "\"lunchtime\"")]
    [InlineData("time", "\"2018-04-05T18:31Z\"")]
    [InlineData("time", "\"2018-04-05T18:31:00X\"")]
    [InlineData("time", "\"2018-04-05T18:31:00+25:00\"")]
    [InlineData("time", "\"2018-04-05T18:31:00+05\"")]
    [InlineData("id", "\"\"")]
    [InlineData("type", "\"\"")]
    [InlineData("source", "\"\"")]
    [InlineData("source", "\"not a uri ref <>\"")]
    [InlineData("source", "\"https://desk.example.org/100%\"")]
    [InlineData("source", "\"http://[desk\"")]
    [InlineData("time", "\"2016-12-31T12:30:60Z\"")]
    [InlineData("time", "\"2016-12-31T23:59:61Z\"")]
    [InlineData("specversion", "\"\"")]
    [InlineData("specversion", "\"0.9\"")]
    [InlineData("datacontenttype", "\"xyz\"")]
    [InlineData("datacontenttype", "\"\"")]
    [InlineData("dataschema", "\"\"")]
    [InlineData("subject", "\"\"")]
    [InlineData("id", "25")]
    [InlineData("id", "{\"xyz\":\"abc\"}")]
    [InlineData("MyExtension", "\"bad\"")]
    [InlineData("my.extension", "\"bad\"")]
    [InlineData("extension", "1.5")]
    [InlineData("time", "5")]
    [InlineData("subject", "5")]
    [InlineData("subject", "true")]
    [InlineData("subject", "{}")]
    [InlineData("dataschema", "5")]
    [InlineData("datacontenttype", "5")]
    [InlineData("data_base64", "\"e30=\"")]
    public async Task What_is_no_valid_event_is_refused_and_with_it_its_whole_batch(string attribute, string? value)
    {
        var broken = Event("register-organisation", new { name = "Frontex", shortName = "FRONTEX" });
        if (value is null)
            broken.Remove(attribute);
        else
            broken[attribute] = JsonNode.Parse(value);
        var good = Event("register-organisation", new { name = "Frontex", shortName = "FRONTEX" });

        var detail = (await Post(broken)).ShouldBeProblem(400, "invalid-cloud-event", $"/{attribute}").Json.Text("detail");
        detail.ShouldContain(attribute);
        detail.ShouldNotContain("(Parameter");
        detail.ShouldNotContain("is invalid: ");
        detail.ShouldNotContain("token type");
        if (attribute is "time" or "subject" or "dataschema" or "datacontenttype" && value is not ['"', ..])
            detail.ShouldBe($"The attribute '{attribute}' must be a text.");
        using var batch = Content($"[{good.ToJsonString()},{broken.ToJsonString()}]", Batched);
        (await register.Host.Post("/v1/events", batch)).ShouldBeProblem(400, "invalid-cloud-event", $"/1/{attribute}");
        (await Post(good)).Json.Text("outcome").ShouldBe("accepted");
    }

    [Theory]
    [InlineData("{", Structured, 400, "unreadable")]
    [InlineData("{\"id\":\"1\",\"id\":\"2\"}", Structured, 400, "unreadable", "/id")]
    [InlineData("[1]", Batched, 400, "invalid-cloud-event", "/0")]
    [InlineData("{}", Batched, 400, "invalid-cloud-event")]
    [InlineData("[]", Structured, 400, "invalid-cloud-event")]
    [InlineData("{}", "application/json", 415, "unsupported-media-type")]
    [InlineData("<event/>", "application/cloudevents+xml", 415, "unsupported-media-type")]
    [InlineData("{}", Structured + "; charset=iso-8859-1", 415, "unsupported-media-type")]
    [InlineData("[]", Batched + "; charset=utf-16", 415, "unsupported-media-type")]
    public async Task What_cannot_be_read_is_said_so(string body, string type, int status, string slug, params string[] pointers)
    {
        using var content = Content(body, type);
        (await register.Host.Post("/v1/events", content)).ShouldBeProblem(status, slug, pointers);
    }

    [Fact]
    public async Task A_command_needs_its_own_scope_in_an_event_too()
    {
        using var content = Content(Event("register-person", new { name = "Grace Hopper" }).ToJsonString(), Structured);
        (await register.Host.Post("/v1/events", content, "analyst")).ShouldBeProblem(403, "forbidden");
    }

    [Fact]
    public async Task If_match_holds_for_one_event_and_has_no_meaning_for_a_batch()
    {
        var organisation = await Cooperation.Organisation(register.Host, "EEAS");
        using var one = Content(
            Event(
                    "rename-organisation",
                    new
                    {
                        organisationId = organisation,
                        name = "X",
                        on = "2020",
                    }
                )
                .ToJsonString(),
            Structured
        );
        using var batch = Content("[]", Batched);

        (await register.Host.Post("/v1/events", one, "recorder", ("If-Match", "\"7\""))).ShouldBeProblem(412, "precondition-failed");
        (await register.Host.Post("/v1/events", batch, "recorder", ("If-Match", "\"7\""))).ShouldBeProblem(400, "invalid-header");
    }

    [Fact]
    public async Task The_same_events_from_many_clients_at_once_take_effect_once_and_nobody_sees_an_error()
    {
        const int Clients = 20;
        const int Events = 60;
        var cooperation = await Cooperation.Start(register.Host);
        var meeting = (await cooperation.Schedule()).Id;
        var people = await cooperation.People(Events);
        var events = people
            .Select(person => Event("register-attendance", new { meetingId = meeting, attendees = new[] { cooperation.Attendee(person) } }))
            .ToArray();

        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, Clients)
                .Select(async client =>
                {
                    var order = events.ToArray();
                    new Random(client).Shuffle(order);
                    var outcomes = new List<string>();
                    foreach (var part in order.Chunk(client % 2 == 0 ? 1 : 20))
                        outcomes.AddRange((await PostBatch(part)).Select(i => i.Text("outcome")));
                    return outcomes;
                })
        );

        var all = answers.SelectMany(a => a).ToList();
        all.Count(o => o == "accepted").ShouldBe(Events);
        all.Count(o => o == "duplicate").ShouldBe(Events * (Clients - 1));
        (await Cooperation.History(register.Host, meeting)).Count.ShouldBe(1 + Events);
    }

    [Fact]
    public async Task Every_command_has_a_type_and_a_schema_that_its_data_is_held_to()
    {
        var schemas = (await register.Host.Get("/schemas", null)).Json.AsArray();
        var elsewhere = register
            .Host.Endpoints.Select(e => e.Metadata.GetMetadata<CommandAttribute>())
            .OfType<CommandAttribute>()
            .Count(c => !c.HttpOnly);
        schemas.Count.ShouldBe(elsewhere);
        foreach (var schema in schemas.Select(s => s!))
        {
            var answer = await register.Host.Get(schema.Text("schema"), null);
            answer.Status.ShouldBe(200);
            answer.Json.Text("title").ShouldBe(schema.Text("type"));
            answer.Json.Text("type").ShouldBe("object");
        }

        var hold = (await register.Host.Get("/schemas/hold-meeting.v1.json", null)).Json;
        hold["required"]!.AsArray().Select(r => r!.GetValue<string>()).ShouldBe(["meetingId"]);
        (await register.Host.Get("/schemas/paint.v1.json", null)).ShouldBeProblem(404, "not-found");
    }

    private static string Type(string operation) => $"org.cooperation.{operation}.v1";

    private static StringContent Content(string body, string type) => new(body, Encoding.UTF8, MediaTypeHeaderValue.Parse(type));

    private JsonObject Event(string operation, object data, string? id = null) =>
        new()
        {
            ["specversion"] = "1.0",
            ["id"] = id ?? Guid.NewGuid().ToString(),
            ["source"] = _source,
            ["type"] = Type(operation),
            ["data"] = data as JsonObject ?? Bodies.Of(data),
        };

    private Task<Answer> Post(JsonObject cloudEvent) => Post(cloudEvent.ToJsonString());

    private async Task<Answer> Post(string cloudEvent)
    {
        using var content = Content(cloudEvent, Structured);
        return await register.Host.Post("/v1/events", content);
    }

    private Task<IReadOnlyList<JsonNode>> PostBatch(params JsonObject[] events) => PostBatch("recorder", events);

    private async Task<IReadOnlyList<JsonNode>> PostBatch(string role, params JsonObject[] events)
    {
        using var content = Content(JsonSerializer.Serialize(events), Batched);
        var answer = await register.Host.Post("/v1/events", content, role);
        answer.Status.ShouldBe(200, answer.ToString());
        return [.. answer.Json["items"]!.AsArray().Select(i => i!)];
    }
}
