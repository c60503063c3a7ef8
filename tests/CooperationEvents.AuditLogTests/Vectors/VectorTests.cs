using System.Text;
using System.Text.Json;
using CooperationEvents.AuditLog;
using CooperationEvents.Verifier;
using CooperationEvents.Verifier.Figures;

namespace CooperationEvents.AuditLogTests.Vectors;

/// <summary>
/// Others test against docs/vectors, so a committed file changes only when somebody means it: <c>APPROVE_VECTORS=1</c>
/// writes them anew.
/// </summary>
public sealed class VectorTests
{
    private static readonly string Vectors = Path.Combine(Repository.Root, "docs", "vectors");

    [Fact]
    public async Task The_committed_vectors_are_those_that_are_made()
    {
        var made = await VectorFiles.MakeAsync();
        if (Environment.GetEnvironmentVariable("APPROVE_VECTORS") == "1")
            Write(made);

        Directory
            .EnumerateFiles(Vectors, "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(Vectors, f))
            .Where(f => f != "README.md")
            .ShouldBe(made.Keys, ignoreOrder: true);
        foreach (var (path, bytes) in made)
            File.ReadAllBytes(Path.Combine(Vectors, path))
                .AsSpan()
                .SequenceEqual(bytes)
                .ShouldBeTrue($"{path} is another than the committed one.");
    }

    [Theory]
    [InlineData("export", null)]
    [InlineData("recovered", "LOSS:        5 entries of register.example/v1/audit/log, index 15 to 19, were lost in it")]
    public void The_verifier_takes_the_committed_exports(string export, string? fact)
    {
        var report = Verification.Run(
            Export.Open(Path.Combine(Vectors, export)),
            LogKey.ParseAll(File.ReadLines(Path.Combine(Vectors, export + ".keys"))),
            []
        );

        report.Findings.ShouldBeEmpty();
        if (fact is not null)
            report.Facts.ShouldContain(fact);
    }

    [Fact]
    public void The_verifier_counts_the_committed_figures_and_names_what_differs()
    {
        using var figures = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Vectors, "figures.json")));
        figures.RootElement.GetArrayLength().ShouldBeGreaterThan(5);
        foreach (var figure in figures.RootElement.EnumerateArray())
        {
            var publication = figure.GetProperty("publication").GetGuid();
            FigureCheck
                .Run(Export.Open(Path.Combine(Vectors, "figures")), publication)
                .Findings.Select(f => NameOf(f.Text.Split(':')[0]))
                .ShouldBe(figure.GetProperty("differs").EnumerateArray().Select(d => d.GetString()), $"publication {publication}");
        }

        static string NameOf(string item) =>
            item switch
            {
                "the number of events in the evidence" => "evidence.count",
                "the digest of the evidence" => "evidence.sha256",
                _ => item,
            };
    }

    [Fact]
    public void Committed_entries_are_taken_and_refused()
    {
        var lines = File.ReadAllText(Path.Combine(Vectors, "entries.ndjson"), Encoding.UTF8).TrimEnd('\n').Split('\n');
        var hashes = File.ReadAllLines(Path.Combine(Vectors, "leaf-hashes"));
        lines.Length.ShouldBe(hashes.Length);
        foreach (var (line, hash) in lines.Zip(hashes))
        {
            Entry.Parse(Encoding.UTF8.GetBytes(line));
            MerkleTree.LeafHash(Encoding.UTF8.GetBytes(line)).ToString().ShouldBe(hash);
        }

        using var refused = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Vectors, "refused-entries.json")));
        foreach (var one in refused.RootElement.EnumerateArray())
            Entry
                .TryParse(Encoding.UTF8.GetBytes(one.GetProperty("entry").GetString()!), out _, out _)
                .ShouldBeFalse(one.GetProperty("why").GetString());
    }

    [Fact]
    public void Committed_archives_are_taken_and_refused()
    {
        using var archives = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Vectors, "archives.json")));
        archives.RootElement.GetArrayLength().ShouldBeGreaterThan(30);
        var wrong = new List<string>();
        foreach (var archive in archives.RootElement.EnumerateArray())
        {
            var (name, expected) = (archive.GetProperty("name").GetString()!, archive.GetProperty("code").GetInt32());
            var code = Verify("export", Vector("archives", $"{name}.tar"), Vector("archives.keys"), Vector("archives.note"));
            if (code != expected)
                wrong.Add($"{name} ({archive.GetProperty("why").GetString()}) ends with {code} instead of {expected}");
        }

        wrong.ShouldBeEmpty();
    }

    [Fact]
    public void Committed_checkpoints_that_an_auditor_kept_are_taken_and_refused()
    {
        using var files = JsonDocument.Parse(File.ReadAllBytes(Vector("kept.json")));
        files.RootElement.GetArrayLength().ShouldBeGreaterThan(15);
        var (path, wrong) = (Path.GetTempFileName(), new List<string>());
        foreach (var file in files.RootElement.EnumerateArray())
        {
            File.WriteAllText(path, file.GetProperty("kept").GetString());
            var (code, expected) = (Verify("export", Vector("export"), Vector("export.keys"), path), file.GetProperty("code").GetInt32());
            if (code != expected)
                wrong.Add($"{file.GetProperty("why").GetString()}: it ends with {code} instead of {expected}");
        }

        File.Delete(path);
        wrong.ShouldBeEmpty();
    }

    [Fact]
    public void Committed_files_are_read_as_editors_and_shells_save_them()
    {
        using var files = JsonDocument.Parse(File.ReadAllBytes(Vector("saved.json")));
        files.RootElement.GetArrayLength().ShouldBeGreaterThan(30);
        var (path, wrong) = (Path.GetTempFileName(), new List<string>());
        foreach (var file in files.RootElement.EnumerateArray())
        {
            File.WriteAllBytes(path, file.GetProperty("bytes").GetBytesFromBase64());
            string[] given =
                file.GetProperty("file").GetString() == "keys"
                    ? ["--keys", path]
                    : ["--keys", Vector("export.keys"), "--checkpoints", path];
            using var errors = new StringWriter();
            var (code, expected) = (
                Program.Run(["export", Vector("export"), .. given, "--quiet"], TextWriter.Null, errors),
                file.GetProperty("code").GetInt32()
            );
            if (code != expected)
                wrong.Add($"{file.GetProperty("why").GetString()}: it ends with {code} instead of {expected}: {errors}");
        }

        File.Delete(path);
        wrong.ShouldBeEmpty();
    }

    [Fact]
    public void Committed_proofs_are_held_to_what_an_auditor_has()
    {
        using var proofs = JsonDocument.Parse(File.ReadAllBytes(Vector("proofs.json")));
        proofs.RootElement.GetArrayLength().ShouldBeGreaterThan(20);
        var wrong = new List<string>();
        var directory = Directory.CreateTempSubdirectory();
        foreach (var proof in proofs.RootElement.EnumerateArray())
        {
            List<string> arguments = ["proof", Saved("proof")!, "--entry", Saved("entry")!, "--keys", Saved("keys")!, "--quiet"];
            if (Saved("kept") is { } kept)
                arguments.AddRange(["--checkpoints", kept]);
            if (Saved("consistency") is { } consistency)
                arguments.AddRange(["--consistency", consistency]);
            using var said = new StringWriter();
            var code = Program.Run(arguments, said, said);
            if (code != proof.GetProperty("code").GetInt32())
                wrong.Add($"{proof.GetProperty("why").GetString()} ends with {code}: {said}");

            string? Saved(string name)
            {
                if (!proof.TryGetProperty(name, out var content))
                    return null;
                var path = Path.Combine(directory.FullName, name);
                File.WriteAllText(path, content.GetString());
                return path;
            }
        }

        directory.Delete(recursive: true);
        wrong.ShouldBeEmpty();
    }

    [Fact]
    public void Committed_histories_are_counted_where_they_follow()
    {
        using var histories = JsonDocument.Parse(File.ReadAllBytes(Vector("histories.json")));
        histories.RootElement.GetArrayLength().ShouldBeGreaterThan(10);
        var wrong = new List<string>();
        var directory = Directory.CreateTempSubdirectory();
        foreach (var history in histories.RootElement.EnumerateArray())
        {
            File.WriteAllText(Path.Combine(directory.FullName, Export.Entries), history.GetProperty("entries").GetString());
            using var said = new StringWriter();
            var code = Program.Run(["figure", history.GetProperty("publication").GetString()!, directory.FullName, "--quiet"], said, said);
            if (code != history.GetProperty("code").GetInt32())
                wrong.Add($"{history.GetProperty("why").GetString()} ends with {code}: {said}");
        }

        directory.Delete(recursive: true);
        wrong.ShouldBeEmpty();
    }

    [Fact]
    public void Committed_exports_that_are_signed_as_they_are_are_taken_and_refused()
    {
        using var exports = JsonDocument.Parse(File.ReadAllBytes(Vector("exports.json")));
        exports.RootElement.GetArrayLength().ShouldBeGreaterThan(40);
        var wrong = new List<string>();
        foreach (var export in exports.RootElement.EnumerateArray())
        {
            var directory = Directory.CreateTempSubdirectory();
            foreach (var file in export.GetProperty("files").EnumerateObject())
            {
                var path = Path.Combine(directory.FullName, file.Name);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.WriteAllBytes(path, file.Value.GetBytesFromBase64());
            }

            var keys = Path.Combine(directory.FullName, "trusted");
            File.WriteAllText(keys, export.GetProperty("keys").GetString());
            using var said = new StringWriter();
            var code = Program.Run(["export", directory.FullName, "--keys", keys, "--quiet"], said, said);
            if (code != export.GetProperty("code").GetInt32())
                wrong.Add($"{export.GetProperty("why").GetString()} ends with {code}: {said}");
            directory.Delete(recursive: true);
        }

        wrong.ShouldBeEmpty();
    }

    private static string Vector(params string[] path) => Path.Combine([Vectors, .. path]);

    private static int Verify(string verb, string subject, string keys, string kept) =>
        Program.Run([verb, subject, "--keys", keys, "--checkpoints", kept, "--quiet"], TextWriter.Null, TextWriter.Null);

    private static void Write(Dictionary<string, byte[]> files)
    {
        foreach (var (path, bytes) in files)
        {
            var file = Path.Combine(Vectors, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, bytes);
        }
    }
}
