using System.Security.Cryptography;

namespace CooperationEvents.Privacy;

/// <summary>The key from outside the database that wraps every other key: 256 bits.</summary>
public sealed class MasterKey
{
    private const int Size = 32;

    private readonly byte[] _key;

    private MasterKey(byte[] key) => _key = key;

    /// <summary>From configuration, as base64 of 32 bytes.</summary>
    public static MasterKey FromBase64(string text)
    {
        var key = new byte[Size];
        return Convert.TryFromBase64String(text, key, out var written) && written == Size
            ? new MasterKey(key)
            : throw new InvalidOperationException("Privacy:MasterKey must be the base64 text of 32 random bytes.");
    }

    /// <summary>From a file only its owner can read; made at first use.</summary>
    public static MasterKey FromFile(string path)
    {
        if (!File.Exists(path))
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using var writer = new StreamWriter(path, options);
            writer.WriteLine(Convert.ToBase64String(RandomNumberGenerator.GetBytes(Size)));
        }

        return FromBase64(File.ReadAllText(path).Trim());
    }

    internal byte[] Wrap(byte[] key, string name) => Cipher.Seal(_key, key, name);

    internal byte[] Unwrap(byte[] wrapped, string name) => Cipher.Open(_key, wrapped, name);
}
