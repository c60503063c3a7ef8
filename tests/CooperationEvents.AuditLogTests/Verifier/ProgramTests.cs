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
    public void An_export_that_holds_against_a_kept_checkpoint_ends_with_0_and_against_nothing_from_outside_with_4()
    {
        var kept = FileOf("last-year.note", CheckpointLine.Parse(_export.LinesOf(Export.Checkpoints)[3]).Note.ToString());

        var (code, output, _) = Run("export", Write(), "--keys", Keys(), "--checkpoints", kept);
        code.ShouldBe(Program.Holds);
        output.ShouldEndWith(
            $"VERIFIED: it holds against the checkpoint of size 700 that you kept ({kept}), of "
                + $"{SampleLog.EntryAt(_export.Entries, 699).At:yyyy-MM-dd}.\n"
        );

        (code, output, _) = Run("export", Write(), "--keys", Keys());
        code.ShouldBe(Program.OnlyItself);
        output.ShouldContain("NOT HELD TO ANYTHING: consistent with itself");
        output.ShouldContain("Checkpoints: 6 with good signatures; the newest is of size 1,337, register.example/audit/log");
    }

    [Fact]
    public void A_tar_file_is_the_same_export()
    {
        Run("export", Tar(Write()), "--keys", Keys()).Code.ShouldBe(Program.OnlyItself);

        _export.Alter(7, e => e with { Actor = "nobody" });
        var (code, output, _) = Run("export", Tar(Write()), "--keys", Keys());
        code.ShouldBe(Program.DoesNotHold);
        output.ShouldContain(
            $"WRONG  index 7 (id {Exported.IdAt(7)}): the entry was altered: the log holds another one\nNOT VERIFIED: 1 thing found "
                + $"wrong.\n"
        );
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
        var proof = FileOf(
            "a.tlog-proof",
            new TlogProof(99, (await reader.InclusionAsync(99, entries.Count)).Hashes, checkpoint).ToString()
        );
        var entry = FileOf("entry", System.Text.Encoding.UTF8.GetString(entries[99]) + "\n");
        var other = FileOf("other", System.Text.Encoding.UTF8.GetString(entries[98]));

        var kept = FileOf("kept.note", checkpoint.ToString());
        var (code, output, _) = Run("proof", proof, "--entry", entry, "--keys", Keys(), "--checkpoints", kept);
        code.ShouldBe(Program.Holds);
        Run("proof", proof, "--entry", entry, "--keys", Keys()).Code.ShouldBe(Program.OnlyItself);
        output.ShouldContain($"id {Exported.IdAt(99)} is at index 99 of register.example/audit/log, under the checkpoint of size 1,337");

        (code, output, _) = Run("proof", proof, "--entry", other, "--keys", Keys());
        code.ShouldBe(Program.DoesNotHold);
        output.ShouldContain("is not proven: The entry is not the one at index 99 of the log");
        Run("proof", entry, "--entry", entry, "--keys", Keys()).Code.ShouldBe(Program.DoesNotHold);
        Run("proof", proof, "--entry", entry, "--keys", FileOf("first", Exported.First.Verifier + "\n")).Code.ShouldBe(Program.DoesNotHold);
    }

    [Fact]
    public async Task A_proof_of_a_small_tree_signed_by_a_key_that_retired_is_tied_to_a_kept_checkpoint_by_a_proof_of_consistency()
    {
        var tree = new TreeInMemory(_export.Entries).Reader;
        var small = new Checkpoint(Exported.First.Verifier.Name, 300, await tree.RootAsync(300)).Sign(Exported.First);
        var proof = FileOf("a.tlog-proof", new TlogProof(99, (await tree.InclusionAsync(99, 300)).Hashes, small).ToString());
        var entry = FileOf("entry", System.Text.Encoding.UTF8.GetString(_export.Entries[99]));
        var kept = FileOf("kept.note", CheckpointLine.Parse(_export.LinesOf(Export.Checkpoints)[^1]).Note.ToString());
        string Consistency(params IEnumerable<Digest> hashes) =>
            FileOf(
                "consistency.json",
                $$"""{"from":300,"to":1337,"hashes":[{{string.Join(",", hashes.Select(h => $"\"{h.ToBase64()}\""))}}]}"""
            );
        var hashes = (await tree.ConsistencyAsync(300, Exported.Size)).Hashes;

        Run("proof", proof, "--entry", entry, "--keys", Keys(), "--checkpoints", kept).Code.ShouldBe(Program.OnlyItself);
        Run("proof", proof, "--entry", entry, "--keys", Keys(), "--checkpoints", kept, "--consistency", Consistency(hashes))
            .Code.ShouldBe(Program.Holds);

        var forged = new TreeInMemory([_export.Entries[99]]).Reader;
        var one = new Checkpoint(Exported.First.Verifier.Name, 1, await forged.RootAsync(1)).Sign(Exported.First);
        proof = FileOf("b.tlog-proof", new TlogProof(0, [], one).ToString());
        Run("proof", proof, "--entry", entry, "--keys", Keys(), "--checkpoints", kept).Code.ShouldBe(Program.OnlyItself);
        Run(
            "proof",
            proof,
            "--entry",
            entry,
            "--keys",
            Keys(),
            "--checkpoints",
            kept,
            "--consistency",
            FileOf("c.json", $$"""{"from":1,"to":1337,"hashes":[{{string.Join(",", hashes.Select(h => $"\"{h.ToBase64()}\""))}}]}""")
        )
            .Code.ShouldBe(Program.DoesNotHold);
    }

    [Fact]
    public async Task A_proof_of_consistency_of_other_sizes_is_told_with_what_to_ask_for()
    {
        var tree = new TreeInMemory(_export.Entries).Reader;
        var small = new Checkpoint(Exported.First.Verifier.Name, 300, await tree.RootAsync(300)).Sign(Exported.First);
        var proof = FileOf("a.tlog-proof", new TlogProof(99, (await tree.InclusionAsync(99, 300)).Hashes, small).ToString());
        var entry = FileOf("entry", System.Text.Encoding.UTF8.GetString(_export.Entries[99]));
        var kept = FileOf("kept.note", CheckpointLine.Parse(_export.LinesOf(Export.Checkpoints)[^1]).Note.ToString());
        var consistency = FileOf("consistency.json", """{"from":5,"to":7,"hashes":[]}""");
        string[] arguments = ["proof", proof, "--entry", entry, "--keys", Keys(), "--checkpoints", kept];

        var (code, output, _) = Run([.. arguments, "--consistency", consistency]);
        (code, output.Contains("WRONG", StringComparison.Ordinal)).ShouldBe((Program.OnlyItself, false));
        output.ShouldContain(
            $"Checkpoints: --consistency is of the sizes 5 and 7, and ties none in {kept} to the proof's, of size 300: give the answer of "
                + "/v1/audit/log/consistency?from=300&to=1337\n"
        );
        Run(arguments)
            .Output.ShouldContain(
                $"Checkpoints: none in {kept} has the size of the proof's, 300: tie them with --consistency, the answer of "
                    + "/v1/audit/log/consistency?from=300&to=1337\n"
            );
        var other = FileOf(
            "other.note",
            new Checkpoint("other.example", 5, MerkleTree.EmptyRoot).Sign(SampleLog.KeyOf("other.example", 4)).ToString()
        );
        Run([.. arguments[..^1], other]).Output.ShouldContain($"Checkpoints: none in {other} is of {Exported.First.Verifier.Name}\n");
    }

    [Fact]
    public async Task A_proof_and_its_entry_are_read_as_editors_of_Windows_save_them()
    {
        var tree = new TreeInMemory(_export.Entries).Reader;
        var note = CheckpointLine.Parse(_export.LinesOf(Export.Checkpoints)[^1]).Note;
        var text = new TlogProof(99, (await tree.InclusionAsync(99, Exported.Size)).Hashes, note).ToString();
        var line = System.Text.Encoding.UTF8.GetString(_export.Entries[99]);
        string Saved(string name, string content)
        {
            var path = Path.Combine(_directory.FullName, name);
            File.WriteAllText(path, content.Replace("\n", "\r\n", StringComparison.Ordinal), System.Text.Encoding.Unicode);
            return path;
        }

        var (proof, entry) = (Saved("a.tlog-proof", text), Saved("entry", line + "\n"));
        Run("proof", proof, "--entry", entry, "--keys", Keys(), "--checkpoints", Saved("kept", note.ToString()))
            .Code.ShouldBe(Program.Holds);
    }

    [Fact]
    public void A_folder_that_is_a_link_is_refused()
    {
        var export = Write();
        Directory.Move(Path.Combine(export, "tile", "0"), Path.Combine(_directory.FullName, "elsewhere"));
        Directory.CreateSymbolicLink(Path.Combine(export, "tile", "0"), Path.Combine(_directory.FullName, "elsewhere"));
        var (code, _, errors) = Run("export", export, "--keys", Keys());
        (code, errors.Contains("is a link: an export has plain files", StringComparison.Ordinal)).ShouldBe((Program.Unreadable, true));
    }

    [Theory]
    [InlineData(300, Program.Holds)]
    [InlineData(301, Program.DoesNotHold)]
    public void A_witness_may_be_ahead_of_the_verifiers_clock_by_five_minutes(int secondsAhead, int expected)
    {
        var cosigner = SigningKey.FromSeed("witness.example", Enumerable.Repeat((byte)5, 32).ToArray(), SignatureType.Cosignature);
        var keys = FileOf("with-witness", $"{Exported.First.Verifier}\n{Exported.Second.Verifier}\n{cosigner.Verifier}\n");
        var lines = _export.LinesOf(Export.Checkpoints);
        var note = CheckpointLine.Parse(lines[^1]).Note;
        var now = DateTimeOffset.FromUnixTimeSeconds(1_750_000_000);
        lines[^1] = new CheckpointLine(note.With(cosigner.Cosign(note.Text, now.AddSeconds(secondsAhead)))).ToLine();
        _export.WriteLines(Export.Checkpoints, lines);

        string[] arguments = ["export", Write(), "--keys", keys, "--witnesses", "1", "--quiet"];
        Program.Run(arguments, TextWriter.Null, TextWriter.Null, new StoppedClock(now)).ShouldBe(expected);
    }

    [Fact]
    public async Task A_publication_that_was_altered_ends_with_1_and_a_file_that_is_not_there_with_3()
    {
        var history = new FigureHistory();
        history.Add(
            "figure_published",
            new
            {
                publicationId = SampleLog.Id(4, 1),
                question = new { },
                asOf = "2023-12-31",
                position = 0,
                definition = "2",
                figure = new
                {
                    meetingsHeld = 0,
                    attendances = 0,
                    unnamed = 0,
                    staffKnown = 0,
                    staffAtLeast = 0,
                },
                sentence = "None.",
                evidence = new { count = 0, sha256 = FigureHistory.DigestOf([]) },
            }
        );
        var lines = await history.ProveAsync();
        var whole = string.Concat(lines.Select(l => l + "\n"));

        Run("publication", FileOf("whole", whole), "--keys", Keys()).Code.ShouldBe(Program.OnlyItself);
        foreach (var altered in new[] { whole.Replace("register", "registes"), whole + lines[1] + "\n", whole + "x\n", "x" + whole, "" })
        {
            var (code, output, errors) = Run("publication", FileOf("altered", altered), "--keys", Keys());
            (code, errors).ShouldBe((Program.DoesNotHold, ""), altered);
            output.ShouldContain("WRONG  ");
        }

        Run("publication", Path.Combine(_directory.FullName, "nowhere"), "--keys", Keys()).Code.ShouldBe(Program.Unreadable);
    }

    [Fact]
    public void Witnesses_the_auditor_relies_on_must_have_cosigned()
    {
        var cosigner = SigningKey.FromSeed("witness.example", Enumerable.Repeat((byte)5, 32).ToArray(), SignatureType.Cosignature);
        var keys = FileOf("with-witness", $"{Exported.First.Verifier}\n{Exported.Second.Verifier}\n{cosigner.Verifier}\n");

        var (code, output, _) = Run("export", Write(), "--keys", keys, "--witnesses", "1");
        code.ShouldBe(Program.DoesNotHold);
        output.ShouldContain("1 witness must have cosigned, and 0 of those whose keys you gave did");

        // The one of size 1,000: what comes after it, no witness has seen.
        var lines = _export.LinesOf(Export.Checkpoints);
        var note = CheckpointLine.Parse(lines[4]).Note;
        lines[4] = new CheckpointLine(note.With(cosigner.Cosign(note.Text, DateTimeOffset.FromUnixTimeSeconds(1_750_000_000)))).ToLine();
        _export.WriteLines(Export.Checkpoints, lines);
        (code, output, _) = Run("export", Write(), "--keys", keys, "--witnesses", "1");
        code.ShouldBe(Program.Holds);
        output.ShouldContain("VERIFIED: it holds against 1 witness");
        output.ShouldContain("1,000");
        Run("export", Write(), "--keys", keys, "--witnesses", "2").Code.ShouldBe(Program.DoesNotHold);
        Run("export", Write(), "--keys", Keys(), "--witnesses", "1").Code.ShouldBe(Program.DoesNotHold);

        // One of a day that is still to come saw nothing. It makes the export no worse.
        lines[4] = new CheckpointLine(note.With(cosigner.Cosign(note.Text, DateTimeOffset.UtcNow.AddDays(1)))).ToLine();
        _export.WriteLines(Export.Checkpoints, lines);
        (code, output, _) = Run("export", Write(), "--keys", keys, "--witnesses", "1");
        code.ShouldBe(Program.DoesNotHold);
        output.ShouldContain("1 witness must have cosigned, and 0 of those whose keys you gave did");
        output.ShouldContain("witness.example states a time that is still to come under 1 checkpoint: not counted");
        Run("export", Write(), "--keys", keys).Code.ShouldBe(Program.OnlyItself);
    }

    [Fact]
    public void What_an_export_kept_before_holds_must_be_there_unaltered()
    {
        var before = Write();
        Run("export", Write(), "--keys", Keys(), "--previous", before).Code.ShouldBe(Program.Holds);

        var kept = new Exported();
        kept.Alter(7, e => e with { Actor = "nobody" });
        foreach (var (path, bytes) in kept.Files)
            File.WriteAllBytes(Path.Combine(before, path), bytes);
        var (code, output, _) = Run("export", Write(), "--keys", Keys(), "--previous", before);
        code.ShouldBe(Program.DoesNotHold);
        output.ShouldContain($"index 7 (id {Exported.IdAt(7)}): the entry is another one in the previous export");
    }

    [Theory]
    [InlineData("/entries.ndjson", TarEntryType.RegularFile)]
    [InlineData("../entries.ndjson", TarEntryType.RegularFile)]
    [InlineData("entries.ndjson/", TarEntryType.RegularFile)]
    [InlineData("more", TarEntryType.RegularFile)]
    [InlineData("tile/0/../../entries.ndjson", TarEntryType.RegularFile)]
    [InlineData("tile/../../x", TarEntryType.Directory)]
    [InlineData("entries.ndjson", TarEntryType.ContiguousFile)]
    [InlineData("entries.ndjson", TarEntryType.SymbolicLink)]
    [InlineData("entries.ndjson", TarEntryType.HardLink)]
    [InlineData("entries.ndjson", TarEntryType.RegularFile)]
    [InlineData("./entries.ndjson", TarEntryType.RegularFile)]
    public void A_member_of_an_archive_that_is_no_plain_file_of_an_export_once_is_refused(string name, TarEntryType type)
    {
        var tar = Tar(Write());
        var bytes = File.ReadAllBytes(tar);
        var end = ((bytes.AsSpan().LastIndexOfAnyExcept((byte)0) / 512) + 1) * 512;
        using (var stream = File.Open(tar, FileMode.Open))
        {
            // In the place of the zeros that end the archive.
            stream.SetLength(end);
            stream.Position = end;
            using var writer = new TarWriter(stream, TarEntryFormat.Ustar, leaveOpen: true);
            var entry = new UstarTarEntry(type == TarEntryType.ContiguousFile ? TarEntryType.RegularFile : type, name);
            if (type is TarEntryType.SymbolicLink or TarEntryType.HardLink)
                entry.LinkName = "keys";
            writer.WriteEntry(entry);
        }

        if (type == TarEntryType.ContiguousFile)
            MakeContiguous(tar, end);

        Run("export", tar, "--keys", Keys()).Code.ShouldBe(Program.Unreadable);
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
    [InlineData("proof", "x", "--keys", "a", "--entry", "b", "--previous", "c")]
    [InlineData("export", "x", "--keys", "a", "--consistency", "c")]
    [InlineData("proof", "x", "--keys", "a", "--entry", "b", "--consistency", "c")]
    [InlineData("publication", "x", "--keys", "a", "--consistency", "c")]
    [InlineData("export", "x", "--keys", "a", "--witnesses", "0")]
    [InlineData("export", "x", "--keys", "a", "--witnesses", "many")]
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

    /// <summary>Makes the file whose header begins there one of type 7, which unpacks as any other file does.</summary>
    private static void MakeContiguous(string tar, int header)
    {
        var bytes = File.ReadAllBytes(tar);
        bytes[header + 156] = (byte)'7';
        bytes.AsSpan(header + 148, 8).Fill((byte)' ');
        var sum = bytes.AsSpan(header, 512).ToArray().Sum(b => b);
        System.Text.Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(bytes, header + 148);
        File.WriteAllBytes(tar, bytes);
    }

    private static string Tar(string directory)
    {
        var tar = directory + ".tar";
        TarFile.CreateFromDirectory(directory, tar, includeBaseDirectory: false);
        return tar;
    }

    private sealed class StoppedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }

    private string FileOf(string name, string content)
    {
        var path = Path.Combine(_directory.FullName, name);
        File.WriteAllText(path, content);
        return path;
    }
}
