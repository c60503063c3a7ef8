using CooperationEvents.Statistics;
using Npgsql;

namespace CooperationEvents.IntegrationTests.Statistics;

/// <summary>The role for BI tools reads the schema made for it, and nothing else.</summary>
public sealed class AnalystRoleTests(SharedRegister register)
{
    [Fact]
    public async Task It_reads_every_view_of_its_schema()
    {
        var views = await Names("select table_name from information_schema.views where table_schema = 'analytics'");
        views.ShouldContain("fact_commitment");
        views.Count.ShouldBeGreaterThan(15);
        foreach (var view in views)
            await AsAnalyst($"select * from analytics.{view}");
    }

    [Fact]
    public async Task It_reads_no_other_table_and_writes_none()
    {
        var tables = await Names("""
            select format('%I.%I', schemaname, tablename) from pg_tables
            where schemaname not in ('pg_catalog', 'information_schema')
            """);
        foreach (var schema in new[] { "facts", "views", "register", "recording", "access" })
            tables.ShouldContain(t => t.StartsWith(schema + ".", StringComparison.Ordinal), schema);
        foreach (var table in tables)
            (await Should.ThrowAsync<PostgresException>(() => AsAnalyst($"select * from {table}"))).SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege, table);
        (await Should.ThrowAsync<PostgresException>(() => AsAnalyst("delete from analytics.fact_meeting"))).SqlState
            .ShouldBeOneOf(PostgresErrorCodes.InsufficientPrivilege, PostgresErrorCodes.ObjectNotInPrerequisiteState);
        (await Should.ThrowAsync<PostgresException>(() => AsAnalyst("create table analytics.mine (id int)"))).SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege);
        (await Should.ThrowAsync<PostgresException>(() => AsAnalyst("create table public.mine (id int)"))).SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege);
    }

    [Fact]
    public async Task It_cannot_log_in_and_may_do_nothing_special() =>
        (await register.Host.Database.Scalar<bool>(
            "select rolcanlogin or rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls from pg_roles where rolname = $1", AnalyticsSchema.Role))
            .ShouldBeFalse();

    [Fact]
    public async Task No_column_it_reads_has_the_id_of_a_person()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var person = await cooperation.Person();
        var body = cooperation.Meeting();
        body["attendees"] = Bodies.Of(new { attendees = new[] { cooperation.Attendee(person, status: "attended") } })["attendees"]!.DeepClone();
        var held = (await register.Host.Post("/v1/meetings/record-held", body)).ShouldBeAccepted(201);
        await register.Host.Reaches(held.Position);

        (await Names("select person_key::text from analytics.fact_attendance where meeting_id = $1", held.Id)).ShouldHaveSingleItem();
        foreach (var view in await Names("select table_name from information_schema.views where table_schema = 'analytics'"))
            (await Names($"select to_jsonb(v)::text from analytics.{view} v where to_jsonb(v)::text like $1", $"%{person}%")).ShouldBeEmpty(view);
    }

    private async Task AsAnalyst(string sql)
    {
        await using var connection = await register.Host.Database.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var role = new NpgsqlCommand($"set local role {AnalyticsSchema.Role}", connection))
            await role.ExecuteNonQueryAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<IReadOnlyList<string>> Names(string sql, params object[] parameters) =>
        [.. (await register.Host.Database.Rows(sql, parameters)).Select(r => (string)r[0]!)];
}
