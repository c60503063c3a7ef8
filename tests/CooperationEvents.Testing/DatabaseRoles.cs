using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Npgsql;

namespace CooperationEvents.Testing;

/// <summary>The roles of <c>deploy/roles.sql</c>, on a server of the tests.</summary>
internal static partial class DatabaseRoles
{
    private static readonly Lazy<string> Roles = new(() => Script("roles.sql"));
    private static readonly Lazy<string> KeyRoles = new(() => Script("key-roles.sql"));

    /// <summary>Runs the script in a database.</summary>
    public static Task Make(DatabaseServer server, string database) => Run(Roles.Value, server, database);

    /// <summary>Runs <c>deploy/key-roles.sql</c> in the database of the keys.</summary>
    public static Task MakeOfKeys(DatabaseServer server, string database) => Run(KeyRoles.Value, server, database);

    private static string Script(string name) => File.ReadAllText(Path.Combine(Repository.Root, "deploy", name));

    /// <summary>Runs it as psql does. Roles are the server's, so that only one process at a time may change them.</summary>
    private static async Task Run(string script, DatabaseServer server, string database)
    {
        await using var lockConnection = await server.Open();
        await Execute(lockConnection, "select pg_advisory_lock(7206914000)");
        try
        {
            await using var source = DatabaseServer.Source(
                new NpgsqlConnectionStringBuilder(server.ConnectionStringOf(database)) { Pooling = false }.ConnectionString
            );
            await using var connection = await source.OpenConnectionAsync();
            await Execute(
                connection,
                Variable()
                    .Replace(MetaCommand().Replace(script, ""), variable =>
                        $"'{Password(server.ConnectionString, variable.Groups[1].Value)}'"
                    )
            );
        }
        finally
        {
            await Execute(lockConnection, "select pg_advisory_unlock(7206914000)");
        }
    }

    /// <param name="role">The role without what all of them begin with: <c>service</c>, <c>schema</c>, <c>rebuild</c>, <c>replay</c>,
    /// <c>keys</c>.</param>
    public static string ConnectionString(string server, string database, string role) =>
        new NpgsqlConnectionStringBuilder(server)
        {
            Database = database,
            Username = $"cooperation_{role}",
            Password = Password(server, role),
            IncludeErrorDetail = true,
        }.ConnectionString;

    /// <summary>One for each server and role: other processes on the same server set the same.</summary>
    private static string Password(string server, string role) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{role} {server}")));

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
