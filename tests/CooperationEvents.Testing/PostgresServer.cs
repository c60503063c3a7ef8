using Npgsql;
using Testcontainers.PostgreSql;

namespace CooperationEvents.Testing;

/// <summary>
/// The one PostgreSQL of a test process: the one <c>COOPERATION_TEST_DB</c> names, else a container where an engine
/// answers, else a private server from <c>deploy/private-postgres</c>. What was started here ends with the process.
/// </summary>
internal static class PostgresServer
{
    private const string Variable = "COOPERATION_TEST_DB";
    private const string Image = "postgres:17-alpine";

    /// <summary>How long an image may take to be pulled and started before the private server is taken instead.</summary>
    private static readonly TimeSpan PatienceWithImage = TimeSpan.FromMinutes(3);

    private static readonly Lazy<Task<string>> Running = new(Start);

    /// <summary>A superuser's connection string.</summary>
    public static Task<string> ConnectionString => Running.Value;

    private static async Task<string> Start()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given)
            return await Checked(given);
        if (await ContainerEngine.Answers() && await StartContainer() is { } container)
            return container;
        return await StartPrivate();
    }

    private static async Task<string> Checked(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await using var asked = new NpgsqlCommand("select rolsuper from pg_roles where rolname = current_user", connection);
        try
        {
            await connection.OpenAsync();
            if (await asked.ExecuteScalarAsync() is not true)
                throw new InvalidOperationException(
                    $"The user of {Variable} must be a superuser: the tests make roles and databases, and damage what nobody else can."
                );
        }
        catch (NpgsqlException e)
        {
            throw new InvalidOperationException($"{Variable} names a PostgreSQL that does not let us in: {e.Message}", e);
        }

        return connectionString;
    }

    private static async Task<string?> StartContainer()
    {
        using var patience = new CancellationTokenSource(PatienceWithImage);
        try
        {
            var container = new PostgreSqlBuilder(Image)
                .WithCommand("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=300")
                .Build();
            await container.StartAsync(patience.Token);
            AppDomain.CurrentDomain.ProcessExit += (_, _) => container.DisposeAsync().AsTask().Wait();
            return container.GetConnectionString();
        }
        catch (Exception e)
        {
            // Whatever an engine has against it (no image, no network, no rights): the private server serves as well.
            await Console.Error.WriteLineAsync(
                $"A container engine answers, but {Image} cannot be run ({e.Message}). Taking a private PostgreSQL instead."
            );
            return null;
        }
    }

    private static async Task<string> StartPrivate()
    {
        try
        {
            return (await PrivatePostgres.Start(ephemeral: true)).ConnectionString;
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidOperationException(
                $"No PostgreSQL for the tests. Set {Variable} to a connection string, start a container engine, or install the server. "
                    + $"{e.Message}",
                e
            );
        }
    }
}
