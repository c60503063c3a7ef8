using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using Microsoft.AspNetCore.Http.Features;
using Npgsql;

namespace CooperationEvents.Feed;

/// <summary>
/// The streams of events that this node keeps open, at most <see cref="FeedOptions.MostStreams"/>. Each holds one batch of events
/// and no connection to the database while it writes, and is ended where its reader takes nothing for <see cref="WriteTimeout"/>
/// or may no longer read.
/// </summary>
public sealed partial class FeedStreams(
    FeedTail tail,
    FeedOptions options,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<FeedStreams> logger
)
{
    /// <summary>How long a reader may take nothing of what was written to it.</summary>
    public static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(30);

    /// <summary>How often it is asked again whether the reader may still read: a key that was withdrawn ends its streams.</summary>
    private static readonly TimeSpan BetweenChecks = TimeSpan.FromMinutes(1);

    /// <summary>After how many milliseconds a reader that was cut off comes back.</summary>
    private const int Retry = 2_000;

    /// <summary>The same where this node does not know what follows.</summary>
    private const int RetryWhereNewer = 5_000;

    private const int RetryWhereFull = 10;

    private const int WrittenAtOnce = 20;

    private readonly ConcurrentDictionary<Guid, int> _openOfOne = new();
    private int _open;

    public IResult Open(long after, FeedFilter filter, Guid reader)
    {
        if (_openOfOne.AddOrUpdate(reader, 1, (_, open) => open + 1) > options.MostStreamsOfOne)
        {
            CloseOf(reader);
            return ProblemResult.Of(
                KernelProblems.TooManyRequests.Because(
                    $"One caller keeps {options.MostStreamsOfOne} streams of events open on a node, and no more. End one, or read the feed "
                        + $"by pages."
                ) with
                {
                    RetryAfter = RetryWhereFull,
                }
            );
        }

        if (Interlocked.Increment(ref _open) <= options.MostStreams)
            return new Stream(this, after, filter, reader);
        Interlocked.Decrement(ref _open);
        CloseOf(reader);
        return ProblemResult.Of(
            KernelProblems.Busy.Because(
                $"This node keeps {options.MostStreams} streams of events open, and no more. Come back later, or read the feed by pages."
            ) with
            {
                RetryAfter = RetryWhereFull,
            }
        );
    }

    private void CloseOf(Guid reader)
    {
        if (_openOfOne.AddOrUpdate(reader, 0, (_, open) => open - 1) <= 0)
            _openOfOne.TryRemove(new KeyValuePair<Guid, int>(reader, 0));
    }

    private async Task Write(HttpContext http, long after, FeedFilter filter)
    {
        using var following = tail.Follow();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        var reached = after;
        try
        {
            await Send(http, $"retry: {Retry}\n{Reached(reached)}", ending.Token);
            var (silentSince, checkedAt) = (clock.GetTimestamp(), clock.GetTimestamp());
            while (!ending.IsCancellationRequested)
            {
                var batch = await NextWithin(options.HeartBeat - clock.GetElapsedTime(silentSince), reached, filter, ending.Token);
                reached = batch?.Reached ?? reached;
                if (batch is { Items.Count: > 0 })
                {
                    foreach (var items in batch.Items.Chunk(WrittenAtOnce))
                        await Send(http, string.Concat(items.Select(Event)), ending.Token);
                    silentSince = clock.GetTimestamp();
                }
                else if (clock.GetElapsedTime(silentSince) >= options.HeartBeat)
                {
                    await Send(http, $": heart-beat\n{Reached(reached)}", ending.Token);
                    silentSince = clock.GetTimestamp();
                }

                if (batch?.Newer is { } newer)
                {
                    // A browser comes back after the end of a stream, and never after a problem.
                    await Send(http, $": {newer.Message}\nretry: {RetryWhereNewer}\n{Reached(reached)}", ending.Token);
                    return;
                }

                if (clock.GetElapsedTime(checkedAt) < BetweenChecks)
                    continue;
                if (!await http.IsStillAllowed(Scopes.ActivityRead))
                    return;
                checkedAt = clock.GetTimestamp();
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The reader has gone, or the service stops: it goes on elsewhere from its last id.
        }
        catch (NpgsqlException e)
        {
            CutOff(logger, e);
        }
    }

    /// <summary>What follows, or null where nothing does for so long.</summary>
    private async Task<FeedBatch?> NextWithin(TimeSpan patience, long after, FeedFilter filter, CancellationToken cancellation)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        silence.CancelAfter(patience > TimeSpan.Zero ? patience : TimeSpan.Zero);
        try
        {
            return await tail.Next(after, filter, silence.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    private static async Task Send(HttpContext http, string text, CancellationToken ending)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ending);
        patience.CancelAfter(WriteTimeout);
        try
        {
            await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), patience.Token);
            await http.Response.Body.FlushAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!ending.IsCancellationRequested)
        {
            http.Abort();
            throw;
        }
    }

    /// <summary>An id without data: the client notes it, and no event is raised.</summary>
    private static string Reached(long position) => string.Create(CultureInfo.InvariantCulture, $"id: {position}\n\n");

    private static string Event(FeedItem item) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"id: {item.Position}\nevent: {item.Type}\ndata: {JsonSerializer.Serialize(item, Json.Options)}\n\n"
        );

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "A stream of events was ended because the database did not answer; its reader comes back"
    )]
    private static partial void CutOff(ILogger logger, Exception error);

    private sealed class Stream(FeedStreams streams, long after, FeedFilter filter, Guid reader) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            try
            {
                var response = httpContext.Response;
                response.ContentType = FeedEndpoint.StreamMediaType;
                response.Headers.CacheControl = "no-store";
                response.Headers["X-Accel-Buffering"] = "no";
                httpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
                await streams.Write(httpContext, after, filter);
            }
            finally
            {
                Interlocked.Decrement(ref streams._open);
                streams.CloseOf(reader);
            }
        }
    }
}
