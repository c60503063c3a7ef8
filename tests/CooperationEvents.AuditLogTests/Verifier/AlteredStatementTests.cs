using System.Text;
using CooperationEvents.AuditLog;
using CooperationEvents.Verifier;

namespace CooperationEvents.AuditLogTests.Verifier;

/// <summary>What the log states of itself: checkpoints and keys.</summary>
public sealed class AlteredStatementTests
{
    private readonly Exported _export = new();

    [Fact]
    public void A_checkpoint_whose_root_was_altered_is_not_signed()
    {
        AlterLine(Export.Checkpoints, 3, l => l.Replace(RootAt(3), MerkleTree.EmptyRoot.ToBase64(), StringComparison.Ordinal));
        _export
            .Findings()
            .ShouldContain(f =>
                f.StartsWith("checkpoints.ndjson, line 4: The signature of register.example/audit/log", StringComparison.Ordinal)
            );
    }

    [Fact]
    public void A_checkpoint_signed_with_another_root_shows_that_the_log_told_two_stories()
    {
        var forged = new Checkpoint(Exported.First.Verifier.Name, 300, MerkleTree.EmptyRoot).Sign(Exported.First);
        AlterLine(Export.Checkpoints, 2, _ => new CheckpointLine(forged).ToLine());

        const string TwoStories =
            "the checkpoint of size 300 (checkpoints.ndjson, line 3) is signed, and states another root than the log has at that size: the "
            + "log told two stories";
        _export.Findings().ShouldBe([TwoStories]);
        _export.Alter(1_200, e => e with { Actor = "nobody" });
        _export.Findings().ShouldContain(TwoStories);
    }

    [Fact]
    public void A_size_that_is_not_the_notes_own_is_found()
    {
        AlterLine(Export.Checkpoints, 3, l => l.Replace("\"size\":700", "\"size\":701", StringComparison.Ordinal));
        _export.Findings().ShouldContain("checkpoints.ndjson, line 4: The size 701 is not the one in the note, 700.");
    }

    [Fact]
    public void Checkpoints_out_of_order_or_repeated_are_found()
    {
        var lines = _export.LinesOf(Export.Checkpoints);
        _export.WriteLines(Export.Checkpoints, [lines[0], lines[2], lines[1], lines[3], lines[4], lines[5]]);
        _export.Findings().ShouldBe(["checkpoints.ndjson, line 3: the size 1 does not ascend; 300 stands before it"]);

        _export.WriteLines(Export.Checkpoints, [.. lines, lines[5]]);
        _export.Findings().ShouldBe(["checkpoints.ndjson, line 7: the size 1337 does not ascend; 1337 stands before it"]);
    }

    [Fact]
    public void Without_its_newest_checkpoint_the_entries_lie_beyond()
    {
        _export.WriteLines(Export.Checkpoints, _export.LinesOf(Export.Checkpoints)[..^1]);
        _export
            .Findings()
            .ShouldContain(
                $"line 1001 (id {Exported.IdAt(1_000)}): the entry lies beyond the newest checkpoint of 1000 entries: no signature covers "
                    + $"it"
            );
    }

    [Fact]
    public void An_export_cut_off_as_a_whole_is_found_by_a_checkpoint_that_was_kept()
    {
        var newest = _export.LinesOf(Export.Checkpoints)[^1];
        _export.WriteLines(Export.Checkpoints, _export.LinesOf(Export.Checkpoints)[..^1]);
        _export.Entries.RemoveRange(1_000, 337);
        _export.WriteEntries();
        _export.RewriteTiles();
        _export.Findings().ShouldBeEmpty();

        Keep(newest + "\n");
        _export
            .Findings()
            .ShouldHaveSingleItem()
            .ShouldContain("is larger than the newest one of the export: the export is cut off, or older than the checkpoint");
    }

    [Fact]
    public void A_history_rewritten_and_signed_again_is_found_by_a_checkpoint_that_was_kept()
    {
        var kept = CheckpointLine.Parse(_export.LinesOf(Export.Checkpoints)[4]).Note.ToString();
        _export.Alter(720, e => e with { Actor = "nobody" });
        _export.RewriteTiles();
        SignAgain();
        _export.Findings().ShouldBeEmpty();

        Keep(kept);
        _export.Findings().ShouldHaveSingleItem().ShouldContain("the log told two stories");
    }

    [Fact]
    public void A_line_of_the_anchor_that_stands_twice_is_nothing_wrong_and_one_with_another_root_tells_two_stories()
    {
        var lines = _export.LinesOf(Export.Checkpoints);
        Keep($"{lines[3]}\n{lines[4]}\n{lines[3]}\n{lines[4]}\n{lines[5]}\n");
        _export.Findings().ShouldBeEmpty();
        _export.Kept.Clear();

        var other = new CheckpointLine(new Checkpoint(Exported.Second.Verifier.Name, 1_000, MerkleTree.EmptyRoot).Sign(Exported.Second));
        Keep($"{lines[4]}\n{lines[5]}\n{other.ToLine()}\n");
        var file = _export.Kept[0];
        _export
            .Findings()
            .ShouldBe([
                $"{file}, line 3: the checkpoint of size 1000 has another root than the one in line 1: the log told two stories",
                $"the checkpoint of size 1,000 ({file}, line 3) is signed, and states another root than the log has at that size: the log "
                    + "told two stories",
            ]);
    }

