using System.Diagnostics;
using System.Runtime.ExceptionServices;
using CooperationEvents.Kernel;
using CooperationEvents.Projections;
using CooperationEvents.Storage;
using JasperFx;
using JasperFx.Events;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using Marten;
using Marten.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Weasel.Postgresql.Tables;

namespace CooperationEvents.Audit.Replays;

/// <summary>
/// A schema of a replay's own, in which the registered projections make the read models anew. It has tables as the live schema, its own
/// progress, and the history as views of the live one. Its tables are unlogged, so that they cost no write-ahead log; where the database
/// server crashes they are emptied, the progress with them, and the replay begins again.
/// </summary>
internal sealed class ReplayScratch : IAsyncDisposable
{
    private const string Prefix = "replay_";

    /// <summary>The build of the service, whose tables and projections these are. The comment of the schema says it.</summary>
    private static readonly string Version = typeof(ReplayScratch).Module.ModuleVersionId.ToString();

    private readonly NpgsqlDataSource _database;
    private readonly DocumentStore _store;
    private readonly string _schema;
    private Agent? _agent;

    private ReplayScratch(NpgsqlDataSource database, DocumentStore store, string schema) =>
        (_database, _store, _schema) = (database, store, schema);

    /// <summary>How far the replay has come.</summary>
    public long Position { get; private set; }

    /// <summary>The name of the schema, which no other replay has.</summary>
    public static string SchemaOf(Guid replay) => $"{Prefix}{replay:n}";

