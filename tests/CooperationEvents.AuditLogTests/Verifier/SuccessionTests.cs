using System.Text;
using System.Text.Json.Nodes;
using CooperationEvents.AuditLog;
using CooperationEvents.Verifier;

namespace CooperationEvents.AuditLogTests.Verifier;

/// <summary>A log of 400 entries was restored to 250, and went on under another origin.</summary>
public sealed class SuccessionTests
{
    private const string OldOrigin = "old.example/log";
    private const string NewOrigin = "new.example/log";

    private static readonly SigningKey Old = SampleLog.KeyOf(OldOrigin, 1);
    private static readonly SigningKey New = SampleLog.KeyOf(NewOrigin, 2);

    private readonly SampleLog _log = Recovered();

    [Fact]
    public void The_chain_is_followed_and_the_loss_reported()
    {
        var report = Verify();

        report.Findings.ShouldBeEmpty();
        report.Facts.ShouldContain(
            "Succession:  new.example/log took over 250 entries from old.example/log, by an operator: restored from backup"
        );
        report.Facts.ShouldContain("LOSS:        150 entries of old.example/log, index 250 to 399, were lost in it");
    }

    [Fact]
    public void A_change_of_origin_that_no_entry_tells_of_is_found()
    {
        var log = new SampleLog(OldOrigin);
        log.Grow(10);
        log.Sign(Old);
        var files = log.Files();
        var forged = new Checkpoint(NewOrigin, 10, Checkpoint.Parse(SignedNote.Parse(log.Checkpoints[0].Note).Text).Root).Sign(New);
        files[Export.Checkpoints] = [.. files[Export.Checkpoints], .. Encoding.UTF8.GetBytes(new CheckpointLine(forged).ToLine() + "\n")];
        files[Export.Keys] = KeyLines(new LogKey(Old.Verifier, 10, 10), new LogKey(New.Verifier, 10, null));

        Verify(files)
            .Findings.Select(f => f.Text)
            .ShouldBe(["new.example/log goes on where old.example/log ended, and no entry log_succeeded says so"]);
    }

    [Fact]
    public void A_checkpoint_of_the_old_log_that_promises_more_than_was_admitted_is_found()
    {
        var files = _log.Files();
        var kept = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        File.WriteAllText(kept, new Checkpoint(OldOrigin, 450, MerkleTree.EmptyRoot).Sign(Old).ToString(), new UTF8Encoding(false));

        Verification
            .Run(new ExportInMemory(files), Trusted, [kept])
            .Findings.ShouldHaveSingleItem()
            .Text.ShouldContain("promises 50 entries more than the succession admits were lost");
    }

    [Fact]
    public void A_checkpoint_of_the_old_log_that_the_new_one_does_not_keep_is_found()
    {
        var log = Recovered(tamperWithTheRestored: true);
        Verify(log.Files())
            .Findings.Select(f => f.Text)
            .ShouldBe([
                "the checkpoint of size 200 (checkpoints.ndjson, line 1) is signed, and states another root than the log has at that size: "
                    + "the log told two stories",
            ]);
    }

    [Fact]
    public void A_succession_that_is_altered_is_found()
    {
        var files = _log.Files();
        files[Export.Entries] = Encoding.UTF8.GetBytes(
            Encoding.UTF8.GetString(files[Export.Entries]).Replace("\"lost\": 150", "\"lost\": 15", StringComparison.Ordinal)
        );

        var findings = Verify(files).Findings.Select(f => f.Text).ToArray();
        findings.ShouldContain(f => f.Contains("'lost' is not what lies between", StringComparison.Ordinal));
        findings.ShouldContain($"index 250 (id {SampleLog.Id(1, 10_000)}): the entry was altered: the log holds another one");
    }

    [Fact]
    public void Origins_that_take_turns_are_found()
    {
        var files = _log.Files();
        var lines = Encoding.UTF8.GetString(files[Export.Checkpoints]).Split('\n');
        files[Export.Checkpoints] = Encoding.UTF8.GetBytes(string.Join('\n', lines[0], lines[2], lines[1], lines[3], ""));
        Verify(files)
            .Findings.ShouldContain(f =>
                f.Text.EndsWith(
                    "a checkpoint of old.example/log stands after those of new.example/log, which succeeded it",
                    StringComparison.Ordinal
                )
            );
    }

