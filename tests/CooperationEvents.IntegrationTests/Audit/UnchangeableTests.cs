using CooperationEvents.Audit.TransparencyLog;
using CooperationEvents.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CooperationEvents.IntegrationTests.Audit;

/// <summary>What the database itself refuses, even to who owns the tables.</summary>
public sealed class UnchangeableTests(RestingRegister register) : IClassFixture<RestingRegister>
{
    [Theory]
    [InlineData("update register.mt_events set data = '{}'")]
    [InlineData("update register.mt_events set headers = '{}' where seq_id = 1")]
    [InlineData("delete from register.mt_events")]
    [InlineData("delete from register.mt_events where false")]
    [InlineData("truncate register.mt_events")]
    [InlineData("truncate register.mt_streams cascade")]
    [InlineData("delete from register.mt_streams")]
    [InlineData("update register.mt_streams set version = version - 1")]
    [InlineData("update register.mt_streams set is_archived = true")]
    [InlineData("update register.mt_streams set type = 'other'")]
    public async Task The_history_is_never_changed(string sql)
    {
        var refused = await Should.ThrowAsync<PostgresException>(() => register.Database.Rows(sql));

        refused.SqlState.ShouldBe(PostgresErrorCodes.RestrictViolation, sql);
    }

    [Fact]
    public async Task Deleting_a_stream_deletes_no_event_even_where_the_triggers_are_off()
    {
        await using var database = await TestDatabase.Create();
        await using (var host = await RegisterHost.Start(database))
        {
            await Cooperation.Organisation(host, "DG HOME");
            Directory.Delete(host.DataDirectory, recursive: true);
        }

        var refused = await Should.ThrowAsync<PostgresException>(() =>
            database.Rows("alter table register.mt_streams disable trigger user; delete from register.mt_streams")
        );

        refused.SqlState.ShouldBe(PostgresErrorCodes.ForeignKeyViolation);
    }

    /// <summary>Each time the database is as it was made before.</summary>
    [Fact]
    public async Task A_guard_that_is_switched_off_or_altered_is_named_and_a_start_makes_it_anew()
    {
        const string toothless = "returns trigger language plpgsql as 'begin return null; end'";
        const string every = "before update or delete or truncate";
        (string Sql, string Guard)[] changes =
        [
            ("alter table register.mt_events disable trigger never_changed", "register.mt_events.never_changed"),
            ("alter table audit.leaf disable trigger never_changed", "audit.leaf.never_changed"),
            ("drop trigger late_event_noted on register.mt_events", "register.mt_events.late_event_noted"),
            ($"create or replace function register.refuse_change() {toothless}", "register.refuse_change"),
            ($"create or replace function audit.note_late_event() {toothless}", "audit.note_late_event"),
            (
                $"""
                create function public.toothless() {toothless};
                drop trigger never_changed on audit.checkpoint;
                create trigger never_changed {every} on audit.checkpoint for each statement execute function public.toothless()
                """,
                "audit.checkpoint.never_changed"
            ),
            (
                """
                drop trigger never_changed on register.mt_events;
                create trigger never_changed before update on register.mt_events
                    for each statement execute function register.refuse_change()
                """,
                "register.mt_events.never_changed"
            ),
        ];
        await using var database = await TestDatabase.CreateEmpty();
        await using var host = await RegisterHost.Start(database);
        (await Named()).ShouldBeEmpty();
        foreach (var (sql, guard) in changes)
        {
            await database.Rows(sql);
            (await Named()).ShouldBe([guard]);

            await using (await RegisterHost.Start(database, host.DataDirectory))
                (await Named()).ShouldBeEmpty(sql);
            await Should.ThrowAsync<PostgresException>(() => database.Rows("delete from register.mt_events where false"));
            await Should.ThrowAsync<PostgresException>(() => database.Rows("delete from audit.checkpoint where false"));
        }

        Directory.Delete(host.DataDirectory, recursive: true);

        async Task<IEnumerable<string>> Named() =>
            (await host.Services.GetRequiredService<Completeness>().Check(CancellationToken.None)).SelectMany(f => f.Which);
    }

    /// <summary>With each of them rows are shown, or recorded, otherwise than they stand or were sent.</summary>
    [Fact]
    public async Task What_the_service_did_not_make_on_a_table_is_named()
    {
        const string forger = "returns trigger language plpgsql as 'begin return null; end'";
        (string Sql, string Undone, string Named)[] changes =
        [
            (
                $"""
                create function public.forger() {forger};
                create trigger aside before insert on register.mt_events for each row execute function public.forger()
                """,
                "drop trigger aside on register.mt_events",
                "trigger register.mt_events.aside"
            ),
            (
                "create rule nothing as on insert to audit.access do instead nothing",
                "drop rule nothing on audit.access",
                "rule audit.access.nothing"
            ),
            (
                "alter table facts.meeting enable row level security",
                "alter table facts.meeting disable row level security",
                "row security facts.meeting"
            ),
        ];
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database);
        foreach (var (sql, undone, named) in changes)
        {
            await database.Rows(sql);
            (await Named()).ShouldBe([named]);
            await database.Rows(undone);
            (await Named()).ShouldBeEmpty(sql);
        }

        Directory.Delete(host.DataDirectory, recursive: true);

        async Task<IEnumerable<string>> Named() =>
            (await host.Services.GetRequiredService<Completeness>().Check(CancellationToken.None)).SelectMany(f => f.Which);
    }

    [Fact]
    public async Task A_second_start_changes_nothing_of_the_schema()
    {
        await using var database = await TestDatabase.CreateEmpty();
        await using var host = await RegisterHost.Start(database);
        const string Keys = "select oid::text, confdeltype::text from pg_constraint where conname = 'fkey_mt_events_stream_id'";
        var before = (await database.Rows(Keys)).ShouldHaveSingleItem();

        await using (await RegisterHost.Start(database, host.DataDirectory))
            (await database.Rows(Keys)).ShouldHaveSingleItem().ShouldBe(before);

        before[1].ShouldBe("a");
        Directory.Delete(host.DataDirectory, recursive: true);
    }
}
