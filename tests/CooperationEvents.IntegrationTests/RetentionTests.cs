using System.Text.Json.Nodes;
using CooperationEvents.Kernel;
using CooperationEvents.People;
using CooperationEvents.Privacy;
using CooperationEvents.Recording;
using CooperationEvents.Testing;
using Microsoft.Extensions.DependencyInjection;
using Wolverine;

namespace CooperationEvents.IntegrationTests;

/// <summary>Fields of a person that have been kept as long as the rules say are destroyed, and nothing else is.</summary>
public sealed class RetentionTests : IAsyncLifetime
{
    private readonly MovableClock _clock = new();
    private readonly string _email = $"grace-{Guid.NewGuid():n}@example.org";
    private readonly object _reference = Commands.External();
    private TestDatabase _database = null!;
    private RegisterHost _host = null!;
    private Cooperation _cooperation = null!;
    private bool _hasEnded;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.Create();
        _host = await RegisterHost.Start(_database, clock: _clock, settings: [("Audit:CheckpointMilliseconds", "50")]);
        _cooperation = await Cooperation.Start(_host);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_hasEnded)
            await _host.DisposeAsync();
        Directory.Delete(_host.DataDirectory, recursive: true);
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task What_is_due_is_said_before_and_is_what_expires_and_nothing_else_changes()
    {
        var began = DateOnly.FromDateTime(DateTime.UtcNow);
        var person = await Known();
        var other = await _cooperation.Person("Alan Turing");
        var meeting = (await _host.Post("/v1/meetings/record-held", _cooperation.Meeting())).ShouldBeAccepted(201).Id;
        var attended = await _cooperation.Do(
            $"/v1/meetings/{meeting}/attendance",
            new
            {
                attendees = new[] { _cooperation.Attendee(person, status: "attended"), _cooperation.Attendee(other, status: "attended") },
            }
        );
        await _host.Reaches(attended.Position);
        var (figures, ended) = (await Figures(), DateOnly.FromDateTime(DateTime.UtcNow));
        (await Due("contactDays=10"))["items"]!.AsArray().ShouldBeEmpty();
        _clock.Move(TimeSpan.FromDays(11));

        var due = await Due("contactDays=10&postDays=50");

        var item = due["items"]!.AsArray().ShouldHaveSingleItem()!;
        item["personId"]!.GetValue<Guid>().ShouldBe(person);
        var registered = DateOnly.Parse(item.Text("lastActivity"));
        registered.ShouldBeInRange(began, ended);
        item["due"]!.ToJsonString().ShouldBe($$"""[{"class":"contact","since":"{{registered.AddDays(11):yyyy-MM-dd}}"}]""");
        due["counts"]!
            .AsArray()
            .Select(c => (c!.Text("class"), c!["due"]!.GetValue<int>()))
            .ShouldBe([("identity", 0), ("contact", 1), ("post", 0), ("texts", 0)]);
        (await Due(""))["items"]!.AsArray().ShouldBeEmpty("there is no rule");
        (await Read(person)).Text("email").ShouldBe(_email);

        await Expire(contact: 10, post: 50);

        var read = await Read(person);
        (read["email"], read.Text("name"), read["erased"]).ShouldBe((null, "Grace Hopper", null));
        read["expired"]!.ToJsonString().ShouldBe("""["email"]""");
        read["affiliations"]![0]!.Text("function").ShouldBe("Director");
        read["externalReference"].ShouldNotBeNull();
        (await _cooperation.History(person)).ShouldBe(["person_registered", "affiliation_started", "person_fields_expired"]);
        (await _cooperation.History(other)).ShouldBe(["person_registered"]);
        (await Due(""))["items"]!.AsArray().ShouldBeEmpty();

        (await _host.Get($"/v1/people?email={_email}", "privacy")).ShouldBeRead()["items"]!.AsArray().ShouldBeEmpty();
        (await _host.Get("/v1/people?name=hopper", "privacy")).ShouldBeRead()["items"]!.AsArray().Count.ShouldBe(1);
        (await _host.Get("/v1/people", "privacy", ("Accept", "text/csv"))).Text.ShouldNotContain(_email);
        var report = (await _host.Get($"/v1/people/{person}/access-report", "privacy")).ShouldBeRead();
        report.ToJsonString().ShouldNotContain(_email);
        var field = report["fields"]!.AsArray().Single(f => f!.Text("field") == "email")!;
        (field["text"], field["expired"]!.GetValue<bool>()).ShouldBe((null, true));
        var events = await _host.Get($"/v1/audit/streams/{person}", "admin");
        events.Text.ShouldNotContain(_email);
        var first = events.Json["items"]![0]!;
        (first["personal"]!.Text("name"), first["expired"]![0]!.GetValue<string>(), first["unreadable"]).ShouldBe(
            ("Grace Hopper", "email", null)
        );
        (await _host.Get($"/v1/audit/streams/{person}/state", "admin")).Text.ShouldNotContain(_email);
        (await _host.Get($"/v1/people/{person}", "analyst")).ShouldBeRead()["expired"].ShouldBeNull();

        (await Figures()).ShouldBe(figures);
        await AllIsWell();
        _host.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_given_after_fields_expired_is_kept_anew_and_repeats_are_still_known()
    {
        var body = Body();
        var first = (await _host.Post("/v1/people", body)).ShouldBeAccepted(201);
        var affiliation = new
        {
            id = Guid.NewGuid(),
            organisationId = _cooperation.Home,
            function = "Adviser",
        };
        await _host.Post($"/v1/people/{first.Id}/affiliations", affiliation);
        _clock.Move(TimeSpan.FromDays(11));
        await Expire(contact: 10, post: 10);
        var expired = (await _cooperation.History(first.Id)).Count;

        (await _host.Post("/v1/people", body)).ShouldBeAccepted(201).Id.ShouldBe(first.Id);
        (await _host.Post($"/v1/people/{first.Id}/affiliations", affiliation)).ShouldBeAccepted(201);
        (await _cooperation.History(first.Id)).Count.ShouldBe(expired);
        body["name"] = "Grace B. Hopper";
        (await _host.Post("/v1/people", body)).ShouldBeProblem(409, "id-in-use", "/name");

        // The same address is another value: that it was known is not known any more.
        var corrected = await _cooperation.Do($"/v1/people/{first.Id}/correct", new { reason = "She is back", email = _email });

        await _host.Reaches(corrected.Position);
        var read = await Read(first.Id);
        read.Text("email").ShouldBe(_email);
        read["expired"]!.ToJsonString().ShouldBe("""["function","grade"]""");
        (await _host.Get($"/v1/people?email={_email}", "privacy")).ShouldBeRead()["items"]!.AsArray().Count.ShouldBe(1);
        await Expire(contact: 20, post: 20);
        (await Read(first.Id)).Text("email").ShouldBe(_email);
        (await Due("contactDays=20"))["items"]!.AsArray().ShouldBeEmpty();

        // What is recorded is recorded by the database's clock.
        _clock.Move(TimeSpan.FromDays(10));
        await Expire(contact: 20, post: 20);

        (await Read(first.Id))["email"].ShouldBeNull();
        (await _cooperation.History(first.Id)).Count(type => type == "person_fields_expired").ShouldBe(2);
        await AllIsWell();
    }

    [Fact]
    public async Task A_name_and_how_others_named_the_person_expire_and_the_next_who_is_named_so_is_somebody_else()
    {
        var first = (await _host.Post("/v1/people", Body())).ShouldBeAccepted(201);
        var meeting = (await _host.Post("/v1/meetings/record-held", _cooperation.Meeting())).ShouldBeAccepted(201).Id;
        await _cooperation.Do(
            $"/v1/meetings/{meeting}/attendance",
            new
            {
                attendees = new[]
                {
                    new
                    {
                        personId = _reference,
                        organisationId = _cooperation.Home,
                        status = "attended",
                    },
                },
            }
        );
        _clock.Move(TimeSpan.FromDays(11));

        await Expire(identity: 10, contact: 10, post: 10, texts: 10);

        var read = await Read(first.Id);
        foreach (var field in new[] { "name", "email", "externalReference" })
            read[field].ShouldBeNull(field);
        read["expired"]!.ToJsonString().ShouldBe("""["name","email","externalReference","function","grade"]""");
        foreach (var table in new[] { "external_reference", "likeness" })
            (await _database.Scalar<long>($"select count(*) from recording.{table} where stream_id = $1", first.Id)).ShouldBe(0, table);
        var next = (await _host.Post("/v1/people", new { name = "Grace Hopper", externalReference = _reference })).ShouldBeAccepted(201);
        next.Id.ShouldNotBe(first.Id);
        next.Json["possibleDuplicates"].ShouldBeNull();
        await AllIsWell();
    }

    /// <summary>What it said is not compared any more: its digest went with the fields.</summary>
    [Fact]
    public async Task An_event_that_comes_again_after_fields_expired_is_the_same_still()
    {
        var registered = Event("Grace Hopper");
        var first = (await Posted(registered)).ShouldBeAccepted(200);
        _clock.Move(TimeSpan.FromDays(11));
        await Expire(identity: 10);
        (await Read(first.Id))["name"].ShouldBeNull();

        foreach (var again in new[] { registered, Event("Alan Turing") })
        {
            var answer = await Posted(again);
            (answer.Json.Text("outcome"), answer.Id, answer.Position).ShouldBe(("duplicate", first.Id, first.Position));
        }

        (
            await _database.Scalar<long>(
                "select count(*) from recording.remembered_answer where stream_id = $1 and body_digest <> ''",
                first.Id
            )
        ).ShouldBe(0);
        (await _cooperation.History(first.Id)).ShouldBe(["person_registered", "person_fields_expired"]);
        await AllIsWell();
    }

    [Fact]
    public async Task Who_is_merged_goes_by_the_last_of_all_and_who_is_restricted_is_kept()
    {
        var line = new[] { await Known(), await Known(), await Known(), await Known() };
        await _cooperation.Do($"/v1/people/{line[0]}/merge", new { into = line[1], reason = "one" });
        var next = DateTime.UtcNow.AddDays(5);
        var meeting = (await _cooperation.Schedule(("start", $"{next:yyyy-MM-dd}"))).Id;
        await _cooperation.Do($"/v1/meetings/{meeting}/registrations", new { attendees = new[] { _cooperation.Attendee(line[0]) } });
        (await _host.Post($"/v1/people/{line[2]}/restrict", new { reason = "A dispute", restricted = true }, "privacy")).ShouldBeAccepted();
        _clock.Move(TimeSpan.FromDays(14));

        await Expire(contact: 10);
        (await Expired()).ShouldBe([line[3]]);

        _clock.Move(TimeSpan.FromDays(2));
        await Expire(contact: 10);
        (await Expired()).ShouldBe([line[0], line[1], line[3]], ignoreOrder: true);
    }

    [Fact]
    public async Task A_run_that_was_killed_is_finished_by_the_next_and_another_node_drops_what_it_knew()
    {
        var person = await Known();
        await using var other = await RegisterHost.Start(_database, _host.DataDirectory, _clock);
        (await other.Get($"/v1/people/{person}", "privacy")).ShouldBeRead().Text("email").ShouldBe(_email);

        // As if it had been killed once that was recorded.
        var recorded = (
            await _host
                .Services.GetRequiredService<Recorder>()
                .Record(
                    new Submission(Caller.Itself("retention"), work =>
                        work.Change<Person>(person, p => RetentionRules.Expire(p, [new FieldSalt(FieldClass.Contact, 1)]))
                    ),
                    CancellationToken.None
                )
        ).ShouldBeOfType<CommandResult.Accepted>();
        await _host.Reaches(recorded.Position);
        (await Replay())["differences"]!.GetValue<long>().ShouldBe(1, "it is recorded, and the salt is there");

        await using (var scope = _host.Services.CreateAsyncScope())
            await scope.ServiceProvider.GetRequiredService<IMessageBus>().PublishAsync(new ExpireFields());

        await Wait.Until("both nodes to have dropped it", async () =>
            (await Read(person))["email"] is null && (await other.Get($"/v1/people/{person}", "privacy")).Json["email"] is null
        );
        (await Read(person))["expired"]!.ToJsonString().ShouldBe("""["email"]""");
        (await _cooperation.History(person)).Count(type => type == "person_fields_expired").ShouldBe(1);
        await AllIsWell();
    }

    [Fact]
    public async Task What_expired_since_a_backup_is_destroyed_again_before_the_restored_database_is_served_and_recorded_again()
    {
        var person = await Known();
        await using var backup = await _database.Copy();
        _clock.Move(TimeSpan.FromDays(11));
        await Expire(contact: 10);
        await Audit.Log.CoversAll(_host);
        (await Salts(backup, person)).ShouldBe(["contact", "identity", "post"]);
        await _host.DisposeAsync();
        _hasEnded = true;
        await ServiceProcess.Recover(backup, _host.DataDirectory);

        await using var restored = await RegisterHost.Start(backup, _host.DataDirectory, _clock);

        (await Salts(backup, person)).ShouldBe(["identity", "post"]);
        var recorded = await backup.Scalar<long>($"select max(seq_id) from register.mt_events where stream_id = '{person}'");
        var read = (await restored.Read($"/v1/people/{person}", recorded, "privacy")).ShouldBeRead();
        (read["email"], read.Text("name"), read["expired"]!.ToJsonString()).ShouldBe((null, "Grace Hopper", """["email"]"""));

        await restored.Services.GetRequiredService<FieldExpiry>().Run(CancellationToken.None);
        (await Cooperation.History(restored, person)).ShouldBe(["person_registered", "affiliation_started", "person_fields_expired"]);
        (await restored.Post($"/v1/people/{person}/correct", new { reason = "back", email = _email })).ShouldBeAccepted();
        (await Salts(backup, person)).ShouldBe(["contact", "identity", "post", "texts"]);
    }

    [Fact]
    public async Task An_operator_asks_what_would_expire_and_nothing_does()
    {
        var person = await Known();
        await _host.Reaches(await _database.Scalar<long>("select max(seq_id) from register.mt_events"));
        await Audit.Tamper.Do(
            _database,
            "update views.mt_doc_personview set data = jsonb_set(data, '{email,ciphertext}', to_jsonb(split_part(data #>> "
                + $"'{{email,ciphertext}}', ':', 2))) where id = '{person}'"
        );
        await Audit.Tamper.Do(_database, $"update register.mt_events set timestamp = '1990-01-01' where stream_id = '{person}'");

        var (code, said) = await ServiceProcess.Command(
            _database,
            _host.DataDirectory,
            "people",
            "retention",
            "--Privacy:Retention:ContactDays=730",
            "--Privacy:Retention:PostDays=730"
        );

        code.ShouldBe(0, said);
        said.ShouldContain(
            $"{person}  last active 1990-01-01  contact due since 1992-01-02  post due since 1992-01-02  contact by erasure only"
        );
        said.ShouldContain("contact: kept 730 days, 1 due, 1 by erasure only");
        said.ShouldContain("texts: kept until erased, 0 due");
        (await Salts(_database, person)).ShouldBe(["contact", "identity", "post"]);
        (await ServiceProcess.Command(_database, _host.DataDirectory, "people", "retention", "--contact=1")).Code.ShouldBe(2);
        (
            await ServiceProcess.Command(_database, _host.DataDirectory, "people", "retention", "--Privacy:Retention:Contact=1")
        ).Output.ShouldContain("Privacy:Retention:Contact is no setting");
    }

    [Fact]
    public async Task Whose_fields_are_due_is_told_by_pages_to_who_manages_privacy_alone()
    {
        foreach (var _ in Enumerable.Range(0, 5))
            await Known();
        await _host.Reaches(await _database.Scalar<long>("select max(seq_id) from register.mt_events"));
        _clock.Move(TimeSpan.FromDays(11));

        var (found, path) = (new List<Guid>(), "/v1/people/retention?contactDays=1&limit=2");
        while (path is not null)
        {
            var page = await _host.Get(path, "privacy");
            page.ShouldBeRead()["counts"]![1]!["due"]!.GetValue<int>().ShouldBe(5);
            found.AddRange(page.Json["items"]!.AsArray().Select(i => i!["personId"]!.GetValue<Guid>()));
            path = page.Header("Link")?.Split('<', '>')[1];
        }

        found.Count.ShouldBe(5);
        found.Distinct().Count().ShouldBe(5);
        (await _host.Get("/v1/people/retention", "secretariat")).ShouldBeProblem(403, "forbidden");
        (await _host.Get("/v1/people/retention?contactDays=0", "privacy")).ShouldBeProblem(422, "invalid", "/contactDays");
    }

    private JsonObject Body() =>
        Bodies.Of(
            new
            {
                id = Guid.NewGuid(),
                name = "Grace Hopper",
                email = _email,
                externalReference = _reference,
                affiliation = new
                {
                    organisationId = _cooperation.Home,
                    function = "Director",
                    grade = "AD14",
                },
            }
        );

    private async Task<Guid> Known()
    {
        var body = Body();
        body["externalReference"] = Bodies.Of(Commands.External());
        return (await _host.Post("/v1/people", body)).ShouldBeAccepted(201).Id;
    }

    private static JsonObject Event(string name) =>
        new()
        {
            ["specversion"] = "1.0",
            ["id"] = "reg-1",
            ["source"] = "https://desk.example.org",
            ["type"] = "org.cooperation.register-person.v1",
            ["data"] = new JsonObject { ["name"] = name },
        };

    private async Task<Answer> Posted(JsonObject cloudEvent)
    {
        using var content = new StringContent(cloudEvent.ToJsonString(), null, "application/cloudevents+json");
        return await _host.Post("/v1/events", content);
    }

    private async Task Expire(int? identity = null, int? contact = null, int? post = null, int? texts = null)
    {
        var rules = _host.Services.GetRequiredService<PrivacyOptions>().Retention;
        (rules.IdentityDays, rules.ContactDays, rules.PostDays, rules.TextsDays) = (identity, contact, post, texts);
        await _host.Services.GetRequiredService<FieldExpiry>().Run(CancellationToken.None);
        await _host.Reaches(await _database.Scalar<long>("select max(seq_id) from register.mt_events"));
    }

    private async Task<JsonNode> Due(string query) => (await _host.Get($"/v1/people/retention?{query}", "privacy")).ShouldBeRead();

    private async Task<JsonNode> Read(Guid person) => (await _host.Get($"/v1/people/{person}", "privacy")).ShouldBeRead();

    private async Task<string> Figures() =>
        (await _host.Get($"/v1/statistics/cumulative?framework={_cooperation.Framework}&asOf=2019-01-01", "analyst")).ShouldBeRead()[
            "staff"
        ]!.ToJsonString();

    private async Task<IEnumerable<Guid>> Expired() =>
        (await _database.Rows("select stream_id from register.mt_events where type = 'person_fields_expired'")).Select(r => (Guid)r[0]!);

    private static async Task<IEnumerable<string>> Salts(TestDatabase database, Guid person) =>
        (
            await database.Rows("select class from keys.field_salt where person_id = $1 and wrapped is not null order by class", person)
        ).Select(r => (string)r[0]!);

    private Task<JsonNode> Replay() => Audit.Replays.Run(_host);

    /// <summary>The log verifies, and a replay finds nothing.</summary>
    private async Task AllIsWell()
    {
        await Audit.Log.CoversAll(_host);
        (await Audit.Verify.Export(_host)).Findings.ShouldBeEmpty();
        var replay = await Replay();
        replay["differences"]!.GetValue<long>().ShouldBe(0, replay.ToJsonString());
    }
}
