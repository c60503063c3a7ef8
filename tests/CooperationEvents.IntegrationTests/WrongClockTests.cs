using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using CooperationEvents.Audit.Journal;
using CooperationEvents.Authentication;
using CooperationEvents.Authorization;
using CooperationEvents.Hosting;
using CooperationEvents.Ingestion.Imports;
using CooperationEvents.IntegrationTests.Audit;
using CooperationEvents.IntegrationTests.Ingestion;
using CooperationEvents.IntegrationTests.Webhooks;
using CooperationEvents.People;
using CooperationEvents.Privacy;
using CooperationEvents.Recording;
using CooperationEvents.Testing;
using CooperationEvents.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Wolverine;

namespace CooperationEvents.IntegrationTests;

/// <summary>A node whose clock is wrong destroys and forgets nothing before its day, and dates nothing by that clock.</summary>
public sealed class WrongClockTests : IAsyncLifetime
{
    private static readonly (string, string) ChecksClock = ("Hosting:ClockApartSeconds", "10");
    private static readonly (string, string) Quick = ("Jobs:PaceSeconds", "0.2");
    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(10);
    private static readonly (string, string) Once = ("Idempotency-Key", "once");

    private readonly MovableClock _clock = new() { IsWrong = true };
    private TestDatabase _database = null!;
    private RegisterHost _host = null!;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.Create();

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        Directory.Delete(_host.DataDirectory, recursive: true);
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_node_that_is_ahead_destroys_and_forgets_nothing_before_its_day()
    {
        _host = await RegisterHost.Start(_database, clock: _clock);
        var person = (await _host.Post("/v1/people", new { name = "Grace Hopper", email = "grace@example.org" })).ShouldBeAccepted(201);
        var body = new { name = "Ada Lovelace" };
        var answer = (await _host.Post("/v1/people", body, "recorder", Once)).ShouldBeAccepted(201);
        await _host.Reaches(answer.Position);
        await Young();

        _clock.Move(TimeSpan.FromDays(600));
        await RunAllJobs();
        await ActivatorUtilities
            .CreateInstance<Sessions>(_host.Services)
            .Begin(
                new Principal(await _database.Scalar<Guid>("select id from access.principal limit 1"), [Scopes.ActivityRead]),
                TimeSpan.FromHours(1),
                CancellationToken.None
            );

        (await _database.Scalar<long>("select count(*) from register.mt_events where type = 'person_fields_expired'")).ShouldBe(0);
        (await _host.Get($"/v1/people/{person.Id}", "privacy")).ShouldBeRead().Text("email").ShouldBe("grace@example.org");
        (await _host.Post("/v1/people", body, "recorder", Once)).ShouldReplay(answer);
        (await Left()).ShouldBe("1 reading, 1 security event, 1 import, 1 called off, 1 session, 1 reason");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_job_that_comes_to_a_node_whose_clock_is_apart_is_left_to_another_node_or_to_itself_once_it_is_right(bool another)
    {
        _host = await RegisterHost.Start(_database, null, _clock, ChecksClock, Quick);
        await _database.Rows(
            "insert into access.security_event (minute, kind, address, principal_id, detail, count) values (now() - interval '1000 days', "
                + "'wrong-key', '', gen_random_uuid(), '', 1)"
        );
        _clock.Move(TimeSpan.FromMinutes(2));
        await using (var scope = _host.Services.CreateAsyncScope())
            await scope.ServiceProvider.GetRequiredService<IMessageBus>().PublishAsync(new ForgetSecurityEvents());
        await Wait.Until("the job to be put back", () => _host.Errors.Any(e => e.Contains("ALARM: a job is put back")));
        (await Count("access.security_event where kind = 'wrong-key'")).ShouldBe(1);

        await using var other = another ? await RegisterHost.Start(_database, _host.DataDirectory, settings: Quick) : null;
        if (!another)
            _clock.Move(-_clock.Ahead);

        await Wait.Until("the job to be done", async () => await Count("access.security_event where kind = 'wrong-key'") == 0);
        (await Count("jobs.wolverine_dead_letters")).ShouldBe(0);
    }

    [Fact]
    public async Task A_node_whose_clock_stays_apart_ends()
    {
        _host = await RegisterHost.Start(_database, null, _clock, ChecksClock);
        var check = _host.Services.GetRequiredService<ClockCheck>();
        var ending = _host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        _clock.Move(TimeSpan.FromHours(1));
        await check.Look(CancellationToken.None);
        _clock.Leap(ClockCheck.WrongAtMost - TimeSpan.FromMinutes(1));
        await check.Look(CancellationToken.None);
        ending.IsCancellationRequested.ShouldBeFalse();

        // It was right in between.
        _clock.Move(-_clock.Ahead);
        await check.Look(CancellationToken.None);
        _clock.Leap(TimeSpan.FromMinutes(1));
        _clock.Move(TimeSpan.FromHours(-1));
        await check.Look(CancellationToken.None);
        ending.IsCancellationRequested.ShouldBeFalse();

        _clock.Leap(ClockCheck.WrongAtMost);
        await check.Look(CancellationToken.None);
        ending.IsCancellationRequested.ShouldBeTrue();
        check.HasEndedNode.ShouldBeTrue();
        _host.Errors.ShouldContain(e => e.Contains("ALARM: The clock of this node is 3600.0 s behind the database's. This node ends"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task What_a_node_an_hour_off_signs_dates_or_ends_has_the_databases_time(int hours)
    {
        _clock.Move(TimeSpan.FromHours(hours));
        _host = await RegisterHost.Start(_database, null, _clock, WebhookRegister.Settings);
        await using var receiver = await Receiver.Answering(_ => 500);
        var subscription = await _host.Subscribe(receiver.Url);
        await Person();
        await _host.Until(subscription.Id, "an attempt in vain", s => s["failingSince"] is not null);
        var principals = _host.Services.GetRequiredService<Principals>();
        var somebody = await principals.Create("Somebody", CancellationToken.None);
        await ActivatorUtilities
            .CreateInstance<Sessions>(_host.Services)
            .Begin(new Principal(somebody, []), TimeSpan.FromMinutes(30), CancellationToken.None);
        await principals.End(somebody, eraseName: false, CancellationToken.None);
        var events = _host.Services.GetRequiredService<SecurityEvents>();
        events.Note(SecurityEvents.WrongKey, "", somebody, "");
        await events.Flush(CancellationToken.None);
        (await _host.Post("/v1/audit/replays", role: "auditor")).Status.ShouldBe(202);

        DateTimeOffset
            .FromUnixTimeSeconds(long.Parse(receiver.All[0].Headers["webhook-timestamp"], CultureInfo.InvariantCulture))
            .ShouldBe(DateTimeOffset.UtcNow, Soon);
        string[] dated =
        [
            "created_at from feed.subscription",
            "failing_since from feed.subscription",
            "last_error_at from feed.subscription",
            "due_at from feed.delivery",
            "expires_at - interval '30 minutes' from access.session",
            "minute from access.security_event",
            "least(created_at, ended_at) from access.principal where ended_at is not null",
            "greatest(created_at, ended_at) from access.principal where ended_at is not null",
            "requested_at from audit.replay",
        ];
        foreach (var times in dated)
            (await _database.Scalar<DateTime>($"select {times} limit 1")).ShouldBe(DateTime.UtcNow, Soon, times);
        (await _host.Get("/v1/audit/completeness", "auditor")).Json["checkedAt"]!
            .GetValue<DateTimeOffset>()
            .ShouldBe(DateTimeOffset.UtcNow, Soon);
        await Log.EndReplay(_host);
    }

    [Fact]
    public async Task An_import_is_not_gone_on_with_while_the_clock_is_apart()
    {
        _host = await RegisterHost.Start(_database, null, _clock, ChecksClock);
        var framework = Cooperation.Agreement();
        framework["externalReference"] = new JsonObject { ["system"] = "desk", ["id"] = "f1" };
        (await _host.Post("/v1/frameworks", framework)).ShouldBeAccepted(201);
        var store = _host.Services.GetRequiredService<ImportStore>();
        var past = await Imports.Post(_host, Held(1, "2018-04-04"), "text/csv", "kind=held-meetings&system=desk");
        await Imports.Ended(_host, past);
        var before = (await store.Find(past.Json["id"]!.GetValue<Guid>(), CancellationToken.None))!;
        before.Counts.Accepted.ShouldBe(1);
        var coming = Held(2, $"{DateTime.UtcNow.AddDays(20):yyyy-MM-dd}");

        _clock.Move(TimeSpan.FromDays(30));
        await _host.Services.GetRequiredService<ClockCheck>().Look(CancellationToken.None);
        var import = before with { Id = Guid.NewGuid(), State = ImportState.Uploading, FinishedAt = null, Counts = ImportCounts.None };
        await store.Create(import, CancellationToken.None);
        await store.AddPiece(import.Id, 0, coming, CancellationToken.None);
        await store.Queue(import.Id, coming.Length, before.Encoding, CancellationToken.None);
        await _host.Services.GetRequiredService<ImportRun>().Run((await Found())!, CancellationToken.None);

        (await Found())!.IsFinal.ShouldBeFalse();
        (await Count("register.mt_events where type = 'meeting_held'")).ShouldBe(1);
        _clock.Move(-_clock.Ahead);
        await _host.Services.GetRequiredService<ClockCheck>().Look(CancellationToken.None);
        await Wait.Until("the import's end", async () => (await Found())!.IsFinal);
        (await Found())!.Counts.Refused.ShouldBe(1);
        (await Count("register.mt_events where type = 'meeting_held'")).ShouldBe(1);

        Task<Import?> Found() => store.Find(import.Id, CancellationToken.None);
    }

    [Fact]
    public async Task What_a_node_that_is_behind_remembers_and_erases_has_the_databases_time()
    {
        _clock.Move(TimeSpan.FromDays(-900));
        _host = await RegisterHost.Start(_database, clock: _clock);
        var body = new { name = "Ada Lovelace" };
        var answer = (await _host.Post("/v1/people", body, "recorder", Once)).ShouldBeAccepted(201);
        await Import();
        var (erased, hidden) = (await Person(), await Person());
        var finalOn = (await _host.Erase(erased)).Json.Text("finalOn");
        (await _host.Post($"/v1/people/{hidden}/restrict", new { reason = "asked", restricted = true }, "privacy")).Status.ShouldBeOneOf(
            200,
            202
        );

        await RunAllJobs();

        (await _host.Post("/v1/people", body, "recorder", Once)).ShouldReplay(answer);
        (await _database.Scalar<long>("select count(*) from ingestion.import")).ShouldBe(1);
        DateOnly.Parse(finalOn).ShouldBeGreaterThan(DateOnly.FromDateTime(DateTime.UtcNow));
        (
            await _database.Scalar<bool>("select asked_at > now() - interval '1 hour' and reason is not null from keys.erasure")
        ).ShouldBeTrue();
        var ledger = await File.ReadAllLinesAsync(Path.Combine(_host.DataDirectory, ErasureLedger.FileName));
        ledger.Length.ShouldBe(2);
        foreach (var line in ledger)
            JsonNode.Parse(line)!["at"]!.GetValue<DateTimeOffset>().ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(10));
    }

    /// <summary>Its time is not read off a clock that may be set back.</summary>
    [Fact]
    public async Task That_a_principal_was_not_ended_is_believed_for_ten_seconds()
    {
        _host = await RegisterHost.Start(_database, clock: _clock);
        var principals = _host.Services.GetRequiredService<Principals>();
        var known = await OfToken();
        known.ShouldNotBeNull();
        await _database.Rows("update access.principal set ended_at = now() where id = $1", known.Value);
        (await OfToken()).ShouldBe(known);

        _clock.Leap(TimeSpan.FromSeconds(10));

        (await OfToken()).ShouldBeNull();

        Task<Guid?> OfToken() => principals.OfToken("https://issuer.example", "subject", null, [], CancellationToken.None);
    }

    /// <summary>Something of each kind that is forgotten once it is old enough, and is not: it is of now.</summary>
    private async Task Young()
    {
        var erased = await Person();
        (await _host.Erase(erased)).ShouldBeAccepted();
        await _database.Rows("update keys.master_generation set left_at = now()");
        await _database.Rows(
            """
            insert into audit.access (at, reader, request) values (now() - interval '200 days', gen_random_uuid(), 'GET /v1/any')
            """
        );
        await _host.Services.GetRequiredService<AccessSeal>().SealDaysThatAreOver(CancellationToken.None);
        await _database.Rows(
            """
            insert into access.security_event (minute, kind, address, principal_id, detail, count)
                values (now(), 'wrong-key', '', gen_random_uuid(), '', 1)
            """
        );
        await Import();
        await _database.Rows(
            "insert into ingestion.calendar_called_off (system, entry_id, address, sequence, kept_at) values ('any', 'any', '', 0, now())"
        );
        await _database.Rows(
            "insert into access.session (hash, principal_id, scopes, expires_at) values ('', gen_random_uuid(), '{}', now() + interval '1 "
                + "hour')"
        );
    }

    private async Task<string> Left() =>
        string.Join(
            ", ",
            $"{await Count("audit.access where request = 'GET /v1/any'")} reading",
            $"{await Count("access.security_event where kind = 'wrong-key'")} security event",
            $"{await Count("ingestion.import")} import",
            $"{await Count("ingestion.calendar_called_off")} called off",
            $"{await Count("access.session where hash = ''")} session",
            $"{await Count("keys.erasure where reason is not null")} reason"
        );

    private Task<long> Count(string of) => _database.Scalar<long>($"select count(*) from {of}");

    private async Task<Guid> Person() => (await _host.Post("/v1/people", new { name = "Alan Turing" })).ShouldBeAccepted(201).Id;

    private static byte[] Held(int edition, string start) =>
        Encoding.UTF8.GetBytes(
            $"id,title,framework,level,edition,start,mode\nm{edition},A meeting,f1,senior-officials,{edition},{start},in-person\n"
        );

    private async Task Import() =>
        await Imports.Ended(
            _host,
            await Imports.Post(_host, "id,name\np1,Katherine Johnson\n"u8.ToArray(), "text/csv", "kind=people&system=desk")
        );

    private async Task RunAllJobs()
    {
        _host.Services.GetRequiredService<PrivacyOptions>().Retention.ContactDays = 30;
        await using var scope = _host.Services.CreateAsyncScope();
        var bus = scope.ServiceProvider.GetRequiredService<IMessageBus>();
        object[] jobs =
        [
            new ExpireFields(),
            new ForgetAnswers(),
            new ForgetDeletedSubscriptions(),
            new ForgetImports(),
            new ForgetReadings(),
            new ForgetSecurityEvents(),
            new ForgetReasons(),
            new SealReadings(),
        ];
        foreach (var job in jobs)
            await bus.InvokeAsync(job);
    }
}
