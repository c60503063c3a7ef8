using System.Diagnostics;
using CooperationEvents.Kernel;
using CooperationEvents.Projections;
using CooperationEvents.Storage;
using JasperFx;
using Marten;
using Npgsql;

namespace CooperationEvents.Hosting;

/// <summary>
/// <c>database rebuild</c>: empties the read models and forgets how far they had come, in one transaction, and then follows the
/// history as a node does. Whoever is interrupted leaves rows and progress that agree, and whoever comes next goes on from there.
/// </summary>
internal sealed class ReadModelRebuild(NpgsqlDataSource database, IDocumentStore store, ReadPosition position, ILoggerFactory loggers)
{
    /// <summary>The rebuild that was begun last: one row, and how far it is to come.</summary>
    private const string Begun = "hosting.rebuild";

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan Told = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Rebuilds, or goes on with the rebuild that was begun last and has not come to its end. What a version of another form began begins
    /// again.
    /// </summary>
    /// <exception cref="DatabaseRefusedException">A node runs the read models, or an event cannot be applied.</exception>
    public async Task Run(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var upTo = await UpTo(connection, cancellation);
        var reached = await position.Current(cancellation);
        if (reached < upTo && !await ReadModelForm.IsAnother(connection, cancellation))
        {
            await Lead(connection, cancellation);
            await Say($"Going on behind position {reached}, up to {upTo}.");
        }
        else
        {
            upTo = await Begin(connection, drop: false, cancellation);
        }

        await Follow(connection, upTo, cancellation);
        await connection.Execute($"delete from {Begun}", [], cancellation);
    }

    /// <summary>Empties the read models. While the connection lasts no node runs them.</summary>
    /// <param name="drop">Whether to drop their tables, as only their owner may.</param>
    /// <returns>The position they are to come to.</returns>
    /// <exception cref="DatabaseRefusedException">A node runs the read models.</exception>
    public static async Task<long> Begin(NpgsqlConnection connection, bool drop, CancellationToken cancellation)
    {
        await Lead(connection, cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await connection.Execute(
            $"""
            do $empty$
            declare
                tables constant text := (select string_agg(format('%I.%I', schemaname, tablename), ', ') from pg_tables
                    where schemaname in ('{ReadModel.Schema}', '{ReadModelSchemas.Live.Facts}'));
            begin
                if tables is not null then
                    execute '{(drop ? "drop table " : "truncate ")}' || tables || '{(drop ? " cascade" : "")}';
                end if;
            end $empty$;
            delete from {EventStore.Schema}.mt_event_progression where name not like 'HighWater%';
            delete from {Begun};
            insert into {Begun} (up_to) select {PositionsGivenOut.NewestRecorded};
            {ReadModelForm.Note};
            """,
            [],
            cancellation
        );
        var upTo = await UpTo(connection, cancellation);
        await transaction.CommitAsync(cancellation);
        await Say($"The read models are empty. They are to come to position {upTo}.");
        return upTo;
    }

    private static async Task Lead(NpgsqlConnection connection, CancellationToken cancellation)
    {
        if (!await connection.TryTake(AdvisoryLocks.ReadModels, cancellation))
            throw new DatabaseRefusedException(
                "A node of the service runs the read models. Stop every node first; they can be started again once the rebuild runs."
            );
    }

    private static Task<long> UpTo(NpgsqlConnection connection, CancellationToken cancellation) =>
        connection.Scalar<long>($"select up_to from {Begun}", [], cancellation);

    private async Task Follow(NpgsqlConnection connection, long upTo, CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        var projections = await store.BuildProjectionDaemonAsync(logger: loggers.CreateLogger("Marten.Daemon"));
        await ReadModelForm.NoteWriter(connection, cancellation);
        await ReadModel.BringTogether(store, connection, cancellation);
        await projections.StartAllAsync();
        try
        {
            var told = began;
            long reached;
            while ((reached = await position.Current(cancellation)) < upTo)
            {
                await Task.Delay(PollInterval, cancellation);
                await connection.StillLeads(cancellation);
                if (projections.StatusFor(ReadModel.Shard) is not AgentStatus.Running)
                    throw new DatabaseRefusedException(
                        $"The read models have stopped behind position {await position.Current(cancellation)}: see the error above. Mend "
                            + $"it, and run this again; it goes on from there."
                    );
                if (Stopwatch.GetElapsedTime(told) < Told)
                    continue;
                await Say($"Position {reached} of {upTo}.");
                told = Stopwatch.GetTimestamp();
            }

            await Say($"The read models are at position {reached}, after {Stopwatch.GetElapsedTime(began).TotalSeconds:f1} s.");
        }
        finally
        {
            await projections.StopAllAsync();
        }
    }

    private static Task Say(string text) => Console.Out.WriteLineAsync(text);
}