    [Fact]
    public void A_line_that_nobody_signed_is_no_second_story()
    {
        var lines = _export.LinesOf(Export.Checkpoints);
        var forged = new Checkpoint(Exported.Second.Verifier.Name, 1_000, MerkleTree.EmptyRoot).Sign(
            SampleLog.KeyOf(Exported.Second.Verifier.Name, 9)
        );
        Keep($"{lines[4]}\n{new CheckpointLine(forged).ToLine()}\n");
        _export
            .Findings()
            .ShouldBe([
                $"{_export.Kept[0]}, line 2: the checkpoint of size 1000 is signed by no key you gave",
                $"{_export.Kept[0]}, line 2: the size 1000 does not ascend; 1000 stands before it",
            ]);
    }

    [Fact]
    public void Keys_that_the_export_does_not_state_at_all_are_named()
    {
        _export.Files[Export.Keys] = "\n"u8.ToArray();
        _export.Findings().Count(f => f.EndsWith("which you gave, is not in it", StringComparison.Ordinal)).ShouldBe(2);
    }

    [Fact]
    public void An_export_rests_on_the_largest_checkpoint_of_a_file_and_not_on_one_of_an_empty_log()
    {
        Keep(_export.LinesOf(Export.Checkpoints)[0] + "\n");
        _export.Verify().Basis.ShouldBeEmpty();
        Keep(string.Concat(_export.LinesOf(Export.Checkpoints)[1..4].Select(l => l + "\n")));
        _export.Verify().Basis.ShouldHaveSingleItem().ShouldStartWith("the checkpoint of size 700 that you kept");
    }

    [Fact]
    public void A_checkpoint_kept_of_another_log_is_refused()
    {
        Keep(new Checkpoint("other.example", 0, MerkleTree.EmptyRoot).Sign(SampleLog.KeyOf("other.example", 4)).ToString());
        _export.Findings().ShouldHaveSingleItem().ShouldContain("is of other.example, a log the export knows nothing of");
    }

    [Fact]
    public void A_key_that_signs_outside_its_range_is_found()
    {
        AlterLine(Export.Checkpoints, 4, l => SignedBy(l, Exported.First, Exported.Second));
        _export
            .Findings()
            .ShouldContain(f =>
                f.Contains("checkpoint of size 1000 is signed by the key", StringComparison.Ordinal)
                && f.EndsWith("which signs only 0 to 700", StringComparison.Ordinal)
            );
    }

    [Fact]
    public void The_checkpoint_of_a_change_over_needs_both_signatures()
    {
        AlterLine(Export.Checkpoints, 3, l => SignedBy(l, Exported.Second));
        _export
            .Findings()
            .ShouldContain(f => f.Contains("checkpoint of size 700 lacks the signature of the key", StringComparison.Ordinal));
    }

