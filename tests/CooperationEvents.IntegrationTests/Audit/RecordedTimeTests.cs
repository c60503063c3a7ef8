using CooperationEvents.Audit.Journal;
using CooperationEvents.Audit.TransparencyLog;
using CooperationEvents.Hosting;
using CooperationEvents.Storage;
using CooperationEvents.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace CooperationEvents.IntegrationTests.Audit;

/// <summary>
/// Every event is recorded at the database's time, whatever clock its node goes by; and a node that is wrong does not serve.
/// </summary>
public sealed class RecordedTimeTests
{
    private static readonly (string, string) Tolerant = ("Hosting:ClockApartSeconds", "1000000000");

    [Theory]
    [InlineData(-1)]
    [InlineData(400 * 24)]
    [InlineData(-400 * 24)]
    public async Task An_event_has_the_databases_time_though_the_clock_of_its_node_is_wrong(int hours)
    {
        await using var database = await TestDatabase.Create();
        var clock = new MovableClock { IsWrong = true };
        clock.Move(TimeSpan.FromHours(hours));
        await using var host = await RegisterHost.Start(database, null, clock, Tolerant);
        await database.Rows(
            "insert into audit.access (at, reader, request) values (clock_timestamp() - interval '2 days', gen_random_uuid(), 'GET "
                + "/v1/audit/events')"
        );
        await database.Rows("insert into audit.access (reader, request) values (gen_random_uuid(), 'GET /v1/audit/events')");
        var cooperation = await Cooperation.Start(host);
        await cooperation.Do($"/v1/organisations/{cooperation.Home}/rename", new { name = "Renamed", on = "2014-01-01" });
        await host.Services.GetRequiredService<AccessSeal>().SealDaysThatAreOver(CancellationToken.None);

        (
            await database.Scalar<long>(
                "select count(*) from register.mt_events where timestamp not between clock_timestamp() - interval '5 minutes' and "
                    + "clock_timestamp()"
            )
        ).ShouldBe(0);
        (
            await database.Scalar<string>(
                "select string_agg(data ->> 'day', ',') from register.mt_events where type = 'audit_access_sealed'"
            )
        ).ShouldBe(
            await database.Scalar<string>("select to_char((clock_timestamp() - interval '2 days') at time zone 'UTC', 'YYYY-MM-DD')")
        );
        (await new Completeness(database.Source).Check(CancellationToken.None)).ShouldBeEmpty();
        host.Services.GetRequiredService<ClockCheck>().Warning.ShouldNotBeNull();
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    [Fact]
    public async Task Whatever_time_an_event_is_sent_with_it_has_that_of_the_transaction_it_came_in()
    {
        await using var database = await TestDatabase.Create();
        await database.Rows(
            "insert into register.mt_streams (id, type, version, timestamp, created) values (gen_random_uuid(), 'organisation', 2, "
                + "'1999-01-01', '1999-01-01')"
        );
        await database.Rows(
            """
            insert into register.mt_events (seq_id, id, stream_id, version, data, type, timestamp, tenant_id)
            select nextval('register.mt_events_sequence'), gen_random_uuid(), (select id from register.mt_streams), version, '{}',
                'organisation_renamed', '1999-01-01', '*DEFAULT*' from generate_series(1, 2) version
            """
        );

        (await database.Scalar<long>("select count(*) from register.mt_events where timestamp > '2020-01-01'")).ShouldBe(2);
        (await database.Scalar<long>("select count(*) from register.mt_streams where least(created, timestamp) > '2020-01-01'")).ShouldBe(
            1
        );
    }

    [Theory]
    [InlineData(1, "ahead of")]
    [InlineData(-400 * 24, "behind")]
    public async Task A_node_whose_clock_is_far_from_the_databases_does_not_start(int hours, string said)
    {
        await using var database = await TestDatabase.Create();
        var clock = new MovableClock { IsWrong = true };
        clock.Move(TimeSpan.FromHours(hours));

        (
            await Should.ThrowAsync<DatabaseRefusedException>(() =>
                RegisterHost.Start(database, null, clock, ("Hosting:ClockApartSeconds", "10"))
            )
        ).Message.ShouldContain(said);
    }

    [Fact]
    public async Task A_clock_that_goes_wrong_is_said_in_health_and_far_from_the_databases_nothing_is_served()
    {
        await using var database = await TestDatabase.Create();
        var clock = new MovableClock { IsWrong = true };
        await using var host = await RegisterHost.Start(database, null, clock, ("Hosting:ClockApartSeconds", "10"));
        var check = host.Services.GetRequiredService<ClockCheck>();
        (await host.Get("/health/ready", null)).Text.ShouldBe("ready");

        clock.Move(TimeSpan.FromSeconds(5));
        await check.Look(CancellationToken.None);
        (await host.Get("/health/ready", null)).Text.ShouldContain("s ahead of the database's");
        await Cooperation.Organisation(host, "Served");

        clock.Move(TimeSpan.FromSeconds(-50));
        await check.Look(CancellationToken.None);
        (await host.Get("/health/ready", null)).ShouldBeProblem(503, "clock-apart");
        (await host.Post("/v1/organisations", new { name = "Refused", shortName = "Refused" })).ShouldBeProblem(503, "clock-apart");
        (await host.Get("/health/live", null)).Status.ShouldBe(200);
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    [Fact]
    public async Task A_time_stands_for_one_position_everywhere_and_no_note_moves_it()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database);
        var cooperation = await Cooperation.Start(host);
        var before = await cooperation.Schedule();
        await host.Reaches(before.Position);
        var between = await database.Scalar<string>(
            "select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
        );
        var after = await cooperation.Do($"/v1/meetings/{before.Id}/reschedule", new { start = "2018-06-01" });
        await host.Reaches(after.Position);

        async Task<(long Statistics, long Audit)> Position() =>
            (
                (long)(await host.Get($"/v1/statistics/cumulative?knownAt={between}", "analyst")).ShouldBeRead()["position"]!,
                (long)(await host.Get($"/v1/audit/streams/{before.Id}/state?at={between}", "auditor")).ShouldBeRead()["position"]!
            );
        (await Position()).ShouldBe((before.Position, before.Position));
        await Tamper.Do(database, "update recording.settled_position set noted_at = '1999-01-01'");
        (await Position()).ShouldBe((before.Position, before.Position));
        Directory.Delete(host.DataDirectory, recursive: true);
    }
}