    [Fact]
    public void A_succession_without_a_loss_tells_of_none()
    {
        var report = Verify(Recovered(restored: 400).Files());
        report.Findings.ShouldBeEmpty();
        report.Facts.ShouldNotContain(f => f.StartsWith("LOSS", StringComparison.Ordinal));
        report.Lost.ShouldBe(0);
        Verify().Lost.ShouldBe(150);
    }

    [Fact]
    public void The_checkpoint_at_which_the_new_log_began_is_held_to_it() =>
        Verify(Recovered(tamperWithTheRestored: true, restored: 400).Files())
            .Findings.Select(f => f.Text.Split(',')[0])
            .ShouldBe(["the checkpoint of size 200 (checkpoints.ndjson", "the checkpoint of size 400 (checkpoints.ndjson"]);

    [Fact]
    public void A_succession_from_another_log_is_not_the_one_that_is_missing()
    {
        var other = new Checkpoint("other.example/log", 400, MerkleTree.EmptyRoot).Sign(SampleLog.KeyOf("other.example/log", 1));
        Findings(told => told["oldCheckpoint"] = other.ToString())
            .ShouldBe([
                "new.example/log goes on where old.example/log ended, and no entry log_succeeded says so",
                "index 250: it tells of a succession from other.example/log to new.example/log, and the checkpoints show none",
                "the checkpoint of size 400 (checkpoints.ndjson, line 2) is signed, and states another root than the log has at that size: "
                    + "the log told two stories",
            ]);
    }

    [Fact]
    public void An_old_checkpoint_that_its_log_did_not_sign_is_found()
    {
        Findings(told => told["oldCheckpoint"] = Of(told).Checkpoint.Sign(SampleLog.KeyOf(OldOrigin, 9)).ToString())
            .ShouldBe(["index 250: the old checkpoint in it is signed by no key you gave"]);
        Findings(told =>
            {
                told["oldCheckpoint"] = $"{told["oldCheckpoint"]}".Replace("\n400\n", "\n401\n", StringComparison.Ordinal);
                told["lost"] = 151;
            })
            .ShouldHaveSingleItem()
            .ShouldStartWith("index 250: the old checkpoint in it: The signature of old.example/log");
    }

    [Fact]
    public void A_succession_among_the_entries_it_says_were_restored_is_found() =>
        Findings(told => (told["restoredSize"], told["lost"]) = (300, 100))
            .ShouldBe(["index 250: it stands among the 300 entries that were there before it"]);

    [Theory]
    [InlineData(250)]
    [InlineData(400)]
    public void An_old_checkpoint_that_is_not_the_one_the_export_has_is_found(int restored) =>
        Findings(told => told["oldCheckpoint"] = new Checkpoint(OldOrigin, 400, MerkleTree.EmptyRoot).Sign(Old).ToString(), restored)
            .ShouldBe([
                "the checkpoint of size 400 (checkpoints.ndjson, line 2) and the one in the succession have the same size and other roots",
            ]);

    private static string[] Findings(Action<JsonObject> tell, int restored = 250) =>
        [.. Verify(Recovered(restored: restored, tell: tell).Files()).Findings.Select(f => f.Text)];

    private static CheckpointLine Of(JsonObject told) => new(SignedNote.Parse($"{told["oldCheckpoint"]}"));

    private static LogKey[] Trusted => [LogKey.Always(Old.Verifier), LogKey.Always(New.Verifier)];

    private static SampleLog Recovered(bool tamperWithTheRestored = false, int restored = 250, Action<JsonObject>? tell = null)
    {
        var log = new SampleLog(OldOrigin);
        log.Grow(200);
        log.Sign(Old);
        log.Grow(200);
        log.Sign(Old);
        log.Succeed(NewOrigin, restored, tamperWithTheRestored ? e => e with { Actor = "nobody" } : null, tell);
        log.Sign(New);
        log.Grow(40);
        log.Sign(New);
        log.Keys.AddRange([new LogKey(Old.Verifier, 200, 400), new LogKey(New.Verifier, restored + 1, null)]);
        return log;
    }

    private static byte[] KeyLines(params LogKey[] keys) => SampleLog.Lines(keys.Select(k => Encoding.UTF8.GetBytes(k.ToLine())));

    private static Report Verify(Dictionary<string, byte[]> files) => Verification.Run(new ExportInMemory(files), Trusted, []);

    private Report Verify() => Verify(_log.Files());
}
