using System.Net;
using System.Net.Sockets;
using CooperationEvents.Testing;

namespace CooperationEvents.FaultTests;

/// <summary>What must not run does not start, says why, and leaves the database as it is.</summary>
public sealed class RefusedStartTests
{
    [Theory]
    [InlineData("ASPNETCORE_URLS", "http://0.0.0.0:18080", "http://0.0.0.0:18080")]
    [InlineData("ASPNETCORE_URLS", "http://127.0.0.1:18080;http://*:18081", "http://*:18081")]
    [InlineData("ASPNETCORE_HTTP_PORTS", "18080", "18080")]
    [InlineData("Kestrel__Endpoints__Open__Url", "http://[::]:18080", "http://[::]:18080")]
    public async Task Development_does_not_listen_beyond_this_machine(string name, string value, string named)
    {
        await using var database = await TestDatabase.CreateEmpty();

        var message = await Refusal(database, ("ASPNETCORE_URLS", null), (name, value));

        message.ShouldContain("Development listens on loopback only");
        message.ShouldContain(named);
        (await Schemas(database)).ShouldBe(["public"]);
    }

    [Fact]
    public async Task Development_does_not_touch_a_history_that_is_not_its_own()
    {
        await using var database = await TestDatabase.CreateEmpty();
        await Execute(database, "create schema register; create table register.mt_events (seq_id bigint primary key)");

        (await Refusal(database)).ShouldContain("The database holds a history but is not marked as development");

        (await Schemas(database)).ShouldBe(["public", "register"]);
    }

    [Fact]
    public async Task Development_does_not_touch_a_database_of_production()
    {
        await using var database = await TestDatabase.CreateEmpty();
        await Execute(
            database,
            "create schema hosting; create table hosting.mark (environment text primary key); insert into hosting.mark values "
                + "('production')"
        );

        (await Refusal(database)).ShouldContain("The database is marked as production; it cannot be used in development");

        (await Schemas(database)).ShouldBe(["hosting", "public"]);
    }

    [Theory]
    [InlineData("Production")]
    [InlineData("Staging")]
    [InlineData(null)]
    public async Task Nothing_but_Development_starts_without_the_settings_of_Production(string? environment)
    {
        await using var database = await TestDatabase.CreateEmpty();

        var message = await Refusal(database, ("ASPNETCORE_ENVIRONMENT", environment));

        message.ShouldContain("Production starts only with an identity provider or API keys of its own");
        message.ShouldContain("Audit:SigningKey");

        (await Schemas(database)).ShouldBe(["public"]);
    }

    [Fact]
    public async Task Where_another_process_listens_it_says_so_and_touches_no_database()
    {
        await using var database = await TestDatabase.CreateEmpty();
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var url = $"http://{other.LocalEndpoint}";

        (await Refusal(database, ("ASPNETCORE_URLS", url))).Trim().ShouldBe($"{url} cannot be listened on: Address already in use.");

        (await Schemas(database)).ShouldBe(["public"]);
    }

    /// <summary>Starts the service, which must end by itself and not well, and returns what it said.</summary>
    private static async Task<string> Refusal(TestDatabase database, params IEnumerable<(string Name, string? Value)> environment)
    {
        using var data = new DataDirectory();
        await using var service = ServiceProcess.Launch(database, data.Path, environment);
        (await service.Exit(ServiceProcess.StartPatience)).ShouldBe(1, service.Output);
        return service.Output;
    }

    private static async Task Execute(TestDatabase database, string sql)
    {
        await using var owner = Npgsql.NpgsqlDataSource.Create(database.ConnectionStrings["schema"]);
        await using var command = owner.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<IReadOnlyList<string>> Schemas(TestDatabase database) =>
        [
            .. (
                await database.Rows(
                    "select nspname::text from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema' order by 1"
                )
            ).Select(row => (string)row[0]!),
        ];
}
