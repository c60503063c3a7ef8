using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using CooperationEvents.Audit;
using CooperationEvents.Audit.Journal;
using CooperationEvents.Authorization;
using CooperationEvents.Testing;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CooperationEvents.IntegrationTests.Audit;

public sealed partial class AccessJournalTests(SharedRegister register)
{
    [Fact]
    public async Task Who_reads_what_why_and_when_is_recorded_before_it_is_answered()
    {
        var person = (await register.Host.Post("/v1/people", new { name = "Ada" })).ShouldBeAccepted(201);
        var purpose = $"Audit of 2026, {Guid.NewGuid()}";
        await register.Host.Reaches(person.Position);

        (
            await register.Host.Get(
                $"/v1/audit/streams/{person.Id}?minPosition={person.Position}",
                "auditor",
                ("Cooperation-Purpose", purpose)
            )
        ).Status.ShouldBe(200);

        var row = (
            await register.Host.Database.Rows(
                "select reader, request, at between now() - interval '1 minute' and clock_timestamp() from audit.access where purpose = $1",
                purpose
            )
        ).ShouldHaveSingleItem();
        row[0]
            .ShouldBe(
                await register.Host.Database.Scalar<Guid>(
                    "select principal_id from access.api_key where hash = $1",
                    SHA256.HashData(Encoding.UTF8.GetBytes(register.Host.Keys["auditor"]))
                )
            );
        row[1].ShouldBe($"GET /v1/audit/streams/{person.Id}?minPosition={person.Position}");
        row[2].ShouldBe(true);
    }

    [Fact]
    public async Task Every_read_of_the_history_is_recorded_and_no_other()
    {
        var audit = register
            .Host.Endpoints.Where(e => e.Metadata.GetMetadata<RequiresScopeAttribute>()?.Scope == Scopes.AuditRead)
            .ToList();
        audit.ShouldNotBeEmpty();
        var start = await Count();
        foreach (var endpoint in audit)
            await register.Host.Send(
                new HttpMethod(endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods[0]),
                Parameter().Replace(endpoint.RoutePattern.RawText!, _ => Guid.NewGuid().ToString()),
                null,
                "auditor"
            );
        (await Count()).ShouldBe(start + audit.Count);

        await register.Host.Get("/v1/meetings", "auditor");
        await register.Host.Get("/v1/audit/events", "analyst");
        (await Count()).ShouldBe(start + audit.Count);
        await Log.EndReplay(register.Host);
    }

    [Theory]
    [InlineData("people?Name=Quixote", "people?(withheld)")]
    [InlineData("people?NAME=Quixote&EMAIL=zoe@x.example", "people?(withheld)&(withheld)")]
    [InlineData("people?quixote@x.example=1", "people?(withheld)")]
    [InlineData(
        "people?name=Quixote&email=zoe@x.example&system=Quixote&id=Quixote",
        "people?name=(withheld)&email=(withheld)&system=(withheld)&id=(withheld)"
    )]
    [InlineData("people?limit=Quixote", "people?limit=(withheld)")]
    [InlineData("people?limit=7&limit=8", "people?limit=(withheld)")]
    [InlineData("people?limit=7&minPosition=1", "people?limit=7&minPosition=1")]
    [InlineData("people/retention?contactDays=30", "people/retention?contactDays=30")]
    [InlineData("people?delimiter=semicolon&byteOrderMark=yes", "people?delimiter=semicolon&byteOrderMark=(withheld)")]
    [InlineData("people/0041791234567", "people/(withheld)")]
    [InlineData("audit/events?source=crm&actor=0041791234567", "audit/events?source=crm&actor=(withheld)")]
    [InlineData("people/zoe@x.example", "people/(withheld)")]
    [InlineData("PEOPLE/zoe%40x.example/", "people/(withheld)")]
    [InlineData("people/Quixote/access-report", "people/(withheld)/access-report")]
    [InlineData("people/6c6f6700-0000-4000-8000-00000000ffff", "people/6c6f6700-0000-4000-8000-00000000ffff")]
    [InlineData("meetings/Quixote.ics", "meetings/(withheld).ics")]
    [InlineData(
        "calendar.ics?state=held&from=2018-04&organisation=Quixote",
        "calendar.ics?state=held&from=2018-04&organisation=(withheld)"
    )]
    [InlineData("audit/access/2026-01-01", "audit/access/2026-01-01")]
    [InlineData("audit/access/Quixote", "audit/access/(withheld)")]
    [InlineData("audit/log/tile/entries/x001/234.p/5", "audit/log/tile/entries/x001/234.p/5")]
    [InlineData(
        "audit/events?type=meeting_held&actor=Quixote&source=zoe@x.example",
        "audit/events?type=meeting_held&actor=(withheld)&source=(withheld)"
    )]
    [InlineData("audit/events?from=2026-01-01T00:00:00%2B01:00&after=3", "audit/events?from=2026-01-01T00:00:00%2B01:00&after=3")]
    [InlineData(
        "audit/streams/6c6f6700-0000-4000-8000-00000000ffff/difference?from=position:3&to=Quixote",
        "audit/streams/6c6f6700-0000-4000-8000-00000000ffff/difference?from=position:3&to=(withheld)"
    )]
    [InlineData("audit/export?from=0&to=Quixote", "audit/export?from=0&to=(withheld)")]
    public async Task The_journal_keeps_nothing_that_may_name_somebody(string asked, string kept)
    {
        var role = $"journalled {Guid.NewGuid()}";
        await register.Host.AddKey(role, Scopes.PeopleRead, Scopes.ActivityRead, Scopes.PrivacyManage, Scopes.AuditRead);

        await register.Host.Get($"/v1/{asked}", role);

        (
            await register.Host.Database.Scalar<string>(
                "select request from audit.access where reader = (select principal_id from access.api_key where hash = $1)",
                SHA256.HashData(Encoding.UTF8.GetBytes(register.Host.Keys[role]))
            )
        ).ShouldBe($"GET /v1/{kept}");
    }

