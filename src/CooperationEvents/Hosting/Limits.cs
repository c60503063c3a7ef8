using System.Security.Claims;
using System.Threading.RateLimiting;
using CooperationEvents.Http;
using CooperationEvents.Kernel;

namespace CooperationEvents.Hosting;

/// <summary>
/// How much one caller may ask of the service, and all of them at once. What is beyond is answered before anything is done
/// for it, and says when to come again. The settings are under <c>Limits</c>; see docs/operators.md.
/// </summary>
public sealed class Limits : IAsyncDisposable
{
    private static readonly ProblemType TooMany = new("too-many-requests", 429, "The caller asks too much at once");

    private readonly PartitionedRateLimiter<HttpContext> _perCaller;
    private readonly ConcurrencyLimiter _atOnce;

    public Limits(IConfiguration configuration)
    {
        var rate = configuration.GetValue("Limits:RequestsPerSecond", 1_000);
        var burst = configuration.GetValue("Limits:Burst", 2 * rate);
        _perCaller = PartitionedRateLimiter.Create<HttpContext, string>(http => RateLimitPartition.GetTokenBucketLimiter(
            http.User.FindFirstValue(ClaimTypes.NameIdentifier) ?? $"unknown/{http.Connection.RemoteIpAddress}",
            _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = burst,
                TokensPerPeriod = Math.Max(1, rate / 10),
                ReplenishmentPeriod = TimeSpan.FromMilliseconds(rate < 10 ? 1_000.0 / rate : 100),
            }));
        _atOnce = new ConcurrencyLimiter(new ConcurrencyLimiterOptions
        {
            PermitLimit = configuration.GetValue("Limits:AtOnce", 256),
            QueueLimit = configuration.GetValue("Limits:Waiting", 1_024),
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        });
    }

    public async Task Apply(HttpContext http, RequestDelegate next)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<UnlimitedAttribute>() is { Everything: true })
        {
            await next(http);
            return;
        }

        using var share = _perCaller.AttemptAcquire(http);
        if (!share.IsAcquired)
        {
            var wait = share.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromSeconds(1);
            await ProblemResult.Of(TooMany.Because("Ask more slowly, or post many events as one batch, or a file.") with { RetryAfter = (int)Math.Ceiling(Math.Max(1, wait.TotalSeconds)) })
                .ExecuteAsync(http);
            return;
        }

        if (http.GetEndpoint()?.Metadata.GetMetadata<UnlimitedAttribute>() is not null)
        {
            await next(http);
            return;
        }

        using var place = await _atOnce.AcquireAsync(1, http.RequestAborted);
        if (place.IsAcquired)
            await next(http);
        else
            await ProblemResult.Of(KernelProblems.Busy.Because("The service has more to do than it can hold. Nothing was done; send the request again.") with { RetryAfter = 1 }).ExecuteAsync(http);
    }

    public async ValueTask DisposeAsync()
    {
        await _perCaller.DisposeAsync();
        await _atOnce.DisposeAsync();
    }
}

public static class LimitsHosting
{
    public static void AddLimits(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<Limits>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = JsonBody.Limit;
            kestrel.Limits.MaxConcurrentConnections = builder.Configuration.GetValue("Limits:Connections", 5_000L);
        });
    }

    public static void UseLimits(this WebApplication app)
    {
        var limits = app.Services.GetRequiredService<Limits>();
        app.Use(next => http => limits.Apply(http, next));
    }
}
