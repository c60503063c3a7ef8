using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace CooperationEvents.Privacy;

/// <summary>
/// The keys from outside the database that wrap every other key: 256 bits each, in numbered generations. One of them wraps
/// what is new; the others open what was wrapped before, until everything is wrapped anew.
/// </summary>
public sealed class MasterKeys
{
    private const int Size = 32;

    private static readonly TimeSpan CommandTimeout = TimeSpan.FromSeconds(30);

    private readonly Lazy<SortedDictionary<int, byte[]>> _generations;

    /// <summary>0 where none was rotated to that is known of.</summary>
    private int _current;

    private MasterKeys(Func<SortedDictionary<int, byte[]>> read) => _generations = new Lazy<SortedDictionary<int, byte[]>>(read);

    /// <summary>The numbers of the generations that are here, ascending.</summary>
    public IReadOnlyCollection<int> Generations => _generations.Value.Keys;

    /// <summary>The newest generation that is here.</summary>
    public int Newest => _generations.Value.Keys.Last();

    /// <summary>The generation that wraps what is new: the one that was rotated to last, which every node has.</summary>
    public int Current
    {
        get => Volatile.Read(ref _current) is not 0 and var current ? current : Newest;
        internal set => Volatile.Write(ref _current, value);
    }

    /// <summary>
    /// Those that are read when one is first needed: what a service is made of must not ask for keys that its start has yet to make.
    /// </summary>
    public static MasterKeys ReadLater(Func<MasterKeys> read) => new(() => read()._generations.Value);

    /// <summary>
    /// From text: the base64 of 32 random bytes, which is generation 1; or several, each as <c>generation:base64</c>, parted by
    /// commas or line ends.
    /// </summary>
    /// <param name="source">Where the text came from, for whoever must mend it. The text itself is never repeated.</param>
    /// <exception cref="KeysRefusedException">The text is no such thing.</exception>
    public static MasterKeys Parse(string text, string source)
    {
        var generations = new SortedDictionary<int, byte[]>();
        foreach (var part in text.Split(['\n', '\r', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var colon = part.IndexOf(':', StringComparison.Ordinal);
            var number = 1;
            var key = new byte[Size];
            if (
                (
                    colon >= 0
                    && !(int.TryParse(part.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out number) && number > 0)
                )
                || !Convert.TryFromBase64String(part[(colon + 1)..], key, out var written)
                || written != Size
                || !generations.TryAdd(number, key)
            )
                throw Refused(source);
        }

        return generations.Count == 0 ? throw Refused(source) : new MasterKeys(() => generations);
    }

    /// <summary>From a file only its owner can read.</summary>
    /// <exception cref="KeysRefusedException">It is not there, cannot be read, or holds no key.</exception>
    public static MasterKeys FromFile(string path)
    {
        if (!File.Exists(path))
            throw new KeysRefusedException(
                $"The master key is missing: {path} is not there. Put it back from where it is kept; without it no name in this register "
                    + $"can be read again."
            );
        try
        {
            return Parse(File.ReadAllText(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KeysRefusedException($"The master key cannot be read: {e.Message}");
        }
    }

    /// <summary>
    /// From what a command of the operator's writes to its standard output, such as one that asks a key management service.
    /// </summary>
    /// <exception cref="KeysRefusedException">It failed, took too long, or wrote no key.</exception>
    public static MasterKeys FromCommand(string command)
    {
        var start = new ProcessStartInfo("/bin/sh")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(command);
        using var process = Process.Start(start) ?? throw new KeysRefusedException("Privacy:MasterKeyCommand could not be started.");
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(CommandTimeout))
        {
            process.Kill(entireProcessTree: true);
            throw new KeysRefusedException($"Privacy:MasterKeyCommand gave no key within {CommandTimeout.TotalSeconds:0} s.");
        }

        return process.ExitCode == 0
            ? Parse(output.Result, "what Privacy:MasterKeyCommand writes")
            : throw new KeysRefusedException($"Privacy:MasterKeyCommand ended with {process.ExitCode}: {errors.Result.Trim()}");
    }

    /// <summary>Makes a first generation in a file for its owner alone.</summary>
    public static void MakeFile(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var writer = new StreamWriter(path, options);
        writer.WriteLine(Convert.ToBase64String(RandomNumberGenerator.GetBytes(Size)));
    }

    /// <summary>Wraps a key for a name under a generation.</summary>
    /// <exception cref="KeysRefusedException">The generation is not here: this node has not been given it.</exception>
    public byte[] Wrap(byte[] key, string name, int generation) =>
        _generations.Value.TryGetValue(generation, out var wrapping)
            ? Cipher.Seal(wrapping, key, name)
            : throw new KeysRefusedException(
                $"Generation {generation} of the master key is not here. Give it to this node and start it again."
            );

    /// <summary>The key that was wrapped so.</summary>
    /// <exception cref="CryptographicException">It was wrapped by another key, for another name, or was altered; or the generation is not
    /// here.</exception>
    public byte[] Unwrap(byte[] wrapped, string name, int generation) =>
        _generations.Value.TryGetValue(generation, out var key)
            ? Cipher.Open(key, wrapped, name)
            : throw new CryptographicException($"Generation {generation} of the master key is not here.");

    private static KeysRefusedException Refused(string source) =>
        new(
            $"{source} must hold the base64 text of 32 random bytes, or several of them as generation:base64, parted by commas or line "
                + $"ends."
        );
}

/// <summary>Why the keys cannot be used as they are, and what to do.</summary>
public sealed class KeysRefusedException(string why) : Exception(why);