    [Fact]
    public async Task A_read_that_cannot_be_recorded_is_not_answered()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database);
        await database.Rows("alter table audit.access rename to out_of_reach");

        var refused = (await host.Get("/v1/audit/events", "auditor")).ShouldBeProblem(503, "access-not-recorded");

        refused.Header("Retry-After").ShouldNotBeNull();
        (await host.Get("/v1/meetings", "auditor")).Status.ShouldBe(200);
        host.Errors.ShouldNotBeEmpty();
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    [Fact]
    public async Task A_purpose_too_long_to_be_recorded_is_refused() =>
        (await register.Host.Get("/v1/audit/events", "auditor", ("Cooperation-Purpose", new string('p', 501)))).ShouldBeProblem(
            400,
            "invalid-header"
        );

    [Fact]
    public async Task A_day_is_sealed_once_it_is_over_and_a_line_changed_later_no_longer_has_its_hash()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database);
        var seal = host.Services.GetRequiredService<AccessSeal>();
        await database.Rows(
            """
            insert into audit.access (at, reader, request, purpose) values
                ('2026-05-03 23:59:59.5+00', gen_random_uuid(), 'GET /v1/audit/events', 'a "quoted" reason'), ('2026-05-04 00:00:00+00', gen_random_uuid(), 'GET /v1/audit/export', null)
            """
        );
        (await host.Get("/v1/audit/events", "auditor")).Status.ShouldBe(200);

        (await seal.SealDaysThatAreOver(CancellationToken.None)).ShouldBeInRange(0, 2);
        (await seal.SealDaysThatAreOver(CancellationToken.None)).ShouldBe(0);

        var sealed_ = await database.Rows(
            "select data ->> 'day', (data ->> 'count')::int, data ->> 'sha256' from register.mt_events where type = 'audit_access_sealed' "
                + "order by version"
        );
        sealed_.Select(s => s[0]).ShouldBe(["2026-05-03", "2026-05-04"]);
        sealed_.Select(s => s[1]).ShouldBe([1, 1]);
        (await seal.Digest(new DateOnly(2026, 5, 3), CancellationToken.None)).Sha256.ShouldBe((string)sealed_[0][2]!);
        Convert
            .ToHexStringLower(SHA256.HashData(await host.Bytes("/v1/audit/access/2026-05-03", "auditor")))
            .ShouldBe((string)sealed_[0][2]!);
        (await Days()).ShouldBe(["2026-05-04 True", "2026-05-03 True"]);
        await database.Rows(
            "insert into audit.access (at, reader, request) values ('2026-05-02 12:00:00+00', gen_random_uuid(), 'GET /v1/audit/events')"
        );
        await database.Rows("update audit.access set purpose = 'another' where purpose is not null and at < '2026-05-04'");
        (await seal.Digest(new DateOnly(2026, 5, 3), CancellationToken.None)).Sha256.ShouldNotBe((string)sealed_[0][2]!);
        (await Days()).ShouldBe(["2026-05-04 True", "2026-05-03 False", "2026-05-02 False"]);
        (
            await host.Read(
                "/v1/audit/events?type=audit_access_sealed",
                await database.Scalar<long>("select max(seq_id) from register.mt_events"),
                "auditor"
            )
        ).ShouldBeRead()["items"]!
            .AsArray()
            .Count.ShouldBe(2);

        // What is old enough is forgotten, the newest stays, and so do the seals.
        var options = new AuditOptions { JournalKeptDays = 31 };
        await ForgetReadingsHandler.Handle(new ForgetReadings(), database.Source, options, CancellationToken.None);
        (await database.Scalar<long>("select count(*) from audit.access where at < now() - interval '31 days'")).ShouldBe(0);
        (await database.Scalar<long>("select count(*) from audit.access where request = 'GET /v1/audit/events'")).ShouldBe(1);
        (await database.Scalar<long>("select count(*) from register.mt_events where type = 'audit_access_sealed'")).ShouldBe(2);
        Directory.Delete(host.DataDirectory, recursive: true);

        async Task<IEnumerable<string>> Days() =>
            (await host.Get("/v1/audit/access", "auditor")).Json["items"]!
                .AsArray()
                .Select(d => $"{(string)d!["day"]!} {(bool)d["holds"]!}");
    }

    /// <summary>
    /// Nobody altered anything: the day is sealed again once it is over. What is taken out of it is found, be it of before or of after the
    /// clock was set right, and so is what is slipped in.
    /// </summary>
    [Fact]
    public async Task A_day_that_was_sealed_while_the_clock_of_the_database_was_ahead_is_sealed_again_and_nothing_is_accused()
    {
        await using var database = await TestDatabase.Create();
        var day = DateOnly.FromDateTime(await database.Scalar<DateTime>("select (clock_timestamp() at time zone 'UTC')"));
        var noon = day.ToDateTime(new TimeOnly(12, 0), DateTimeKind.Utc);
        string? data = null;
        await Read(2);

        await AheadBy("36 hours");
        await Seal();

        // The clock is right again, and the day goes on.
        await AheadBy("0 hours");
        await Read(2);
        (await Days()).ShouldBe([$"{day:yyyy-MM-dd} 2 4 True"]);
        await Seal();
        (await Days()).ShouldBe([$"{day:yyyy-MM-dd} 2 4 True"]);
        await Read(1);

        // The day is over.
        await AheadBy("36 hours");
        (await Days()).ShouldBe([$"{day:yyyy-MM-dd} 2 5 True"]);
        await Seal();
        (await Seal()).ShouldBe(0);
        await With(async seal =>
        {
            (await Checked(seal)).ShouldBe([$"{day:yyyy-MM-dd} 5 5 True"]);
            foreach (var id in (await database.Rows("select id from audit.access")).Select(row => row[0]!))
            {
                await database.Rows("create table public.kept as table audit.access");
                await database.Rows("delete from audit.access where id = $1", id);
                (await Checked(seal)).ShouldBe([$"{day:yyyy-MM-dd} 5 4 False"]);
                await database.Rows(
                    "delete from audit.access; insert into audit.access overriding system value table public.kept; drop table public.kept"
                );
            }

            (await Checked(seal)).ShouldBe([$"{day:yyyy-MM-dd} 5 5 True"]);
            await Read(1);
            (await Checked(seal)).ShouldBe([$"{day:yyyy-MM-dd} 5 6 False"]);
            return await seal.SealDaysThatAreOver(CancellationToken.None);
        });
        (await Days()).ShouldBe([$"{day:yyyy-MM-dd} 5 6 False"]);
        Directory.Delete(data!, recursive: true);

        async Task Read(int times) =>
            await database.Rows(
                "insert into audit.access (at, reader, request) select $1, gen_random_uuid(), 'GET /v1/audit/events' "
                    + "from generate_series(1, $2)",
                noon,
                times
            );

        Task<int> Seal() => With(seal => seal.SealDaysThatAreOver(CancellationToken.None));

        Task<IEnumerable<string>> Days() => With(Checked);

        static async Task<IEnumerable<string>> Checked(AccessSeal seal) =>
            (await seal.Check(CancellationToken.None)).Select(d => $"{d.Day:yyyy-MM-dd} {d.Sealed?.Count} {d.Found.Count} {d.Holds}");

        // A service of its own each time: its sessions begin with the clock as it is set then.
        async Task<T> With<T>(Func<AccessSeal, Task<T>> use)
        {
            await using var host = await RegisterHost.Start(database, data, settings: ("Hosting:ClockApartSeconds", "1000000000"));
            data = host.DataDirectory;
            return await use(host.Services.GetRequiredService<AccessSeal>());
        }

        Task AheadBy(string time) => SetClock(database, time);
    }

    /// <summary>What it records has the time at which it began, however late it comes.</summary>
    [Fact]
    public async Task A_day_is_sealed_once_every_transaction_that_began_on_it_has_ended()
    {
        await using var database = await TestDatabase.Create();
        await database.Rows("insert into audit.access (reader, request) values (gen_random_uuid(), 'GET /v1/audit/events')");
        await using var connection = new NpgsqlConnection($"{database.ConnectionStrings["register"]};Application Name={BeganBefore}");
        await connection.OpenAsync();
        var open = await connection.BeginTransactionAsync();
        await new NpgsqlCommand("select", connection, open).ExecuteNonQueryAsync();

        // One of another role records nothing, and holds up no seal.
        await using var other = await database.Source.OpenConnectionAsync();
        await using var backup = await other.BeginTransactionAsync();
        await new NpgsqlCommand("select", other, backup).ExecuteNonQueryAsync();
        await SetClock(database, "36 hours");
        await using var host = await RegisterHost.Start(database, settings: ("Hosting:ClockApartSeconds", "1000000000"));
        var seal = host.Services.GetRequiredService<AccessSeal>();

        (await seal.SealDaysThatAreOver(CancellationToken.None)).ShouldBe(0);
        await open.RollbackAsync();
        (await seal.SealDaysThatAreOver(CancellationToken.None)).ShouldBe(1);
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    /// <summary>Seen by what is slipped in where nothing shows it but an event that was read before: another node finds that.</summary>
    [Fact]
    public async Task What_a_run_has_read_of_the_history_the_next_one_does_not_read_again()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database);
        var seal = host.Services.GetRequiredService<AccessSeal>();
        await ReadYesterday();
        (await seal.SealDaysThatAreOver(CancellationToken.None)).ShouldBe(1);
        var event_ = (await host.Post("/v1/people", new { name = "Ada" })).ShouldBeAccepted(201).Position;
        await host.Reaches(event_);
        await Wait.Until("the position to be noted", async () =>
            await database.Scalar<long>("select coalesce(max(position), 0) from recording.settled_position") >= event_
        );
        (await seal.SealDaysThatAreOver(CancellationToken.None)).ShouldBe(0);

        await Tamper.Do(database, $"update register.mt_events set timestamp = now() - interval '1 day' where seq_id = {event_}");
        await ReadYesterday();
        (await seal.SealDaysThatAreOver(CancellationToken.None)).ShouldBe(0);
        var another = ActivatorUtilities.CreateInstance<AccessSeal>(host.Services);
        (await another.SealDaysThatAreOver(CancellationToken.None)).ShouldBe(1);
        Directory.Delete(host.DataDirectory, recursive: true);

        Task ReadYesterday() =>
            database.Rows(
                "insert into audit.access (at, reader, request) values (now() - interval '1 day', gen_random_uuid(), 'GET /v1/audit/events')"
            );
    }

    /// <summary>
    /// Sets the clock of the database ahead: in the sessions that the service begins from now on, in the triggers that run in them, and in
    /// what they see of transactions, save of those that began before.
    /// </summary>
    private static Task SetClock(TestDatabase database, string time) =>
        database.Rows(
            $"""
            create schema if not exists set_clock;
            grant usage on schema set_clock to public;
            create or replace function set_clock.clock_timestamp() returns timestamptz language sql volatile
                as $$ select pg_catalog.clock_timestamp() + interval '{time}' $$;
            create or replace function set_clock.transaction_timestamp() returns timestamptz language sql stable
                as $$ select pg_catalog.transaction_timestamp() + interval '{time}' $$;
            create or replace view set_clock.pg_stat_activity as select pid, datname, usename, backend_type, backend_xid,
                xact_start + case when application_name = '{BeganBefore}' then interval '0' else interval '{time}' end as xact_start
                from pg_catalog.pg_stat_activity;
            grant select on set_clock.pg_stat_activity to public;
            alter role cooperation_service in database {database.Name} set search_path = set_clock, pg_catalog, public
            """
        );

    private const string BeganBefore = "began-before";

    private Task<long> Count() => register.Host.Database.Scalar<long>("select count(*) from audit.access");

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Parameter();
}
