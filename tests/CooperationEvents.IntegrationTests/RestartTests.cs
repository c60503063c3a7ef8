using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests;

/// <summary>
/// What lies in the database outlives the process, and several processes share it. These tests have a database of their own.
/// </summary>
public sealed class RestartTests
{
    [Fact]
    public async Task A_restarted_service_replays_reads_and_opens_what_it_recorded_before()
    {
        await using var database = await TestDatabase.CreateEmpty();
        var key = ("Idempotency-Key", "once");
        var body = new { name = "Grace Hopper", email = "grace@example.org" };
        Answer first;
        string directory;
        IReadOnlyDictionary<string, string> keys;
        await using (var host = await RegisterHost.Start(database))
        {
            first = (await host.Post("/v1/people", body, "recorder", key)).ShouldBeAccepted(201);
            (directory, keys) = (host.DataDirectory, host.Keys);
        }

        // An answer is remembered for a day at least.
        var clock = new MovableClock();
        clock.Move(TimeSpan.FromHours(23.9));
        await using var restarted = await RegisterHost.Start(database, directory, clock);

        restarted.Keys.ShouldBe(keys);
        (await restarted.Post("/v1/people", body, "recorder", key)).ShouldReplay(first);
        (await restarted.Read($"/v1/people/{first.Id}", first.Position, "privacy")).ShouldBeRead().Text("name").ShouldBe("Grace Hopper");
        (await restarted.Post("/v1/people", new { name = "Somebody Else" }, "recorder", key)).ShouldBeProblem(
            422,
            "idempotency-key-reused"
        );
        restarted.Errors.ShouldBeEmpty();
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task A_meeting_is_held_on_its_first_day_by_the_services_clock_and_recorded_at_the_databases_time()
    {
        await using var database = await TestDatabase.Create();
        var clock = new MovableClock();
        clock.MoveTo(new DateTimeOffset(2031, 3, 31, 18, 0, 0, TimeSpan.Zero));
        await using var host = await RegisterHost.Start(database, clock: clock);
        var cooperation = await Cooperation.Start(host);
        var meeting = await cooperation.Schedule(("start", "2031-04-01T09:30"), ("timeZone", "Europe/Brussels"));

        (await host.Post($"/v1/meetings/{meeting.Id}/hold", new { })).ShouldBeProblem(409, "meeting-not-begun", "/heldFrom");
        clock.MoveTo(new DateTimeOffset(2031, 3, 31, 22, 1, 0, TimeSpan.Zero));
        (await host.Post($"/v1/meetings/{meeting.Id}/hold", new { })).ShouldBeAccepted();

        (
            await database.Scalar<bool>("select max(timestamp) between now() - interval '5 minutes' and now() from register.mt_events")
        ).ShouldBeTrue();
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    [Fact]
    public async Task Two_nodes_share_one_register()
    {
        await using var database = await TestDatabase.Create();
        await using var one = await RegisterHost.Start(database);
        await using var other = await RegisterHost.Start(database, one.DataDirectory);
        var cooperation = await Cooperation.Start(one);
        var people = await cooperation.People(60);
        var meeting = await cooperation.Schedule();

        // Both lose races to each other; nobody is refused, and nothing is recorded twice.
        var answers = await Task.WhenAll(
            people.Select(
                (person, i) =>
                    (i % 2 == 0 ? one : other).Post(
                        $"/v1/meetings/{meeting.Id}/registrations",
                        new { attendees = new[] { cooperation.Attendee(person) } },
                        "recorder",
                        ("Idempotency-Key", $"{person}")
                    )
            )
        );
        answers.Select(a => a.ShouldBeAccepted().Version).ShouldBeUnique();
        var repeats = await Task.WhenAll(
            people.Select(
                (person, i) =>
                    (i % 2 == 0 ? other : one).Post(
                        $"/v1/meetings/{meeting.Id}/registrations",
                        new { attendees = new[] { cooperation.Attendee(person) } },
                        "recorder",
                        ("Idempotency-Key", $"{person}")
                    )
            )
        );
        foreach (var (repeat, answer) in repeats.Zip(answers))
            repeat.ShouldReplay(answer);

        var body = new
        {
            name = "EEAS",
            shortName = "EEAS",
            externalReference = Commands.External(),
        };
        var created = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => (i % 2 == 0 ? one : other).Post("/v1/organisations", body)));
        created.Select(a => a.ShouldBeAccepted(201).Text).Distinct().ShouldHaveSingleItem();

        var last = created.Concat(answers).Max(a => a.Position);
        (await other.Read($"/v1/meetings/{meeting.Id}", last)).ShouldBeRead()["registrations"]!.AsArray().Count.ShouldBe(60);
        one.Errors.ShouldBeEmpty();
        other.Errors.ShouldBeEmpty();
        Directory.Delete(one.DataDirectory, recursive: true);
    }

