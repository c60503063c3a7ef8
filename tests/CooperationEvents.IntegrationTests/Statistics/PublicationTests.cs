using System.Text.Json.Nodes;
using CooperationEvents.Authorization;
using CooperationEvents.Kernel;
using CooperationEvents.Publications;
using CooperationEvents.Testing;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CooperationEvents.IntegrationTests.Statistics;

/// <summary>Figures stated in public: frozen, reproduced, and told apart from what is known today.</summary>
public sealed class PublicationTests(SharedRegister register)
{
    private const string Path = "/v1/statistics/publications";

    [Fact]
    public async Task A_request_without_a_body_publishes_nothing()
    {
        (await register.Host.Post(Path, body: null, "analyst")).ShouldBeProblem(422, "invalid", "").Text.ShouldContain("Nothing was sent.");
        (await register.Host.Post("/v1/organisations")).ShouldBeProblem(422, "invalid", "/name", "/shortName");
    }

    [Fact]
    public async Task A_published_figure_keeps_what_was_stated_and_tells_event_by_event_what_changed_it()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var (ana, ben) = (await cooperation.Person("Ana"), await cooperation.Person("Ben"));
        var held = await Held(cooperation, ana, ben);
        var published = await Publish(cooperation, held);
        var before = await Read(published.Id, published.Position);
        before
            .Text("sentence")
            .ShouldBe(
                "Since the start of the cooperation in July 2012, 1 meeting has taken place at all levels, involving 2 EU and IOM staff."
            );
        before["position"]!.GetValue<long>().ShouldBe(held.Position);
        before.Text("asOf").ShouldBe("2018-12-31");
        before["reproduced"]!.GetValue<bool>().ShouldBeTrue();
        before["changes"]!.AsArray().ShouldBeEmpty();

        var corrected = await cooperation.Do(
            $"/v1/meetings/{held.Id}/attendance/{ben}/correct",
            new { status = "absent", reason = "He left" }
        );
        await cooperation.Do(
            $"/v1/meetings/{held.Id}/documents",
            new
            {
                title = "Minutes",
                url = "https://example.org/m",
                status = "adopted",
            }
        );
        var voided = await cooperation.Do($"/v1/meetings/{held.Id}/void", new { reason = "Recorded twice" });

