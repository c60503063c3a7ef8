using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CooperationEvents.AuditLog;
using CooperationEvents.Testing;
using CooperationEvents.Verifier;

namespace CooperationEvents.IntegrationTests;

/// <summary>
/// One person goes everywhere a person can go, and is erased: no count changes, and what named them is nowhere. The service runs
/// as a process of its own, so that everything it writes is looked through.
/// </summary>
public sealed class CanaryTests
{
    private readonly string _name = $"Canaria{Guid.NewGuid():n}";
    private readonly string _corrected = $"Canarina{Guid.NewGuid():n}";
    private readonly string _email = $"canary{Guid.NewGuid():n}@example.org";
    private readonly string _reference = $"ref{Guid.NewGuid():n}";
    private readonly string _function = $"function{Guid.NewGuid():n}";
    private readonly string _reason = $"reason{Guid.NewGuid():n}";
    private readonly string _public = $"Public{Guid.NewGuid():n}";

    /// <summary>Each statistic, and its members that say figures.</summary>
    private static readonly (string Statistic, string[] Members)[] Compared =
    [
        ("cumulative?", ["meetingsHeld", "attendances", "unnamed", "staff", "byLevel", "byYear", "byParty", "byOrganisation"]),
        ("breakdown?by=organisation,role&", ["items", "total"]),
        ("series?per=month&", ["items"]),
        ("cadence?", ["items"]),
        ("factsheet?", ["sentence"]),
    ];

    private readonly List<string> _answers = [];
    private ServiceProcess _service = null!;
    private Guid _framework;
    private Guid _home;

    private string[] Secrets => [_name, _corrected, _email, _reference, _function, _reason];

    [Fact]
    public async Task An_erased_person_is_counted_as_before_and_named_nowhere()
    {
        await using var database = await TestDatabase.Create();
        var data = Directory.CreateTempSubdirectory("cooperation-test-").FullName;
        await using var subscriber = await Receiver.Start();
        await using var broken = await Receiver.Start(
            (_, http) =>
            {
                http.Response.StatusCode = 500;
                return Task.CompletedTask;
            }
        );
        await using var telemetry = await Receiver.Start();
        await using (
            _service = ServiceProcess.Launch(
                database,
                data,
                ("Webhooks__AllowPrivateAddresses", "true"),
                ("Webhooks__FirstRetry", "00:00:00.05"),
                ("Webhooks__Attempts", "2"),
                ("OTEL_EXPORTER_OTLP_ENDPOINT", telemetry.Url),
                ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
                ("OTEL_BSP_SCHEDULE_DELAY", "200")
            )
        )
        {
            await _service.Ready();
            await Cooperate();
            foreach (var receiver in new[] { subscriber, broken })
                (await _service.Post("/v1/subscriptions", new { url = receiver.Url }, "admin")).Status.ShouldBe(201);
            var (person, twin) = await Lives();
            await Seen(person);

            // What is looked for afterwards is there to be seen before, by who may.
            foreach (var secret in Secrets)
                _answers.ShouldContain(answer => answer.Contains(secret, StringComparison.OrdinalIgnoreCase), secret);
            var positions = (await database.Rows("select seq_id from register.mt_events order by seq_id"))
                .Select(row => (long)row[0]!)
                .ToList();
            await Everything(positions[^1]);
            var before = await Statistics(positions);

            var erased = await _service.Erase(person, _reason);

            erased.Status.ShouldBe(200, erased.ToString());
            erased.Json["erased"]!.AsArray().Select(id => id!.GetValue<Guid>()).ShouldBe([person, twin], ignoreOrder: true);
            var last = await database.Scalar<long>("select max(seq_id) from register.mt_events");
            await Everything(last);
            (await Statistics(positions)).ShouldBe(before);
            (await Statistics([last])).Values.ShouldBe((await Statistics([positions[^1]])).Values);
            await Wait.Until("subscribers to be told", () =>
                subscriber
                    .Taken.Where(r => Encoding.UTF8.GetString(r.Body).Contains("person_erased", StringComparison.Ordinal))
                    .DistinctBy(r => r.WebhookId)
                    .Count() == 2
            );
            await Wait.Until("a dead letter", () =>
                database.Scalar<bool>("select exists (select from feed.delivery where given_up_at is not null)")
            );

            _answers.Clear();
            await Seen(person);
            await Verified(data);
            await Replayed();
            foreach (var secret in Secrets)
            {
                _answers.ShouldAllBe(answer => !answer.Contains(secret, StringComparison.OrdinalIgnoreCase));
                _service.Output.ShouldNotContain(secret, Case.Insensitive);
            }
        }

        (await database.Holding([_public])).ShouldNotBeEmpty();
        (await database.Holding(Secrets)).ShouldBeEmpty();
        await database.Rows("checkpoint");
        await database.Rows("vacuum full");
        await database.Rows("checkpoint");
        (await Files(database, _public)).ShouldBeGreaterThan(0);
        telemetry.All.ShouldNotBeEmpty();
        foreach (var secret in Secrets)
        {
            (await Files(database, secret)).ShouldBe(0);
            foreach (var received in subscriber.All.Concat(broken.All).Concat(telemetry.All))
                Encoding.UTF8.GetString(received.Body).ShouldNotContain(secret, Case.Insensitive);
            foreach (var file in Directory.EnumerateFiles(data, "*", SearchOption.AllDirectories))
                Encoding.UTF8.GetString(await File.ReadAllBytesAsync(file)).ShouldNotContain(secret, Case.Insensitive);
        }

        Directory.Delete(data, recursive: true);
    }

