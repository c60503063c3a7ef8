using System.Globalization;
using CooperationEvents.Audit.TransparencyLog;
using CooperationEvents.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CooperationEvents.IntegrationTests.Audit;

public sealed class SequencerTests
{
    private static readonly (string, string)[] Fast = [("Audit:CheckpointMilliseconds", "50")];

    /// <summary>
    /// A hammer: many writers beside each other, some of which roll back, wait long before they commit, or draw a position and leave.
    /// </summary>
    [Fact]
    public async Task Whatever_order_transactions_commit_in_each_event_has_one_index_and_no_other_has_one()
    {
        await using var database = await TestDatabase.Create();
        await using var one = await RegisterHost.Start(database, settings: Fast);
        await using var other = await RegisterHost.Start(database, one.DataDirectory, settings: Fast);
        var like = await Cooperation.Organisation(one, "The first");
        await Log.CoversAll(one);

        await Parallel.ForEachAsync(Enumerable.Range(0, 60), new ParallelOptions { MaxDegreeOfParallelism = 12 }, async (i, _) =>
        {
            switch (i % 6)
            {
                case 0:
                    await Direct(database, like, pause: 300, commit: true);
                    break;
                case 1:
                    await Direct(database, like, pause: 150, commit: false);
                    break;
                case 2:
                    await database.Rows("select nextval('register.mt_events_sequence')");
                    break;
                default:
                    await Cooperation.Organisation(i % 2 == 0 ? one : other, $"Organisation {i}");
                    break;
            }
        });
        await Late(database, one, like);
        await Log.CoversAll(one);

        var rows = await database.Rows(
            "select l.index, l.seq, e.id = l.event_id from audit.leaf l left join register.mt_events e on e.seq_id = l.seq order by l.index"
        );
        rows.Select(r => (long)r[0]!).ShouldBe(Enumerable.Range(0, rows.Count).Select(i => (long)i));
        rows.ShouldAllBe(r => true.Equals(r[2]));
        rows.Count.ShouldBe(1 + 10 + 30 + 2);
        rows.Select(r => (long)r[1]!)
            .ShouldNotBe(rows.Select(r => (long)r[1]!).Order(), "Nothing was seen late: the hammer did not strike.");
        await Wait.Until("every gap to be closed", async () => await database.Scalar<bool>("select without_gap = seq from audit.log_head"));
        (await Verify.Export(one)).Findings.ShouldBeEmpty();
        one.Errors.ShouldBeEmpty();
        other.Errors.ShouldBeEmpty();
        Directory.Delete(one.DataDirectory, recursive: true);
    }

