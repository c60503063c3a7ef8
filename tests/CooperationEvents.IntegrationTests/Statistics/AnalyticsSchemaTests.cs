using System.Text.Json.Nodes;
using CooperationEvents.Audit.TransparencyLog;
using CooperationEvents.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace CooperationEvents.IntegrationTests.Statistics;

/// <summary>What analysts read is what the register made for them.</summary>
public sealed class AnalyticsSchemaTests
{
    [Theory]
    [InlineData(
        """
            create or replace view analytics.dim_framework as
            select framework_id, 'Another name'::text as name, established_on from facts.framework
            """
    )]
    [InlineData("create view analytics.mine as select 1 as one")]
    [InlineData("drop view analytics.dim_date")]
    [InlineData("comment on schema analytics is null")]
    [InlineData(
        """
            create or replace function analytics.figures(by text default 'total', framework uuid default null, as_of date default null,
                from_day date default null, known_at bigint default null)
            returns table (framework_id uuid, cell text, meetings_held bigint, meetings_without_attendance bigint, attendances bigint,
                unnamed bigint, known bigint, at_least bigint, at_most bigint)
            language sql as $$ select null::uuid, 'total', 15::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint $$
            """
    )]
    public async Task A_view_that_was_altered_is_named_and_a_start_makes_it_again(string alteration)
    {
        await using var database = await TestDatabase.CreateEmpty();
        await using var host = await RegisterHost.Start(database);
        (await Faults(host)).ShouldBeEmpty();
        await database.Rows(alteration);

        (await Faults(host)).ShouldBe(["analytics"]);

        await using (var mended = await RegisterHost.Start(database, host.DataDirectory))
            (await Faults(mended)).ShouldBeEmpty();
        (await database.Scalar<bool>("select to_regclass('analytics.dim_date') is not null")).ShouldBeTrue();
        (await database.Scalar<bool>("select to_regclass('analytics.mine') is null")).ShouldBeTrue();
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    [Fact]
    public async Task Preparing_the_database_makes_it_again_and_no_more_than_that()
    {
        await using var database = await TestDatabase.CreateEmpty();
        await using var host = await RegisterHost.Start(database);
        const string Oid = "select 'analytics.dim_date'::regclass::oid::text";
        var before = await database.Scalar<string>(Oid);
        (await ServiceProcess.Command(database, host.DataDirectory, "database", "prepare")).Code.ShouldBe(0);
        (await database.Scalar<string>(Oid)).ShouldBe(before);
        await database.Rows(
            "create or replace view analytics.dim_date as select null::date as day, 1 as year, 1 as quarter, 1 as month, "
                + "''::text as year_quarter, ''::text as year_month"
        );

        var (code, said) = await ServiceProcess.Command(database, host.DataDirectory, "database", "prepare");

        code.ShouldBe(0, said);
        (await Faults(host)).ShouldBeEmpty();
        (await database.Scalar<string>(Oid)).ShouldNotBe(before);
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    /// <summary>Nobody has analysed the tables, as after a large import: PostgreSQL takes them for nearly empty.</summary>
    [Theory]
    [InlineData("select * from analytics.fact_presence")]
    [InlineData("select * from analytics.fact_presence where framework_id = md5('framework')::uuid and last_day <= '2020-01-01'")]
    public async Task What_is_read_grows_with_the_rows_and_not_with_their_square(string query)
    {
        const int Meetings = 400;
        const int People = 5;
        await using var database = await TestDatabase.CreateEmpty();
        await using var host = await RegisterHost.Start(database);
        await database.Rows(
            $"""
            insert into facts.membership (framework_id, organisation_id, known_from, party, joined_on, evidence)
                values (md5('framework')::uuid, md5('organisation')::uuid, 0, 'EU', '2012-01-01', array[]::uuid[]);
            insert into facts.meeting (meeting_id, known_from, held, voided, title, first_day, last_day, starts, ends, evidence)
                select md5(m::text)::uuid, 0, true, false, 'A meeting', date '2012-01-01' + m, date '2012-01-01' + m, '2012', '2012', array[]::uuid[]
                from generate_series(1, {Meetings}) m;
            insert into facts.placement (meeting_id, framework_id, known_from, level)
                select md5(m::text)::uuid, md5('framework')::uuid, 0, 'technical-experts' from generate_series(1, {Meetings}) m;
            insert into facts.attendance_recorded (meeting_id, known_from)
                select md5(m::text)::uuid, 0 from generate_series(1, {Meetings}) m;
            insert into facts.attendance (meeting_id, person_id, known_from, organisation_id, role, evidence)
                select md5(m::text)::uuid, md5(p::text)::uuid, 0, md5('organisation')::uuid, 'delegate', array[]::uuid[]
                from generate_series(1, {Meetings}) m, generate_series(1, {People}) p;
            """
        );

        var plan = JsonNode.Parse((await database.Scalar<string>($"explain (analyze, timing off, format json) {query}"))!)![0]!["Plan"]!;

        plan["Actual Rows"]!.GetValue<double>().ShouldBe(Meetings * People);
        Touched(plan).ShouldBeLessThan(100 * Meetings * People, plan.ToJsonString());
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    /// <summary>The rows that all steps of a plan gave or compared.</summary>
    private static double Touched(JsonNode step) =>
        new[] { "Actual Rows", "Rows Removed by Filter", "Rows Removed by Join Filter" }.Sum(n => step[n]?.GetValue<double>() ?? 0)
            * step["Actual Loops"]!.GetValue<double>()
        + (step["Plans"]?.AsArray().Sum(inner => Touched(inner!)) ?? 0);

    private static async Task<IEnumerable<string>> Faults(RegisterHost host)
    {
        var check = host.Services.GetRequiredService<Completeness>();
        return (await check.Check(CancellationToken.None)).SelectMany(fault => fault.Which);
    }
}
