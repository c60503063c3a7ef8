using System.Text.Json.Nodes;

namespace CooperationEvents.IntegrationTests;

public sealed class PersonalDataTests(SharedRegister register)
{
    private readonly List<string> _secrets = [];

    [Fact]
    public async Task A_way_to_reach_somebody_in_public_text_is_recorded_and_warned_of_however_it_is_posted()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var body = cooperation.Meeting(("title", "Senior officials"), ("venue", "Ask ada@example.org"));
        (string, string) key = ("Idempotency-Key", $"{Guid.NewGuid()}");

        var posted = (await register.Host.Post("/v1/meetings", body, "recorder", key)).ShouldBeAccepted(201);
        Warned(posted.Json).ShouldBe(["/venue"]);
        posted.Json["warnings"]![0]!.Text("detail").ShouldContain("public record");
        Warned((await register.Host.Post("/v1/meetings", body, "recorder", key)).ShouldBeAccepted(201).Json).ShouldBe(["/venue"]);
        (await cooperation.Meeting(posted.Id, posted)).ShouldBeRead().Text("venue").ShouldBe("Ask ada@example.org");
        (await cooperation.Schedule()).Json["warnings"].ShouldBeNull();
        (await register.Host.Post("/v1/people", new { name = "Ada", email = $"ada-{Guid.NewGuid():n}@example.org" }))
            .ShouldBeAccepted(201)
            .Json["warnings"]
            .ShouldBeNull();

        var cancelling = new { meetingId = posted.Id, reason = "Call +32 2 299 11 11" };
        using var batch = new StringContent(System.Text.Json.JsonSerializer.Serialize(new[] { Event(cancelling) }));
        batch.Headers.ContentType = new("application/cloudevents-batch+json");
        var item = (await register.Host.Post("/v1/events", batch)).Json["items"]![0]!;
        item.Text("outcome").ShouldBe("accepted");
        Warned(item).ShouldBe(["/data/reason"]);

        static object Event(object data) =>
            new
            {
                specversion = "1.0",
                id = $"{Guid.NewGuid()}",
                source = "/desk",
                type = "org.cooperation.cancel-meeting.v1",
                data,
            };

