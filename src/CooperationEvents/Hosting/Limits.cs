using System.Net;
using System.Threading.RateLimiting;
using CooperationEvents.Authentication;
using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Storage;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Connections;

namespace CooperationEvents.Hosting;

/// <summary>
/// How much one caller may ask of the service, and all of them at once. What is beyond is answered before anything is done
/// for it, and says when to come again. The settings are under <c>Limits</c>; see docs/operators.md.
/// </summary>
public sealed class Limits : IAsyncDisposable
{
    private readonly LimiterByKey<string> _rate;
    private readonly LimiterByKey<string> _open;
    private readonly LimiterByKey<IPAddress> _connections;
    private readonly RequestPermits _permits;
    private readonly Quotas _quotas;
    private readonly SecurityEvents _events;
    private readonly int _burst;

    public Limits(LimitOptions options, Quotas quotas, SecurityEvents events, TimeProvider clock)
    {
        var rate = options.RequestsPerSecond;
        _burst = options.Burst ?? 2 * rate;
        var ofRate = new TokenBucketRateLimiterOptions
        {
            TokenLimit = _burst,
            TokensPerPeriod = Math.Max(1, rate / 10),
            ReplenishmentPeriod = TimeSpan.FromMilliseconds(rate < 10 ? 1_000.0 / rate : 100),
            AutoReplenishment = false,
        };
        _rate = new LimiterByKey<string>(() => new TokenBucketRateLimiter(ofRate), clock);
        _open = new LimiterByKey<string>(() => AtOnce(options.OpenOfOne), clock);
        _connections = new LimiterByKey<IPAddress>(() => AtOnce(options.ConnectionsOfAddress), clock);
        _permits = new RequestPermits(
            options.AtOnce,
            options.AtOnceOfOne ?? Math.Max(1, options.AtOnce * 3 / 4),
            options.AtOnceBesideOthers ?? 4 * Environment.ProcessorCount,
            options.Waiting,
            options.WaitingOfOne ?? Math.Min(options.Waiting, 512),
            clock
        );
        _quotas = quotas;
        _events = events;
    }

    /// <summary>Whether callers who ask for little wait long all the same.</summary>
    public bool IsExhausted => _permits.IsExhausted;

    /// <summary>Whether somebody else than that principal asks too, or asked lately.</summary>
    public bool OthersAsk(Guid than) => _permits.OthersAsk(than.ToString());

    /// <summary>Keeps the connection open unless its address has too many.</summary>
    /// <param name="trusted">Proxies, whose connections are everybody's.</param>
    public async Task ApplyConnections(ConnectionContext connection, ConnectionDelegate next, TrustedProxies trusted)
    {
        if (connection.RemoteEndPoint is not IPEndPoint { Address: var address } || trusted.Networks.Any(n => n.Contains(address)))
        {
            await next(connection);
            return;
        }

        using var open = _connections.AttemptAcquire(address);
        if (open.IsAcquired)
            await next(connection);
        else
            connection.Abort(new ConnectionAbortedException("Too many connections of one address."));
    }

