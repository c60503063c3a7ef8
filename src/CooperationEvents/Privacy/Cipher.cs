using System.Security.Cryptography;
using System.Text;

namespace CooperationEvents.Privacy;

/// <summary>AES-256-GCM as nonce (12 bytes), ciphertext and tag (16 bytes) in one, bound to a text that is not stored with it.</summary>
internal static class Cipher
{
    private const int NonceSize = 12;
    private const int TagSize = 16;

    public static byte[] Seal(byte[] key, ReadOnlySpan<byte> plain, string boundTo)
    {
        var output = new byte[NonceSize + plain.Length + TagSize];
        RandomNumberGenerator.Fill(output.AsSpan(0, NonceSize));
        using var aes = new AesGcm(key, TagSize);
        aes.Encrypt(
            output.AsSpan(0, NonceSize),
            plain,
            output.AsSpan(NonceSize, plain.Length),
            output.AsSpan(NonceSize + plain.Length),
            Encoding.UTF8.GetBytes(boundTo)
        );
        return output;
    }

    /// <exception cref="CryptographicException">The bytes were altered, or were sealed under another key or for another place.</exception>
    public static byte[] Open(byte[] key, ReadOnlySpan<byte> sealed_, string boundTo)
    {
        if (sealed_.Length < NonceSize + TagSize)
            throw new CryptographicException("Too short to have been sealed.");
        var plain = new byte[sealed_.Length - NonceSize - TagSize];
        using var aes = new AesGcm(key, TagSize);
        aes.Decrypt(
            sealed_[..NonceSize],
            sealed_.Slice(NonceSize, plain.Length),
            sealed_[^TagSize..],
            plain,
            Encoding.UTF8.GetBytes(boundTo)
        );
        return plain;
    }
}
