using Npgsql;

namespace CooperationEvents.Testing;

/// <summary>A PostgreSQL of the tests, as its superuser.</summary>
/// <param name="connectionString">That of its database <c>postgres</c>.</param>
/// <param name="pooling">Whether a connection is kept for the next statement; not where the server is killed meanwhile.</param>
internal sealed class DatabaseServer(string connectionString, bool pooling)
{
    private readonly NpgsqlDataSource _source = Source(
        new NpgsqlConnectionStringBuilder(connectionString) { Pooling = pooling }.ConnectionString
    );

    public string ConnectionString => connectionString;

    /// <summary>The superuser's connection string of a database on it.</summary>
    public string ConnectionStringOf(string database) =>
        new NpgsqlConnectionStringBuilder(connectionString)
        {
            Database = database,
            IncludeErrorDetail = true,
            Timezone = "UTC",
        }.ConnectionString;

    /// <summary>Knows the types of PostgreSQL itself, which takes no question.</summary>
    public static NpgsqlDataSource Source(string connectionString)
    {
        var source = new NpgsqlDataSourceBuilder(connectionString);
        source.ConfigureTypeLoading(types => types.EnableTypeLoading(false));
        return source.Build();
    }

    public ValueTask<NpgsqlConnection> Open() => _source.OpenConnectionAsync();

    public Task Execute(string sql) => Execute(_ => sql);

    /// <param name="sql">By the version of the server.</param>
    public async Task Execute(Func<Version, string> sql)
    {
        await using var connection = await Open();
        await using var command = new NpgsqlCommand(sql(connection.PostgreSqlVersion), connection);
        await command.ExecuteNonQueryAsync();
    }
}
