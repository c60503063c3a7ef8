namespace CooperationEvents.Verifier;

/// <summary>The files of an export, by their paths in it.</summary>
public abstract class Export
{
    public const string Entries = "entries.ndjson";
    public const string Checkpoints = "checkpoints.ndjson";
    public const string Keys = "keys";

    /// <summary>Opens a directory, or a tar file.</summary>
    /// <exception cref="IOException">Neither is there, or the tar file cannot be read.</exception>
    /// <exception cref="InvalidDataException">It holds what is no plain file of an export.</exception>
    public static Export Open(string path) =>
        Directory.Exists(path) ? new ExportDirectory(path)
        : File.Exists(path) ? new ExportTar(path)
        : throw new FileNotFoundException($"There is no '{path}'.");

    /// <summary>The paths of all its files.</summary>
    public abstract IEnumerable<string> Paths { get; }

    /// <summary>The content of a file; null where it is not there.</summary>
    public abstract Stream? Read(string path);

    /// <summary>A small file as a whole; null where it is not there.</summary>
    public byte[]? ReadAll(string path)
    {
        using var stream = Read(path);
        if (stream is null)
            return null;
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}

internal sealed class ExportDirectory : Export
{
    private readonly string _root;

    /// <exception cref="InvalidDataException">There is a link in it.</exception>
    public ExportDirectory(string root)
    {
        _root = root;

        // A link is named before what is behind it.
        foreach (var entry in new DirectoryInfo(root).EnumerateFileSystemInfos("*", SearchOption.AllDirectories))
        {
            if (entry.LinkTarget is not null)
                throw new InvalidDataException($"'{entry.FullName}' is a link: an export has plain files.");
        }
    }

    public override IEnumerable<string> Paths =>
        Directory.EnumerateFiles(_root, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(_root, f).Replace('\\', '/'));

    public override Stream? Read(string path)
    {
        var file = Path.Combine(_root, path);
        return File.Exists(file)
            ? new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan)
            : null;
    }
}
