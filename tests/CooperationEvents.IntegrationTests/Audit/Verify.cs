using CooperationEvents.AuditLog;
using CooperationEvents.Testing;
using CooperationEvents.Verifier;

namespace CooperationEvents.IntegrationTests.Audit;

/// <summary>The offline verifier, given what the service exports and the keys it publishes.</summary>
internal static class Verify
{
    public static async Task<Report> Export(RegisterHost host, IReadOnlyList<LogKey>? keys = null, params IEnumerable<string> checkpoints)
    {
        var file = Path.Combine(host.DataDirectory, $"export-{Guid.NewGuid():n}.tar");
        await File.WriteAllBytesAsync(file, await host.Bytes("/v1/audit/export.tar", "auditor"));
        try
        {
            return Verification.Run(Verifier.Export.Open(file), keys ?? await Log.Keys(host), checkpoints);
        }
        finally
        {
            File.Delete(file);
        }
    }
}

/// <summary>Changes what nobody may change, as a superuser of the database can.</summary>
internal static class Tamper
{
    public static async Task Do(TestDatabase database, string sql)
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        await using var command = new Npgsql.NpgsqlCommand(
            $"set session_replication_role = replica; {sql}; set session_replication_role = origin",
            connection
        );
        await command.ExecuteNonQueryAsync();
    }
}
