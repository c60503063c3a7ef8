using CooperationEvents.Audit.TransparencyLog;
using CooperationEvents.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace CooperationEvents.IntegrationTests.Audit;

/// <summary>A register of some 300 events, whose tables a superuser changes behind the triggers and puts right again.</summary>
public sealed class TamperedRegister : IAsyncLifetime
{
    private static readonly string[] Tables = ["register.mt_events", "register.mt_streams", "audit.leaf", "audit.node", "audit.checkpoint"];

    public TestDatabase Database { get; private set; } = null!;

    public RegisterHost Host { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Database = await TestDatabase.Create();
        Host = await RegisterHost.Start(Database, settings: ("Audit:CheckpointMilliseconds", "50"));
        var cooperation = await Cooperation.Start(Host);
        var meeting = await cooperation.Schedule();
        foreach (var people in Enumerable.Range(0, 7))
            await cooperation.People(40);
        await cooperation.Do($"/v1/meetings/{meeting.Id}/hold", new { });
        await Log.CoversAll(Host);
        foreach (var table in Tables)
            await Database.Rows($"create table public.{table.Split('.')[1]} as table {table}");
    }

    /// <summary>Puts every table back as it was.</summary>
    public async Task Restore()
    {
        foreach (var table in Tables)
            await Tamper.Do(Database, $"delete from {table}; insert into {table} select * from public.{table.Split('.')[1]}");
    }

    public async ValueTask DisposeAsync()
    {
        Directory.Delete(Host.DataDirectory, recursive: true);
        await Host.DisposeAsync();
        await Database.DisposeAsync();
    }
}