    [Fact]
    public async Task A_node_that_reads_all_facts_answers_as_one_that_followed_them()
    {
        await using var database = await TestDatabase.Create();
        await using var follower = await RegisterHost.Start(database);
        var cooperation = await Cooperation.Start(follower);
        string[] questions =
        [
            $"/v1/statistics/cumulative?framework={cooperation.Framework}&asOf=2026-01-01",
            $"/v1/statistics/breakdown?framework={cooperation.Framework}&by=organisation&asOf=2026-01-01",
            $"/v1/statistics/breakdown?framework={cooperation.Framework}&by=role&asOf=2026-01-01",
        ];
        var people = await cooperation.People(200);
        var meetings = new[] { await cooperation.Schedule(), await cooperation.Schedule() };
        foreach (var meeting in meetings)
            await cooperation.Do($"/v1/meetings/{meeting.Id}/hold", new { });

        var last = await follower.Read(questions[0], meetings[1].Position, "analyst");

        // By turns, so that the attendances of both lie on many pages of the table, which are shared out.
        foreach (
            var attendees in people
                .Select(
                    (person, i) =>
                        new
                        {
                            personId = person,
                            organisationId = i % 3 == 0 ? cooperation.Iom : cooperation.Home,
                            role = i % 5 == 0 ? "observer" : "delegate",
                            status = "attended",
                        }
                )
                .Chunk(20)
        )
        {
            foreach (var meeting in meetings)
                last = await cooperation.Do($"/v1/meetings/{meeting.Id}/attendance", new { attendees });
        }

        var followed = await Task.WhenAll(questions.Select(q => follower.Read(q, last.Position, "analyst")));
        await using var fresh = await RegisterHost.Start(database, follower.DataDirectory);
        var read = await Task.WhenAll(questions.Select(q => fresh.Read(q, last.Position, "analyst")));

        (
            await database.Scalar<long>("select pg_relation_size('facts.attendance') / current_setting('block_size')::int")
        ).ShouldBeGreaterThan(3);
        followed[0].ShouldBeRead()["attendances"]!.GetValue<int>().ShouldBe(320);
        read.Select(a => a.ShouldBeRead().ToJsonString()).ShouldBe(followed.Select(a => a.ShouldBeRead().ToJsonString()));
        Directory.Delete(follower.DataDirectory, recursive: true);
    }

    [Fact]
    public async Task What_a_node_remembers_is_given_up_where_another_recorded_something_since()
    {
        await using var database = await TestDatabase.Create();
        await using var one = await RegisterHost.Start(database);
        await using var other = await RegisterHost.Start(database, one.DataDirectory);
        await using var third = await RegisterHost.Start(database, one.DataDirectory);
        var body = new
        {
            name = "EEAS",
            shortName = "EEAS",
            externalReference = Commands.External(),
        };
        var created = (await one.Post("/v1/organisations", body)).ShouldBeAccepted(201);
        Task<Answer> Rename(RegisterHost host, string name, string version) =>
            host.Post(
                $"/v1/organisations/{created.Id}/rename",
                new
                {
                    name,
                    shortName = "EEAS",
                    on = "2024",
                },
                "recorder",
                ("If-Match", $"\"{version}\"")
            );

        (await Rename(other, "Second", "1")).ShouldBeAccepted().Version.ShouldBe(2);
        (await Rename(one, "Third", "2")).ShouldBeAccepted().Version.ShouldBe(3);
        (await Rename(other, "Fourth", "2")).ShouldBeProblem(412, "precondition-failed");
        (await third.Post("/v1/organisations", body)).ShouldBeAccepted(201).Id.ShouldBe(created.Id);

        (await database.Scalar<long>("select count(*) from register.mt_events")).ShouldBe(3);
        Directory.Delete(one.DataDirectory, recursive: true);
    }

