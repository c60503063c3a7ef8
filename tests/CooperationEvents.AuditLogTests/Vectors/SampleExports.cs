using System.Text;
using System.Text.Json.Nodes;
using CooperationEvents.AuditLog;

namespace CooperationEvents.AuditLogTests.Vectors;

/// <summary>
/// Small exports that are signed as they are, so that nothing but what stands in them can be wrong; and the code that a verifier ends with.
/// </summary>
internal sealed class SampleExports
{
    private const string Origin = "register.example/v1/audit/log";
    private const string Successor = "register.example/v1/audit/log/2";

    private static readonly SigningKey First = SampleLog.KeyOf(Origin, 1);
    private static readonly SigningKey Second = SampleLog.KeyOf(Successor, 2);
    private static readonly Guid Log = SampleLog.Id(0xa, 1);

    private static readonly JsonObject Seal = new()
    {
        ["day"] = "2026-05-04",
        ["count"] = 12,
        ["logId"] = $"{Log}",
        ["sha256"] = new string('c', 64),
    };

    private readonly List<(string Why, int Code, string Keys, Dictionary<string, byte[]> Files)> _all = [];

    public SampleExports()
    {
        Seals();
        Successions();
        Data();
        Orders();
    }

    /// <summary>What there is about each, the code that a verifier ends with, the keys that an auditor has, and its files.</summary>
    public IReadOnlyList<(string Why, int Code, string Keys, Dictionary<string, byte[]> Files)> All => _all;

    private void Seals()
    {
        Sealed(4, "a seal of the journal", _ => { });
        foreach (var (name, _) in Seal)
            Sealed(1, $"a seal of the journal without {name}", s => s.Remove(name));
        foreach (var (name, _) in Seal)
            Sealed(1, $"a seal of the journal whose {name} is null", s => s[name] = null);
        Sealed(1, "a seal of the journal with another member", s => s["by"] = "nobody");
        Sealed(1, "a seal of another log", s => s["logId"] = $"{SampleLog.Id(9, 2)}");
        Sealed(1, "a seal whose log is in upper case", s => s["logId"] = $"{Log}".ToUpperInvariant());
        Sealed(1, "a seal of no day", s => s["day"] = "2026-02-30");
        Sealed(1, "a seal of a time", s => s["day"] = "2026-05-04T00:00:00");
        Sealed(1, "a seal with a count that is text", s => s["count"] = "12");
        Sealed(1, "a seal with a count that has a fraction", s => s["count"] = 12.0m);
        Sealed(1, "a seal with a count below 0", s => s["count"] = -1);
        Sealed(1, "a seal with a digest in upper case", s => s["sha256"] = new string('C', 64));
        Sealed(1, "a seal with a digest cut off", s => s["sha256"] = new string('c', 63));
        Add(1, "a seal with a member twice", log =>
            log.Append(Raw("audit_access_sealed", Jsonb.Text(Seal).Replace("{", "{\"day\": \"2026-05-04\", ", StringComparison.Ordinal)))
        );
        Add(1, "a seal that is a list", log => log.Append(Raw("audit_access_sealed", "[]")));
    }

    private void Successions()
    {
        Succeeded(5, "a succession", _ => { });
        foreach (var name in new[] { "by", "lost", "logId", "origin", "reason", "restoredSize", "oldCheckpoint" })
        {
            Succeeded(1, $"a succession without {name}", s => s.Remove(name));
            Succeeded(1, $"a succession whose {name} is null", s => s[name] = null);
        }

        Succeeded(1, "a succession with another member", s => s["more"] = 1);
        Succeeded(1, "a succession of another log", s => s["logId"] = $"{SampleLog.Id(9, 2)}");
        Succeeded(1, "a succession that lost a text", s => s["lost"] = "2");
        Succeeded(1, "a succession that lost a fraction", s => s["lost"] = 2.0m);
        Succeeded(1, "a succession that restored less than nothing", s => (s["restoredSize"], s["lost"]) = (-1, 6));
        Succeeded(1, "a succession whose reason is a number", s => s["reason"] = 7);
        Succeeded(1, "a succession whose old checkpoint is none", s => s["oldCheckpoint"] = "none");
    }

