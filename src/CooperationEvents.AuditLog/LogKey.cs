using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CooperationEvents.AuditLog;

/// <summary>
/// A key and the sizes of the checkpoints it signs, both ends included; the key in use has no last one yet. A line of the
/// log's <c>keys</c>: <c>{"key":"name+hash+base64","firstSize":0,"lastSize":null}</c>.
/// </summary>
public sealed record LogKey(VerifierKey Key, long FirstSize, long? LastSize)
{
    /// <summary>The key that signs every checkpoint.</summary>
    public static LogKey Always(VerifierKey key) => new(key, 0, null);

    /// <summary>Whether the key signs a checkpoint of this size.</summary>
    public bool Covers(long size) => FirstSize <= size && (LastSize is null || size <= LastSize);

    /// <summary>Reads a line: the form of <see cref="ToLine"/>, or a verifier key alone, which signs every checkpoint.</summary>
    /// <exception cref="FormatException">Says what is wrong with it.</exception>
    public static LogKey Parse(string line)
    {
        if (!line.StartsWith('{'))
            return Always(VerifierKey.Parse(line));
        var read = JsonLine.Read<Line>(line);
        if (read is not { Key: { } key, FirstSize: { } first } || first < 0 || read.LastSize < first)
            throw new FormatException($"'{line}' is no key: expected key, firstSize and lastSize.");
        return new LogKey(VerifierKey.Parse(key), first, read.LastSize);
    }

    /// <summary>Reads a <c>keys</c> file; empty lines and lines that begin with <c>#</c> are passed over.</summary>
    /// <exception cref="FormatException">Names the line that is no key.</exception>
    public static IReadOnlyList<LogKey> ParseAll(IEnumerable<string> lines) =>
        [.. lines.Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#').Select(Parse)];

    /// <summary>The line without its line feed.</summary>
    public string ToLine() => JsonLine.Write(new Line(Key.ToString(), FirstSize, LastSize));

    private sealed record Line(string? Key, long? FirstSize, long? LastSize);
}

/// <summary>A line of <c>checkpoints.ndjson</c>: <c>{"size":5,"note":"…"}</c>.</summary>
public sealed record CheckpointLine(Checkpoint Checkpoint, SignedNote Note)
{
    public CheckpointLine(SignedNote note)
        : this(Checkpoint.Parse(note.Text), note) { }

    /// <exception cref="FormatException">Says what is wrong with it.</exception>
    public static CheckpointLine Parse(string line)
    {
        var read = JsonLine.Read<Line>(line);
        if (read is not { Size: { } size, Note: { } note })
            throw new FormatException("Expected size and note.");
        var parsed = new CheckpointLine(SignedNote.Parse(note));
        return parsed.Checkpoint.Size == size
            ? parsed
            : throw new FormatException($"The size {size} is not the one in the note, {parsed.Checkpoint.Size}.");
    }

    /// <summary>The line without its line feed.</summary>
    public string ToLine() => JsonLine.Write(new Line(Checkpoint.Size, Note.ToString()));

    private sealed record Line(long? Size, string? Note);
}

/// <summary>JSON whose members are known: each stands there once, and no other.</summary>
internal static class JsonLine
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        NumberHandling = JsonNumberHandling.Strict,
        PropertyNameCaseInsensitive = false,
        AllowDuplicateProperties = false,
    };

    public static string Write<T>(T line) => JsonSerializer.Serialize(line, Options);

    /// <exception cref="FormatException">Not JSON of that form.</exception>
    public static T? Read<T>(string line)
        where T : class => Read<T>(line, $"'{line}' has not the form expected");

    /// <summary>Reads the data of an event of the log itself.</summary>
    /// <exception cref="FormatException">Not JSON of that form.</exception>
    public static T? ReadEvent<T>(string type, string data)
        where T : class => Read<T>(data, $"The data of {type} is not of its form");

    private static T? Read<T>(string json, string otherwise)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, Options);
        }
        catch (JsonException e)
        {
            throw new FormatException($"{otherwise}: {JsonFault.Words(e)}", e);
        }
    }
}