    [Fact]
    public async Task Nobody_is_erased_or_shown_by_a_version_that_is_old_by_another_node()
    {
        await using var database = await TestDatabase.Create();
        await using var one = await RegisterHost.Start(database);
        await using var other = await RegisterHost.Start(database, one.DataDirectory);
        var person = (await one.Post("/v1/people", new { name = "Grace Hopper" })).ShouldBeAccepted(201);
        Task<Answer> Ask(RegisterHost host, string what, object body, string version) =>
            host.Post($"/v1/people/{person.Id}/{what}", body, "privacy", ("If-Match", $"\"{version}\""));

        var restricted = (await Ask(other, "restrict", new { reason = "asked", restricted = true }, "1")).ShouldBeAccepted();
        (await Ask(one, "restrict", new { reason = "asked", restricted = false }, "1")).ShouldBeProblem(412, "precondition-failed");
        (await Ask(one, "erase", new { reason = "asked" }, "1")).ShouldBeProblem(412, "precondition-failed");

        var read = (await one.Read($"/v1/people/{person.Id}", restricted.Position, "privacy")).ShouldBeRead();
        (read["name"], read["restricted"]?.GetValue<bool>()).ShouldBe((null, true), read.ToJsonString());
        var lifted = (await Ask(one, "restrict", new { reason = "over", restricted = false }, "2")).ShouldBeAccepted();
        (await one.Read($"/v1/people/{person.Id}", lifted.Position, "privacy")).ShouldBeRead().Text("name").ShouldBe("Grace Hopper");
        Directory.Delete(one.DataDirectory, recursive: true);
    }

    [Fact]
    public async Task Every_event_of_a_new_register_is_in_its_read_models()
    {
        for (var register = 1; register <= 3; register++)
        {
            await using var database = await TestDatabase.Create();
            await using var host = await RegisterHost.Start(database);
            await Cooperation.Start(host);
            var last = 0L;
            for (var organisation = 1; organisation <= 12; organisation++)
                last = (await host.Post("/v1/organisations", new { name = $"Service {organisation}", shortName = "S" })).Position;
            await host.Reaches(last);

            (await database.Scalar<long>("select count(*) from views.mt_doc_organisationview")).ShouldBe(
                await database.Scalar<long>("select count(*) from register.mt_events where type = 'organisation_registered'"),
                $"register {register}"
            );
            Directory.Delete(host.DataDirectory, recursive: true);
        }
    }

    [Fact]
    public async Task When_the_connection_that_leads_the_read_models_is_cut_they_go_on_and_none_is_left_behind()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database);
        for (var cut = 1; cut <= 3; cut++)
        {
            var recorded = await Cooperation.Organisation(host, $"Organisation {cut}");
            await Followed(host, recorded);
            await database.Rows(
                "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database "
                    + "where datname = current_database())"
            );
        }

        await Followed(host, await Cooperation.Organisation(host, "The last"));
        await ListensOnce(database);
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    [Fact]
    public async Task A_node_by_itself_leads_the_read_models_the_log_and_the_webhooks()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database);
        await Wait.Until("three parts lead", async () =>
            await database.Scalar<long>(
                "select count(distinct pid) from pg_locks where locktype = 'advisory' and granted and database = (select oid from "
                    + "pg_database where datname = current_database())"
            ) == 3
        );
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    [Fact]
    public async Task A_read_model_that_cannot_be_written_is_tried_again_until_it_can_and_no_connection_is_left_behind()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database);
        await Followed(host, await Cooperation.Organisation(host, "The first"));
        await database.Rows("alter table views.mt_doc_organisationview rename to out_of_reach");
        var organisation = await Cooperation.Organisation(host, "The second");
        while (host.Errors.Count(e => e.Contains("trying again", StringComparison.Ordinal)) < 4)
            (await host.Get($"/v1/meetings?minPosition={long.MaxValue}")).ShouldBeProblem(503, "busy");

        await ListensOnce(database);
        await database.Rows("alter table views.out_of_reach rename to mt_doc_organisationview");
        await Followed(host, organisation);
        await ListensOnce(database);
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    /// <summary>Waits until one connection listens on each channel: one that was lost is replaced by the by, whoever needs it or not.</summary>
    private static Task ListensOnce(TestDatabase database) =>
        Wait.Until("one connection to listen on each channel", async () =>
            (
                await database.Rows(
                    "select substring(query from '(?i)^listen (\\w+)') from pg_stat_activity where datname = current_database() and query "
                        + "ilike 'listen %' order by 1"
                )
            )
                .Select(row => (string)row[0]!)
                .SequenceEqual(["cooperation_appended", "cooperation_keys"])
        );

    private static async Task Followed(RegisterHost host, Guid organisation)
    {
        var position = await host.Database.Scalar<long>("select max(seq_id) from register.mt_events");
        (await host.Read($"/v1/organisations/{organisation}", position)).ShouldBeRead();
    }
}
