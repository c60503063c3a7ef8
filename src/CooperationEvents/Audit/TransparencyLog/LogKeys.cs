using CooperationEvents.AuditLog;

namespace CooperationEvents.Audit.TransparencyLog;

/// <summary>
/// The keys the log is signed with. The name of the key is the log's origin. While one key takes over from another, both
/// are configured, and both sign the first checkpoint of the new one.
/// </summary>
public sealed class LogKeys
{
    public const string FileName = "log.key";

    private const string DevelopmentUrl = "https://cooperation-events.invalid/development/";

    private readonly string? _file;
    private SigningKey? _current;

    private LogKeys(SigningKey? current, string? file, SigningKey? retiring) => (_current, _file, Retiring) = (current, file, retiring);

    /// <summary>Whether there is a key: one that is configured, or the file.</summary>
    public bool Exist => _current is not null || File.Exists(_file);

    public SigningKey Current => _current ??= FromFile(_file!);

    /// <summary>The key before, for the changeover.</summary>
    public SigningKey? Retiring { get; }

    public string Origin => Current.Verifier.Name;

    /// <summary>
    /// From <c>Audit:SigningKey</c> (and <c>Audit:RetiringKey</c>), whose name must be the origin of <c>Audit:Origin</c> where
    /// that is given. In Development, where there is none, from a file in the data directory: <see cref="Make"/>.
    /// </summary>
    public static LogKeys From(AuditOptions options, string? developmentDirectory)
    {
        var retiring = options.RetiringKey is { Length: > 0 } old ? Parse("Audit:RetiringKey", old) : null;
        if (options.SigningKey is not { Length: > 0 } text)
        {
            return developmentDirectory is { } directory
                ? new LogKeys(null, Path.Combine(directory, FileName), retiring)
                : throw new LogRefusedException(
                    "Audit:SigningKey is missing: the key the log is signed with, as PRIVATE+KEY+name+hash+base64."
                );
        }

        var current = Parse("Audit:SigningKey", text);
        if (options.Origin is { Length: > 0 } url && Checkpoint.OriginOf(url) != current.Verifier.Name)
            throw new LogRefusedException(
                $"The name of Audit:SigningKey is {current.Verifier.Name}; it must be the origin of Audit:Origin, "
                    + $"{Checkpoint.OriginOf(url)}."
            );
        if (developmentDirectory is null && current.Verifier.Name.StartsWith(Checkpoint.OriginOf(DevelopmentUrl), StringComparison.Ordinal))
            throw new LogRefusedException("Audit:SigningKey is a key of Development. Production needs a key and an origin of its own.");
        if (retiring is not null && retiring.Verifier.Name != current.Verifier.Name)
            throw new LogRefusedException("Audit:RetiringKey must have the name of Audit:SigningKey: the origin stays when a key changes.");
        return new LogKeys(current, null, retiring);
    }

    /// <summary>Makes the file, where there is neither a configured key nor one in it: for a log that has not begun.</summary>
    public void Make()
    {
        if (!Exist)
            Write(_file!, SigningKey.Generate(Checkpoint.OriginOf(DevelopmentUrl + Guid.NewGuid().ToString("n")[..8])));
    }

    /// <summary>Puts a new key with a new origin in the place of the one in the file; the old one stays beside it.</summary>
    public static LogKeys Renew(string developmentDirectory)
    {
        var path = Path.Combine(developmentDirectory, FileName);
        if (File.Exists(path))
            File.Move(path, $"{path}.{FromFile(path).Verifier.Id:x8}");
        var renewed = new LogKeys(null, path, null);
        renewed.Make();
        return renewed;
    }

    /// <summary>The key in the file, and those that a recovery put beside it.</summary>
    public static IReadOnlyList<VerifierKey> InDirectory(string developmentDirectory) =>
        [.. Directory.EnumerateFiles(developmentDirectory, $"{FileName}*").Order().Select(path => FromFile(path).Verifier)];

    private static SigningKey FromFile(string path) => Parse(path, File.ReadAllText(path).Trim());

    private static void Write(string path, SigningKey key)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var draft = $"{path}.{Guid.NewGuid():n}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var writer = new StreamWriter(draft, options))
            writer.WriteLine(key.ToSecret());
        try
        {
            File.Move(draft, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process was faster; its key is the one.
            File.Delete(draft);
        }
    }

    private static SigningKey Parse(string name, string text)
    {
        try
        {
            return SigningKey.Parse(text);
        }
        catch (FormatException e)
        {
            throw new LogRefusedException($"{name}: {e.Message}");
        }
    }
}
