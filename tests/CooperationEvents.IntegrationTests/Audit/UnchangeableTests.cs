using CooperationEvents.Audit.TransparencyLog;
using CooperationEvents.Testing;
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

    [Fact]
    public async Task A_guard_that_is_switched_off_is_named_and_a_start_switches_it_on()
    {
        await using var database = await TestDatabase.CreateEmpty();
        await using var host = await RegisterHost.Start(database);
        var completeness = new Completeness(database.Source);
        (await completeness.Check(CancellationToken.None)).ShouldBeEmpty();

        await database.Rows("alter table register.mt_events disable trigger never_changed");
        (await completeness.Check(CancellationToken.None)).ShouldHaveSingleItem().Which.ShouldBe(["mt_events.never_changed"]);

        await using (await RegisterHost.Start(database, host.DataDirectory))
            (await completeness.Check(CancellationToken.None)).ShouldBeEmpty();
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
