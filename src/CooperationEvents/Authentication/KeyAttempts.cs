using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using CooperationEvents.Http;
using CooperationEvents.Kernel;

namespace CooperationEvents.Authentication;

/// <summary>
/// How many keys and tokens one address may try before the database is asked for one. Who tries wrong ones is put off; keys that
/// were good here lately, and what is open to anybody, are not.
/// </summary>
public sealed class KeyAttempts : IAsyncDisposable
{
    /// <summary>The failure of an authentication that was not tried.</summary>
    public const string Refusal = "Too many keys were tried from this address.";

    private readonly LimiterByKey<string> _ofAddress;
    private readonly TokenBucketRateLimiter _ofAll;

    public KeyAttempts(LimitOptions limits, TimeProvider clock)
    {
        var (burst, perSecond) = (limits.KeyAttempts, limits.KeyAttemptsPerSecond);
        _ofAddress = new LimiterByKey<string>(() => Bucket(burst, perSecond), clock);
        _ofAll = Bucket(burst * 10, perSecond * 10);
    }

    internal static Problem TooMany { get; } =
        KernelProblems.TooManyRequests.Because(
            "Too many keys that nobody holds were tried from this address. Wait as many seconds as Retry-After says, then send a valid one."
        ) with
        {
            RetryAfter = 10,
        };

    /// <summary>Whether one more may be tried.</summary>
    public bool May(HttpContext http)
    {
        using var own = _ofAddress.AttemptAcquire(Address(http));
        if (!own.IsAcquired)
            return false;
        _ofAll.TryReplenish();
        using var all = _ofAll.AttemptAcquire();
        return all.IsAcquired;
    }

    /// <summary>The address a request comes from; of IPv6 the network, since one sender has all of it.</summary>
    public static string Address(HttpContext http)
    {
        if (http.Connection.RemoteIpAddress is not { } address)
            return "";
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? $"{new IPAddress([.. address.GetAddressBytes().Take(8), .. new byte[8]])}/64"
            : address.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        await _ofAddress.DisposeAsync();
        await _ofAll.DisposeAsync();
    }

    private static TokenBucketRateLimiter Bucket(int burst, int perSecond) =>
        new(
            new TokenBucketRateLimiterOptions
            {
                TokenLimit = burst,
                TokensPerPeriod = perSecond,
                ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                AutoReplenishment = false,
            }
        );
}