    [Fact]
    public void A_checkpoint_by_a_key_that_was_not_given_proves_nothing()
    {
        _export.Trusted = [LogKey.Always(Exported.First.Verifier)];
        var report = _export.Verify();
        report.Findings.ShouldContain(f =>
            f.Text == "checkpoints.ndjson, line 5: the checkpoint of size 1000 is signed by no key you gave"
        );
        report.Facts.ShouldContain(f => f.Contains("a key you did not give", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_any_good_checkpoint_nothing_is_proven()
    {
        _export.Trusted = [LogKey.Always(SampleLog.KeyOf("register.example/audit/log", 9).Verifier)];
        _export.Findings().ShouldContain("no checkpoint has good signatures: nothing is proven");
        _export.Files.Remove(Export.Checkpoints);
        _export.Findings().ShouldContain(f => f.StartsWith("checkpoints.ndjson is missing", StringComparison.Ordinal));
    }

    [Fact]
    public void Keys_altered_left_out_or_missing_are_found()
    {
        var lines = _export.LinesOf(Export.Keys);
        _export.WriteLines(Export.Keys, [lines[0].Replace("\"lastSize\":700", "\"lastSize\":701", StringComparison.Ordinal), lines[1]]);
        _export
            .Findings()
            .ShouldContain(f => f.EndsWith("signed the sizes 0 to 700, and 0 to 701 are stated for it", StringComparison.Ordinal));
        _export.WriteLines(Export.Keys, [lines[0], lines[1].Replace("\"firstSize\":700", "\"firstSize\":699", StringComparison.Ordinal)]);
        _export
            .Findings()
            .ShouldContain(f => f.EndsWith("signed the sizes 700 to 1337, and 699 to now are stated for it", StringComparison.Ordinal));
        _export.WriteLines(Export.Keys, [lines[0]]);
        _export.Findings().ShouldContain(f => f.EndsWith("which you gave, is not in it", StringComparison.Ordinal));
        _export.WriteLines(Export.Keys, [lines[0], lines[1], lines[1]]);
        _export.Findings().ShouldContain(f => f.EndsWith("stands there twice", StringComparison.Ordinal));
        _export.Files.Remove(Export.Keys);
        _export.Findings().ShouldContain("the file 'keys' is missing");
    }

    [Theory]
    [InlineData(Export.Keys)]
    [InlineData(Export.Checkpoints)]
    public void A_last_line_feed_that_is_missing_is_found(string path)
    {
        _export.Files[path] = _export.Files[path][..^1];
        _export.Findings().ShouldBe([$"{path}: the last line does not end in a line feed: the file was cut off"]);
    }

    [Fact]
    public void What_the_auditor_knows_of_a_key_must_be_what_the_export_says()
    {
        _export.Trusted = [new LogKey(Exported.First.Verifier, 0, 300), new LogKey(Exported.Second.Verifier, 300, null)];
        _export
            .Findings()
            .ShouldContain(f => f.EndsWith("signs 0 to 700 by the export, and 0 to 300 by the keys you gave", StringComparison.Ordinal));
        _export.Trusted =
        [
            new LogKey(Exported.First.Verifier, 0, 700),
            new LogKey(Exported.Second.Verifier, 700, null),
            LogKey.Always(SampleLog.KeyOf("other.example", 1).Verifier),
        ];
        _export.Findings().ShouldHaveSingleItem().ShouldEndWith("is of other.example, a log the export knows nothing of");
    }

    [Fact]
    public void Cosignatures_of_witnesses_are_counted_and_false_ones_found()
    {
        var witness = SigningKey.FromSeed("witness.example", Enumerable.Repeat((byte)5, 32).ToArray(), SignatureType.Cosignature);
        _export.Trusted = [.. _export.Trusted, LogKey.Always(witness.Verifier)];
        _export.Verify().Facts.ShouldContain(f => f.EndsWith("witness.example cosigned none of them", StringComparison.Ordinal));

        AlterLine(Export.Checkpoints, 4, l =>
        {
            var note = CheckpointLine.Parse(l).Note;
            return new CheckpointLine(
                note.With(witness.Cosign(note.Text, new DateTimeOffset(2025, 5, 6, 7, 8, 9, TimeSpan.Zero)))
            ).ToLine();
        });
        var report = _export.Verify();
        report.Findings.ShouldBeEmpty();
        report.Facts.ShouldContain(f =>
            f.EndsWith("witness.example cosigned 1; the largest has size 1,000, seen 2025-05-06 07:08:09Z", StringComparison.Ordinal)
        );

        AlterLine(Export.Checkpoints, 3, l =>
        {
            var note = CheckpointLine.Parse(l).Note;
            return new CheckpointLine(note.With(witness.Cosign("another\n", DateTimeOffset.UnixEpoch))).ToLine();
        });
        _export.Findings().ShouldContain(f => f.Contains("The signature of witness.example", StringComparison.Ordinal));
    }

    private static string SignedBy(string line, params SigningKey[] keys) =>
        new CheckpointLine(CheckpointLine.Parse(line).Checkpoint.Sign(keys)).ToLine();

    private void SignAgain()
    {
        var range = new CompactRange();
        var lines = new List<string>();
        for (var i = 0; i <= _export.Entries.Count; i++)
        {
            if (Exported.Sizes.Contains(i))
                lines.Add(
                    new CheckpointLine(
                        new Checkpoint(Exported.First.Verifier.Name, i, range.Root).Sign(
                            i < 700 ? [Exported.First]
                            : i == 700 ? [Exported.First, Exported.Second]
                            : [Exported.Second]
                        )
                    ).ToLine()
                );
            if (i < _export.Entries.Count)
                range.Append(MerkleTree.LeafHash(_export.Entries[i]));
        }

        _export.WriteLines(Export.Checkpoints, lines);
    }

    private void Keep(string checkpoint)
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        File.WriteAllText(path, checkpoint, new UTF8Encoding(false));
        _export.Kept.Add(path);
    }

    private void AlterLine(string path, int line, Func<string, string> alter)
    {
        var lines = _export.LinesOf(path);
        var altered = alter(lines[line]);
        altered.ShouldNotBe(lines[line]);
        lines[line] = altered;
        _export.WriteLines(path, lines);
    }

    private string RootAt(int line) => CheckpointLine.Parse(_export.LinesOf(Export.Checkpoints)[line]).Checkpoint.Root.ToBase64();
}