    private async Task Cooperate()
    {
        _framework = (await Do("/v1/frameworks", Cooperation.Agreement())).Id;
        _home = (await Do("/v1/organisations", new { name = "DG HOME", shortName = "HOME" })).Id;
        await Do(
            $"/v1/frameworks/{_framework}/members",
            new
            {
                organisationId = _home,
                party = "EU",
                joinedOn = "2012-07",
            }
        );
    }

    /// <summary>Registered, imported, affiliated, corrected, registered for a meeting, attending, hosting, merged, published.</summary>
    private async Task<(Guid Person, Guid Twin)> Lives()
    {
        var person = (
            await Do(
                "/v1/people",
                new
                {
                    name = _name,
                    email = _email,
                    externalReference = new { system = "hr", id = _reference },
                    affiliation = new { organisationId = _home, function = _function },
                },
                ("Idempotency-Key", _reference)
            )
        ).Id;
        await Do($"/v1/people/{person}/correct", new { reason = _reason, name = _corrected });
        var twin = (await Do("/v1/people", new { name = _name })).Id;
        var meeting = (await Do("/v1/meetings", Meeting("2019-05-06"))).Id;
        await Do($"/v1/meetings/{meeting}/registrations", new { attendees = new[] { new { personId = person, organisationId = _home } } });
        await Do($"/v1/meetings/{meeting}/hosts", new { hosts = new[] { new { organisationId = _home, personId = person } } });
        await Do($"/v1/meetings/{meeting}/hold", new { });
        await Do(
            $"/v1/meetings/{meeting}/attendance",
            new { attendees = new[] { Attendee(person, "absent"), Attendee(twin, "attended") } }
        );
        await Do($"/v1/meetings/{meeting}/attendance/{person}/correct", new { reason = _reason, status = "attended" });
        await Import(
            Row(
                "register-person",
                new
                {
                    name = _name,
                    email = _email,
                    externalReference = new { system = "hr", id = _reference },
                }
            ),
            Row("record-held-meeting", Meeting("2021", Attendee(new { system = "hr", id = _reference }, "attended"))),
            Row(
                "record-attendance",
                new { meetingId = new { system = "none", id = _reference }, attendees = new[] { Attendee(person, "attended") } }
            )
        );
        await Do(
            "/v1/events",
            new
            {
                personId = person,
                reason = _reason,
                name = _name,
            },
            ("ce-specversion", "1.0"),
            ("ce-id", Guid.NewGuid().ToString()),
            ("ce-source", "/desk"),
            ("ce-type", "org.cooperation.correct-person.v1")
        );
        await Do($"/v1/people/{twin}/merge", new { into = person, reason = _reason });
        var published = await _service.Post(
            "/v1/statistics/publications",
            new
            {
                framework = _framework,
                asOf = "2021",
                acknowledgeSmallCells = true,
            },
            "admin"
        );
        published.Status.ShouldBe(201, published.ToString());
        return (person, twin);
    }

    private JsonObject Meeting(string start, params IEnumerable<object> attendees)
    {
        var body = new JsonObject
        {
            ["title"] = _public,
            ["frameworks"] = Cooperation.Under(_framework, "senior-officials"),
            ["start"] = start,
        };
        if (attendees.Any())
            body["attendees"] = JsonSerializer.SerializeToNode(attendees, Kernel.Json.Options);
        return body;
    }

    private object Attendee(object person, string status) =>
        new
        {
            personId = person,
            organisationId = _home,
            status,
        };

    /// <summary>Everything a person may be read in, as those who may read the most.</summary>
    private async Task Seen(Guid person)
    {
        string[] paths =
        [
            $"/v1/people/{person}",
            "/v1/calendar.ics",
            $"/v1/audit/streams/{person}",
            $"/v1/audit/streams/{person}/state",
            "/v1/audit/events",
            $"/v1/audit/streams/{person}/difference?from=1&to=2",
            "/v1/audit/export",
            "/v1/feed",
            "/v1/meetings",
            "/v1/statistics/publications",
            $"/v1/statistics/explain?framework={_framework}&measure=staff.known",
            $"/v1/people/{person}/access-report",
        ];
        foreach (var path in paths)
        {
            var answer = await _service.Get(path, "admin");
            answer.Status.ShouldBe(200, answer.ToString());
            _answers.Add(answer.Text);
        }

        foreach (var import in await Imports())
            _answers.Add((await _service.Get($"/v1/imports/{import}", "admin")).Text);
    }