    [Fact]
    public async Task A_position_drawn_by_a_transaction_that_has_written_nothing_yet_is_waited_for_across_a_takeover()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database, settings: Fast);
        var like = await Cooperation.Organisation(host, "The first");
        await using var connection = await database.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var drawn = await Draw(connection);
        await Log.Covers(host, [await Cooperation.Organisation(host, "The second")]);

        var epoch = await database.Scalar<long>("select epoch from audit.log_head");
        await database.Rows(
            "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where "
                + "datname = current_database())"
        );
        await Log.Covers(host, [await Cooperation.Organisation(host, "The third")]);
        (await database.Scalar<long>("select epoch from audit.log_head")).ShouldBeGreaterThan(epoch);
        (await database.Scalar<long>("select without_gap from audit.log_head")).ShouldBeLessThan(drawn);
        await Insert(connection, drawn, like);
        await transaction.CommitAsync();

        await Log.CoversAll(host);
        (await database.Scalar<long>("select count(*) from audit.leaf where seq = $1", drawn)).ShouldBe(1);
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    [Fact]
    public async Task An_event_that_can_be_no_entry_stops_the_signing_and_alarms_and_mended_it_goes_on()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database, settings: Fast);
        var like = await Cooperation.Organisation(host, "The first");
        await Log.CoversAll(host);
        var before = await Log.Newest(host);
        await database.Rows(
            "insert into register.mt_events select (jsonb_populate_record(e, jsonb_build_object('seq_id', "
                + "nextval('register.mt_events_sequence'), 'id', gen_random_uuid(), 'version', 2, 'type', 'not_of_ours'))).* from "
                + "register.mt_events e where stream_id = $1",
            like
        );

        await Wait.Until("the alarm", () =>
            host.Errors.Any(e => e.Contains("ALARM", StringComparison.Ordinal) && e.Contains("not_of_ours", StringComparison.Ordinal))
        );
        await Cooperation.Organisation(host, "The second");
        (await Log.Newest(host)).ShouldBe(before);

        await Tamper.Do(database, "delete from register.mt_events where type = 'not_of_ours'");
        await Log.CoversAll(host);
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    [Fact]
    public async Task An_event_at_a_position_that_was_never_given_out_is_named_everywhere_and_keeps_no_other_out_of_the_log()
    {
        const string strange = "9000000";
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database, settings: Fast);
        var like = await Cooperation.Organisation(host, "The first");
        await Log.CoversAll(host);
        await using (var connection = await database.Source.OpenConnectionAsync())
            await Insert(connection, long.Parse(strange, CultureInfo.InvariantCulture), like);

        await Wait.Until("the alarm", () =>
            host.Errors.Any(e => e.Contains("ALARM", StringComparison.Ordinal) && e.Contains(strange, StringComparison.Ordinal))
        );
        await Log.Covers(host, [await Cooperation.Organisation(host, "The second"), await Cooperation.Organisation(host, "The third")]);
        var fault = (await Faults(host)).ShouldHaveSingleItem();
        fault.What.ShouldBe("events at positions that were never given out");
        fault.First.ShouldStartWith($"{strange} (id ");
        (await host.Get("/health/ready", null)).Text.ShouldBe(
            "ready; events at positions that were never given out, without an entry in the audit log: 1"
        );
        var started = await host.Post("/v1/audit/replays", role: "auditor");
        await Wait.Until("the replay's end", async () =>
            (await host.Get(started.Header("Location")!, "auditor")).Json["finishedAt"] is not null
        );
        var finding = (await host.Get(started.Header("Location")!, "auditor")).Json["findings"]!.AsArray().ShouldHaveSingleItem()!;
        (finding.Text("kind"), $"{finding["seq"]}").ShouldBe(("event-extra", strange));
        (await database.Scalar<long>("select max(seq) from audit.leaf")).ShouldBeLessThan(100);

        // Whoever waits for the read models to have come to all that is recorded does not wait for it.
        var person = (await host.Post("/v1/people", new { name = "Ana" })).ShouldBeAccepted(201).Id;
        (await host.Erase(person)).Status.ShouldBe(200);
        (await host.Post("/v1/statistics/publications", new { }, "analyst")).ShouldBeAccepted(201);

        await Tamper.Do(
            database,
            $"""
            delete from register.mt_streams where id = (select stream_id from register.mt_events where seq_id = {strange});
            delete from register.mt_events where seq_id = {strange}
            """
        );
        (await host.Get("/health/ready", null)).Text.ShouldBe("ready");
        await Log.Covers(host, [await Cooperation.Organisation(host, "The fourth")]);
        await Log.CoversAll(host);
        (await Faults(host)).ShouldBeEmpty();
        (await Verify.Export(host)).Findings.ShouldBeEmpty();
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    [Fact]
    public async Task Where_positions_are_given_out_again_signing_stops_until_the_sequence_is_set_forward_and_what_came_meanwhile_is_noted()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database, settings: Fast);
        var given = await database.Scalar<long>("select nextval('register.mt_events_sequence')");
        await Log.Covers(host, [await Cooperation.Organisation(host, "The first")]);
        await Wait.Until("the position to be given up", async () =>
            await database.Scalar<bool>("select without_gap > $1 from audit.log_head", given)
        );

        await database.Rows($"select setval('register.mt_events_sequence', {given}, false)");
        var again = await Cooperation.Organisation(host, "The second");
        await Wait.Until("the alarm", () => host.Errors.Any(e => e.Contains("was set back", StringComparison.Ordinal)));
        (await Faults(host)).Select(f => f.What).ShouldContain("events without a leaf");

        // As docs/operators.md says.
        await database.Rows(
            "select setval('register.mt_events_sequence', greatest((select max(seq_id) from register.mt_events), "
                + "(select seq from audit.log_head), (select last_value from register.mt_events_sequence)))"
        );
        await database.Rows(
            """
            insert into audit.late_event (seq) select e.seq_id from register.mt_events e
            where e.seq_id <= (select seq from audit.log_head) and not exists (select from audit.leaf l where l.seq = e.seq_id)
            """
        );
        await Log.Covers(host, [again, await Cooperation.Organisation(host, "The third")]);
        await Log.CoversAll(host);
        (await Faults(host)).ShouldBeEmpty();
        (await Verify.Export(host)).Findings.ShouldBeEmpty();
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    [Fact]
    public async Task A_tombstone_of_a_save_that_failed_is_logged_too()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database, settings: Fast);
        await Cooperation.Organisation(host, "The first");
        await Tombstones(database, "nextval('register.mt_events_sequence')");
        await Log.CoversAll(host);

        (await host.Get("/v1/audit/export", "auditor")).Text.ShouldContain("\"streamType\":\"tombstone\"");
        (await Verify.Export(host)).Findings.ShouldBeEmpty();
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    [Fact]
    public async Task A_tombstone_that_comes_when_its_position_was_given_up_is_logged_all_the_same_and_is_no_fault()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database, settings: Fast);
        var drawn = await database.Scalar<long>("select nextval('register.mt_events_sequence')");
        await Log.Covers(host, [await Cooperation.Organisation(host, "The first")]);
        await Wait.Until("the position to be given up", async () =>
            await database.Scalar<bool>("select without_gap > $1 from audit.log_head", drawn)
        );

        await using (var connection = await database.Source.OpenConnectionAsync())
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await using var hold = new NpgsqlCommand("select from audit.log_head for update", connection);
            await hold.ExecuteNonQueryAsync();
            await Tombstones(database, $"{drawn}");
            (await Faults(host)).ShouldBeEmpty();
        }

        await Log.CoversAll(host);
        (await Faults(host)).ShouldBeEmpty();
        (await database.Scalar<long>("select index from audit.leaf where seq = $1", drawn)).ShouldBe(1);
        (await Verify.Export(host)).Findings.ShouldBeEmpty();
        host.Errors.ShouldBeEmpty();
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    [Fact]
    public async Task Positions_that_are_waited_for_are_looked_at_without_reading_the_history()
    {
        const int history = 10_000,
            looks = 10;
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database, settings: Fast);
        await Tombstones(database, $"nextval('register.mt_events_sequence') from generate_series(1, {history})");
        await Log.CoversAll(host);
        await host.Reaches(await database.Scalar<long>("select max(seq_id) from register.mt_events"));
        await database.Rows("analyze register.mt_events");

        // The planner prefers to read everything only where there is much more than this, unless that costs it less.
        foreach (
            var cost in new[]
            {
                "parallel_setup_cost",
                "parallel_tuple_cost",
                "min_parallel_table_scan_size",
                "min_parallel_index_scan_size",
                "seq_page_cost",
            }
        )
            await database.Rows($"alter role cooperation_service in database {database.Name} set {cost} = 0");
        await database.Rows(
            $"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{database.Name}' and usename = 'cooperation_service'"
        );

        await using var connection = await database.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var organisations = new List<Guid>();
        while (organisations.Count < 5)
        {
            await Draw(connection);
            organisations.Add(await Cooperation.Organisation(host, $"Organisation {organisations.Count}"));
        }

        await Log.Covers(host, organisations);
        var (read, looked) = (await Read(), await Looked());
        await Wait.Until("some looks", async () => await Looked() >= looked + looks);

        (await Read() - read).ShouldBeLessThan(history);
        Directory.Delete(host.DataDirectory, recursive: true);

        Task<long> Read() =>
            database.Scalar<long>(
                "select seq_tup_read + coalesce(idx_tup_fetch, 0) from pg_stat_user_tables where relid = 'register.mt_events'::regclass"
            );

        // The head is written at each look while a gap is open.
        Task<long> Looked() => database.Scalar<long>("select n_tup_upd from pg_stat_user_tables where relid = 'audit.log_head'::regclass");
    }

    private static Task<IReadOnlyList<CompletenessFault>> Faults(RegisterHost host) =>
        host.Services.GetRequiredService<Completeness>().Check(CancellationToken.None);

    /// <summary>Puts in what Marten leaves of failed saves.</summary>
    /// <param name="positions">What to select as their positions.</param>
    private static Task Tombstones(TestDatabase database, string positions) =>
        database.Rows(
            $$"""
            with stream as (insert into register.mt_streams (id, version) values (gen_random_uuid(), 7) returning id),
                drawn (seq) as (select {{positions}})
            insert into register.mt_events (seq_id, id, stream_id, version, data, type, mt_dotnet_type)
                select drawn.seq, gen_random_uuid(), stream.id, drawn.seq, '{}', 'tombstone', 'JasperFx.Events.Tombstone, JasperFx.Events'
                    from stream, drawn
            """
        );

    private static async Task Direct(TestDatabase database, Guid like, int pause, bool commit)
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var position = await Draw(connection);
        await using (var sleep = new NpgsqlCommand($"select pg_sleep({pause} / 1000.0)", connection))
            await sleep.ExecuteNonQueryAsync();
        await Insert(connection, position, like);
        if (commit)
            await transaction.CommitAsync();
    }

    /// <summary>An event that is committed once one with a later position is in the log.</summary>
    private static async Task Late(TestDatabase database, RegisterHost host, Guid like)
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var position = await Draw(connection);
        await Log.Covers(host, [await Cooperation.Organisation(host, "Before the late one")]);
        await Insert(connection, position, like);
        await transaction.CommitAsync();
    }

    private static async Task<long> Draw(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand("select nextval('register.mt_events_sequence')", connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>An organisation like another, at a position drawn before.</summary>
    private static async Task Insert(NpgsqlConnection connection, long position, Guid like)
    {
        await using var command = new NpgsqlCommand(
            """
            with stream as (insert into register.mt_streams (id, type, version, tenant_id) select gen_random_uuid(), type, 1, tenant_id
                from register.mt_streams where id = $2 returning id)
            insert into register.mt_events select (jsonb_populate_record(e, jsonb_build_object(
                'seq_id', $1, 'id', gen_random_uuid(), 'stream_id', stream.id, 'data', replace(e.data::text, e.stream_id::text, stream.id::text)::jsonb))).*
            from register.mt_events e, stream where e.stream_id = $2 and e.version = 1
            """,
            connection
        );
        command.Parameters.Add(new NpgsqlParameter { Value = position });
        command.Parameters.Add(new NpgsqlParameter { Value = like });
        await command.ExecuteNonQueryAsync();
    }
}
