using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
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
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
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
        files["histories.json"] = Json(
            SampleHistories.All.Select(h => new
            {
                h.Code,
                h.Why,
                SampleHistories.Publication,
                h.Entries,
            })
        );
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
        files["exports.json"] = Json(
            new SampleExports().All.Select(e => new
            {
                e.Code,
                e.Why,
                e.Keys,
                e.Files,
            })
        );
        var log = Grown();
        Add(files, "export", log.Files());
        files["saved.json"] = Json(
            Saved(log)
                .Select(s => new
                {
                    s.File,
                    s.Why,
                    s.Bytes,
                    s.Code,
                })
        );
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
        files["proofs.json"] = Json(await ProofsAsync(log, reader));
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
        yield return ("a line again, as the anchor has it after a takeover", $"{line}\n{newest}\n{line}\n{newest}\n", 0);
        yield return ("a line again that says another root", $"{line}\n{LineOf(other)}\n", 1);
        yield return ("a line again, behind a larger one, that says another root", $"{line}\n{newest}\n{LineOf(other)}\n", 1);
        yield return ("a smaller size than before, and again", $"{newest}\n{line}\n{line}\n", 1);
        yield return ("half of a surrogate pair in a note", line.Replace("register", "\\ud800", StringComparison.Ordinal) + "\n", 1);
        yield return ("half of a surrogate pair in a name", line.Replace("{", "{\"\\ud800\":1,", StringComparison.Ordinal) + "\n", 1);
        yield return (
            "a size of more than 64 bits",
            line.Replace("257,", $"257{new string('0', 20)},", StringComparison.Ordinal) + "\n",
            1
        );
        yield return ("brackets far down", line.Replace("257,", new string('[', 5_000) + ",", StringComparison.Ordinal) + "\n", 1);
        yield return ("lines with the ends of Windows", $"{line}\r\n{newest}\r\n", 0);
        yield return ("a note with the line ends of Windows", note.Replace("\n", "\r\n", StringComparison.Ordinal), 0);
        yield return ("a note with line ends that nobody writes", note.Replace("\n", "\r", StringComparison.Ordinal), 1);
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

    /// <summary>Files of keys and of kept checkpoints, as editors and shells save them.</summary>
    private static IEnumerable<(string File, string Why, byte[] Bytes, int Code)> Saved(SampleLog log)
    {
        var keys = $"# the keys of the log\n{First.Verifier}\n{Second.Verifier}\n";
        var line = new CheckpointLine(SignedNote.Parse(log.Checkpoints[^2].Note)).ToLine() + "\n";
        foreach (var (file, text, code) in new[] { ("keys", keys, 4), ("kept", line, 0), ("kept", log.Checkpoints[^2].Note, 0) })
        {
            foreach (var ends in new[] { "\n", "\r\n" })
            {
                var lines = text.Replace("\n", ends, StringComparison.Ordinal);
                var how = $"{(text == line ? "lines" : "text")} ended by {(ends == "\n" ? "LF" : "CR LF")}";
                yield return (file, $"UTF-8, {how}", Encoding.UTF8.GetBytes(lines), code);
                yield return (file, $"UTF-8 with its mark, {how}", Marked(Encoding.UTF8, lines), code);
                yield return (file, $"UTF-16 with its mark, {how}", Marked(Encoding.Unicode, lines), code);
                yield return (file, $"UTF-16 with its other mark, {how}", Marked(Encoding.BigEndianUnicode, lines), code);
                yield return (file, $"UTF-16 without a mark, {how}", Encoding.Unicode.GetBytes(lines), 3);
                yield return (file, $"UTF-32 with its mark, {how}", Marked(Encoding.UTF32, lines), 3);
            }
        }

        yield return ("keys", "a comment in Latin-1", [.. Encoding.Latin1.GetBytes("# clés\n"), .. Encoding.UTF8.GetBytes(keys)], 3);
        yield return ("keys", "UTF-16 with its mark, cut off in a character", Marked(Encoding.Unicode, keys)[..^1], 3);
        yield return ("keys", "lines ended by CR alone", Encoding.UTF8.GetBytes(keys.Replace('\n', '\r')), 4);
        yield return ("keys", "a key cut off", Encoding.UTF8.GetBytes(keys[..^3]), 3);
        yield return ("keys", "a mark twice", [0xef, 0xbb, 0xbf, .. Marked(Encoding.UTF8, $"{First.Verifier}\n{Second.Verifier}\n")], 3);

        static byte[] Marked(Encoding encoding, string text) => [.. encoding.GetPreamble(), .. encoding.GetBytes(text)];
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

    /// <summary>Proofs of entry 255 with what an auditor holds them to, and the code that a verifier ends with.</summary>
    private static async Task<List<object>> ProofsAsync(SampleLog log, TileReader reader)
    {
        var (proofs, note, small) = (new List<object>(), log.Checkpoints[^1].Note, log.Checkpoints[^2].Note);
        var hashes = (await reader.InclusionAsync(255, Size)).Hashes;
        var proof = new TlogProof(255, hashes, SignedNote.Parse(note)).ToString();
        var (entry, keys) = (Encoding.UTF8.GetString(log.Entries[255]) + "\n", $"{First.Verifier}\n{Second.Verifier}\n");
        var between = JsonSerializer.Serialize(
            new
            {
                from = 257,
                to = Size,
                hashes = Hashes(await reader.ConsistencyAsync(257, Size)),
            }
        );
        var elsewhere = JsonSerializer.Serialize(
            new
            {
                from = 255,
                to = Size,
                hashes = Hashes(await reader.ConsistencyAsync(255, Size)),
            }
        );

        Add(4, "a proof", proof);
        Add(4, "a proof with the line ends of Windows", Windows(proof), line: Windows(entry));
        Add(4, "an entry without its line feed", proof, line: entry.TrimEnd('\n'));
        Add(0, "a proof, and a kept checkpoint of its size", proof, note);
        Add(0, "a proof, and lines that were kept", proof, string.Concat(log.Checkpoints.Select(c => $"{Line(c.Note)}\n")));
        Add(4, "a kept checkpoint of another size", proof, small);
        Add(0, "a kept checkpoint of another size, and what ties them", proof, small, between);
        Add(0, "the same with the line ends of Windows", proof, Windows(small), Windows(between + "\n"));
        Add(4, "a kept checkpoint of another size, and what ties others", proof, small, elsewhere);
        Add(
            4,
            "a kept checkpoint of another log",
            proof,
            Of("other.example", 300).Sign(SampleLog.KeyOf("other.example", 9)).ToString(),
            between
        );
        Add(1, "a kept checkpoint of its size with another root", proof, Of(Origin, Size).Sign(Second).ToString());
        Add(
            1,
            "a kept checkpoint of another size with another root, and what ties them",
            proof,
            Of(Origin, 257).Sign(Second).ToString(),
            between
        );
        Add(1, "a kept checkpoint that somebody else signed", proof, Of(Origin, Size).Sign(SampleLog.KeyOf(Origin, 9)).ToString());
        Add(1, "a kept checkpoint that is none", proof, "none");
        Add(1, "what ties them, with other hashes", proof, small, elsewhere.Replace("255", "257", StringComparison.Ordinal));
        Add(1, "what ties them, without a hash", proof, small, """{"from":257,"to":300,"hashes":[]}""");
        Add(1, "what ties them, with a size twice", proof, small, between.Replace("{", "{\"from\":257,", StringComparison.Ordinal));
        Add(1, "what ties them, with a size that is text", proof, small, between.Replace("257", "\"257\"", StringComparison.Ordinal));
        Add(1, "what ties them is no JSON", proof, small, "{");
        Add(1, "what ties them is a list", proof, small, "[]");
        Add(1, "an entry that was altered", proof, line: entry.Replace("2025", "2024", StringComparison.Ordinal));
        Add(1, "another entry", proof, line: Encoding.UTF8.GetString(log.Entries[254]));
        Add(1, "what is no entry", proof, line: "{}\n");
        Add(1, "another index", proof.Replace("index 255", "index 254", StringComparison.Ordinal));
        Add(1, "an index with a leading zero", proof.Replace("index 255", "index 0255", StringComparison.Ordinal));
        Add(1, "an index beyond the tree", proof.Replace("index 255", "index 300", StringComparison.Ordinal));
        Add(1, "an index of more than 64 bits", proof.Replace("index 255", $"index 255{new string('0', 20)}", StringComparison.Ordinal));
        Add(1, "a proof with extra", proof.Replace("index", "extra AQID\nindex", StringComparison.Ordinal));
        Add(1, "a proof without one of its hashes", proof.Replace(hashes[0].ToBase64() + "\n", "", StringComparison.Ordinal));
        Add(
            1,
            "a proof with a hash too many",
            proof.Replace(hashes[0].ToBase64(), $"{hashes[0].ToBase64()}\n{hashes[0].ToBase64()}", StringComparison.Ordinal)
        );
        Add(
            1,
            "a proof with a hash that is cut off",
            proof.Replace(hashes[0].ToBase64(), hashes[0].ToBase64()[..8], StringComparison.Ordinal)
        );
        Add(1, "a proof with its first line alone", "c2sp.org/tlog-proof@v1\n\n" + note);
        Add(1, "nothing", "");
        Add(1, "a proof whose checkpoint was altered", proof.Replace("\n300\n", "\n301\n", StringComparison.Ordinal));
        Add(
            1,
            "a proof under a checkpoint that a retired key signed",
            new TlogProof(255, hashes, new Checkpoint(Origin, Size, await reader.RootAsync(Size)).Sign(First)).ToString(),
            keysOf: $"{new LogKey(First.Verifier, 0, ChangeOver).ToLine()}\n{Second.Verifier}\n"
        );
        return proofs;

        void Add(
            int code,
            string why,
            string proof,
            string? kept = null,
            string? consistency = null,
            string? line = null,
            string? keysOf = null
        ) =>
            proofs.Add(
                new
                {
                    code,
                    why,
                    proof,
                    entry = line ?? entry,
                    keys = keysOf ?? keys,
                    kept,
                    consistency,
                }
            );

        static string[] Hashes(ConsistencyProof proof) => [.. proof.Hashes.Select(h => h.ToBase64())];

        static string Windows(string text) => text.Replace("\n", "\r\n", StringComparison.Ordinal);

        static string Line(string note) => new CheckpointLine(SignedNote.Parse(note)).ToLine();

        static Checkpoint Of(string origin, long size) => new(origin, size, MerkleTree.LeafHash("another history"u8));
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
