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
            (
                """
                drop trigger only_grows on register.mt_streams;
                create trigger only_grows before update on register.mt_streams
                    for each row when (false) execute function register.refuse_change()
                """,
                "register.mt_streams.only_grows"
            ),
            ("alter function register.record_event() set search_path = public, pg_catalog", "register.record_event"),
            (
                $"""
                create function register.refuse_change(anything int) returns int language sql as 'select 1';
                create or replace function register.refuse_change() {toothless}
                """,
                "register.refuse_change"
            ),
            (
                "create function audit.forget_access(everything text) returns bigint language sql as 'select 1::bigint'",
                "audit.forget_access"
            ),
            ("alter table keys.person_key disable trigger destroyed_stays", "keys.person_key.destroyed_stays"),
            ("drop trigger wrapped_stays on keys.field_salt", "keys.field_salt.wrapped_stays"),
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
        const string key = "alter table register.mt_events add foreign key (stream_id) references register.mt_streams (id)";
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database);
        var service = $"alter role cooperation_service in database {database.Name}";
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
            ("create table public.more () inherits (facts.meeting)", "drop table public.more", "child public.more of facts.meeting"),
            (
                """
                create table public.whole (like recording.told_duplicate) partition by list (why);
                alter table public.whole attach partition recording.told_duplicate default
                """,
                "alter table public.whole detach partition recording.told_duplicate; drop table public.whole",
                "child recording.told_duplicate of public.whole"
            ),
            (
                """
                alter table recording.told_duplicate rename to told;
                create view recording.told_duplicate as select * from recording.told
                """,
                "drop view recording.told_duplicate; alter table recording.told rename to told_duplicate",
                "recording.told_duplicate (stream_id, other_id, why): it is no table of this database"
            ),
            (
                "update pg_index set indisvalid = false where indexrelid = 'audit.leaf_seq_key'::regclass",
                "update pg_index set indisvalid = true where indexrelid = 'audit.leaf_seq_key'::regclass",
                "audit.leaf (seq)"
            ),
            ("alter table audit.node set unlogged", "alter table audit.node set logged", "unlogged audit.node"),
            (
                "alter table register.mt_events add constraint refused check (type <> 'meeting_held')",
                "alter table register.mt_events drop constraint refused",
                "constraint register.mt_events.refused"
            ),
            (
                "alter sequence register.mt_events_sequence cache 10",
                "alter sequence register.mt_events_sequence cache 1",
                "sequence register.mt_events_sequence"
            ),
            (
                "create function public.tidy(one uuid) returns bigint language sql security definer as 'select 1::bigint'",
                "drop function public.tidy(uuid)",
                "function tidy(uuid)"
            ),
            (
                $"{service} set synchronous_commit = off",
                $"{service} reset synchronous_commit",
                "cooperation_service runs with synchronous_commit=off, under which what is accepted can be lost"
            ),
            (
                "alter table register.mt_events add column remark text",
                "alter table register.mt_events drop column remark",
                "column register.mt_events.remark"
            ),
            (
                $"alter table register.mt_events drop constraint fkey_mt_events_stream_id; {key} on delete cascade",
                $"alter table register.mt_events drop constraint mt_events_stream_id_fkey; {key}",
                "foreign key register.mt_events (stream_id)"
            ),
            (
                $"{service} set session_replication_role = replica",
                $"{service} reset session_replication_role",
                "cooperation_service runs with session_replication_role=replica, which the guards of the history do not fire under"
            ),
        ];
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

    /// <summary>Without them a row can be put beside the one there is. A new table of these schemas has its keys in TableKeys.</summary>
    [Fact]
    public async Task Each_key_of_the_history_the_log_and_the_read_models_that_is_gone_is_named()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database);
        var keys = await database.Rows(
            """
            select i.indrelid::regclass::text || ' (' || string_agg(a.attname, ', ' order by k.place) || ')',
                case when c.conname is null then 'drop index ' || i.indexrelid::regclass
                    else format('alter table %s drop constraint %I cascade', i.indrelid::regclass, c.conname) end
            from pg_index i cross join unnest(i.indkey::int2[]) with ordinality k (number, place)
            join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number
            left join pg_constraint c on c.conindid = i.indexrelid and c.contype in ('p', 'u')
            where i.indisunique and i.indrelid in (
                select oid from pg_class where relnamespace::regnamespace::text in ('register', 'audit', 'views', 'facts', 'recording', 'keys'))
            group by i.indexrelid, i.indrelid, c.conname
            """
        );
        await Tamper.Do(database, string.Join("; ", keys.Select(k => k[1])));

        var named = await host.Services.GetRequiredService<Completeness>().Check(CancellationToken.None);

        named
            .Single(f => f.What.StartsWith("keys of tables", StringComparison.Ordinal))
            .Which.ShouldBe(keys.Select(k => (string)k[0]!), ignoreOrder: true);
        Directory.Delete(host.DataDirectory, recursive: true);
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