    private void Data()
    {
        Add(4, "data as deep as PostgreSQL takes it", log => log.Append(Raw("agenda_set", Nested(10_000))));
        Add(4, "numbers as PostgreSQL writes them", log =>
            log.Append(Raw("agenda_set", $"[0, 0.00, 1.0, -0.10, {new string('9', 5_000)}.5]"))
        );
        Add(1, "data that is not closed, far down", log => log.Append(Raw("agenda_set", Nested(10_000)[..^1])));
        Add(1, "data with a member twice", log => log.Append(Raw("agenda_set", "{\"a\": 1, \"a\": 2}")));
        Add(1, "data with a number that no program can hold", log => log.Append(Raw("agenda_set", "1e999999")));
        Add(1, "data with half of a surrogate pair", log => log.Append(Raw("agenda_set", "\"\\ud800\"")));
        Add(1, "a tombstone that holds data", log => log.Append(Raw("tombstone", "{\"a\": 1}")));
        Add(1, "an event of a type that nobody knows", log => log.Append(Raw("meeting_invented", "{}", "meeting")));

        static string Nested(int depth) => new string('[', depth) + new string(']', depth);
    }

    private void Orders()
    {
        Add(1, "a version that leaves out nearly all there can be", log => log.Append(Raw("agenda_set", "{}", version: long.MaxValue)));
        Add(1, "a version that stands there twice", log =>
        {
            log.Append(Raw("agenda_set", "{}", seq: 1_000));
            log.Append(Raw("agenda_set", "{}", seq: 1_001));
        });
        Add(1, "a file of keys with an empty line alone", _ => { }, files => files["keys"] = "\n"u8.ToArray());
        Add(1, "a file of keys without a byte", _ => { }, files => files["keys"] = []);
        Add(
            1,
            "a file of keys that begins with a byte order mark",
            _ => { },
            files => files["keys"] = [0xef, 0xbb, 0xbf, .. files["keys"]]
        );
        Add(
            1,
            "a checkpoint that stands there twice",
            _ => { },
            files => files["checkpoints.ndjson"] = [.. files["checkpoints.ndjson"], .. LastLine(files["checkpoints.ndjson"])]
        );

        static byte[] LastLine(byte[] lines) => lines[(lines.AsSpan(0, lines.Length - 1).LastIndexOf((byte)'\n') + 1)..];
    }

    private void Sealed(int code, string why, Action<JsonObject> alter)
    {
        var seal = Seal.DeepClone().AsObject();
        alter(seal);
        Add(code, why, l => l.Append(Raw("audit_access_sealed", Jsonb.Text(seal))));
    }

    private void Succeeded(int code, string why, Action<JsonObject> tell)
    {
        var log = new SampleLog(Origin);
        log.Grow(5);
        log.Sign(First);
        log.Succeed(Successor, 3, tell: tell);
        log.Sign(Second);
        log.Keys.AddRange([new LogKey(First.Verifier, 5, 5), new LogKey(Second.Verifier, 4, null)]);
        _all.Add((why, code, $"{First.Verifier}\n{Second.Verifier}\n", log.Files()));
    }

    private void Add(int code, string why, Action<SampleLog> grow, Action<Dictionary<string, byte[]>>? alter = null)
    {
        var log = new SampleLog(Origin);
        log.Grow(2);
        grow(log);
        log.Sign(First);
        log.Keys.Add(new LogKey(First.Verifier, log.Size, null));
        var files = log.Files();
        alter?.Invoke(files);
        _all.Add((why, code, $"{First.Verifier}\n", files));
    }

    /// <summary>The line of an entry with this text as its data, whether an entry may have it or not.</summary>
    private static byte[] Raw(string type, string data, string? streamType = null, long seq = 900, long version = 1)
    {
        const string Empty = "\"data\":{}";
        var entry = new Entry(
            seq,
            SampleLog.Id(1, seq),
            Log,
            streamType ?? StreamTypes.Of(type)!,
            version,
            type,
            DateTimeOffset.UnixEpoch,
            null,
            null,
            null,
            null,
            null,
            "{}"
        );
        return Encoding.UTF8.GetBytes(
            Encoding.UTF8.GetString(entry.ToBytes()).Replace(Empty, $"\"data\":{data}", StringComparison.Ordinal)
        );
    }
}
