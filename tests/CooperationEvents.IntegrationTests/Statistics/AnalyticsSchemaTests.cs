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

    private static async Task<IEnumerable<string>> Faults(RegisterHost host)
    {
        var check = host.Services.GetRequiredService<Completeness>();
        return (await check.Check(CancellationToken.None)).SelectMany(fault => fault.Which);
    }
}
