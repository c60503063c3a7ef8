using System.Text.Json.Nodes;

namespace CooperationEvents.IntegrationTests;

public sealed class IdentityTests(SharedRegister register)
{
    public static TheoryData<string, string> Creations =>
        new()
        {
            { "/v1/organisations", "name" },
            { "/v1/frameworks", "name" },
            { "/v1/people", "name" },
            { "/v1/meetings", "title" },
            { "/v1/meetings/record-held", "title" },
            { "/v1/commitments", "text" },
        };

    [Theory]
    [MemberData(nameof(Creations))]
    public async Task An_id_of_the_callers_own_is_kept_and_other_content_under_it_is_refused(string path, string member)
    {
        var command = await Commands.All[path](await Cooperation.Start(register.Host));
        var body = command.Body.With("externalReference", null);
        var first = (await register.Host.Post(path, body, "secretariat")).ShouldBeAccepted(201);

        (await register.Host.Post(path, body.With(member, "Something else")))
            .ShouldBeProblem(409, "id-in-use", "/" + member)
            .Id.ShouldBe(first.Id);
        (await register.Host.Post(path, body, "secretariat")).ShouldBeAccepted(201).Text.ShouldBe(first.Text);
    }

    [Theory]
    [MemberData(nameof(Creations))]
    public async Task An_external_reference_identifies_whatever_id_comes_with_it(string path, string member)
    {
        var command = await Commands.All[path](await Cooperation.Start(register.Host));
        var body = command.Body.With("externalReference", Bodies.Of(Commands.External())).With("id", null);
        var first = (await register.Host.Post(path, body, "secretariat")).ShouldBeAccepted(201);
        var events = await Cooperation.History(register.Host, first.Id);

        (await register.Host.Post(path, body, "secretariat")).ShouldBeAccepted(201).Text.ShouldBe(first.Text);
        (await register.Host.Post(path, body.With("id", Guid.NewGuid()))).ShouldBeAccepted(201).Text.ShouldBe(first.Text);
        (await register.Host.Post(path, body.With(member, "Something else")))
            .ShouldBeProblem(409, "id-in-use", "/" + member)
            .Id.ShouldBe(first.Id);
        (await Cooperation.History(register.Host, first.Id)).ShouldBe(events);
    }

    [Fact]
    public async Task What_was_created_is_compared_after_defaults_and_whatever_happened_since()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var body = cooperation.Meeting(
            ("id", Guid.NewGuid()),
            ("start", "2018-04-04"),
            ("hosts", new JsonArray(new JsonObject { ["organisationId"] = cooperation.Home }))
        );
        var first = (await register.Host.Post("/v1/meetings", body)).ShouldBeAccepted(201);
        await cooperation.Do($"/v1/meetings/{first.Id}/correct", new { reason = "misspelt", title = "Another title" });

        var spelledOut = body.With("end", "2018-04-04")
            .With("topics", new JsonArray())
            .With("hosts", new JsonArray(new JsonObject { ["organisationId"] = cooperation.Home, ["role"] = "host" }));