        var after = await Read(published.Id, voided.Position);
        foreach (var member in new[] { "figure", "sentence", "evidence", "position", "definition", "question", "publishedAt" })
            JsonNode.DeepEquals(after[member], before[member]).ShouldBeTrue(member);
        after["reproduced"]!.GetValue<bool>().ShouldBeTrue();
        after["today"]!["figure"]!["meetingsHeld"]!.GetValue<int>().ShouldBe(0);
        after["today"]!["difference"]!["staffKnown"]!.GetValue<int>().ShouldBe(-2);
        var changes = after["changes"]!.AsArray();
        changes.Select(c => c!.Text("type")).ShouldBe(["attendance_corrected", "meeting_voided"]);
        changes.Select(c => c!["position"]!.GetValue<long>()).ShouldBe([corrected.Position, voided.Position]);
        changes.Select(c => c!["difference"]!["staffKnown"]!.GetValue<int>()).ShouldBe([-1, -1]);
    }

    [Fact]
    public async Task Who_may_not_ask_for_figures_reads_what_was_published_and_nothing_that_was_not()
    {
        await register.Host.AddKey("reader", [.. Scopes.Roles["reader"]]);
        var cooperation = await Cooperation.Start(register.Host);
        var held = await Held(cooperation, [.. await cooperation.People(6)]);
        var published = await Publish(cooperation, held);
        var later = await Held(cooperation, await cooperation.Person());

        var all = await Read(published.Id, later.Position);
        all["changes"]!.AsArray().Count.ShouldBe(2, "The meeting, and the attendance.");
        var answer = await register.Host.Read($"{Path}/{published.Id}?limit=1", later.Position, "reader");

        var read = answer.ShouldBeRead().AsObject();
        read["reproduced"]!.GetValue<bool>().ShouldBeTrue();
        foreach (var member in new[] { "figure", "sentence", "evidence", "position", "definition", "question" })
            JsonNode.DeepEquals(read[member], all[member]).ShouldBeTrue(member);
        foreach (var member in new[] { "today", "changes", "byNewestDefinition" })
            read.ContainsKey(member).ShouldBeFalse(member);
        answer.Header("Link").ShouldBeNull();
    }

    [Fact]
    public async Task What_is_published_has_everything_that_was_recorded_before()
    {
        var cooperation = await Cooperation.Start(register.Host);
        for (var day = 1; day <= 5; day++)
        {
            var meeting = cooperation.Meeting(("start", $"2018-04-0{day}"));
            var held = (await register.Host.Post("/v1/meetings/record-held", meeting)).ShouldBeAccepted(201);

            var published = (
                await register.Host.Post(Path, new { framework = cooperation.Framework, asOf = "2018" }, "analyst")
            ).ShouldBeAccepted(201);

            var frozen = await Read(published.Id, published.Position);
            frozen["position"]!.GetValue<long>().ShouldBeGreaterThanOrEqualTo(held.Position);
            frozen["figure"]!["meetingsHeld"]!.GetValue<int>().ShouldBe(day);
        }
    }

    [Fact]
    public async Task Few_people_are_told_from_what_was_published_a_moment_ago()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var held = await Held(cooperation, [.. await cooperation.People(6)]);
        var counted = new
        {
            organisationId = cooperation.Iom,
            count = 3,
            precision = "exact",
        };
        await cooperation.Do($"/v1/meetings/{held.Id}/delegations", counted);
        var before = new
        {
            framework = cooperation.Framework,
            asOf = "2018",
            knownAt = $"{held.Position}",
        };
        (await register.Host.Post(Path, before, "analyst")).ShouldBeAccepted(201);

        (await register.Host.Post(Path, new { framework = cooperation.Framework, asOf = "2018" }, "analyst")).ShouldBeProblem(
            409,
            "small-cells",
            "/acknowledgeSmallCells"
        );
    }

    [Fact]
    public async Task The_evidence_is_the_digest_of_the_events_that_explain_lists()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var people = await cooperation.People(3);
        var held = await Held(cooperation, [.. people]);
        var counted = await cooperation.Do(
            $"/v1/meetings/{held.Id}/delegations",
            new
            {
                organisationId = cooperation.Iom,
                count = 4,
                precision = "minimum",
            }
        );
        var merged = await cooperation.Do($"/v1/people/{people[0]}/merge", new { into = people[1], reason = "one" });
        var published = await Publish(cooperation, merged);

        var events = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var measure in new[] { "meetingsHeld", "attendances", "unnamed" })
        {
            var items = (
                await register.Host.Get(
                    $"/v1/statistics/explain?framework={cooperation.Framework}&asOf=2018-12-31&knownAt={merged.Position}&measure={measure}",
                    "analyst"
                )
            ).ShouldBeRead()["items"]!;
            events.UnionWith(items.AsArray().SelectMany(i => i!["events"]!.AsArray()).Select(e => e!.GetValue<string>()));
        }

        var evidence = (await Read(published.Id, published.Position))["evidence"]!;
        evidence["count"]!.GetValue<int>().ShouldBe(events.Count);
        evidence
            .Text("sha256")
            .ShouldBe(
                Convert.ToHexStringLower(
                    System.Security.Cryptography.SHA256.HashData(
                        System.Text.Encoding.UTF8.GetBytes(string.Concat(events.Select(e => e + "\n")))
                    )
                )
            );
        (await Read(published.Id, published.Position))["figure"]!["staffAtMost"].ShouldBeNull();
        counted.Position.ShouldBeLessThan(merged.Position);
    }

    [Fact]
    public async Task What_changed_is_listed_in_pages_that_join()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var people = await cooperation.People(5);
        var held = await Held(cooperation, [.. people]);
        var published = await Publish(cooperation, held);
        var last = published;
        foreach (var person in people)
            last = await cooperation.Do($"/v1/meetings/{held.Id}/attendance/{person}/correct", new { status = "excused", reason = "Ill" });

        var whole = (await Read(published.Id, last.Position))["changes"]!.AsArray().Select(c => c!.ToJsonString()).ToList();
        var paged = new List<string>();
        for (string? next = $"{Path}/{published.Id}?limit=2"; next is not null; )
        {
            var page = await register.Host.Get(next, "analyst");
            paged.AddRange(page.ShouldBeRead()["changes"]!.AsArray().Select(c => c!.ToJsonString()));
            next = page.Header("Link") is { } link ? link[1..link.IndexOf('>', StringComparison.Ordinal)] : null;
        }

        whole.Count.ShouldBe(5);
        paged.ShouldBe(whole);
    }

    [Fact]
    public async Task A_figure_by_lineage_says_so_in_every_form()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var held = await Held(cooperation, [.. await cooperation.People(6)]);
        await register.Host.Reaches(held.Position);
        foreach (var (view, times) in new[] { ("lineage", 1), ("atMeeting", 0) })
        {
            var body = new
            {
                framework = cooperation.Framework,
                organisation = cooperation.Home,
                orgView = view,
            };
            var published = (await register.Host.Post(Path, body, "analyst")).ShouldBeAccepted(201);
            await register.Host.Reaches(published.Position);

            foreach (var form in new[] { "", ".csv", ".svg" })
            {
                var text = (await register.Host.Get($"/public/figures/{published.Id}{form}", role: null)).Text;
                text.Contains("organisations by lineage", StringComparison.Ordinal).ShouldBe(times > 0, $"{view} {form}");
            }

            var csv = (await register.Host.Get($"/public/figures/{published.Id}.csv", role: null)).Text;
            csv.ShouldContain("EU-IOM cooperation; DG HOME;");
            var sheet = $"/v1/statistics/factsheet?framework={cooperation.Framework}&organisation={cooperation.Home}&orgView={view}";
            foreach (var type in new[] { "text/plain", "text/markdown" })
            {
                var text = (await register.Host.Get(sheet, "analyst", ("Accept", type))).Text;
                text.Contains("rganisations by lineage", StringComparison.Ordinal).ShouldBe(times > 0, $"{view} {type}");
            }

            (await register.Host.Get(sheet, "analyst")).ShouldBeRead()["orgView"]?.GetValue<string>().ShouldBe("lineage");
        }
    }

    [Fact]
    public async Task What_changed_the_sentence_alone_is_named_and_nothing_that_is_innocent()
    {
        // A register of its own: of all frameworks together, the first to be established is said.
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database);
        var cooperation = await Cooperation.Start(host);
        var held = await Held(cooperation, [.. await cooperation.People(6)]);
        await host.Reaches(held.Position);
        var (one, all) = (
            await Publish(new { framework = cooperation.Framework, organisation = cooperation.Home }),
            await Publish(new { acknowledgeSmallCells = true })
        );
        await Innocent();
        var renamed = await cooperation.Do(
            $"/v1/organisations/{cooperation.Home}/rename",
            new
            {
                name = "Migration and Home Affairs",
                shortName = "HOME",
                on = "2015",
            }
        );
        await Innocent();
        var earlier = Cooperation.Agreement();
        earlier["establishedOn"] = "2001";
        var established = (await host.Post("/v1/frameworks", earlier)).ShouldBeAccepted(201);
        var last = await Innocent();

        (await Changes(one, last)).ShouldBe([("organisation_renamed", renamed.Position)]);
        (await Changes(all, last)).ShouldBe([("framework_established", established.Position)]);
        Directory.Delete(host.DataDirectory, recursive: true);

        async Task<Answer> Innocent() =>
            await cooperation.Do(
                $"/v1/frameworks/{cooperation.Framework}/members",
                new
                {
                    organisationId = await Cooperation.Organisation(host, "Innocent"),
                    party = "EU",
                    joinedOn = "2012-07",
                }
            );

        async Task<Answer> Publish(object body) => (await host.Post(Path, body, "analyst")).ShouldBeAccepted(201);

        async Task<IEnumerable<(string, long)>> Changes(Answer published, Answer after) =>
            (await host.Read($"{Path}/{published.Id}", after.Position, "analyst")).ShouldBeRead()["changes"]!
                .AsArray()
                .Select(c => (c!.Text("type"), c!["position"]!.GetValue<long>()));
    }

    [Fact]
    public async Task Nothing_is_published_of_a_day_to_come()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var nextYear = $"{DateTime.UtcNow.Year + 1}";

        (await register.Host.Post(Path, new { framework = cooperation.Framework, asOf = nextYear }, "analyst")).ShouldBeProblem(
            422,
            "invalid",
            "/asOf"
        );
    }

    [Fact]
    public async Task Where_no_meeting_can_lie_between_two_questions_are_the_same()
    {
        var cooperation = await Cooperation.Start(register.Host);
        await Held(cooperation, [.. await cooperation.People(8)]);
        var later = cooperation.Meeting(("start", "2021-05-05"));
        later["attendees"] = new JsonArray([
            .. (await cooperation.People(3)).Select(p => Bodies.Of(cooperation.Attendee(p, "delegate", "attended"))),
        ]);
        var held = (await register.Host.Post("/v1/meetings/record-held", later)).ShouldBeAccepted(201);
        await register.Host.Reaches(held.Position);
        await Publish(new { framework = cooperation.Framework, asOf = "2020" }, 201);

        await Publish(new { framework = cooperation.Framework, asOf = "2021" }, 409);
        await Publish(
            new
            {
                framework = cooperation.Framework,
                asOf = "2021",
                from = "2014-01-01",
            },
            409
        );
        await Publish(
            new
            {
                framework = cooperation.Framework,
                asOf = "2021",
                from = "2018-04-05",
                acknowledgeSmallCells = true,
            },
            201
        );

        async Task Publish(object body, int status) => (await register.Host.Post(Path, body, "analyst")).Status.ShouldBe(status);
    }

    [Fact]
    public async Task Whoever_has_a_public_figure_already_is_told_that_it_is_unchanged()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var published = await Publish(cooperation, await Held(cooperation));
        await register.Host.Reaches(published.Position);
        var tags = new HashSet<string>();
        foreach (var form in new[] { "", ".json", ".csv", ".svg" })
        {
            var address = $"/public/figures/{published.Id}{form}";
            var tag = (await register.Host.Get(address, role: null)).Header("ETag")!;
            tags.Add(tag).ShouldBeTrue($"{tag} is the tag of another form.");
            var again = await register.Host.Get(address, role: null, ("If-None-Match", tag));
            (again.Status, again.Text).ShouldBe((304, ""), form);
        }
    }

    [Fact]
    public async Task A_part_is_published_with_a_sentence_about_that_part()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var held = await Held(cooperation, await cooperation.Person());
        await register.Host.Reaches(held.Position);
        var published = (
            await register.Host.Post(
                Path,
                new
                {
                    framework = cooperation.Framework,
                    asOf = "2018",
                    knownAt = $"{held.Position}",
                    level = "senior-officials",
                    year = 2018,
                    organisation = cooperation.Home,
                    acknowledgeSmallCells = true,
                },
                "analyst"
            )
        ).ShouldBeAccepted(201);

        (await Read(published.Id, published.Position))
            .Text("sentence")
            .ShouldBe("In 2018, 1 meeting took place at the level Senior officials, involving 1 member of DG HOME staff.");
    }

    [Fact]
    public async Task A_figure_of_few_people_or_that_singles_somebody_out_is_published_only_when_that_is_acknowledged()
    {
        // A register of its own: what was published before, of everything, is compared too.
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database);
        var cooperation = await Cooperation.Start(host);
        var few = await Held(cooperation, [.. await cooperation.People(2)]);
        await host.Reaches(few.Position);
        (await host.Post(Path, new { framework = cooperation.Framework }, "analyst")).ShouldBeProblem(
            409,
            "small-cells",
            "/acknowledgeSmallCells"
        );
        var many = await Held(cooperation, [.. await cooperation.People(10)]);
        await host.Reaches(many.Position);
        var published = (await host.Post(Path, new { framework = cooperation.Framework }, "analyst")).ShouldBeAccepted(201);
        await host.Reaches(published.Position);

        var one = await Held(cooperation, await cooperation.Person());
        await host.Reaches(one.Position);
        var refused = await host.Post(Path, new { framework = cooperation.Framework }, "analyst");
        refused.ShouldBeProblem(409, "small-cells", "/acknowledgeSmallCells");
        refused.Text.ShouldContain($"{published.Id}");
        (await host.Post(Path, new { framework = cooperation.Framework, acknowledgeSmallCells = true }, "analyst")).ShouldBeAccepted(201);
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    [Fact]
    public async Task Of_two_figures_published_at_once_the_second_is_held_against_the_first()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var held = await Held(cooperation, [.. await cooperation.People(10)]);
        var experts = cooperation.Meeting();
        experts["frameworks"]![0]!["level"] = "technical-experts";
        experts["attendees"] = new JsonArray([
            .. (await cooperation.People(2)).Select(p => Bodies.Of(cooperation.Attendee(p, "delegate", "attended"))),
        ]);
        (await register.Host.Post("/v1/meetings/record-held", experts)).ShouldBeAccepted(201);

        var published = await Task.WhenAll(
            register.Host.Post(Path, new { framework = cooperation.Framework }, "analyst"),
            register.Host.Post(Path, new { framework = cooperation.Framework, level = "senior-officials" }, "analyst")
        );

        published.Select(p => p.Status).Order().ShouldBe([201, 409]);
    }

    [Fact]
    public async Task The_position_a_figure_is_known_at_may_be_a_number()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var held = await Held(cooperation, [.. await cooperation.People(6)]);
        await register.Host.Reaches(held.Position);

        var published = (
            await register.Host.Post(Path, new { framework = cooperation.Framework, knownAt = held.Position }, "analyst")
        ).ShouldBeAccepted(201);

        (await Read(published.Id, published.Position))["question"]!.Text("knownAt").ShouldBe($"{held.Position}");
    }

    [Fact]
    public async Task From_a_day_on_is_published_as_it_was_asked()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var held = await Held(cooperation, [.. await cooperation.People(6)]);
        await register.Host.Reaches(held.Position);
        var published = (
            await register.Host.Post(
                Path,
                new
                {
                    framework = cooperation.Framework,
                    from = "2018",
                    asOf = "2018",
                },
                "analyst"
            )
        ).ShouldBeAccepted(201);

        var answer = await Read(published.Id, published.Position);
        answer["question"]!.Text("from").ShouldBe("2018");
        answer
            .Text("sentence")
            .ShouldBe("From 1 January 2018 to 31 December 2018, 1 meeting took place at all levels, involving 6 EU and IOM staff.");
        (
            await register.Host.Post(
                Path,
                new
                {
                    framework = cooperation.Framework,
                    from = "2019",
                    asOf = "2018",
                },
                "analyst"
            )
        ).ShouldBeProblem(422, "invalid", "/from");
    }

    [Fact]
    public async Task What_was_published_by_the_first_definition_is_reproduced_by_it_and_compared_with_the_newest()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var held = await Held(cooperation);
        await register.Host.Reaches(held.Position);
        var explained = (
            await register.Host.Get(
                $"/v1/statistics/explain?framework={cooperation.Framework}&asOf=2018-12-31&knownAt={held.Position}&definition=1",
                "analyst"
            )
        ).ShouldBeRead();
        var events = explained["items"]!
            .AsArray()
            .SelectMany(i => i!["events"]!.AsArray())
            .Select(e => e!.GetValue<string>() + "\n")
            .Order(StringComparer.Ordinal)
            .ToList();
        const string sentence =
            "Since the start of the cooperation in July 2012, 1 meeting has taken place at all levels, involving 0 EU and IOM staff.";
        var stated = new FigurePublished(
            Guid.NewGuid(),
            new PublishedQuestion(cooperation.Framework, PartialDate.Parse("2018")),
            new DateOnly(2018, 12, 31),
            held.Position,
            "1",
            new PublishedFigure(1, 0, 0, 0, 0, 0),
            sentence,
            new PublishedEvidence(
                events.Count,
                Convert.ToHexStringLower(
                    System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(string.Concat(events)))
                )
            )
        );
        await using (var session = register.Host.Services.GetRequiredService<IDocumentStore>().LightweightSession())
        {
            (session.LastModifiedBy, session.CorrelationId, session.CausationId) = (
                $"{Guid.NewGuid()}",
                "an earlier version",
                $"{Guid.NewGuid()}"
            );
            session.Events.StartStream<CooperationEvents.Publications.Publication>(stated.PublicationId, stated);
            await session.SaveChangesAsync();
        }

        var later = await Held(cooperation);
        var answer = await Read(stated.PublicationId, later.Position);

        answer.Text("definition").ShouldBe("1");
        answer["reproduced"]!.GetValue<bool>().ShouldBeTrue();
        answer["today"]!.Text("definition").ShouldBe("1");
        answer["today"]!["figure"]!.AsObject().ContainsKey("meetingsWithoutAttendance").ShouldBeFalse();
        var newest = answer["byNewestDefinition"]!;
        newest
            .Text("sentence")
            .ShouldBe(
                "Since the start of the cooperation in July 2012, 1 meeting has taken place at all levels. Of 1 meeting, no attendance is "
                    + "recorded."
            );
        newest["figure"]!["meetingsWithoutAttendance"]!.GetValue<int>().ShouldBe(1);
        newest["figure"]!.AsObject().ContainsKey("staffAtMost").ShouldBeFalse();
    }

    /// <summary>Its address is given away at once, to readers who know no position.</summary>
    [Fact]
    public async Task What_was_just_published_is_waited_for_and_never_said_not_to_be_there()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var held = await Held(cooperation, [.. await cooperation.People(6)]);
        await register.Host.Reaches(held.Position);
        Answer published;
        await using (var behind = await register.Host.Database.Source.OpenConnectionAsync(TestContext.Current.CancellationToken))
        {
            await using var _ = await behind.BeginTransactionAsync(TestContext.Current.CancellationToken);
            await using var hold = new NpgsqlCommand($"lock table {PublicationView.Table} in exclusive mode", behind);
            await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            published = await Publish(cooperation, held);

            foreach (var late in await Task.WhenAll(Addresses(published.Id).Select(address => register.Host.Get(address, "auditor"))))
                late.ShouldBeProblem(503, "busy").Header("Retry-After").ShouldBe("1");
        }

        foreach (var address in Addresses(published.Id))
            await Wait.Until(address, async () => (await register.Host.Get(address, "auditor")).Status == 200);

        static IEnumerable<string> Addresses(Guid id) =>
            new[] { "", ".json", ".csv", ".svg", ".tlog-proof", ".entry" }
                .Select(form => $"/public/figures/{id}{form}")
                .Append($"{Path}/{id}/proof");
    }

    [Fact]
    public async Task Everybody_reads_what_was_published_without_a_key_and_nothing_personal_in_it()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var people = await cooperation.People(6);
        var held = await Held(cooperation, [.. people]);
        var published = await Publish(cooperation, held);
        await register.Host.Reaches(published.Position);
        var address = $"/public/figures/{published.Id}";

        var page = await register.Host.Get(address, role: null);
        page.Status.ShouldBe(200, page.ToString());
        page.ContentType.ShouldStartWith("text/html");
        page.Text.ShouldContain("1 meeting has taken place at all levels, involving 6 EU and IOM staff.");

        // Names of another direction of writing do not change places with what stands beside them.
        page.Text.ShouldContain("<caption><bdi>EU-IOM cooperation</bdi>; <bdi>up to ");
        page.Header("Content-Security-Policy")!.ShouldStartWith("default-src 'none'");
        var json = (await register.Host.Get($"{address}.json", role: null)).ShouldBeRead();
        json.Text("framework").ShouldBe("EU-IOM cooperation");
        json["figure"]!["staffKnown"]!.GetValue<int>().ShouldBe(6);
        json["evidence"]!.Text("sha256").Length.ShouldBe(64);
        (await register.Host.Get($"{address}.csv", role: null)).Text.ShouldContain("EU-IOM cooperation,1,0,6,0,6,6,6,false");
        (await register.Host.Get($"{address}.svg", role: null)).Text.ShouldContain("Staff involved: 6.");
        foreach (var form in new[] { "", ".json", ".csv", ".svg" })
        {
            var text = (await register.Host.Get(address + form, role: null)).Text;
            foreach (var secret in people.Append(held.Id).Select(id => $"{id}").Append("Senior officials' meeting").Append("Person 1"))
                text.ShouldNotContain(secret, customMessage: form);
        }

        var withdrawn = (
            await register.Host.Post($"{Path}/{published.Id}/withdraw", new { reason = "Counted <twice>" }, "analyst")
        ).ShouldBeAccepted();
        await register.Host.Reaches(withdrawn.Position);
        (await register.Host.Get(address, role: null)).Text.ShouldContain("Counted &lt;twice&gt;");
        (await register.Host.Get($"/public/figures/{Guid.NewGuid()}", role: null)).ShouldBeProblem(404, "not-found");
        (await register.Host.Get("/public/figures/none.json", role: null)).ShouldBeProblem(404, "not-found");
    }

    [Fact]
    public async Task A_publication_is_withdrawn_and_stays_in_the_list()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var published = await Publish(cooperation, await Held(cooperation));
        var withdrawn = await register.Host.Post($"{Path}/{published.Id}/withdraw", new { reason = "Superseded" }, "analyst");

        (await Read(published.Id, withdrawn.Position))["withdrawn"]!.Text("reason").ShouldBe("Superseded");
        var items = new List<JsonNode>();
        for (string? next = $"{Path}?minPosition={withdrawn.Position}&limit=500"; next is not null; )
        {
            var page = await register.Host.Get(next, "analyst");
            items.AddRange(page.ShouldBeRead()["items"]!.AsArray().Select(i => i!));
            next = page.Header("Link") is { } link ? link[1..link.IndexOf('>', StringComparison.Ordinal)] : null;
        }

        items.Single(i => i["id"]!.GetValue<Guid>() == published.Id)["withdrawn"]!.Text("reason").ShouldBe("Superseded");
    }

    [Fact]
    public async Task A_repeat_answers_as_the_first_did_although_more_has_happened_since()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var held = await Held(cooperation);
        (await register.Host.Read($"/v1/meetings/{held.Id}", held.Position)).ShouldBeRead();
        var body = new { id = Guid.NewGuid(), framework = cooperation.Framework };
        var first = (await register.Host.Post(Path, body, "analyst")).ShouldBeAccepted(201);
        await Held(cooperation);

        (await register.Host.Post(Path, body, "analyst")).ShouldBeAccepted(201).Text.ShouldBe(first.Text);
        (
            await register.Host.Post(
                Path,
                new
                {
                    body.id,
                    body.framework,
                    level = "senior-officials",
                },
                "analyst"
            )
        ).ShouldBeProblem(409, "id-in-use", "/level");
    }

    [Fact]
    public async Task What_cannot_be_stated_is_not_published()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var held = await Held(cooperation);
        var known = $"{held.Position}";
        await register.Host.Reaches(held.Position);

        (await register.Host.Post(Path, new { framework = Guid.NewGuid() }, "analyst")).ShouldBeProblem(
            422,
            "unknown-reference",
            "/framework"
        );
        (await register.Host.Post(Path, new { framework = cooperation.Framework, knownAt = "0" }, "analyst")).ShouldBeProblem(
            422,
            "invalid",
            "/framework"
        );
        (
            await register.Host.Post(
                Path,
                new
                {
                    framework = cooperation.Framework,
                    knownAt = known,
                    level = "ministers",
                },
                "analyst"
            )
        ).ShouldBeProblem(422, "invalid", "/level");
        (
            await register.Host.Post(
                Path,
                new
                {
                    framework = cooperation.Framework,
                    knownAt = known,
                    party = "AU",
                },
                "analyst"
            )
        ).ShouldBeProblem(422, "invalid", "/party");
        (await register.Host.Post(Path, new { knownAt = "2999-01-01T00:00:00Z" }, "analyst")).ShouldBeProblem(422, "invalid", "/knownAt");
        (await register.Host.Post(Path, new { knownAt = "yesterday" }, "analyst")).ShouldBeProblem(422, "invalid", "/knownAt");
        (await register.Host.Post(Path, new { knownAt = $"{long.MaxValue}" }, "analyst")).ShouldBeProblem(503, "busy");
    }

    private async Task<Answer> Publish(Cooperation cooperation, Answer after)
    {
        await register.Host.Reaches(after.Position);
        return (
            await register.Host.Post(
                Path,
                new
                {
                    framework = cooperation.Framework,
                    asOf = "2018",
                    knownAt = $"{after.Position}",
                    acknowledgeSmallCells = true,
                },
                "analyst"
            )
        ).ShouldBeAccepted(201);
    }

    private async Task<JsonNode> Read(Guid id, long position) =>
        (await register.Host.Read($"{Path}/{id}", position, "analyst")).ShouldBeRead();

    private static async Task<Answer> Held(Cooperation cooperation, params Guid[] people)
    {
        var body = cooperation.Meeting();
        if (people.Length > 0)
            body["attendees"] = Bodies.Of(new { attendees = people.Select(p => cooperation.Attendee(p, "delegate", "attended")) })[
                "attendees"
            ]!.DeepClone();
        return (await cooperation.Host.Post("/v1/meetings/record-held", body)).ShouldBeAccepted(201);
    }
}
