using System.Text.Json;
using CooperationEvents.Authentication;
using CooperationEvents.Authorization;
using CooperationEvents.Privacy;
using CooperationEvents.Reading;
using CooperationEvents.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace CooperationEvents.IntegrationTests;

/// <summary>Restriction and the access report: what a person can ask for beside being erased.</summary>
public sealed class PeopleRightsTests(SharedRegister register)
{
    private readonly string _name = $"Grace {Guid.NewGuid():n}";

    [Fact]
    public async Task A_restricted_person_is_hidden_from_everybody_and_counted_all_the_same()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var person = await Known(cooperation);
        var held = (await register.Host.Post("/v1/meetings/record-held", cooperation.Meeting())).ShouldBeAccepted(201);
        await cooperation.Do(
            $"/v1/meetings/{held.Id}/attendance",
            new { attendees = new[] { cooperation.Attendee(person, status: "attended") } }
        );
        var before = await Figures(cooperation);

        var restricted = await Restrict(person, true);

        foreach (var role in new[] { "privacy", "admin" })
        {
            var read = (await register.Host.Read($"/v1/people/{person}", restricted.Position, role)).ShouldBeRead();
            (read["name"], read["email"], read["restricted"]!.GetValue<bool>()).ShouldBe((null, null, true));
            read["affiliations"]![0]!["function"].ShouldBeNull();
        }

        (await register.Host.Get("/v1/calendar.ics", "admin")).Text.ShouldNotContain(_name);
        (await register.Host.Get($"/v1/audit/streams/{person}", "admin")).Text.ShouldNotContain(_name);
        (await register.Host.Get($"/v1/audit/streams/{person}/state", "admin")).Text.ShouldNotContain(_name);
        (await Figures(cooperation)).ShouldBe(before);

