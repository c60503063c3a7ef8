using System.Formats.Tar;
using CooperationEvents.AuditLog;
using CooperationEvents.AuditLogTests.AuditLog;
using CooperationEvents.Verifier;

namespace CooperationEvents.AuditLogTests.Verifier;

public sealed class ProgramTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory();
    private readonly Exported _export = new();

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void An_export_that_holds_ends_with_0()
    {
        var (code, output, _) = Run("export", Write(), "--keys", Keys());

        code.ShouldBe(Program.Holds);
        output.ShouldEndWith("VERIFIED: everything holds.\n");
        output.ShouldContain("Checkpoints: 6 with good signatures; the newest is of size 1,337, register.example/audit/log");
    }

    [Fact]
    public void A_tar_file_is_the_same_export()
    {
        Run("export", Tar(Write()), "--keys", Keys()).Code.ShouldBe(Program.Holds);

        _export.Alter(7, e => e with { Actor = "nobody" });
        var (code, output, _) = Run("export", Tar(Write()), "--keys", Keys());
        code.ShouldBe(Program.DoesNotHold);
        output.ShouldContain($"WRONG  index 7 (id {Exported.IdAt(7)}): the entry was altered: the log holds another one\nNOT VERIFIED: 1 thing found wrong.\n");
    }

    [Fact]
    public void A_tar_file_cut_off_is_unreadable_or_wrong()
    {
        var tar = Tar(Write());
        using (var stream = File.OpenWrite(tar))
            stream.SetLength(stream.Length / 2);

        Run("export", tar, "--keys", Keys()).Code.ShouldNotBe(Program.Holds);
    }

    [Fact]
    public void More_findings_than_are_worth_reading_are_counted()
    {
        _export.Entries.Clear();
        _export.WriteEntries();
        var (code, output, _) = Run("export", Write(), "--keys", Keys());

        code.ShouldBe(Program.DoesNotHold);
        output.ShouldContain("… and 337 more\nNOT VERIFIED: 1,337 things found wrong.\n");
    }

    [Fact]
    public async Task A_proof_is_held_to_its_entry()
    {
        var entries = _export.Entries;
        var reader = new TreeInMemory(entries).Reader;
        var checkpoint = CheckpointLine.Parse(_export.LinesOf(Export.Checkpoints)[^1]).Note;
        var proof = FileOf("a.tlog-proof", new TlogProof(99, (await reader.InclusionAsync(99, entries.Count)).Hashes, checkpoint).ToString());
        var entry = FileOf("entry", System.Text.Encoding.UTF8.GetString(entries[99]) + "\n");
        var other = FileOf("other", System.Text.Encoding.UTF8.GetString(entries[98]));

        var (code, output, _) = Run("proof", proof, "--entry", entry, "--keys", Keys());
        code.ShouldBe(Program.Holds);
        output.ShouldContain($"id {Exported.IdAt(99)} is at index 99 of register.example/audit/log, under the checkpoint of size 1,337");

        (code, output, _) = Run("proof", proof, "--entry", other, "--keys", Keys());
        code.ShouldBe(Program.DoesNotHold);
        output.ShouldContain("is not proven: The entry is not the one at index 99 of the log");
        Run("proof", entry, "--entry", entry, "--keys", Keys()).Code.ShouldBe(Program.DoesNotHold);
        Run("proof", proof, "--entry", entry, "--keys", FileOf("first", Exported.First.Verifier + "\n")).Code.ShouldBe(Program.DoesNotHold);
    }

    [Theory]
    [InlineData]
    [InlineData("export")]
    [InlineData("export", "x")]
    [InlineData("look", "x", "--keys", "k")]
    [InlineData("export", "x", "--keys")]
    [InlineData("export", "x", "--keys", "a", "--keys", "b")]
    [InlineData("export", "x", "--keys", "a", "--entry", "b")]
    [InlineData("proof", "x", "--keys", "a")]
    [InlineData("proof", "x", "--keys", "a", "--entry", "b", "--checkpoints", "c")]
    [InlineData("export", "x", "--keys", "a", "--fast")]
    public void A_command_that_makes_no_sense_ends_with_2_and_the_help(params string[] arguments)
    {
        var (code, _, errors) = Run(arguments);
        code.ShouldBe(Program.NoSense);
        errors.ShouldContain("cooperation-verify export");
    }

    [Fact]
    public void What_cannot_be_read_ends_with_3()
    {
        Run("export", Path.Combine(_directory.FullName, "nowhere"), "--keys", Keys()).Code.ShouldBe(Program.Unreadable);
        Run("export", Write(), "--keys", Path.Combine(_directory.FullName, "nowhere")).Code.ShouldBe(Program.Unreadable);
        Run("export", Write(), "--keys", FileOf("no-keys", "hello\n")).Errors.ShouldContain("'hello' is no verifier key");
        Run("export", FileOf("no-tar", new string('x', 2_000)), "--keys", Keys()).Code.ShouldBe(Program.Unreadable);
    }

    [Fact]
    public void Help_is_given_to_who_asks() => Run("--help").ShouldBe((Program.Holds, CommandLine.Help + "\n", ""));

    private static (int Code, string Output, string Errors) Run(params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var errors = new StringWriter { NewLine = "\n" };
        return (Program.Run(arguments, output, errors), output.ToString(), errors.ToString());
    }

    private string Keys() => FileOf("trusted", $"# register.example\n{Exported.First.Verifier}\n{Exported.Second.Verifier}\n");

    private string Write()
    {
        var root = Path.Combine(_directory.FullName, Path.GetRandomFileName());
        foreach (var (path, bytes) in _export.Files)
        {
            var file = Path.Combine(root, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, bytes);
        }

        return root;
    }

    private static string Tar(string directory)
    {
        var tar = directory + ".tar";
        TarFile.CreateFromDirectory(directory, tar, includeBaseDirectory: false);
        return tar;
    }

    private string FileOf(string name, string content)
    {
        var path = Path.Combine(_directory.FullName, name);
        File.WriteAllText(path, content);
        return path;
    }
}
