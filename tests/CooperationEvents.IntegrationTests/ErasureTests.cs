using System.Text;
using System.Text.Json.Nodes;
using CooperationEvents.Privacy;
using CooperationEvents.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace CooperationEvents.IntegrationTests;

public sealed class ErasureTests(SharedRegister register)
{
    [Fact]
    public async Task An_erased_person_reads_null_and_says_so()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var person = await Known(cooperation);

        var erased = await Erase(person);

        erased.Json["done"]!.GetValue<bool>().ShouldBeTrue();
        erased.Json["erased"]!.AsArray().Select(id => id!.GetValue<Guid>()).ShouldBe([person]);
        DateOnly.Parse(erased.Json.Text("finalOn")).ShouldBeGreaterThan(DateOnly.FromDateTime(DateTime.UtcNow.AddDays(30)));
        var read = (await register.Host.Read($"/v1/people/{person}", erased.Position, "privacy")).ShouldBeRead();
        read["erased"]!.GetValue<bool>().ShouldBeTrue();
        foreach (var field in new[] { "name", "email", "externalReference" })
            read.AsObject().TryGetPropertyValue(field, out var value).ShouldBe(value is null, field);
        read["affiliations"]![0]!.AsObject().TryGetPropertyValue("grade", out var grade).ShouldBe(grade is null);
        read["affiliations"]![0]!["organisationId"]!.GetValue<Guid>().ShouldBe(cooperation.Home);
        read["affiliations"]![0]!["function"].ShouldBeNull();
        (await cooperation.History(person)).ShouldBe(["person_registered", "affiliation_started", "person_erased"]);
    }

    [Fact]
    public async Task Who_was_erased_is_said_to_be_so_at_each_version()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var (person, other) = (await Known(cooperation), await cooperation.Person());

        var erased = await Erase(person);

        foreach (var version in new[] { 1, 2, 3 })
        {
            foreach (var role in new[] { "admin", "auditor" })
            {
                var read = (await register.Host.Read(State(person, version), erased.Position, role)).ShouldBeRead();
                read["state"]!["erased"]!.GetValue<bool>().ShouldBeTrue();
            }
        }

        (await register.Host.Get(State(other, 1), "admin")).ShouldBeRead()["state"]!.AsObject().ContainsKey("erased").ShouldBeFalse();
        (await register.Host.Get($"/v1/audit/streams/{person}/difference?from=2&to=3", "admin")).ShouldBeRead()["changes"]!
            .AsArray()
            .ShouldContain(change => change!.Text("member") == "/erased");

        static string State(Guid person, int version) => $"/v1/audit/streams/{person}/state?version={version}";
    }

    /// <summary>As versions before kept them out, which took an address as it was written.</summary>
    [Fact]
    public async Task Who_was_erased_under_another_spelling_of_an_address_is_not_registered_anew()
    {
        var address = $"ana.{Guid.NewGuid():n}@example.org";
        string[] once = [$"mailto:{address}", $"<{address}>", $"{address}.", $"mailto:<{address}>"];
        var (mails, references) = (once.Select((_, i) => $"{i}{address}").ToList(), once.Select((_, i) => $"r{i}{address}").ToList());
        foreach (var (spelling, i) in once.Select((s, i) => (s, i)))
        {
            await KeepOut($"email\n{spelling.Replace(address, mails[i], StringComparison.Ordinal)}");
            await KeepOut($"reference\n3\ncrm\n{spelling.Replace(address, references[i], StringComparison.Ordinal)}");
        }

        await using var node = await RegisterHost.Start(register.Host.Database, register.Host.DataDirectory);

        foreach (var email in mails)
            (await node.Post("/v1/people", new { name = "Ana", email })).ShouldBeProblem(410, "erased", "/email");
        foreach (var id in references)
        {
            var externalReference = new { system = "crm", id };
            (await node.Post("/v1/people", new { name = "Ana", externalReference })).Status.ShouldBe(410, id);
        }

        (await node.Post("/v1/people", new { name = "Ana", email = address })).ShouldBeAccepted(201);

        async Task KeepOut(string name) =>
            await register.Host.Database.Rows(
                "insert into keys.erased_digest values ($1)",
                await register
                    .Host.Services.GetRequiredService<PersonalData>()
                    .Digest(Encoding.UTF8.GetBytes($"erased\n{name}"), TestContext.Current.CancellationToken)
            );
    }

    [Fact]
    public async Task An_erasure_that_is_repeated_answers_as_the_first_did()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var person = await Known(cooperation);
        var key = ("Idempotency-Key", Guid.NewGuid().ToString());

        var first = await register.Host.Post($"/v1/people/{person}/erase", new { reason = "asked" }, "privacy", key);
        var again = await register.Host.Post($"/v1/people/{person}/erase", new { reason = "asked" }, "privacy", key);
        var anew = await Erase(person);

        foreach (var answer in new[] { again, anew })
            (answer.Id, answer.Version, answer.Position, answer.Json.Text("finalOn")).ShouldBe(
                (first.Id, first.Version, first.Position, first.Json.Text("finalOn"))
            );
        (await cooperation.History(person)).Count(type => type == "person_erased").ShouldBe(1);
    }

    [Fact]
    public async Task Who_is_merged_goes_together()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var line = new[] { await cooperation.Person(), await cooperation.Person(), await cooperation.Person(), await cooperation.Person() };
        await cooperation.Do($"/v1/people/{line[0]}/merge", new { into = line[1], reason = "one" });
        await cooperation.Do($"/v1/people/{line[2]}/merge", new { into = line[1], reason = "one" });
        await cooperation.Do($"/v1/people/{line[3]}/merge", new { into = line[1], reason = "one" });
        await cooperation.Do($"/v1/people/{line[3]}/unmerge", new { reason = "not one" });

        var erased = await Erase(line[0]);

        erased.Json["erased"]!.AsArray().Select(id => id!.GetValue<Guid>()).ShouldBe(line[..3], ignoreOrder: true);
        foreach (var person in line[..3])
            (await cooperation.History(person))[^1].ShouldBe("person_erased");
        (await cooperation.Host.Read($"/v1/people/{line[3]}", erased.Position, "privacy"))
            .ShouldBeRead()
            .Text("name")
            .ShouldBe("Ada Lovelace");
    }

    [Fact]
    public async Task Another_node_has_dropped_the_key_once_the_erasure_is_done()
    {
        var person = await Person();
        await using var other = await RegisterHost.Start(register.Host.Database, register.Host.DataDirectory);
        (await other.Get($"/v1/audit/streams/{person.Id}", "admin")).Text.ShouldContain(person.Name);

        (await Erase(person.Id)).Json["done"]!.GetValue<bool>().ShouldBeTrue();

        (await other.Get($"/v1/audit/streams/{person.Id}", "admin")).ShouldBeRead().ToJsonString().ShouldNotContain(person.Name);
    }

    [Fact]
    public async Task A_node_that_hears_nothing_keeps_no_key_for_longer_than_a_minute()
    {
        var person = await Person();
        var clock = new LeapingClock();
        await using var deaf = await RegisterHost.Start(register.Host.Database, register.Host.DataDirectory, clock);
        (await deaf.Get($"/v1/audit/streams/{person.Id}", "admin")).Text.ShouldContain(person.Name);

        // As an erasure does it, but for the signal.
        await register.Host.Database.Rows(
            "update keys.person_key set state = 'destroyed', wrapped = null, destroyed_at = now() where person_id = $1",
            person.Id
        );

        (await deaf.Get($"/v1/audit/streams/{person.Id}", "admin")).Text.ShouldContain(person.Name, customMessage: "it is kept meanwhile");
        clock.Leap(TimeSpan.FromSeconds(60));
        (await deaf.Get($"/v1/audit/streams/{person.Id}", "admin")).ShouldBeRead().ToJsonString().ShouldNotContain(person.Name);
        await Erase(person.Id);
    }

    [Fact]
    public async Task Whatever_names_an_erased_person_is_answered_410_and_records_nothing()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var reference = Commands.External();
        var body = Bodies.Of(
            new
            {
                id = Guid.NewGuid(),
                name = "Grace Hopper",
                email = "grace.hopper@example.org",
                externalReference = reference,
            }
        );
        var person = (await register.Host.Post("/v1/people", body)).ShouldBeAccepted(201).Id;
        var other = await cooperation.Person();
        var meeting = (await cooperation.Schedule()).Id;
        await cooperation.Do($"/v1/meetings/{meeting}/registrations", new { attendees = new[] { cooperation.Attendee(person) } });
        await cooperation.Do(
            $"/v1/meetings/{meeting}/attendance",
            new { attendees = new[] { cooperation.Attendee(person, status: "absent") } }
        );
        await Erase(person);
        var correlation = $"{Guid.NewGuid()}";

        await Gone("/v1/people", body);
        await Gone("/v1/people", new { id = person, name = "Somebody Else" });
        await Gone("/v1/people", new { name = "Grace Hopper", externalReference = reference });
        await Gone("/v1/people", new { name = "G. Hopper", email = " Grace.Hopper@EXAMPLE.org".Trim() });
        await Gone($"/v1/people/{person}/correct", new { reason = "misspelt", name = "Grace B. Hopper" });
        await Gone($"/v1/people/{other}/correct", new { reason = "hers now", email = "Grace.Hopper@example.org" });
        await Gone($"/v1/people/{person}/affiliations", new { organisationId = cooperation.Home });
        await Gone($"/v1/people/{person}/merge", new { into = other, reason = "one" });
        await Gone($"/v1/people/{other}/merge", new { into = person, reason = "one" });
        await Gone($"/v1/people/{other}/merge", new { into = reference, reason = "one" });
        await Gone($"/v1/people/{person}/unmerge", new { reason = "two" });
        await Gone($"/v1/people/{person}/restrict", new { reason = "asked", restricted = true }, "privacy");
        await Gone(
            $"/v1/meetings/{meeting}/registrations",
            new { attendees = new[] { cooperation.Attendee(other), cooperation.Attendee(person) } }
        );
        await Gone($"/v1/meetings/{meeting}/registrations/{person}/withdraw", new { reason = "ill" });
        await Gone($"/v1/meetings/{meeting}/attendance", new { attendees = new[] { cooperation.Attendee(person, status: "attended") } });
        await Gone($"/v1/meetings/{meeting}/attendance/{person}/correct", new { reason = "was there", status = "attended" });
        await Gone($"/v1/meetings/{meeting}/hosts", new { hosts = new[] { new { organisationId = cooperation.Home, personId = person } } });
        await Gone(
            "/v1/meetings/record-held",
            cooperation.Meeting(
                (
                    "attendees",
                    new JsonArray(
                        new JsonObject
                        {
                            ["personId"] = person,
                            ["organisationId"] = cooperation.Home,
                            ["status"] = "attended",
                        }
                    )
                )
            )
        );

        (
            await register.Host.Database.Scalar<long>("select count(*) from register.mt_events where correlation_id = $1", correlation)
        ).ShouldBe(0);
        (
            await register.Host.Database.Scalar<long>(
                "select count(*) from keys.person_key where person_id = $1 and wrapped is null and destroyed_at is not null",
                person
            )
        ).ShouldBe(1);

        async Task Gone(string path, object command, string role = "recorder")
        {
            var answer = (await register.Host.Post(path, command, role, ("X-Correlation-Id", correlation))).ShouldBeAnyProblem();
            (answer.Status, answer.Json.Text("type")).ShouldBe((410, "/problems/erased"), answer.ToString());
            answer.Text.ShouldNotContain("Hopper");
        }
    }

    /// <summary>Neither id nor reference says who it is: the key alone tells a repeat.</summary>
    [Fact]
    public async Task A_request_that_registered_an_erased_person_registers_nobody_when_it_is_repeated()
    {
        var key = ("Idempotency-Key", Guid.NewGuid().ToString());
        var (body, other) = (new { name = $"Grace {Guid.NewGuid():n}" }, new { name = "Alan Turing" });
        var person = (await register.Host.Post("/v1/people", body, "recorder", key)).ShouldBeAccepted(201).Id;
        await Erase(person);

        foreach (var sent in new[] { body, other })
            (await register.Host.Post("/v1/people", sent, "recorder", key)).ShouldBeProblem(410, "erased");

        var remembered = await register.Host.Database.Rows(
            "select body_digest from recording.remembered_answer where stream_id = $1",
            person
        );
        remembered.ShouldHaveSingleItem().ShouldHaveSingleItem().ShouldBe(Array.Empty<byte>());
        (await register.Host.Post("/v1/people", body)).ShouldBeAccepted(201).Id.ShouldNotBe(person);
    }

    [Fact]
    public async Task Whose_address_was_erased_is_kept_out_in_any_spelling_of_it()
    {
        var letters = $"b\u00FC{Guid.NewGuid():n}.example";
        var ascii = new System.Globalization.IdnMapping().GetAscii(letters);
        foreach (var recorded in new[] { letters, ascii })
        {
            var local = $"bo-{recorded.Length}";
            await Erase(
                (await register.Host.Post("/v1/people", new { name = "Bo", email = $"{local}@{recorded}" })).ShouldBeAccepted(201).Id
            );
            foreach (var domain in new[] { letters, letters.ToUpperInvariant(), ascii })
                (await register.Host.Post("/v1/people", new { name = "Bo", email = $"{local}@{domain}" })).ShouldBeProblem(
                    410,
                    "erased",
                    "/email"
                );
        }
    }

    [Fact]
    public async Task A_destroyed_key_is_gone_from_the_database_and_cannot_be_put_back()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var person = await Known(cooperation);
        (
            await register.Host.Database.Scalar<long>("select count(*) from recording.likeness where stream_id = $1", person)
        ).ShouldBeGreaterThan(0);
        await Erase(person);

        await Should.ThrowAsync<Npgsql.PostgresException>(() =>
            register.Host.Database.Rows(
                "update keys.person_key set state = 'active', wrapped = '\\x00', destroyed_at = null where person_id = $1",
                person
            )
        );
        await Should.ThrowAsync<Npgsql.PostgresException>(() =>
            register.Host.Database.Rows("delete from keys.person_key where person_id = $1", person)
        );
        (
            await register.Host.Database.Scalar<long>("select count(*) from recording.external_reference where stream_id = $1", person)
        ).ShouldBe(0);
        (
            await register.Host.Database.Scalar<long>("select count(*) from recording.remembered_answer where stream_id = $1", person)
        ).ShouldBe(0);
        (await register.Host.Database.Scalar<long>("select count(*) from recording.likeness where stream_id = $1", person)).ShouldBe(0);
    }

    /// <summary>The service goes on trying, and a start looks whether keys are there again.</summary>
    [Fact]
    public async Task A_key_that_the_database_does_not_destroy_is_not_said_to_be_destroyed()
    {
        const string nothing = "returns trigger language plpgsql as 'begin return null; end'";
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database);
        var cooperation = await Cooperation.Start(host);
        var (first, second) = (await cooperation.Person(), await cooperation.Person());
        await host.Erase(second, "asked for on paper");
        await database.Rows(
            $"""
            create function keys.nothing() {nothing};
            create trigger aside before update on keys.person_key for each row execute function keys.nothing()
            """
        );

        var refused = await host.Post($"/v1/people/{first}/erase", new { reason = "asked for on paper" }, "privacy");
        (refused.Status, refused.Json.Text("type")).ShouldBe((503, "/problems/person-not-erased"), refused.ToString());
        (await IsDestroyed(first)).ShouldBeFalse();
        (await database.Scalar<bool>("select destroyed_at is null from keys.erasure where person_id = $1", first)).ShouldBeTrue();
        await using (var other = await RegisterHost.Start(database, host.DataDirectory))
            other.Errors.ShouldContain(error => error.Contains("ALARM: keys that are to be destroyed are still there"));

        await database.Rows("drop trigger aside on keys.person_key");
        await Wait.Until("the erasure", () => IsDone(first));
        (await IsDestroyed(first)).ShouldBeTrue();

        await database.Rows(
            """
            alter table keys.person_key disable trigger user;
            update keys.person_key set state = 'active', wrapped = '\x00', destroyed_at = null;
            alter table keys.person_key enable trigger user
            """
        );
        await using var again = await RegisterHost.Start(database, host.DataDirectory);
        await Wait.Until("the keys destroyed again", async () => await IsDone(first) && await IsDone(second));
        (await IsDestroyed(second)).ShouldBeTrue();
        Directory.Delete(host.DataDirectory, recursive: true);

        Task<bool> IsDone(Guid person) =>
            database.Scalar<bool>("select done_at is not null from keys.erasure where person_id = $1", person);

        Task<bool> IsDestroyed(Guid person) =>
            database.Scalar<bool>("select state = 'destroyed' and wrapped is null from keys.person_key where person_id = $1", person);
    }

    [Fact]
    public async Task A_file_is_refused_row_by_row_where_it_names_an_erased_person()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var reference = Commands.External();
        var person = (await register.Host.Post("/v1/people", new { name = "Grace Hopper", externalReference = reference }))
            .ShouldBeAccepted(201)
            .Id;
        var meeting = (await cooperation.Schedule()).Id;
        await Erase(person);
        string[] rows =
        [
            Row("register-person", new { name = "Grace Hopper", externalReference = reference }),
            Row("register-person", new { name = "Ada Lovelace" }),
            Row("record-attendance", new { meetingId = meeting, attendees = new[] { cooperation.Attendee(person, status: "attended") } }),
            Row(
                "merge-person",
                new
                {
                    personId = await cooperation.Person(),
                    into = person,
                    reason = "one",
                }
            ),
            Row("register-person", new { name = "Alan Turing" }),
        ];

        foreach (var asked in new[] { "?dryRun=true", "?mode=atomic", "?mode=partial" })
        {
            var import = (await Import(string.Join('\n', rows), asked)).Json;
            (import["refused"]!.GetValue<long>(), import["accepted"]!.GetValue<long>()).ShouldBe(
                (3, asked == "?mode=atomic" ? 0 : 2),
                import.ToJsonString()
            );
            import["refusals"]!
                .AsArray()
                .Select(r => r!.Text("type"))
                .ShouldBe(["/problems/erased", "/problems/erased", "/problems/erased"]);
        }

        static string Row(string command, object data) => Bodies.Of(new { command, data }).ToJsonString();
    }

    [Fact]
    public async Task An_import_forgets_the_rows_that_name_who_is_erased_and_keeps_the_others()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var known = $"{Guid.NewGuid():n}";
        var name = $"Renée \"Ada\" {known}";
        var person = (
            await register.Host.Post(
                "/v1/people",
                new
                {
                    name,
                    email = $"{known}@example.org",
                    externalReference = new { system = "hr", id = name },
                }
            )
        ).ShouldBeAccepted(201).Id;
        string[] rows = [Row(name), Row("Alan")];
        var import = await Import(string.Join('\n', rows), "?mode=partial");
        import.Json["refusals"]!.AsArray().Count.ShouldBe(2, import.Text);
        import.Text.ShouldContain(known);

        await Erase(person);

        var after = await register.Host.Get($"/v1/imports/{import.Json.Text("id")}");
        after.Json["refused"]!.GetValue<long>().ShouldBe(2);
        after.Json["refusals"]!.AsArray().Count.ShouldBe(1, after.Text);
        after.Text.ShouldNotContain(known);

        string Row(string whom) =>
            Bodies
                .Of(
                    new
                    {
                        command = "record-attendance",
                        data = new
                        {
                            meetingId = new { system = "none", id = "none" },
                            attendees = new[]
                            {
                                new
                                {
                                    personId = new { system = "hr-old", id = whom },
                                    organisationId = cooperation.Home,
                                    status = "attended",
                                },
                            },
                        },
                    }
                )
                .ToJsonString();
    }

    private async Task<Answer> Import(string file, string query)
    {
        using var content = new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes(file));
        content.Headers.ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse("application/x-ndjson");
        var posted = await register.Host.Post($"/v1/imports{query}", content);
        posted.Status.ShouldBe(202, posted.ToString());
        var import = posted;
        await Wait.Until("the import's end", async () =>
        {
            import = await register.Host.Get(posted.Header("Location")!);
            return import.Json.Text("state") is "completed" or "refused" or "failed";
        });
        return import;
    }

    private async Task<Guid> Known(Cooperation cooperation) => (
            await register.Host.Post(
                "/v1/people",
                new
                {
                    name = "Grace Hopper",
                    email = $"grace{Guid.NewGuid():n}@example.org",
                    externalReference = Commands.External(),
                    affiliation = new
                    {
                        organisationId = cooperation.Home,
                        function = "Director",
                        grade = "AD14",
                        from = "2015",
                    },
                }
            )
        ).ShouldBeAccepted(201).Id;

    private async Task<Answer> Erase(Guid person) => (await register.Host.Erase(person, "asked for on paper")).ShouldBeAccepted();

    private async Task<(Guid Id, string Name)> Person()
    {
        var name = $"Grace {Guid.NewGuid():n}";
        var registered = (await register.Host.Post("/v1/people", new { name })).ShouldBeAccepted(201);
        await register.Host.Reaches(registered.Position);
        return (registered.Id, name);
    }
}