    private readonly List<Guid> _imports = [];

    private Task<IReadOnlyList<Guid>> Imports() => Task.FromResult<IReadOnlyList<Guid>>(_imports);

    /// <summary>Every figure as of several days, as it was known at each position.</summary>
    private async Task<IReadOnlyDictionary<string, string>> Statistics(IReadOnlyList<long> positions)
    {
        var figures = new Dictionary<string, string>();
        foreach (var position in positions)
        {
            foreach (var asOf in new[] { "2018-12-31", "2019-05-06", "2022-01-01" })
            {
                foreach (var (statistic, members) in Compared)
                {
                    var asked = string.Create(
                        CultureInfo.InvariantCulture,
                        $"/v1/statistics/{statistic}framework={_framework}&asOf={asOf}&knownAt={position}"
                    );
                    var answer = await _service.Get(asked, "admin");
                    answer.Status.ShouldBe(200, answer.ToString());
                    foreach (var member in members)
                    {
                        var name = $"{asOf} {statistic}{member}";
                        figures[positions.Count == 1 ? name : $"{position} {name}"] = answer.Json[member]!.ToJsonString();
                    }
                }
            }
        }

        return figures;
    }

    private async Task Verified(string data)
    {
        var file = Path.Combine(data, "export.tar");
        Report? report = null;
        await Wait.Until("the log to cover everything", async () =>
        {
            using (var response = await _service.Open("/v1/audit/export.tar", "auditor"))
                await File.WriteAllBytesAsync(file, await response.Content.ReadAsByteArrayAsync());
            var keys = LogKey.ParseAll((await _service.Get("/v1/audit/log/keys", null)).Text.Split('\n'));
            report = Verification.Run(Export.Open(file), keys, []);
            return report.Findings.Count == 0;
        });
        report!.Findings.ShouldBeEmpty();
    }

    private async Task Replayed()
    {
        var started = await _service.Post("/v1/audit/replays", new { }, "auditor");
        started.Status.ShouldBe(202, started.ToString());
        Answer? replay = null;
        await Wait.Until("the replay's end", async () =>
        {
            replay = await _service.Get(started.Header("Location")!, "auditor");
            return replay.Json["state"]!.GetValue<string>() is not ("queued" or "waiting" or "replaying" or "comparing" or "running");
        });
        replay!.Json["state"]!.GetValue<string>().ShouldBe("completed", replay.Text);
        replay.Json["differences"]!.GetValue<long>().ShouldBe(0, replay.Text);
    }

    private async Task Import(params IEnumerable<JsonObject> rows)
    {
        using var file = new ByteArrayContent(Encoding.UTF8.GetBytes(string.Join('\n', rows.Select(row => row.ToJsonString()))));
        file.Headers.ContentType = MediaTypeHeaderValue.Parse("application/x-ndjson");
        var posted = await _service.PostFile("/v1/imports", file);
        posted.Status.ShouldBe(202, posted.ToString());
        _imports.Add(posted.Id);
        await Wait.Until("the import's end", async () =>
            (await _service.Get(posted.Header("Location")!, "recorder")).Json["state"]!.GetValue<string>() == "completed"
        );
    }

    private static JsonObject Row(string command, object data) =>
        new() { ["command"] = command, ["data"] = JsonSerializer.SerializeToNode(data, Kernel.Json.Options) };

    private async Task<Answer> Do(string path, object body, params (string, string)[] headers)
    {
        var answer = await _service.Post(path, body, "recorder", headers);
        (answer.Status is 200 or 201).ShouldBeTrue(answer.ToString());
        return answer;
    }

    private async Task Everything(long position) =>
        await Wait.Until($"position {position}", async () =>
            (
                await _service.Get(string.Create(CultureInfo.InvariantCulture, $"/v1/frameworks?limit=1&minPosition={position}"), "admin")
            ).Status == 200
        );

    /// <summary>In how many files of the database and of the WAL the text stands.</summary>
    private static Task<long> Files(TestDatabase database, string text) =>
        database.Scalar<long>(
            """
            select count(*) from (
                select 'base/' || d.oid || '/' || f as path from pg_database d, pg_ls_dir('base/' || d.oid) f
                    where d.datname = current_database()
                union all select 'pg_wal/' || name from pg_ls_waldir()) files
            where position(convert_to($1, 'UTF8') in coalesce(pg_read_binary_file(path, 0, (pg_stat_file(path, true)).size, true), '')) > 0
            """,
            text
        );
}
