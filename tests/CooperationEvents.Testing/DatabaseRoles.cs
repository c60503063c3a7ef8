using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Npgsql;

namespace CooperationEvents.Testing;

/// <summary>The roles of <c>deploy/roles.sql</c>, on a server of the tests.</summary>
internal static partial class DatabaseRoles
{
    private static readonly Lazy<string> Script = new(() => File.ReadAllText(Path.Combine(Repository.Root, "deploy", "roles.sql")));

    /// <summary>Runs the script in a database, as psql does. Roles are the server's, so that only one process at a time may change them.</summary>
    /// <param name="server">A connection string of a superuser.</param>
    public static async Task Make(string server, string database)
    {
        await using var lockConnection = await Open(server);
        await Execute(lockConnection, "select pg_advisory_lock(7206914000)");
        await using var connection = await Open(new NpgsqlConnectionStringBuilder(server) { Database = database }.ConnectionString);
        await Execute(connection, Variable().Replace(MetaCommand().Replace(Script.Value, ""), variable => $"'{Password(server, variable.Groups[1].Value)}'"));
    }

    /// <param name="role">The role without what all of them begin with: <c>service</c>, <c>schema</c>, <c>rebuild</c>, <c>replay</c>.</param>
    public static string ConnectionString(string server, string database, string role) =>
        new NpgsqlConnectionStringBuilder(server)
        {
            Database = database,
            Username = $"cooperation_{role}",
            Password = Password(server, role),
            IncludeErrorDetail = true,
        }.ConnectionString;

    /// <summary>One for each server and role: other processes on the same server set the same.</summary>
    private static string Password(string server, string role) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{role} {server}")));

    private static async Task<NpgsqlConnection> Open(string connectionString)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    private static async Task Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    [GeneratedRegex(@"^\\.*$", RegexOptions.Multiline)]
    private static partial Regex MetaCommand();

    [GeneratedRegex(@":'([a-z]+)_password'")]
    private static partial Regex Variable();
}
