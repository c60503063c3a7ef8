using System.Security.Cryptography;
using System.Threading.Channels;
using CooperationEvents.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace CooperationEvents.Benchmarks.Throughput;

/// <summary>
/// What the machine gives over HTTP, in this process: a post becomes a stream, an event and a reference, and nothing else is done. There
/// is no access, no validation, no repeat, no read model and no log. What waits is appended in one transaction, two of them at a time.
/// </summary>
internal sealed class Ceiling : IAsyncDisposable
{
    private const int Together = 256;
    private const int AtATime = 2;

    private readonly WebApplication _http;
    private readonly NpgsqlDataSource _database;
    private readonly Channel<(Registration Posted, TaskCompletionSource Appended)> _waiting = Channel.CreateUnbounded<(
        Registration,
        TaskCompletionSource
    )>();
    private readonly Task _appending;

    private Ceiling(TestDatabase database, Uri url)
    {
        Url = url;
        _database = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(database.ConnectionString) { MaxAutoPrepare = 50, NoResetOnClose = true }.ConnectionString
        );
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url.ToString());
        _http = builder.Build();
        _http.MapPost("/v1/organisations", async (Registration posted) =>
        {
            var appended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await _waiting.Writer.WriteAsync((posted, appended));
            await appended.Task;
            return Results.Created($"/v1/organisations/{posted.Id}", new { posted.Id, version = 1 });
        });
        _appending = Task.WhenAll(Enumerable.Range(0, AtATime).Select(_ => Task.Run(Append)));
    }

    public Uri Url { get; }

    public static async Task<Ceiling> Start(TestDatabase database)
    {
        var ceiling = new Ceiling(database, new Uri($"http://127.0.0.1:{FreePort.Find()}"));
        await ceiling._http.StartAsync();
        return ceiling;
    }

    public async ValueTask DisposeAsync()
    {
        await _http.DisposeAsync();
        _waiting.Writer.Complete();
        await _appending;
        await _database.DisposeAsync();
    }

    private async Task Append()
    {
        var together = new List<(Registration Posted, TaskCompletionSource Appended)>(Together);
        while (await _waiting.Reader.WaitToReadAsync())
        {
            together.Clear();
            while (together.Count < Together && _waiting.Reader.TryRead(out var next))
                together.Add(next);
            if (together.Count == 0)
                continue;
            try
            {
                await Append([.. together.Select(one => one.Posted)]);
                together.ForEach(one => one.Appended.SetResult());
            }
            catch (NpgsqlException e)
            {
                together.ForEach(one => one.Appended.SetException(e));
            }
        }
    }

    private async Task Append(Registration[] posted)
    {
        await using var batch = _database.CreateBatch();
        batch.BatchCommands.Add(
            Statement(
                """
                insert into register.mt_streams (id, type, version, timestamp, tenant_id)
                select id, 'organisation', 1, now(), '*DEFAULT*' from unnest($1::uuid[]) e (id)
                """,
                Values(posted.Select(one => one.Id))
            )
        );
        batch.BatchCommands.Add(
            Statement(
                "insert into recording.external_reference select * from unnest($1::bytea[], $2::uuid[])",
                Values(posted.Select(one => SHA256.HashData(one.Id.ToByteArray()))),
                Values(posted.Select(one => one.Id))
            )
        );
        batch.BatchCommands.Add(
            Statement(
                """
                insert into register.mt_events
                    (seq_id, id, stream_id, version, data, type, tenant_id, timestamp, user_name, is_archived)
                select nextval('register.mt_events_sequence'), id, stream, 1, data, 'organisation_registered', '*DEFAULT*', now(),
                    id::text, false
                from unnest($1::uuid[], $2::uuid[], $3::jsonb[]) e (id, stream, data)
                """,
                Values(posted.Select(_ => Guid.NewGuid())),
                Values(posted.Select(one => one.Id)),
                new NpgsqlParameter
                {
                    Value = posted.Select(one => System.Text.Json.JsonSerializer.Serialize(one)).ToArray(),
                    NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb,
                }
            )
        );
        await batch.ExecuteNonQueryAsync();
    }

    private static NpgsqlBatchCommand Statement(string sql, params IEnumerable<NpgsqlParameter> parameters)
    {
        var statement = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
            statement.Parameters.Add(parameter);
        return statement;
    }

    private static NpgsqlParameter Values<T>(IEnumerable<T> values) => new NpgsqlParameter<T[]> { TypedValue = [.. values] };

    /// <summary>What is posted.</summary>
    private sealed record Registration(string Name, string ShortName, Reference? ExternalReference)
    {
        public Guid Id { get; } = Guid.CreateVersion7();
    }

    private sealed record Reference(string System, string Id);
}
