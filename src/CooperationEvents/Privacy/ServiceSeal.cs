using System.Text;

namespace CooperationEvents.Privacy;

/// <summary>Seals what the service must keep for a while and may hold personal data: under a key of its own, destroyed when it is done.</summary>
public sealed class ServiceSeal(KeyStore keys)
{
    /// <param name="key">The name of the key; made where there is none.</param>
    /// <param name="boundTo">What the bytes are; they can be opened as that only.</param>
    public async Task<byte[]> Seal(string key, ReadOnlyMemory<byte> plain, string boundTo, CancellationToken cancellation) =>
        Cipher.Seal(await keys.Service(key, cancellation), plain.Span, boundTo);

    public Task<byte[]> Seal(string key, string plain, string boundTo, CancellationToken cancellation) =>
        Seal(key, Encoding.UTF8.GetBytes(plain), boundTo, cancellation);

    public async Task<byte[]> Open(string key, ReadOnlyMemory<byte> bytes, string boundTo, CancellationToken cancellation) =>
        Cipher.Open(await keys.Service(key, cancellation), bytes.Span, boundTo);

    public Task Destroy(string key, CancellationToken cancellation) => keys.DestroyService(key, cancellation);
}