        static IEnumerable<string> Warned(JsonNode answer) => answer["warnings"]!.AsArray().Select(w => w!.Text("pointer"));
    }

    [Fact]
    public async Task Nothing_personal_stands_in_plain_text_in_any_table()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var person = (
            await register.Host.Post(
                "/v1/people",
                new
                {
                    name = Secret("name"),
                    email = Secret("email") + "@example.org",
                    externalReference = new { system = Secret("system"), id = Secret("reference") },
                    affiliation = new
                    {
                        organisationId = cooperation.Home,
                        function = Secret("function"),
                        grade = Secret("grade"),
                        from = "2015",
                    },
                }
            )
        ).ShouldBeAccepted(201).Id;
        await cooperation.Do(
            $"/v1/people/{person}/correct",
            new
            {
                reason = Secret("reason"),
                name = Secret("corrected"),
                email = Secret("corrected") + "@example.org",
            }
        );
        (
            await register.Host.Post(
                $"/v1/people/{person}/affiliations",
                new
                {
                    organisationId = cooperation.Iom,
                    function = Secret("function"),
                    grade = Secret("grade"),
                },
                "recorder",
                ("Idempotency-Key", Guid.NewGuid().ToString())
            )
        ).ShouldBeAccepted(201);
        await cooperation.Do($"/v1/people/{person}/merge", new { into = await cooperation.Person(), reason = Secret("merge") });
        await cooperation.Do($"/v1/people/{person}/unmerge", new { reason = Secret("unmerge") });
        var meeting = await cooperation.Schedule();
        await cooperation.Do($"/v1/meetings/{meeting.Id}/registrations", new { attendees = new[] { cooperation.Attendee(person) } });
        await cooperation.Do($"/v1/meetings/{meeting.Id}/registrations/{person}/withdraw", new { reason = Secret("withdrawal") });
        await cooperation.Do(
            $"/v1/meetings/{meeting.Id}/attendance",
            new { attendees = new[] { cooperation.Attendee(person, status: "absent") } }
        );
        var last = await cooperation.Do(
            $"/v1/meetings/{meeting.Id}/attendance/{person}/correct",
            new { reason = Secret("correction"), status = "attended" }
        );
        (await cooperation.Meeting(meeting.Id, last)).ShouldBeRead();
        var known = Secret("public");
        var control = await cooperation.Schedule(("title", known));
        (await cooperation.Meeting(control.Id, control)).ShouldBeRead();

        // What is public record is found, so that the scan is known to look.
        new[] { "register.mt_events.data", "views.mt_doc_meetingview.data" }.ShouldBeSubsetOf(
            await register.Host.Database.Holding([known])
        );
        _secrets.Remove(known);
        _secrets.Count.ShouldBe(15);
        (await register.Host.Database.Holding(_secrets)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Names_are_answered_to_those_who_may_read_people_and_to_nobody_else()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var body = Bodies.Of(
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
        );
        var person = (await register.Host.Post("/v1/people", body)).ShouldBeAccepted(201).Id;
        var corrected = await cooperation.Do($"/v1/people/{person}/correct", new { reason = "misspelt", name = "Grace Brewster Hopper" });

        foreach (var role in new[] { "privacy", "admin" })
        {
            var read = (await register.Host.Read($"/v1/people/{person}", corrected.Position, role)).ShouldBeRead();
            read.Text("name").ShouldBe("Grace Brewster Hopper");
            read.Text("email").ShouldBe("grace@example.org");
            JsonNode.DeepEquals(read["externalReference"], body["externalReference"]).ShouldBeTrue();
            read["affiliations"]![0]!.Text("function").ShouldBe("Director");
            read["affiliations"]![0]!.Text("grade").ShouldBe("P-XIV");
        }

        foreach (var role in new[] { "recorder", "analyst", "auditor" })
        {
            var answer = await register.Host.Read($"/v1/people/{person}", corrected.Position, role);
            answer.ShouldBeRead()["affiliations"]![0]!["organisationId"]!.GetValue<Guid>().ShouldBe(cooperation.Home);
            foreach (var personal in new[] { "Hopper", "grace", "Director", "P-XIV", body["externalReference"]!.Text("id") })
                answer.Text.ShouldNotContain(personal, Case.Insensitive);
        }
    }

    [Fact]
    public async Task An_e_mail_address_can_be_taken_away()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var person = (await register.Host.Post("/v1/people", new { name = "Grace Hopper", email = "grace@example.org" }))
            .ShouldBeAccepted(201)
            .Id;

        var corrected = await cooperation.Do($"/v1/people/{person}/correct", new { reason = "left", removeEmail = true });

        (await register.Host.Read($"/v1/people/{person}", corrected.Position, "privacy")).ShouldBeRead()["email"].ShouldBeNull();
    }

    [Fact]
    public async Task The_same_name_twice_does_not_look_the_same_in_the_history()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var people = new[] { await cooperation.Person("Ada Lovelace"), await cooperation.Person("Ada Lovelace") };

        (
            await register.Host.Database.Scalar<long>(
                "select count(distinct data->>'name') from register.mt_events where stream_id = any($1)",
                people
            )
        ).ShouldBe(2);
    }

    [Fact]
    public async Task A_problem_about_a_person_does_not_repeat_who_it_is()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var reference = Commands.External();
        (await register.Host.Post("/v1/people", new { name = "Grace Hopper", externalReference = reference })).ShouldBeAccepted(201);

        (await register.Host.Post("/v1/people", new { name = "Somebody Else", externalReference = reference }))
            .ShouldBeProblem(409, "id-in-use", "/name")
            .Text.ShouldNotContain("Hopper");
        await cooperation.Schedule();
    }

    private string Secret(string what)
    {
        var secret = $"{what}{Guid.NewGuid():n}";
        _secrets.Add(secret);
        return secret;
    }
}
