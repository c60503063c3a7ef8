using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CooperationEvents.Webhooks;

/// <summary>Secrets and signatures of the Standard Webhooks specification 1.0.0, symmetric: <c>whsec_…</c> and <c>v1,…</c>.</summary>
public static class WebhookSignature
{
    /// <summary>In bytes; the specification takes 24 to 64.</summary>
    public const int SecretSize = 32;

    private const string SecretPrefix = "whsec_";

    public static byte[] NewSecret() => RandomNumberGenerator.GetBytes(SecretSize);

    /// <summary>The secret as it is shown to whoever receives the webhooks.</summary>
    public static string Show(byte[] secret) => SecretPrefix + Convert.ToBase64String(secret);

    /// <summary>The value of <c>webhook-signature</c> for a body sent at that second.</summary>
    public static string Of(byte[] secret, Guid id, DateTimeOffset sentAt, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
        hash.AppendData(Encoding.ASCII.GetBytes($"{id}.{Timestamp(sentAt)}."));
        hash.AppendData(body);
        return "v1," + Convert.ToBase64String(hash.GetHashAndReset());
    }

    /// <summary>The value of <c>webhook-timestamp</c>: seconds since 1970.</summary>
    public static string Timestamp(DateTimeOffset sentAt) => sentAt.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
}
