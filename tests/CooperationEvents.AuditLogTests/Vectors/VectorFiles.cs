using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using CooperationEvents.AuditLog;
using CooperationEvents.AuditLogTests.AuditLog;

namespace CooperationEvents.AuditLogTests.Vectors;

/// <summary>The files of docs/vectors, made anew from fixed inputs.</summary>
internal static class VectorFiles
{
    public const int ChangeOver = 256;
    public const int Size = 300;

    public static readonly int[] Sizes = [0, 1, 2, 3, 7, 8, 255, 256, 257, Size];

    private const string Origin = "register.example/v1/audit/log";
    private const string Successor = "register.example/v1/audit/log/2";

    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly SigningKey First = SampleLog.KeyOf(Origin, 1);
    private static readonly SigningKey Second = SampleLog.KeyOf(Origin, 2);
    private static readonly SigningKey Third = SampleLog.KeyOf(Successor, 3);

    private static readonly SigningKey Witness = SigningKey.FromSeed(
        "witness.example/w",
        Enumerable.Repeat((byte)4, 32).ToArray(),
        SignatureType.Cosignature
    );

    public static async Task<Dictionary<string, byte[]>> MakeAsync()
    {
        var files = new Dictionary<string, byte[]>
        {
            ["entries.ndjson"] = SampleLog.Lines(SampleEntries.Taken),
            ["leaf-hashes"] = Text(string.Concat(SampleEntries.Taken.Select(e => MerkleTree.LeafHash(e) + "\n"))),
            ["refused-entries.json"] = Json(SampleEntries.Refused.Select(r => new { r.Why, r.Entry })),
            ["export.keys"] = Text(
                $"# the log, before and after its keys changed, and a witness\n{First.Verifier}\n{Second.Verifier}\n{Witness.Verifier}\n"
            ),
            ["recovered.keys"] = Text($"# the log, and the log that succeeded it\n{First.Verifier}\n{Third.Verifier}\n"),
        };
        Add(files, "recovered", Recovered().Files());
        var figures = new SampleFigures();
        files["figures/entries.ndjson"] = figures.Lines();
        files["figures.json"] = Json(figures.Publications.Select(p => new { p.Publication, p.Differs }));
        var archives = new SampleArchives();
        files["archives.keys"] = Text(archives.TrustedKey);
        files["archives.note"] = Text(archives.Kept);
        files["archives.json"] = Json(
            archives.All.Select(a => new
            {
                a.Name,
                a.Code,
                a.Why,
            })
        );
        Add(files, "archives", archives.All.ToDictionary(a => $"{a.Name}.tar", a => a.Bytes));
        var log = Grown();
        Add(files, "export", log.Files());
        files[$"bundle/{new EntryBundle(1, Size - 256).Path}"] = EntryBundle.Write(
            log.Entries.Skip(256).Select(e => (ReadOnlyMemory<byte>)e)
        );

        files["kept.json"] = Json(
            Kept(log)
                .Select(k => new
                {
                    k.Why,
                    k.Kept,
                    k.Code,
                })
        );
        var reader = new TreeInMemory(log.Entries).Reader;
        var roots = new List<object>();
        foreach (var size in Sizes)
            roots.Add(new { Size = size, Root = (await reader.RootAsync(size)).ToBase64() });
        files["roots.json"] = Json(roots);
        files["inclusion-proofs.json"] = Json(await InclusionAsync(reader));
        files["consistency-proofs.json"] = Json(await ConsistencyAsync(reader));
        foreach (var index in new[] { 1, 255, 256, Size - 1 })
        {
            var proof = new TlogProof(index, (await reader.InclusionAsync(index, Size)).Hashes, SignedNote.Parse(log.Checkpoints[^1].Note));
            files[$"{index}.tlog-proof"] = Text(proof.ToString());
        }

        return files;
    }

    private static SampleLog Grown()
    {
        var log = new SampleLog(Origin);
        foreach (var size in Sizes)
        {
            log.Grow(size - (int)log.Size);
            log.Sign(
                size < ChangeOver ? [First]
                : size == ChangeOver ? [First, Second]
                : [Second]
            );
        }

        var (newest, note) = log.Checkpoints[^1];
        var cosigned = SignedNote.Parse(note);
        log.Checkpoints[^1] = (
            newest,
            cosigned.With(Witness.Cosign(cosigned.Text, DateTimeOffset.FromUnixTimeSeconds(1_750_000_000))).ToString()
        );
        log.Keys.AddRange([new LogKey(First.Verifier, 0, ChangeOver), new LogKey(Second.Verifier, ChangeOver, null)]);
        return log;
    }

