using System.Text;

namespace CooperationEvents.Privacy;

/// <summary>
/// Seals what the service must keep for a while and may hold personal data: under a key of its own, destroyed when it is done.
/// </summary>
public sealed class ServiceSeal(KeyStore keys)
{
    /// <param name="key">The name of the key; made where there is none.</param>
    /// <param name="boundTo">What the bytes are; they can be opened as that only.</param>
    public async Task<byte[]> Seal(string key, ReadOnlyMemory<byte> plain, string boundTo, CancellationToken cancellation) =>
        Cipher.Seal(await keys.Service(key, cancellation), plain.Span, boundTo);

    public Task<byte[]> Seal(string key, string plain, string boundTo, CancellationToken cancellation) =>
        Seal(key, Encoding.UTF8.GetBytes(plain), boundTo, cancellation);

    /// <exception cref="System.Security.Cryptography.CryptographicException">The key is destroyed, or the bytes were sealed as something
    /// else.</exception>
    public async Task<byte[]> Open(string key, ReadOnlyMemory<byte> bytes, string boundTo, CancellationToken cancellation) =>
        Cipher.Open(
            await keys.FindService(key, cancellation)
                ?? throw new System.Security.Cryptography.CryptographicException($"The key {key} is destroyed."),
            bytes.Span,
            boundTo
        );

    public Task Destroy(string key, CancellationToken cancellation) => keys.DestroyService(key, cancellation);
}
