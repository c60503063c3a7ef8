using System.Globalization;
using Npgsql;

namespace CooperationEvents.Testing;

/// <summary>
/// A database of its own on the tests' PostgreSQL, with the roles of <c>deploy/roles.sql</c>, empty at first and dropped at the
/// end. The service uses it in its roles; the test looks at it, and damages it, as the superuser.
/// </summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private readonly string _server;

    private TestDatabase(string server, string name)
    {
        _server = server;
        Name = name;
        ConnectionString = new NpgsqlConnectionStringBuilder(server) { Database = name, IncludeErrorDetail = true }.ConnectionString;
        ConnectionStrings = new Dictionary<string, string>
        {
            ["register"] = DatabaseRoles.ConnectionString(server, name, "service"),
            ["schema"] = DatabaseRoles.ConnectionString(server, name, "schema"),
            ["rebuild"] = DatabaseRoles.ConnectionString(server, name, "rebuild"),
            ["replay"] = DatabaseRoles.ConnectionString(server, name, "replay"),
        };
        Source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(ConnectionString) { Timezone = "UTC" }.ConnectionString);
    }

    public string Name { get; }

    /// <summary>The superuser's.</summary>
    public string ConnectionString { get; }

    /// <summary>The connection strings of the service, by the names it is configured with.</summary>
    public IReadOnlyDictionary<string, string> ConnectionStrings { get; }

    /// <summary>For tests that look at the tables themselves: the superuser's.</summary>
    public NpgsqlDataSource Source { get; }

    public static async Task<TestDatabase> Create() => await CreateOn(await PostgresServer.ConnectionString);

    /// <summary>On a server of the test's own.</summary>
    public static async Task<TestDatabase> CreateOn(string server)
    {
        var database = new TestDatabase(server, $"t_{Guid.NewGuid():n}");
        await database.OnServer($"create database {database.Name}");
        await database.MakeRoles();
        return database;
    }

    /// <summary>Another database with all that this one holds now, as a backup has it. Nobody may use this one meanwhile.</summary>
    public async Task<TestDatabase> Copy()
    {
        Source.Clear();
        var copy = new TestDatabase(_server, $"t_{Guid.NewGuid():n}");
        await OnServer($"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{Name}'");
        await OnServer($"create database {copy.Name} template {Name}");
        await copy.MakeRoles();
        return copy;
    }

    /// <summary>Runs <c>deploy/roles.sql</c> in it, as an operator does; a new one has that behind it.</summary>
    public Task MakeRoles() => DatabaseRoles.Make(_server, Name);

    /// <summary>The first column of the first row.</summary>
    public async Task<T> Scalar<T>(string sql, params object[] parameters)
    {
        await using var command = Command(sql, parameters);
        return (T)Convert.ChangeType((await command.ExecuteScalarAsync())!, typeof(T), CultureInfo.InvariantCulture);
    }

    /// <summary>Every row, each as its columns in order; null where the database has none.</summary>
    public async Task<IReadOnlyList<object?[]>> Rows(string sql, params object[] parameters)
    {
        await using var command = Command(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<object?[]>();
        while (await reader.ReadAsync())
        {
            var row = new object?[reader.FieldCount];
            for (var i = 0; i < row.Length; i++)
                row[i] = await reader.IsDBNullAsync(i) ? null : reader.GetValue(i);
            rows.Add(row);
        }

        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync();
        await OnServer($"drop database if exists {Name} with (force)");
    }

    private NpgsqlCommand Command(string sql, object[] parameters)
    {
        var command = Source.CreateCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        return command;
    }

    private async Task OnServer(string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_server) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