    /// <summary>Files with checkpoints that an auditor kept, and the code that a verifier of the export ends with.</summary>
    private static IEnumerable<(string Why, string Kept, int Code)> Kept(SampleLog log)
    {
        var note = log.Checkpoints[^2].Note;
        var (line, newest) = (LineOf(note), LineOf(log.Checkpoints[^1].Note));
        var other = new Checkpoint(Origin, 257, MerkleTree.LeafHash("another history"u8)).Sign(Second).ToString();
        yield return ("a note", note, 0);
        yield return ("lines", $"{line}\n{newest}\n", 0);
        yield return ("white space in a line", $"{line.Replace(",", " , ", StringComparison.Ordinal)} \n", 0);
        yield return ("a checkpoint of another history", other, 1);
        yield return ("a line of another history", LineOf(other) + "\n", 1);
        yield return ("a size that is not the one in the note", line.Replace("257,", "256,", StringComparison.Ordinal) + "\n", 1);
        yield return ("a size that is text", line.Replace("257,", "\"257\",", StringComparison.Ordinal) + "\n", 1);
        yield return ("a size with a fraction", line.Replace("257,", "257.0,", StringComparison.Ordinal) + "\n", 1);
        yield return ("no note", "{\"size\":257}\n", 1);
        yield return ("no size", line.Replace("\"size\":257,", "", StringComparison.Ordinal) + "\n", 1);
        yield return ("a note that is none", "{\"size\":257,\"note\":\"none\"}\n", 1);
        yield return ("a note that is a number", "{\"size\":257,\"note\":257}\n", 1);
        yield return ("another member", line.Replace("{", "{\"seen\":true,", StringComparison.Ordinal) + "\n", 1);
        yield return ("a member twice", line.Replace("{", "{\"size\":256,", StringComparison.Ordinal) + "\n", 1);
        yield return ("a line without its line feed", line, 1);
        yield return ("a line cut off", line[..^10] + "\n", 1);
        yield return ("an empty line", $"{line}\n\n{newest}\n", 1);
        yield return ("a line that is a list", $"{line}\n[]\n", 1);
        yield return ("sizes that do not ascend", $"{newest}\n{line}\n", 1);
        yield return ("a note with other line ends", note.Replace("\n", "\r\n", StringComparison.Ordinal), 1);
        yield return ("a note with a false signature", note.Replace("\n257\n", "\n256\n", StringComparison.Ordinal), 1);
        yield return ("a signature of somebody unknown", $"{note}\u2014 other.example AAAAAAA=\n", 0);
        yield return ("a signature of nothing but the id of its key", $"{note}\u2014 other.example AAAAAA==\n", 1);
        yield return ("a signature without a whole id of its key", $"{note}\u2014 other.example AAAA\n", 1);
        yield return ("a name with a no-break space", $"{note}\u2014 other\u00a0example AAAAAAA=\n", 1);
        yield return ("a name with a line separator", $"{note}\u2014 other\u2028example AAAAAAA=\n", 1);
        yield return ("a name with a control character", $"{note}\u2014 other\u007fexample AAAAAAA=\n", 1);
        yield return ("nothing", "", 1);

        static string LineOf(string note) => new CheckpointLine(SignedNote.Parse(note)).ToLine();
    }

    private static SampleLog Recovered()
    {
        var log = new SampleLog(Origin);
        log.Sign(First);
        log.Grow(12);
        log.Sign(First);
        log.Grow(8);
        log.Sign(First);
        log.Succeed(Successor, 15);
        log.Sign(Third);
        log.Grow(4);
        log.Sign(Third);
        log.Keys.AddRange([new LogKey(First.Verifier, 0, 20), new LogKey(Third.Verifier, 16, null)]);
        return log;
    }

    private static async Task<List<object>> InclusionAsync(TileReader reader)
    {
        var proofs = new List<object>();
        foreach (var size in Sizes.Skip(1))
        {
            foreach (var index in new[] { 0, 1, 6, 254, 255, 256, size - 1 }.Where(i => i < size).Distinct())
                proofs.Add(
                    new
                    {
                        Index = index,
                        Size = size,
                        Hashes = Base64(await reader.InclusionAsync(index, size)),
                    }
                );
        }

        return proofs;

        static string[] Base64(InclusionProof proof) => [.. proof.Hashes.Select(h => h.ToBase64())];
    }

    private static async Task<List<object>> ConsistencyAsync(TileReader reader)
    {
        var proofs = new List<object>();
        foreach (var from in Sizes)
        {
            foreach (var to in Sizes.Where(to => from <= to))
                proofs.Add(
                    new
                    {
                        From = from,
                        To = to,
                        Hashes = (await reader.ConsistencyAsync(from, to)).Hashes.Select(h => h.ToBase64()).ToArray(),
                    }
                );
        }

        return proofs;
    }

    private static void Add(Dictionary<string, byte[]> files, string directory, Dictionary<string, byte[]> added)
    {
        foreach (var (path, bytes) in added)
            files[$"{directory}/{path}"] = bytes;
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Json(object value) => Text(JsonSerializer.Serialize(value, Indented) + "\n");
}