    /// <summary>Counts the request among those of its caller, before anybody is asked what it may do.</summary>
    public async Task ApplyRate(HttpContext http, RequestDelegate next)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<UnlimitedAttribute>() is { Everything: true })
        {
            await next(http);
            return;
        }

        using var share = _rate.AttemptAcquire(CallerOf(http));
        if (share.IsAcquired)
        {
            await next(http);
            return;
        }

        await Refuse(
            http,
            $"This caller asks more often than one may. Wait as many seconds as Retry-After says, then {Instead(http)}.",
            Wait(share)
        );
    }

    /// <summary>Takes the request in, gives it a permit once its body is there, and counts what it recorded.</summary>
    public async Task ApplyPermits(HttpContext http, RequestDelegate next)
    {
        var metadata = http.GetEndpoint()?.Metadata;
        if (metadata?.GetMetadata<UnlimitedAttribute>() is { Everything: true })
        {
            await next(http);
            return;
        }

        if (Records(http) && _quotas.IsSpent(http.User.PrincipalId()))
        {
            await Refuse(
                http,
                "This caller has recorded as many events today as one may. Send this again tomorrow, UTC; reading goes on.",
                TimeSpan.FromMinutes(10)
            );
            return;
        }

        if (metadata?.GetMetadata<UnlimitedAttribute>() is not null)
        {
            await next(http);
            return;
        }

        var caller = CallerOf(http);
        using var open = _open.AttemptAcquire(caller);
        if (!open.IsAcquired)
        {
            await Refuse(
                http,
                "This caller has too many requests open that send their bodies slowly or wait. Let some end, then send this one again.",
                TimeSpan.FromSeconds(1)
            );
            return;
        }

        if (await JsonBody.TakeIn(http) is { } unreadable)
        {
            await ProblemResult.Of(unreadable).ExecuteAsync(http);
            return;
        }

        var (permit, refusal) = await _permits.Acquire(
            caller,
            KeyAttempts.Address(http),
            metadata?.GetMetadata<CostlyAttribute>()?.Permits ?? 1,
            http.RequestAborted
        );
        if (refusal == RequestPermits.Refusal.OfOne)
        {
            await Refuse(
                http,
                "This caller has too many requests waiting. Let some be answered, then send this one again, and fewer at once.",
                TimeSpan.FromSeconds(1)
            );
            return;
        }

        if (permit is null)
        {
            await ProblemResult
                .Of(
                    KernelProblems.Busy.Because(
                        "The service has more to do than it can hold. Nothing was done; send the request again."
                    ) with
                    {
                        RetryAfter = 1,
                    }
                )
                .ExecuteAsync(http);
            return;
        }

        using (permit)
        {
            http.Features.Set<IRequestPermit>(permit);
            await next(http);
        }

        if (
            metadata?.GetMetadata<CommandAttribute>() is not null
            && http.Response.StatusCode is 200 or 201
            && !http.Response.Headers.ContainsKey(CommandEndpoint.ReplayedHeader)
        )
            _quotas.Count(http.User.PrincipalId(), 1);
    }

    /// <summary>
    /// Counts what is one request and much work, such as a batch, as so many requests more; false where that is too much.
    /// </summary>
    public bool Charge(HttpContext http, int requests)
    {
        using var share = _rate.AttemptAcquire(CallerOf(http), Math.Clamp(requests, 0, _burst));
        return share.IsAcquired;
    }

    public async ValueTask DisposeAsync()
    {
        await _rate.DisposeAsync();
        await _open.DisposeAsync();
        await _connections.DisposeAsync();
    }

    /// <summary>
    /// Whose share a request takes: the principal's, or the address's where nobody is known. An address has one share of what is open to
    /// anybody and one of what is not, so that wrong keys do not use up its share of the public log.
    /// </summary>
    private static string CallerOf(HttpContext http) =>
        http.User.Identity is { IsAuthenticated: true }
            ? http.User.PrincipalId().ToString()
            : $"{(http.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is null ? "unknown" : "open")}/{KeyAttempts.Address(http)}";

    /// <summary>Whether it is a request that records activity.</summary>
    private static bool Records(HttpContext http) =>
        http.GetEndpoint()?.Metadata is { } metadata
        && (metadata.GetMetadata<CommandAttribute>() is not null || metadata.GetMetadata<IRecordsActivity>() is not null);

    /// <summary>How to come by the same with fewer requests, in words that end a sentence.</summary>
    private static string Instead(HttpContext http) =>
        Records(http) ? "send this again; many events take fewer requests as one batch, or as a file"
        : HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method)
            ? "ask again, and more slowly; lists take fewer requests by larger pages, and /v1/feed tells what is new"
        : "send this again, and ask more slowly";

    /// <summary>So many at once of each.</summary>
    private static ConcurrencyLimiter AtOnce(int limit) => new(new ConcurrencyLimiterOptions { PermitLimit = limit });

    private static TimeSpan Wait(RateLimitLease share) =>
        share.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromSeconds(1);

    private Task Refuse(HttpContext http, string why, TimeSpan wait)
    {
        _events.Note(SecurityEvents.TooManyRequests, http);
        return ProblemResult
            .Of(KernelProblems.TooManyRequests.Because(why) with { RetryAfter = (int)Math.Ceiling(Math.Max(1, wait.TotalSeconds)) })
            .ExecuteAsync(http);
    }
}

public static class LimitsHosting
{
    public static void AddLimits(this WebApplicationBuilder builder, ConfiguredOptions options)
    {
        builder.Services.AddSingleton<Limits>().AddSingleton<Quotas>().AddHostedService(provider => provider.GetRequiredService<Quotas>());
        var limits = options.Of<LimitOptions>();
        var trusted = TrustedProxies.Of(options.Of<ProxyOptions>());

        // A request goes on where its bytes were read, on a thread of the pool: each change of the thread costs as much as a small query.
        builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = JsonBody.MostReceived;
            kestrel.Limits.MaxConcurrentConnections = limits.Connections;
            kestrel.ConfigureEndpointDefaults(endpoint =>
                endpoint.Use(next =>
                    connection => kestrel.ApplicationServices.GetRequiredService<Limits>().ApplyConnections(connection, next, trusted)
                )
            );
        });
    }

    /// <summary>Between authentication and authorization.</summary>
    public static void UseRates(this WebApplication app) =>
        app.Use(next => http => http.RequestServices.GetRequiredService<Limits>().ApplyRate(http, next));

    /// <summary>Behind authorization: who may not do it takes no permit.</summary>
    public static void UsePermits(this WebApplication app) =>
        app.Use(next => http => http.RequestServices.GetRequiredService<Limits>().ApplyPermits(http, next));
}
