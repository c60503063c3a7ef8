using System.Formats.Tar;
using CooperationEvents.AuditLog;

namespace CooperationEvents.Verifier;

/// <summary>The files of an export, by their paths in it.</summary>
public abstract class Export
{
    public const string Entries = "entries.ndjson";
    public const string Checkpoints = "checkpoints.ndjson";
    public const string Keys = "keys";

    /// <summary>Opens a directory, or a tar file.</summary>
    /// <exception cref="IOException">Neither is there, or the tar file cannot be read.</exception>
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

internal sealed class ExportDirectory(string root) : Export
{
    public override IEnumerable<string> Paths =>
        Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(root, f).Replace('\\', '/'));

    public override Stream? Read(string path)
    {
        var file = Path.Combine(root, path);
        if (new FileInfo(file).LinkTarget is not null)
            throw new InvalidDataException($"'{file}' is a link: an export has plain files.");
        return File.Exists(file)
            ? new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan)
            : null;
    }
}

/// <summary>A tar file, whose table of contents is read once; the content stays where it is.</summary>
internal sealed class ExportTar : Export
{
    private readonly string _file;
    private readonly Dictionary<string, (long Offset, long Length)> _contents = [];

    public ExportTar(string file)
    {
        _file = file;
        using var stream = File.OpenRead(file);
        using var tar = new TarReader(stream);
        try
        {
            while (tar.GetNextEntry() is { } entry)
            {
                var name = entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name;
                if (IsFolder(entry, name))
                    continue;
                if (
                    entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile)
                    || !IsExpected(name)
                    || Overrides(entry)
                )
                    throw new InvalidDataException(
                        $"'{file}' holds '{entry.Name}', which is no plain file of an export: what is unpacked would be another thing than "
                            + $"what is verified."
                    );
                if (!_contents.TryAdd(name, (entry.DataOffset, entry.Length)))
                    throw new InvalidDataException($"'{file}' holds '{name}' twice.");
                if (entry.DataOffset + entry.Length > stream.Length)
                    throw new InvalidDataException($"'{file}' ends inside '{name}'.");
            }
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException or NotSupportedException)
        {
            throw new InvalidDataException($"'{file}' is no whole tar file: {e.Message}", e);
        }
    }

    public override IEnumerable<string> Paths => _contents.Keys;

    private static bool IsExpected(string name) => name is Entries or Checkpoints or Keys || Tile.TryParse(name, out _);

    /// <summary>The folders of tiles, which other tar programs write of their own accord.</summary>
    private static bool IsFolder(TarEntry entry, string name) =>
        entry.EntryType == TarEntryType.Directory
        && (name.Length == 0 || (name.StartsWith("tile/", StringComparison.Ordinal) && !name.Split('/').Contains("..")) || name == "tile");

    /// <summary>Whether extended attributes say of the file what only some programs heed, such as that it is sparse.</summary>
    private static bool Overrides(TarEntry entry) =>
        entry is PaxTarEntry pax
        && pax.ExtendedAttributes.Keys.Any(k => k is not ("path" or "mtime" or "atime" or "ctime" or "uid" or "gid" or "uname" or "gname"));

    public override Stream? Read(string path)
    {
        if (!_contents.TryGetValue(path, out var at))
            return null;
        var stream = new FileStream(_file, FileMode.Open, FileAccess.Read, FileShare.Read, 1);
        stream.Position = at.Offset;
        return new Part(stream, at.Length);
    }

    /// <summary>So many bytes of a stream, which it closes with itself.</summary>
    private sealed class Part(FileStream stream, long length) : Stream
    {
        private long _left = length;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var read = stream.Read(buffer[..(int)Math.Min(buffer.Length, _left)]);
            _left -= read;
            return read;
        }

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                stream.Dispose();
            base.Dispose(disposing);
        }
    }
}