        var shown = await Restrict(person, false);
        (await register.Host.Read($"/v1/people/{person}", shown.Position, "privacy")).ShouldBeRead().Text("name").ShouldBe(_name);
        (await cooperation.History(person)).TakeLast(2).ShouldBe(["person_restricted", "person_restricted"]);
    }

    [Fact]
    public async Task Who_is_restricted_stays_hidden_where_the_keys_are_of_an_older_moment()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var person = await Known(cooperation);
        var twin = await cooperation.Person("Grace B. Hopper");
        await cooperation.Do($"/v1/people/{twin}/merge", new { into = person, reason = "one" });
        var restricted = await Restrict(person, true);

        // As a copy of the key database from before has it.
        await register.Host.Database.Rows("update keys.person_key set state = 'active' where person_id = $1", person);
        register.Host.Services.GetRequiredService<KeyStore>().Drop();

        var read = (await register.Host.Read($"/v1/people/{person}", restricted.Position, "privacy")).ShouldBeRead();
        (read["name"], read["email"], read["restricted"]!.GetValue<bool>()).ShouldBe((null, null, true));
        read["affiliations"]![0]!["function"].ShouldBeNull();
        (await register.Host.Get("/v1/people?limit=500", "privacy", ("Accept", "text/csv"))).Text.ShouldNotContain(_name);
        (await register.Host.Get("/v1/calendar.ics", "admin")).Text.ShouldNotContain(_name);
    }

    [Fact]
    public async Task A_restriction_is_lifted_by_whoever_of_those_who_are_one_it_is_asked_for()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var (person, twin) = (await Known(cooperation), await cooperation.Person("Grace B. Hopper"));
        await cooperation.Do($"/v1/people/{twin}/merge", new { into = person, reason = "one" });
        await Restrict(person, true);

        await Restrict(twin, false);

        await Restrict(twin, false);
        var last = await Last();
        foreach (var (shown, name) in new[] { (person, _name), (twin, "Grace B. Hopper") })
        {
            var read = (await register.Host.Read($"/v1/people/{shown}", last, "privacy")).ShouldBeRead();
            (read["name"]?.GetValue<string>(), read["restricted"]).ShouldBe((name, null));
        }

        (await register.Host.Read($"/v1/people?name={_name}", last, "privacy")).ItemIds().ShouldContain(person);
        (await cooperation.History(person)).Count(type => type == "person_restricted").ShouldBe(2);
        (await cooperation.History(twin)).ShouldNotContain("person_restricted");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_is_merged_with_a_restricted_person_is_hidden_for_as_long_as_they_are_one(bool restrictedIntoOther)
    {
        var cooperation = await Cooperation.Start(register.Host);
        var name = $"Grace B. Hopper {Guid.NewGuid():n}";
        var (restricted, other) = (await Known(cooperation), await cooperation.Person(name));
        var last = await cooperation.Person("Third");
        await cooperation.Do($"/v1/people/{last}/merge", new { into = other, reason = "one" });
        await Restrict(restricted, true);
        var (one, into) = restrictedIntoOther ? (restricted, other) : (other, restricted);

        var merged = await cooperation.Do($"/v1/people/{one}/merge", new { into, reason = "one" });

        foreach (var hidden in new[] { restricted, other, last })
        {
            var read = (await register.Host.Read($"/v1/people/{hidden}", merged.Position, "privacy")).ShouldBeRead();
            (read["name"], read["restricted"]!.GetValue<bool>()).ShouldBe((null, true));
            var report = (await register.Host.Read($"/v1/people/{hidden}/access-report", merged.Position, "privacy")).ShouldBeRead();
            report["restricted"]!.GetValue<bool>().ShouldBeTrue();
        }

        (await register.Host.Read($"/v1/people?name={name}", merged.Position, "privacy")).ItemIds().ShouldBeEmpty();
        var namesake = (await register.Host.Post("/v1/people", new { name })).ShouldBeAccepted(201);
        namesake.Json["possibleDuplicates"].ShouldBeNull(namesake.Text);
        (await PossibleDuplicates()).ShouldNotContain(namesake.Id);
        foreach (var part in new[] { "", "/state" })
        {
            var told = await register.Host.Read($"/v1/audit/streams/{other}{part}", merged.Position, "admin");
            told.ShouldBeRead().ToJsonString().ShouldNotContain(name);
        }

        var apart = await cooperation.Do($"/v1/people/{one}/unmerge", new { reason = "two after all" });
        var shown = (await register.Host.Read($"/v1/people/{other}", apart.Position, "privacy")).ShouldBeRead();
        (shown.Text("name"), shown["restricted"]).ShouldBe((name, null));
        (await PossibleDuplicates()).ShouldContain(namesake.Id);

        // Those of other tests come first or last, as it happens.
        async Task<IReadOnlyList<Guid>> PossibleDuplicates()
        {
            var ids = new List<Guid>();
            for (string? next = "/v1/possible-duplicates?kind=person&limit=500"; next is not null; )
            {
                var page = await register.Host.Get(next);
                ids.AddRange(
                    page.ShouldBeRead()["items"]!.AsArray().SelectMany(item => item!["ids"]!.AsArray().Select(id => id!.GetValue<Guid>()))
                );
                next = page.Header("Link") is { } link ? link[1..link.IndexOf('>', StringComparison.Ordinal)] : null;
            }

            return ids;
        }
    }

    [Fact]
    public async Task Whoever_is_merged_with_a_person_who_is_restricted_is_hidden_once_that_is_answered()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var (person, twin) = (await Known(cooperation), await cooperation.Person("Grace B. Hopper"));
        await cooperation.Do($"/v1/people/{twin}/merge", new { into = person, reason = "one" });

        await Restrict(person, true);

        var read = (await register.Host.Get($"/v1/people/{twin}", "privacy")).ShouldBeRead();
        (read["name"], read["restricted"]?.GetValue<bool>()).ShouldBe((null, true));
    }

    [Fact]
    public async Task A_conflict_shows_nothing_of_whoever_is_hidden_and_is_journalled_where_it_shows_a_name()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var person = await Known(cooperation);
        var twin = Guid.NewGuid();
        var twinName = $"Grace B. Hopper {Guid.NewGuid():n}";
        (await register.Host.Post("/v1/people", new { id = twin, name = twinName })).ShouldBeAccepted(201);
        await cooperation.Do($"/v1/people/{twin}/merge", new { into = person, reason = "one" });
        var affiliation = Guid.NewGuid();
        await cooperation.Do($"/v1/people/{person}/affiliations", Affiliation("Head of unit"), 201);
        var row = new { command = "register-person", data = new { id = person, name = "Guess" } };
        var report = $"/v1/imports/{(await Import(row)).Json.Text("id")}";
        (string Path, object Body)[] conflicts =
        [
            ("/v1/people", new { id = person, name = "Guess" }),
            ("/v1/people", new { id = twin, name = "Guess" }),
            ($"/v1/people/{person}/affiliations", Affiliation("Director")),
            ("/v1/events", EventOf("register-person", row.data)),
        ];
        foreach (var (path, body) in conflicts)
        {
            var before = await Journalled($"POST {path}");
            (await Conflict(path, body)).ShouldContain("\"recorded\"");
            (await Journalled($"POST {path}")).ShouldBe(before + 1);
        }

        var read = await Journalled($"GET {report}");
        (await Report()).ShouldContain(_name);
        (await Journalled($"GET {report}")).ShouldBe(read + 1);

        await Restrict(person, true);

        foreach (var (path, body) in conflicts)
        {
            var before = await Journalled($"POST {path}");
            (await Conflict(path, body)).ShouldNotContain("\"recorded\"");
            (await Journalled($"POST {path}")).ShouldBe(before);
        }

        (await Report()).ShouldNotContain(_name);
        (await Import(row)).Text.ShouldNotContain(_name);

        async Task<string> Conflict(string path, object body)
        {
            using var content = Content(body, path == "/v1/events" ? "application/cloudevents+json" : "application/json");
            var refused = await register.Host.Post(path, content, "admin");
            refused.Status.ShouldBe(409, refused.ToString());
            return refused.Text;
        }

        async Task<Answer> Import(object file)
        {
            using var content = Content(file, "application/x-ndjson");
            return await Ingestion.Imports.Ended(register.Host, await register.Host.Post("/v1/imports", content, "admin"), "admin");
        }

        async Task<string> Report() => (await register.Host.Get(report, "admin")).Text;

        object Affiliation(string function) =>
            new
            {
                id = affiliation,
                organisationId = cooperation.Home,
                function,
                from = "2015",
            };
    }

    [Fact]
    public async Task Lifting_a_restriction_answers_a_position_that_covers_everybody_it_was_lifted_for()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var (person, twin) = (await Known(cooperation), await cooperation.Person("Grace B. Hopper"));
        await cooperation.Do($"/v1/people/{twin}/merge", new { into = person, reason = "one" });
        await Restrict(person, true);

        var lifted = await Restrict(twin, false);

        (await register.Host.Read($"/v1/people/{person}", lifted.Position, "privacy")).ShouldBeRead().Text("name").ShouldBe(_name);
        var events = (await register.Host.Get($"/v1/audit/streams/{person}", "admin")).ShouldBeRead()["items"]!.AsArray();
        events[^1]!["seq"]!.GetValue<long>().ShouldBe(lifted.Position);
    }

    [Fact]
    public async Task A_restricted_person_can_be_corrected_and_repeats_are_still_known()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var body = Bodies.Of(
            new
            {
                id = Guid.NewGuid(),
                name = $"Grace {Guid.NewGuid():n}",
                email = $"{Guid.NewGuid():n}@example.org",
            }
        );
        var first = (await register.Host.Post("/v1/people", body)).ShouldBeAccepted(201);
        await Restrict(first.Id, true);

        (await register.Host.Post("/v1/people", body)).ShouldBeAccepted(201).Text.ShouldBe(first.Text);
        await cooperation.Do($"/v1/people/{first.Id}/correct", new { reason = "misspelt", name = "Grace Brewster Hopper" });
        (await Restrict(first.Id, true)).Position.ShouldBeGreaterThan(first.Position);
        (await cooperation.History(first.Id)).ShouldBe(["person_registered", "person_restricted", "person_details_corrected"]);
    }

    [Fact]
    public async Task The_access_report_holds_everything()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var person = await Known(cooperation);
        var twin = await cooperation.Person("Grace B. Hopper");
        await cooperation.Do($"/v1/people/{person}/correct", new { reason = "misspelt", name = "Grace Brewster Hopper" });
        var meeting = (await register.Host.Post("/v1/meetings/record-held", cooperation.Meeting())).ShouldBeAccepted(201).Id;
        await cooperation.Do(
            $"/v1/meetings/{meeting}/attendance",
            new { attendees = new[] { cooperation.Attendee(person, status: "attended") } }
        );
        var last = await cooperation.Do($"/v1/people/{twin}/merge", new { into = person, reason = "one mailbox" });
        (await register.Host.Read($"/v1/people/{person}", last.Position, "privacy")).ShouldBeRead();
        var restricted = await Restrict(person, true);

        var report = (await register.Host.Read($"/v1/people/{person}/access-report", restricted.Position, "privacy")).ShouldBeRead();

        report["people"]!.AsArray().Select(p => p!.GetValue<Guid>()).ShouldBe([person, twin], ignoreOrder: true);
        report["restricted"]!.GetValue<bool>().ShouldBeTrue();
        var fields = report["fields"]!.AsArray().Select(f => (f!.Text("field"), f!.Text("text"))).ToList();
        new[]
        {
            ("name", _name),
            ("name", "Grace Brewster Hopper"),
            ("name", "Grace B. Hopper"),
            ("function", "Director"),
            ("reason", "misspelt"),
            ("reason", "one mailbox"),
        }.ShouldBeSubsetOf(fields);
        report["affiliations"]![0]!.Text("function").ShouldBe("Director");
        report["meetings"]!.AsArray().ShouldHaveSingleItem()!.Text("meetingId").ShouldBe(meeting.ToString());
        report["events"]!
            .AsArray()
            .Select(e => e!.Text("type"))
            .ShouldBe([
                "person_registered",
                "affiliation_started",
                "person_registered",
                "person_details_corrected",
                "attendance_recorded",
                "person_merged",
                "person_restricted",
            ]);
        report["readings"]!
            .AsArray()
            .ShouldContain(r => r!.Text("request").StartsWith($"GET /v1/people/{person}", StringComparison.Ordinal));
        report["held"]!.AsArray().Single(h => h!.Text("what").Contains("external references", StringComparison.Ordinal))!["entries"]!
            .GetValue<long>()
            .ShouldBe(1);

        var page = await register.Host.Get($"/v1/people/{person}/access-report", "privacy", ("Accept", "text/html"));
        page.ContentType.ShouldStartWith("text/html");
        page.Text.ShouldContain("Grace Brewster Hopper");
        page.Text.ShouldContain("overflow-wrap: anywhere");
        (await register.Host.Get($"/v1/people/{person}/access-report", "auditor")).ShouldBeProblem(403, "forbidden");
        (await register.Host.Get($"/v1/people/{Guid.NewGuid()}/access-report", "privacy")).ShouldBeProblem(404, "not-found");
    }

    [Fact]
    public async Task Whoever_reads_names_is_journalled_and_no_cache_keeps_them()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var person = await Known(cooperation);
        var meeting = await cooperation.Schedule();
        await register.Host.Reaches(meeting.Position);
        foreach (
            var path in new[]
            {
                $"/v1/people/{person}",
                $"/v1/meetings/{meeting.Id}.ics",
                $"/v1/calendar.ics?framework={cooperation.Framework}",
                $"/v1/people/{person}/access-report",
            }
        )
        {
            var before = await Readings(path);

            var read = await register.Host.Get(path, "privacy", ("Cooperation-Purpose", "a letter of the person"));

            read.Status.ShouldBe(200, read.ToString());
            read.Header("Cache-Control").ShouldBe("no-store");
            read.Header("Vary").ShouldNotBeNull().ShouldContain("X-Api-Key");
            (await Readings(path)).ShouldBe(before + 1);
            if (!path.EndsWith("access-report", StringComparison.Ordinal))
            {
                (await register.Host.Get(path, "analyst")).Status.ShouldBe(200);
                (await Readings(path)).ShouldBe(before + 1, "Nobody's name was read.");
            }
        }
    }

    [Fact]
    public async Task Whoever_reads_what_principals_are_called_is_journalled_whatever_else_it_may()
    {
        await register.Host.AddKey("administrator alone", Scopes.Admin);
        var principal = (await register.Host.Get("/v1/access/principals?limit=1", "admin")).Json["items"]![0]!.Text("id");
        foreach (var path in new[] { "/v1/access/principals", $"/v1/access/principals/{principal}" })
        {
            var before = await Readings(path);

            var read = await register.Host.Get(path, "administrator alone");

            read.Status.ShouldBe(200, read.ToString());
            read.Header("Cache-Control").ShouldBe("no-store");
            (await Readings(path)).ShouldBe(before + 1);
        }
    }

    [Fact]
    public void Every_endpoint_for_who_may_read_names_is_journalled()
    {
        register
            .Host.Endpoints.Where(e =>
                e.Metadata.GetMetadata<Http.OperationAttribute>()?.Answer is { } answer
                && (answer == typeof(DirectoryEntry) || answer == typeof(Page<DirectoryEntry>))
                && e.Metadata.GetMetadata<OpensNamesAttribute>() is null
            )
            .ShouldBeEmpty();
        var reads = register
            .Host.Endpoints.Where(e =>
                e.Metadata.GetMetadata<RequiresScopeAttribute>()?.Scope is Scopes.PeopleRead or Scopes.PrivacyManage
                && e.Metadata.GetMetadata<Microsoft.AspNetCore.Routing.HttpMethodMetadata>()!.HttpMethods.Contains("GET")
            )
            .ToList();
        reads.ShouldNotBeEmpty();
        reads
            .Where(e =>
                e.Metadata.GetMetadata<RequiresScopeAttribute>()!.Scope != Scopes.PeopleRead
                && e.Metadata.GetMetadata<OpensNamesAttribute>() is null
            )
            .ShouldBeEmpty();
    }

    private Task<long> Readings(string path) => Journalled($"GET {path}");

    private Task<long> Journalled(string request) =>
        register.Host.Database.Scalar<long>("select count(*) from audit.access where request = $1", request);

    private static ByteArrayContent Content(object body, string type)
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, Kernel.Json.Options));
        content.Headers.ContentType = new(type);
        return content;
    }

    private static object EventOf(string command, object data) =>
        new
        {
            specversion = "1.0",
            id = Guid.NewGuid(),
            source = "hr",
            type = $"org.cooperation.{command}.v1",
            data,
        };

    private Task<long> Last() =>
        register.Host.Database.Scalar<long>("select max(seq_id) from register.mt_events where type <> 'tombstone'");

    private async Task<string> Figures(Cooperation cooperation)
    {
        var answer = (
            await register.Host.Read($"/v1/statistics/cumulative?framework={cooperation.Framework}", await Last(), "analyst")
        ).ShouldBeRead();
        return answer["attendances"]!.ToJsonString() + answer["staff"]!.ToJsonString();
    }

    private async Task<Answer> Restrict(Guid person, bool restricted) =>
        (
            await register.Host.Post($"/v1/people/{person}/restrict", new { reason = "the name is disputed", restricted }, "privacy")
        ).ShouldBeAccepted();

    private async Task<Guid> Known(Cooperation cooperation) => (
            await register.Host.Post(
                "/v1/people",
                new
                {
                    name = _name,
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
}
