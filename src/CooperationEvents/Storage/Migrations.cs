using System.Data;
using System.Runtime.ExceptionServices;
using DbUp;
using DbUp.Builder;
using DbUp.Engine;
using DbUp.Engine.Transactions;
using DbUp.Helpers;
using DbUp.Postgresql;
using DbUp.Support;
using Npgsql;

namespace CooperationEvents.Storage;

/// <summary>Runs SQL files in the order they are given, by DbUp. No time limit stands over them.</summary>
public static class Migrations
{
    /// <summary>The names of those that the journal does not hold.</summary>
    /// <param name="journal">The table that says what was applied, with its schema.</param>
    /// <exception cref="DatabaseRefusedException">One was applied with another text.</exception>
    public static IReadOnlyList<string> Missing(NpgsqlDataSource database, string journal, IReadOnlyList<SqlFile> migrations) =>
        [.. Once(database, journal, migrations).Build().GetScriptsToExecute().Select(script => script.Name)];

    /// <summary>The names that the journal holds of migrations that are not among these, in the order they were applied.</summary>
    public static async Task<IReadOnlyList<string>> Unknown(
        NpgsqlDataSource database,
        string journal,
        IReadOnlyList<SqlFile> migrations,
        CancellationToken cancellation
    ) =>
        await database.Scalar<bool>($"select to_regclass('{journal}') is not null", [], cancellation)
            ? await database.Query(
                $"select name from {journal} where name <> all ($1) order by applied_at, name",
                [migrations.Select(m => m.Name).ToArray()],
                row => row.GetString(0),
                cancellation
            )
            : [];

    /// <summary>
    /// Runs each migration that is not in the journal. Each has a transaction of its own, which also writes its line into the journal. The
    /// caller makes sure that nobody else does this at the same time.
    /// </summary>
    /// <exception cref="DatabaseRefusedException">One failed, of which nothing stays; or one was applied with another text.</exception>
    public static void Apply(NpgsqlDataSource database, string journal, IReadOnlyList<SqlFile> migrations) =>
        Run(Once(database, journal, migrations));

    /// <summary>Runs all of them, in one transaction.</summary>
    /// <exception cref="DatabaseRefusedException">One failed; nothing of any stays.</exception>
    public static void Repeat(NpgsqlDataSource database, IReadOnlyList<SqlFile> files) =>
        Run(Engine(database, files, ScriptType.RunAlways).WithTransaction().JournalTo(new NullJournal()));

    private static UpgradeEngineBuilder Once(NpgsqlDataSource database, string journal, IReadOnlyList<SqlFile> migrations) =>
        Engine(database, migrations, ScriptType.RunOnce)
            .WithTransactionPerScript()
            .JournalTo((connections, _) => new Journal(connections, journal, migrations));

    private static UpgradeEngineBuilder Engine(NpgsqlDataSource database, IReadOnlyList<SqlFile> files, ScriptType type) =>
        DeployChanges
            .To.PostgresqlDatabase(new PostgresqlConnectionManager(database))
            .WithScripts(
                files.Select(
                    (file, place) => new SqlScript(file.Name, file.Text, new SqlScriptOptions { ScriptType = type, RunGroupOrder = place })
                )
            )
            .WithVariablesDisabled()
            .WithExecutionTimeout(TimeSpan.Zero)
            .LogToNowhere();

    private static void Run(UpgradeEngineBuilder engine)
    {
        var result = engine.Build().PerformUpgrade();
        if (result is { ErrorScript.Name: var file, Error: PostgresException error })
            throw new DatabaseRefusedException($"{file} failed, and nothing of it stays: {error.MessageText} ({error.SqlState}).");
        if (!result.Successful)
            ExceptionDispatchInfo.Throw(result.Error);
    }

    /// <summary>What was applied: the name of a migration, its digest, and when.</summary>
    private sealed class Journal(Func<IConnectionManager> connections, string table, IReadOnlyList<SqlFile> migrations) : IJournal
    {
        public string[] GetExecutedScripts()
        {
            var applied = connections().ExecuteCommandsWithManagedConnection(Read);
            if (migrations.FirstOrDefault(m => applied.TryGetValue(m.Name, out var digest) && digest != m.Digest) is { } altered)
                throw new DatabaseRefusedException(
                    $"{altered.Name} was applied with another text. A migration that was applied is never changed: a change is a new file."
                );
            return [.. applied.Keys];
        }

        public void StoreExecutedScript(SqlScript script, Func<IDbCommand> dbCommandFactory) =>
            Execute(
                dbCommandFactory,
                $"insert into {table} (name, digest) values ('{script.Name}', '{migrations.Single(m => m.Name == script.Name).Digest}')"
            );

        public void EnsureTableExistsAndIsLatestVersion(Func<IDbCommand> dbCommandFactory) =>
            Execute(
                dbCommandFactory,
                $"""
                create schema if not exists {table.Split('.')[0]};
                create table if not exists {table} (
                    name text primary key,
                    digest text not null,
                    applied_at timestamptz not null default clock_timestamp()
                );
                """
            );

        private Dictionary<string, string> Read(Func<IDbCommand> dbCommandFactory)
        {
            var applied = new Dictionary<string, string>();
            using var exists = dbCommandFactory();
            exists.CommandText = $"select to_regclass('{table}') is not null";
            if (exists.ExecuteScalar() is not true)
                return applied;
            using var command = dbCommandFactory();
            command.CommandText = $"select name, digest from {table}";
            using var rows = command.ExecuteReader();
            while (rows.Read())
                applied.Add(rows.GetString(0), rows.GetString(1));
            return applied;
        }

        private static void Execute(Func<IDbCommand> dbCommandFactory, string sql)
        {
            using var command = dbCommandFactory();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }
    }
}