        (await register.Host.Post("/v1/meetings", spelledOut)).ShouldBeAccepted(201).Text.ShouldBe(first.Text);
    }

    /// <summary>Who corrects a record here and at its source sends it as it is now, and what was first recorded may be sent again too.</summary>
    [Fact]
    public async Task A_person_is_repeated_as_they_were_registered_and_as_they_are_now()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var body = new JsonObject
        {
            ["name"] = "Grace Hoper",
            ["email"] = "grace@example.eu",
            ["affiliation"] = new JsonObject { ["organisationId"] = cooperation.Home, ["function"] = "Adviser" },
            ["externalReference"] = Bodies.Of(Commands.External()),
        };
        var now = body.With("name", "Grace Hopper").With("email", "Grace.Hopper@example.eu");
        var first = (await register.Host.Post("/v1/people", body)).ShouldBeAccepted(201);
        await cooperation.Do(
            $"/v1/people/{first.Id}/correct",
            new
            {
                reason = "Misspelt",
                name = "Grace Hopper",
                email = "grace.hopper@example.eu",
            }
        );
        await cooperation.Do($"/v1/people/{first.Id}/affiliations", new { organisationId = cooperation.Iom, function = "Delegate" }, 201);
        var moved = now.With("affiliation", new JsonObject { ["organisationId"] = cooperation.Iom, ["function"] = "Delegate" });
        var events = await Cooperation.History(register.Host, first.Id);

        foreach (var repeat in new[] { body, now, moved, now.With("name", "Grace Hoper"), moved.With("email", "grace@example.eu") })
            (await register.Host.Post("/v1/people", repeat)).ShouldBeAccepted(201).Text.ShouldBe(first.Text);
        var neither = (await register.Host.Post("/v1/people", now.With("name", "Grace Hooper"), "admin")).ShouldBeProblem(
            409,
            "id-in-use",
            "/name"
        );
        neither.Json["errors"]![0]!.Text("recorded").ShouldBe("Grace Hopper");
        (await register.Host.Post("/v1/people", now.With("name", "Grace Hooper"))).Text.ShouldNotContain("Hopper");
        (await Cooperation.History(register.Host, first.Id)).ShouldBe(events);
    }

    [Fact]
    public async Task An_id_names_one_thing_of_one_kind()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var person = await cooperation.Person();

        (
            await register.Host.Post(
                "/v1/organisations",
                new
                {
                    id = person,
                    name = "EEAS",
                    shortName = "EEAS",
                }
            )
        ).ShouldBeProblem(409, "id-in-use", "/id");
        (await register.Host.Post("/v1/meetings", cooperation.Meeting(("id", cooperation.Home)))).ShouldBeProblem(409, "id-in-use", "/id");
        (await register.Host.Post("/v1/frameworks", Cooperation.Agreement().With("id", person))).ShouldBeProblem(409, "id-in-use", "/id");
        (await register.Host.Post("/v1/commitments", cooperation.Commitment(("id", cooperation.Iom)))).ShouldBeProblem(
            409,
            "id-in-use",
            "/id"
        );
        (await register.Host.Post("/v1/people", new { id = cooperation.Home, name = "Ada" })).ShouldBeProblem(409, "id-in-use", "/id");
        (await register.Host.Post($"/v1/organisations/{person}/rename", new { name = "EEAS", on = "2020" })).ShouldBeProblem(
            404,
            "not-found"
        );
    }

    [Fact]
    public async Task Whatever_takes_an_id_in_a_body_takes_the_external_reference_in_its_place()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var (organisation, framework, ada, earlier) = (Commands.External(), Commands.External(), Commands.External(), Commands.External());
        var organisationId = (
            await register.Host.Post(
                "/v1/organisations",
                new
                {
                    name = "EEAS",
                    shortName = "EEAS",
                    externalReference = organisation,
                }
            )
        ).ShouldBeAccepted(201).Id;
        var frameworkId = (
            await register.Host.Post("/v1/frameworks", Cooperation.Agreement().With("externalReference", Bodies.Of(framework)))
        )
            .ShouldBeAccepted(201)
            .Id;
        var personId = (
            await register.Host.Post(
                "/v1/people",
                new
                {
                    name = "Ada",
                    externalReference = ada,
                    affiliation = new { organisationId = organisation },
                }
            )
        ).ShouldBeAccepted(201).Id;
        var earlierId = (await cooperation.Schedule(("externalReference", Bodies.Of(earlier)))).Id;
        await cooperation.Do(
            $"/v1/frameworks/{frameworkId}/members",
            new
            {
                organisationId = organisation,
                party = "EU",
                joinedOn = "2015",
            }
        );

        var meeting = (
            await register.Host.Post(
                "/v1/meetings",
                Bodies.Of(
                    new
                    {
                        title = "Joint meeting",
                        frameworks = new[] { new { frameworkId = framework, level = "senior-officials" } },
                        start = "2018",
                        hosts = new[] { new { organisationId = organisation, personId = ada } },
                        inMarginsOf = earlier,
                    }
                )
            )
        ).ShouldBeAccepted(201);
        var registered = await cooperation.Do(
            $"/v1/meetings/{meeting.Id}/registrations",
            new { attendees = new[] { new { personId = ada, organisationId = organisation } } }
        );

        var read = (await cooperation.Meeting(meeting.Id, registered)).ShouldBeRead();
        read["frameworks"]![0]!["frameworkId"]!.GetValue<Guid>().ShouldBe(frameworkId);
        read["hosts"]![0]!["organisationId"]!.GetValue<Guid>().ShouldBe(organisationId);
        read["hosts"]![0]!["personId"]!.GetValue<Guid>().ShouldBe(personId);
        read["inMarginsOf"]!.GetValue<Guid>().ShouldBe(earlierId);
        read["registrations"]![0]!["personId"]!.GetValue<Guid>().ShouldBe(personId);
    }

    [Fact]
    public async Task Every_unknown_reference_is_named_by_its_place()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var ada = await cooperation.Person();
        var meeting = await cooperation.Schedule();
        var ofOrganisation = Commands.External();
        (
            await register.Host.Post(
                "/v1/organisations",
                new
                {
                    name = "EEAS",
                    shortName = "EEAS",
                    externalReference = ofOrganisation,
                }
            )
        ).ShouldBeAccepted(201);

        (
            await register.Host.Post(
                $"/v1/meetings/{meeting.Id}/registrations",
                new
                {
                    attendees = new object[]
                    {
                        new { personId = ada, organisationId = cooperation.Home },
                        new { personId = Commands.External(), organisationId = cooperation.Home },
                        new { personId = ofOrganisation, organisationId = ofOrganisation },
                        new { personId = cooperation.Home, organisationId = ada },
                        new { personId = Guid.NewGuid(), organisationId = Guid.Empty },
                    },
                }
            )
        ).ShouldBeProblem(
            422,
            "unknown-reference",
            "/attendees/1/personId",
            "/attendees/2/personId",
            "/attendees/3/personId",
            "/attendees/3/organisationId",
            "/attendees/4/personId",
            "/attendees/4/organisationId"
        );

        (
            await register.Host.Post(
                "/v1/meetings",
                cooperation.Meeting(("inMarginsOf", Guid.NewGuid()), ("frameworks", Cooperation.Under(Guid.NewGuid(), "x")))
            )
        ).ShouldBeProblem(422, "unknown-reference", "/inMarginsOf", "/frameworks/0/frameworkId");
        (
            await register.Host.Post("/v1/people", new { name = "Ada", affiliation = new { organisationId = Commands.External() } })
        ).ShouldBeProblem(422, "unknown-reference", "/affiliation/organisationId");
    }

    [Fact]
    public async Task References_that_only_look_alike_are_different()
    {
        var tail = Guid.NewGuid();
        var references = new[]
        {
            new { system = "a\nb", id = $"{tail}" },
            new { system = "a", id = $"b\n{tail}" },
            new { system = "A", id = $"b\n{tail}" },
            new { system = "a", id = $"ｂ\n{tail}" },
        };

        var ids = new List<Guid>();
        foreach (var externalReference in references)
            ids.Add((
                    await register.Host.Post(
                        "/v1/organisations",
                        new
                        {
                            name = "EEAS",
                            shortName = "EEAS",
                            externalReference,
                        }
                    )
                ).ShouldBeAccepted(201).Id);

        ids.ShouldBeUnique();
    }

    [Fact]
    public async Task One_reference_created_many_times_at_once_is_one_thing()
    {
        var body = new
        {
            name = "EEAS",
            shortName = "EEAS",
            externalReference = Commands.External(),
        };

        var answers = await Task.WhenAll(Enumerable.Range(1, 20).Select(_ => register.Host.Post("/v1/organisations", body)));

        answers.Select(a => a.ShouldBeAccepted(201).Text).Distinct().ShouldHaveSingleItem();
        (await Cooperation.History(register.Host, answers[0].Id)).ShouldBe(["organisation_registered"]);
    }

    [Fact]
    public async Task One_id_created_many_times_at_once_is_one_thing()
    {
        var body = new
        {
            id = Guid.NewGuid(),
            name = "Grace Hopper",
            email = "grace@example.org",
        };

        var answers = await Task.WhenAll(Enumerable.Range(1, 50).Select(_ => register.Host.Post("/v1/people", body)));

        answers.Select(a => a.ShouldBeAccepted(201).Text).Distinct().ShouldHaveSingleItem();
        (await Cooperation.History(register.Host, body.id)).ShouldBe(["person_registered"]);
    }
}