public sealed class TamperTests(TamperedRegister register) : IClassFixture<TamperedRegister>
{
    [Fact]
    public async Task Untouched_everything_holds()
    {
        (await Verify.Export(register.Host)).Findings.ShouldBeEmpty();
        (await Completeness()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("set data = jsonb_set(data, '{shortName}', '\"DG HOMF\"')", 1)]
    [InlineData("set data = data || '{\"added\": true}'", 270)]
    [InlineData("set user_name = gen_random_uuid()::text", 1)]
    [InlineData("set timestamp = timestamp + interval '1 microsecond'", 1)]
    [InlineData("set headers = '{\"source\": \"another\"}'", 1)]
    [InlineData("set correlation_id = correlation_id || 'x'", 100)]
    [InlineData("set causation_id = null", 255)]
    [InlineData("set type = 'organisation_renamed'", 1)]
    [InlineData("set version = 99", 256)]
    [InlineData("set stream_id = gen_random_uuid()", 2)]
    public async Task An_event_that_was_changed_is_named_by_index_and_id(string change, int index) =>
        await Found(
            $"update register.mt_events {change} where seq_id = (select seq from audit.leaf where index = {index})",
            index,
            await IdAt(index)
        );

    [Fact]
    public async Task An_event_that_was_deleted_is_named_by_its_index_and_the_check_in_the_service_names_it_by_its_id_too()
    {
        var id = await IdAt(17);
        await Found("delete from register.mt_events where seq_id = (select seq from audit.leaf where index = 17)", 17, null, async () =>
            (await Completeness()).ShouldContain(f => f.What == "leaves without their event" && f.First == $"17 (id {id})")
        );
    }

    [Fact]
    public async Task Two_events_that_were_swapped_are_both_named()
    {
        var (one, other) = (await IdAt(20), await IdAt(21));
        await Found(
            """
            update register.mt_events e set data = o.data from register.mt_events o
            where (e.seq_id, o.seq_id) in (((select seq from audit.leaf where index = 20), (select seq from audit.leaf where index = 21)),
                ((select seq from audit.leaf where index = 21), (select seq from audit.leaf where index = 20)))
            """,
            20,
            one,
            alsoNamed: other
        );
    }

    [Fact]
    public async Task An_event_that_was_slipped_in_where_a_gap_was_closed_is_found_by_the_check_in_the_service()
    {
        try
        {
            await Tamper.Do(
                register.Database,
                """
                insert into register.mt_events select (jsonb_populate_record(e, jsonb_build_object('seq_id', 0, 'id', gen_random_uuid(),
                    'version', 1000))).* from register.mt_events e order by seq_id limit 1
                """
            );
            var faults = await Completeness();
            faults.ShouldContain(f => f.What == "events without a leaf" && f.First == "0");
            faults.ShouldContain(f => f.What == "streams with a row that says what no event does");
        }
        finally
        {
            await register.Restore();
        }
    }

    [Theory]
    [InlineData("delete from audit.leaf where index = 3", "missing leaves")]
    public async Task What_stands_beside_the_entries_is_checked_in_the_service(string sql, string what)
    {
        try
        {
            await Tamper.Do(register.Database, sql);
            (await Completeness()).ShouldContain(f => f.What == what);
        }
        finally
        {
            await register.Restore();
        }
    }

    [Theory]
    [InlineData("audit.leaf", "index = 9", "rows of the log that stand twice", "audit.leaf 9")]
    [InlineData("audit.node", "level = 1 and index = 0", "rows of the log that stand twice", "audit.node 1 0")]
    [InlineData("audit.checkpoint", "size = 0", "rows of the log that stand twice", "audit.checkpoint ")]
    [InlineData("audit.origin", "number = 1", "rows of the log that stand twice", "audit.origin 1")]
    [InlineData("audit.log_key", "first_size = 0", "rows of the log that stand twice", "audit.log_key ")]
    [InlineData("audit.log_head", "one", "rows of the log that stand twice", "audit.log_head t")]
    [InlineData("register.mt_events", "seq_id = 1", "rows of the history that stand twice", "register.mt_events 1")]
    [InlineData("register.mt_streams", "id = (select stream_id from register.mt_events where seq_id = 1)", "streams with a row", "twice")]
    public async Task A_row_that_a_child_of_its_table_has_once_more_is_named_by_the_check(
        string table,
        string row,
        string what,
        string which
    )
    {
        try
        {
            await Tamper.Do(
                register.Database,
                $"create table public.more () inherits ({table}); insert into public.more select * from only {table} where {row}"
            );
            var faults = await Completeness();

            faults
                .Single(f => f.What.StartsWith(what, StringComparison.Ordinal))
                .Which.ShouldContain(w => w.Contains(which, StringComparison.Ordinal));
            faults.SelectMany(f => f.Which).ShouldContain($"child public.more of {table}");
        }
        finally
        {
            await register.Database.Rows("drop table public.more");
        }
    }

    [Theory]
    [InlineData("update audit.leaf set hash = sha256('another') where index = 9", "tile/0/000")]
    [InlineData("update audit.node set hash = sha256('another') where level = 1 and index = 0", "tile/1/000")]
    public async Task A_tile_that_was_changed_is_named_and_the_entries_are_proven(string sql, string named)
    {
        try
        {
            await Tamper.Do(register.Database, sql);
            (await Verify.Export(register.Host)).Findings.ShouldContain(f => f.ToString()!.Contains(named, StringComparison.Ordinal));
        }
        finally
        {
            await register.Restore();
        }
    }

    [Theory]
    [InlineData(
        "update audit.checkpoint set note = replace(note, E'\\n\\n', E'x\\n\\n') where size = (select min(size) from audit.checkpoint "
            + "where size > 0)"
    )]
    [InlineData(
        "update audit.checkpoint set note = (select note from audit.checkpoint order by size limit 1) where size = (select min(size) from "
            + "audit.checkpoint where size > 0)"
    )]
    public async Task A_checkpoint_that_was_changed_is_found(string sql)
    {
        var kept = Path.Combine(register.Host.DataDirectory, "checkpoints.ndjson");
        try
        {
            await Tamper.Do(register.Database, sql);
            int status;
            using (var answer = await register.Host.Raw("/v1/audit/export.tar", "auditor"))
                status = (int)answer.StatusCode;
            if (status == 200)
                (await Verify.Export(register.Host, checkpoints: kept)).IsClean.ShouldBeFalse();
            else
                status.ShouldBe(500);
        }
        finally
        {
            await register.Restore();
        }
    }

    [Fact]
    public async Task Altered_history_is_shown_as_altered()
    {
        var (stream, id, version) = (
            await register.Database.Rows(
                "select e.stream_id, e.id, e.version from audit.leaf l join register.mt_events e on e.seq_id = l.seq where l.index = 1"
            )
        )
            .Select(r => ((Guid)r[0]!, (Guid)r[1]!, (long)r[2]!))
            .Single();
        (await register.Host.Get($"/v1/audit/streams/{stream}", "auditor")).Text.ShouldNotContain("\"altered\"");
        try
        {
            await Tamper.Do(
                register.Database,
                $"update register.mt_events set data = jsonb_set(data, '{{name}}', '\"Another\"') where id = '{id}'"
            );

            var item = (await register.Host.Get($"/v1/audit/streams/{stream}", "auditor")).ShouldBeRead()["items"]!
                .AsArray()
                .Single(i => (Guid)i!["id"]! == id)!;
            ((bool)item["altered"]!).ShouldBeTrue();
            (await register.Host.Get($"/v1/audit/streams/{stream}/state", "auditor")).ShouldBeRead()["altered"]!
                .AsArray()
                .Select(a => (Guid)a!)
                .ShouldBe([id]);
            (await register.Host.Get($"/v1/audit/streams/{stream}/difference?from={version}", "auditor")).ShouldBeRead()["altered"]!
                .AsArray()
                .Select(a => (Guid)a!)
                .ShouldBe([id]);
            (await register.Host.Get($"/v1/audit/events/{id}/proof", "auditor")).ShouldBeProblem(409, "event-altered");

            // Who may read names is shown it too, whatever is left of its form.
            await Tamper.Do(
                register.Database,
                $"update register.mt_events set data = '{{}}' where id = '{id}' or type = 'person_registered'"
            );
            var events = (await register.Host.Get("/v1/audit/events?limit=500", "admin")).ShouldBeRead()["items"]!.AsArray();
            events.Where(e => (Guid)e!["id"]! == id || e.Text("type") == "person_registered").Count().ShouldBeGreaterThan(1);
            events.Where(e => (Guid)e!["id"]! == id || e.Text("type") == "person_registered").ShouldAllBe(e => (bool)e!["altered"]!);
        }
        finally
        {
            await register.Restore();
        }
    }

    [Fact]
    public async Task What_the_last_check_found_is_read_by_auditors()
    {
        (await register.Host.Get("/v1/audit/completeness", "auditor")).Json["checkedAt"].ShouldNotBeNull();
        (await register.Host.Get("/v1/audit/completeness", "analyst")).Status.ShouldBe(403);
    }

    /// <summary>Tampers, and expects the verifier to name the index, and the id where one is given.</summary>
    private async Task Found(string sql, int index, Guid? id, Func<Task>? more = null, Guid? alsoNamed = null)
    {
        try
        {
            await Tamper.Do(register.Database, sql);
            var report = await Verify.Export(register.Host);
            var findings = string.Join('\n', report.Findings);
            report.IsClean.ShouldBeFalse();
            findings.ShouldContain($"{index}");
            if (id is { } named)
                findings.ShouldContain($"{named}");
            if (alsoNamed is { } other)
                findings.ShouldContain($"{other}");
            report.Count.ShouldBeLessThan(6, findings);
            if (more is not null)
                await more();
        }
        finally
        {
            await register.Restore();
        }
    }

    private async Task<Guid> IdAt(int index) =>
        (Guid)(await register.Database.Rows("select event_id from audit.leaf where index = $1", (long)index)).Single()[0]!;

    private Task<IReadOnlyList<CompletenessFault>> Completeness() =>
        register.Host.Services.GetRequiredService<CooperationEvents.Audit.TransparencyLog.Completeness>().Check(CancellationToken.None);
}
