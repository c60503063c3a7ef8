using System.Globalization;
using Npgsql;

namespace CooperationEvents.Testing;

/// <summary>
/// A database of its own on the tests' PostgreSQL, with the roles of <c>deploy/roles.sql</c>, dropped at the end. The service
/// uses it in its roles; the test looks at it, and damages it, as the superuser.
/// </summary>
public sealed class TestDatabase : IAsyncDisposable
{
    /// <summary>What <c>database prepare</c> makes is made once for all tests of the process, and copied.</summary>
    private static readonly Lazy<Task<TestDatabase>> Prepared = new(Prepare);

    /// <summary>Those of the tests' PostgreSQL that are kept for the next database: to begin one costs more than most statements.</summary>
    private static readonly Lazy<Task<DatabaseServer>> Shared = new(async () =>
        new DatabaseServer(await PostgresServer.ConnectionString, pooling: true)
    );

    private readonly DatabaseServer _server;
    private readonly bool _prepared;

    private TestDatabase(DatabaseServer server, string name, bool prepared = false)
    {
        _server = server;
        _prepared = prepared;
        Name = name;
        ConnectionString = server.ConnectionStringOf(name);
        ConnectionStrings = new Dictionary<string, string>
        {
            ["register"] = DatabaseRoles.ConnectionString(server.ConnectionString, name, "service"),
            ["schema"] = DatabaseRoles.ConnectionString(server.ConnectionString, name, "schema"),
            ["rebuild"] = DatabaseRoles.ConnectionString(server.ConnectionString, name, "rebuild"),
            ["replay"] = DatabaseRoles.ConnectionString(server.ConnectionString, name, "replay"),
        };
        Source = DatabaseServer.Source(ConnectionString);
    }

    public string Name { get; }

    /// <summary>The superuser's.</summary>
    public string ConnectionString { get; }

    /// <summary>The connection strings of the service's commands, by the names they are configured with.</summary>
    public IReadOnlyDictionary<string, string> ConnectionStrings { get; }

    /// <summary>Those of a node: where the database is prepared, it cannot change anything of its schema.</summary>
    public IEnumerable<KeyValuePair<string, string>> ConnectionStringsOfNode =>
        ConnectionStrings.Where(c => c.Key != "schema" || !_prepared);

    /// <summary>For tests that look at the tables themselves: the superuser's.</summary>
    public NpgsqlDataSource Source { get; }

    /// <summary>As <c>database prepare</c> leaves it: nothing is recorded yet, and no key or log is made.</summary>
    public static async Task<TestDatabase> Create() => await (await Prepared.Value).CopyAsItIs();

    /// <summary>With nothing in it, for what a start or a command makes of that.</summary>
    public static async Task<TestDatabase> CreateEmpty() => await CreateOn(await Shared.Value);

    /// <summary>With nothing in it, on a server of the test's own.</summary>
    public static Task<TestDatabase> CreateOn(string server) => CreateOn(new DatabaseServer(server, pooling: false));

    /// <summary>Another database with all that this one holds now, as a backup has it. Nobody can use this one meanwhile.</summary>
    public async Task<TestDatabase> Copy()
    {
        Source.Clear();
        await _server.Execute($"alter database {Name} allow_connections false");
        try
        {
            await _server.Execute($"select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = '{Name}'");
            return await CopyAsItIs();
        }
        finally
        {
            await _server.Execute($"alter database {Name} allow_connections true");
        }
    }

    /// <summary>Runs <c>deploy/roles.sql</c> in it, as an operator does; a new one has that behind it.</summary>
    public Task MakeRoles() => DatabaseRoles.Make(_server, Name);

    /// <summary>Runs <c>deploy/key-roles.sql</c> in it, as an operator does in the database of the keys.</summary>
    /// <returns>The connection string of its role.</returns>
    public async Task<string> MakeKeyRole()
    {
        await DatabaseRoles.MakeOfKeys(_server, Name);
        return DatabaseRoles.ConnectionString(_server.ConnectionString, Name, "keys");
    }

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
        await _server.Execute($"drop database if exists {Name} with (force)");
    }

    private static async Task<TestDatabase> CreateOn(DatabaseServer server)
    {
        var database = new TestDatabase(server, $"t_{Guid.NewGuid():n}");
        await server.Execute($"create database {database.Name}");
        await database.MakeRoles();
        return database;
    }

    private static async Task<TestDatabase> Prepare()
    {
        var database = await CreateEmpty();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => database.DropUnlessGone().Wait();
        var data = Directory.CreateTempSubdirectory("cooperation-test-");
        var (code, said) = await ServiceProcess.Command(database, data.FullName, "database", "prepare");
        data.Delete(recursive: true);
        return code == 0 ? database : throw new InvalidOperationException($"The database for the tests could not be prepared: {said}");
    }

    private async Task DropUnlessGone()
    {
        try
        {
            await DisposeAsync();
        }
        catch (NpgsqlException)
        {
            // The server of this process ends with it as well, and may have been first.
        }
    }

    private async Task<TestDatabase> CopyAsItIs()
    {
        var copy = new TestDatabase(_server, $"t_{Guid.NewGuid():n}", prepared: true);

        // By files: faster for as little as this. Versions that know no other way have no word for it.
        await _server.Execute(version => $"create database {copy.Name} template {Name}{(version.Major < 15 ? "" : " strategy file_copy")}");

        // A copy has the tables with their grants, and neither the owner nor the grants of the database itself.
        await _server.Execute(
            $"""
            update pg_database copy set (datdba, datacl) = (original.datdba, original.datacl)
            from pg_database original where original.datname = '{Name}' and copy.datname = '{copy.Name}'
            """
        );
        return copy;
    }

    private NpgsqlCommand Command(string sql, object[] parameters)
    {
        var command = Source.CreateCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        return command;
    }
}