    /// <summary>The schema as an earlier run of the replay by this version left it, or an empty one.</summary>
    public static async Task<ReplayScratch> Open(
        Guid replay,
        NpgsqlDataSource database,
        RegisteredReadModels readModels,
        CancellationToken cancellation
    )
    {
        var schema = SchemaOf(replay);
        var store = new DocumentStore(readModels.Options(database, ReadModelSchemas.Scratch(schema)));
        try
        {
            await using var connection = await database.OpenConnectionAsync(cancellation);
            if (!await IsOfThisVersion(schema, connection, cancellation))
            {
                await Drop(schema, connection, cancellation);
                await Make(store, schema, connection, cancellation);
            }

            var scratch = new ReplayScratch(database, store, schema);
            scratch.Position = await scratch.Progress(cancellation);
            return scratch;
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    /// <summary>Drops the schemas of all replays but this one; of all where null.</summary>
    public static async Task DropOthers(Guid? replay, NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var left = await connection.Query(
            $"select nspname from pg_namespace where nspname ~ '^{Prefix}[0-9a-f]{{32}}$' and nspname is distinct from $1::text",
            [replay is { } id ? SchemaOf(id) : null],
            row => row.GetString(0),
            cancellation
        );
        foreach (var schema in left)
            await Drop(schema, connection, cancellation);
    }

    /// <summary>Applies what was recorded after <see cref="Position"/>, up to and with <paramref name="position"/>.</summary>
    /// <exception cref="NotReplayedException">An event cannot be read or applied; everything before it has been.</exception>
    /// <exception cref="NewerVersionException">The same, since this node does not know its type.</exception>
    public async Task Advance(long position, CancellationToken cancellation)
    {
        if (position <= Position || await Apply(position, cancellation) is null)
            return;

        // The page is applied as a whole or not at all, so its events are taken one by one until the one that fails.
        while (Position < position)
        {
            var next = await Next(cancellation) ?? position;
            if (await Apply(Math.Min(next, position), cancellation) is { } why)
                throw (Exception?)await Newer(next, cancellation) ?? new NotReplayedException(next, why);
        }
    }

    /// <summary>What the tables of the read models are called here and in the live schemas.</summary>
    public IReadOnlyList<ComparedTable> Tables() =>
        [
            .. _store
                .Storage.AllObjects()
                .OfType<Table>()
                .Select(t => ComparedTable.Of(t, _schema))
                .OfType<ComparedTable>()
                .OrderBy(t => t.Live, StringComparer.Ordinal),
        ];

    public async ValueTask DisposeAsync()
    {
        if (_agent is not null)
            await _agent.DisposeAsync();
        await _store.DisposeAsync();
    }

    private static Task<bool> IsOfThisVersion(string schema, NpgsqlConnection connection, CancellationToken cancellation) =>
        connection.Scalar<bool>(
            "select exists (select from pg_namespace where nspname = $1 and obj_description(oid, 'pg_namespace') = $2)",
            [schema, Version],
            cancellation
        );

    private static async Task Drop(string schema, NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var drop = connection.Statement($"drop schema if exists {schema} cascade");
        drop.CommandTimeout = 0;
        await drop.ExecuteNonQueryAsync(cancellation);
    }

    private static async Task Make(DocumentStore store, string schema, NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        using var sql = new StringWriter();
        sql.WriteLine($"create schema {schema};");
        sql.WriteLine($"comment on schema {schema} is '{Version}';");
        foreach (var table in store.Storage.AllObjects().OfType<Table>().Where(t => !IsHistory(t.Identifier.Name)))
        {
            table.WriteCreateStatement(store.Storage.Database.Migrator, sql);
            sql.WriteLine($"alter table {table.Identifier.QualifiedName} set unlogged;");
        }

        foreach (var (table, key) in new[] { ("mt_events", "seq_id"), ("mt_streams", "id") })
            sql.WriteLine($"create view {schema}.{table} as {await Once(table, key)};");
        await connection.Execute(sql.ToString(), [], cancellation);
        await transaction.CommitAsync(cancellation);

        // A row that somebody put beside another of its key is told of, and does not keep the others from being replayed.
        async Task<string> Once(string name, string key)
        {
            var table = $"{ReadModelSchemas.Live.History}.{name}";
            await using var anyTwice = connection.Statement($"select exists (select from {table} group by {key} having count(*) > 1)");
            anyTwice.CommandTimeout = 0;
            return await anyTwice.ExecuteScalarAsync(cancellation) is true
                ? $"select distinct on ({key}) * from {table} order by {key}, tableoid <> '{table}'::regclass, ctid"
                : $"select * from {table}";
        }
    }

    private static bool IsHistory(string name) => name is "mt_events" or "mt_streams";

    /// <summary>Applies events up to the position; says why that cannot be done where an event is to blame for it.</summary>
    /// <exception cref="NpgsqlException">The database is.</exception>
    private async Task<string?> Apply(long position, CancellationToken cancellation)
    {
        var agent = _agent ??= NewAgent();
        Exception? failure = null;
        try
        {
            await agent.CatchUpAsync(position, new ShardState(agent.Name, Position), cancellation);
            if (agent.Status == AgentStatus.Running)
            {
                Position = position;
                return null;
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            failure = e;
        }

        var told = agent.Failure;
        failure ??= agent.Error;
        await agent.DisposeAsync();
        _agent = null;
        if (failure is null && told is null)
            throw new InvalidOperationException("The replay stopped, and nothing says why.");
        if (failure is not null && OfDatabase(failure) is { } fault)
            ExceptionDispatchInfo.Throw(fault);
        if (failure is null && told!.RootExceptionType.StartsWith($"{nameof(Npgsql)}.", StringComparison.Ordinal))
            throw new InvalidOperationException($"The database failed: {told.Message}");
        if (told?.Category == ShardFailureCategory.ProgressionOutOfOrder)
            throw new InvalidOperationException("Another node has gone on with this replay.");
        Position = await Progress(cancellation);
        return told is null ? failure!.GetBaseException().Message : $"{told.RootExceptionType}: {told.Message}";
    }

    private Task<long> Progress(CancellationToken cancellation) =>
        _database.Scalar<long>(
            $"select coalesce(max(last_seq_id), 0) from {_schema}.mt_event_progression where name = $1",
            [ReadModel.Shard],
            cancellation
        );

    private Task<long?> Next(CancellationToken cancellation) =>
        _database.Scalar<long?>($"select min(seq_id) from {_schema}.mt_events where seq_id > $1", [Position], cancellation);

    private async Task<NewerVersionException?> Newer(long position, CancellationToken cancellation) =>
        await _database.Scalar<string>($"select type from {_schema}.mt_events where seq_id = $1", [position], cancellation) is { } type
            ? NewerVersionException.Of(type, position)
            : null;

    /// <summary>
    /// What the database failed of, be it by a lost connection, a full disk or a missing table; null where it did not, or refused a value
    /// that an event brings (classes 22 and 23).
    /// </summary>
    private static NpgsqlException? OfDatabase(Exception error) =>
        error is NpgsqlException fault and not PostgresException { SqlState: ['2', '2' or '3', ..] } ? fault
        : error.InnerException is { } inner ? OfDatabase(inner)
        : null;

    /// <summary>Marten's own way to run the composite, driven from position to position.</summary>
    private Agent NewAgent()
    {
        var store = (IEventStore<IDocumentOperations, IQuerySession>)_store;
        var shard = store.AllShards().Single(s => s.Name.Identity == ReadModel.Shard);
        var database = (MartenDatabase)_store.Storage.Database;
        var logger = NullLogger.Instance;
        return new Agent(
            shard.Name,
            shard.Options,
            store.TimeProvider,
            store.BuildEventLoader(database, logger, shard.Filters, shard.Options, shard.Name),
            shard.Factory.BuildExecution(store, database, logger, shard.Name),
            database.Tracker
        );
    }

    /// <summary>Keeps what it failed of, which an agent of Marten's tells in words alone.</summary>
    private sealed class Agent(
        ShardName name,
        AsyncOptions options,
        TimeProvider time,
        IEventLoader loader,
        ISubscriptionExecution execution,
        ShardStateTracker tracker
    )
        : SubscriptionAgent(name, options, time, loader, execution, tracker, new Unmeasured(), NullLogger.Instance),
            ISubscriptionAgent,
            ISubscriptionController
    {
        public Exception? Error { get; private set; }

        public new Task ReportCriticalFailureAsync(Exception ex)
        {
            Error = ex;
            return base.ReportCriticalFailureAsync(ex);
        }

        public new Task ReportCriticalFailureAsync(Exception ex, long lastProcessed)
        {
            Error = ex;
            return base.ReportCriticalFailureAsync(ex, lastProcessed);
        }
    }

    /// <summary>Marten measures projections by name, and this one has the name of the live one.</summary>
    private sealed class Unmeasured : ISubscriptionMetrics
    {
        public Activity? TrackExecution(EventRange page) => null;

        public Activity? TrackLoading(EventRequest request) => null;

        public Activity? TrackGrouping(EventRange page) => null;

        public void UpdateGap(long highWaterMark, long lastCeiling) { }

        public void UpdateProcessed(long count) { }

        public void IncrementSkips() { }
    }
}

/// <summary>An event of the history that the projections cannot take in.</summary>
internal sealed class NotReplayedException(long position, string why)
    : Exception($"The event at position {position} cannot be replayed: {why}")
{
    public long Position { get; } = position;

    public string Why { get; } = why;
}

/// <summary>A table of the read models: its name in the live schemas and in the scratch schema, and its columns with their types.</summary>
internal sealed record ComparedTable(
    string Live,
    string Scratch,
    IReadOnlyList<(string Name, string Type)> Key,
    IReadOnlyList<string> Columns
)
{
    /// <summary>Columns that cannot be equal: when Marten wrote the row.</summary>
    private static readonly string[] Incomparable = ["mt_last_modified"];

    /// <summary>Null for a table that holds no read model.</summary>
    public static ComparedTable? Of(Table table, string schema)
    {
        var name = table.Identifier.Name;
        var isView = name.StartsWith("mt_doc_", StringComparison.Ordinal);
        if (name == "mt_doc_deadletterevent" || (name.StartsWith("mt_", StringComparison.Ordinal) && !isView))
            return null;
        var live = isView ? ReadModelSchemas.Live.Views : ReadModelSchemas.Live.Facts;
        return new ComparedTable(
            $"{live}.{name}",
            $"{schema}.{name}",
            [.. table.PrimaryKeyColumns.Select(k => (k, table.Columns.Single(c => c.Name == k).Type))],
            [.. table.Columns.Select(c => c.Name).Where(c => !Incomparable.Contains(c))]
        );
    }
}
