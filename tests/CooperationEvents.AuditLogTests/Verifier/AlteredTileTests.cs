using CooperationEvents.AuditLog;
using CooperationEvents.Verifier;

namespace CooperationEvents.AuditLogTests.Verifier;

public sealed class AlteredTileTests
{
    private readonly Exported _export = new();

    [Theory]
    [InlineData("tile/0/000", 7, "for the entries at index 7")]
    [InlineData("tile/0/003", 255, "for the entries at index 1023")]
    [InlineData("tile/0/005.p/57", 56, "for the entries at index 1336")]
    [InlineData("tile/1/000.p/5", 3, "for the entries at index 768 to 1023")]
    public void A_flipped_tile_is_named_with_the_entries_of_the_hash(string path, int place, string entries)
    {
        Flip(path, place);
        _export.Findings().ShouldBe([$"{path} holds another hash than the entries make, {entries}; the entries are proven"]);
    }

    [Theory]
    [InlineData(5, "7, 8, 9, 10, 11")]
    [InlineData(6, "7, 8, 9, 10, 11 and 1 more")]
    public void Of_many_hashes_of_a_tile_the_first_five_are_named(int count, string entries)
    {
        for (var place = 7; place < 7 + count; place++)
            Flip("tile/0/000", place);
        _export
            .Findings()
            .ShouldBe([$"tile/0/000 holds another hash than the entries make, for the entries at index {entries}; the entries are proven"]);
    }

    [Fact]
    public void A_tile_that_is_missing_cut_off_or_added_is_named()
    {
        _export.Files.Remove("tile/0/002");
        _export.Files["tile/1/000.p/5"] = _export.Files["tile/1/000.p/5"][..^1];
        _export.Files["tile/0/005.p/58"] = new byte[58 * 32];
        _export.Files["tile/0/notes.txt"] = [];

        _export
            .Findings()
            .ShouldBe([
                "tile/0/005.p/58 is no tile of a tree of 1337 entries: it was added",
                "tile/0/notes.txt is no tile of a tree of 1337 entries: it was added",
                "tile/0/002 is missing; the entries are proven",
                "tile/1/000.p/5 has 159 bytes instead of 160; the entries are proven",
            ]);
    }

    [Fact]
    public void Two_swapped_tiles_are_both_named()
    {
        (_export.Files["tile/0/001"], _export.Files["tile/0/002"]) = (_export.Files["tile/0/002"], _export.Files["tile/0/001"]);
        _export.Verify().Findings.Select(f => f.Text.Split(' ')[0]).ShouldBe(["tile/0/001", "tile/0/002"]);
    }

    [Fact]
    public void A_tile_altered_does_not_hide_an_entry_altered_elsewhere()
    {
        Flip("tile/0/002", 9);
        _export.Alter(1_100, e => e with { Actor = "nobody" });

        _export
            .Findings()
            .ShouldBe([
                "tile/0/002 does not hash to what the tile above it says",
                $"index 1100 (id {Exported.IdAt(1_100)}): the entry was altered: the log holds another one",
            ]);
    }

    [Fact]
    public void A_higher_tile_altered_is_made_up_for_by_those_below()
    {
        Flip("tile/1/000.p/5", 1);
        _export.Alter(300, e => e with { Actor = "nobody" });

        _export
            .Findings()
            .ShouldBe([
                "tile/1/000.p/5 holds other hashes than the checkpoint vouches for",
                $"index 300 (id {Exported.IdAt(300)}): the entry was altered: the log holds another one",
            ]);
    }

    [Fact]
    public void A_partial_tile_altered_is_made_up_for_by_its_entries()
    {
        Flip("tile/0/005.p/57", 1);
        _export.Alter(300, e => e with { Actor = "nobody" });

        _export
            .Findings()
            .ShouldBe([
                "tile/0/005.p/57 holds other hashes than the checkpoint vouches for",
                $"index 300 (id {Exported.IdAt(300)}): the entry was altered: the log holds another one",
            ]);
    }

    /// <summary>The tile is 768 to 1,023, and a checkpoint of size 1,000 lies in it.</summary>
    [Theory]
    [InlineData(990, 768, 999)]
    [InlineData(1_010, 1_000, 1_023)]
    public void An_entry_altered_with_its_tile_is_confined_to_what_lies_between_good_checkpoints(int index, int first, int last)
    {
        Entry altered = Entry.Parse(_export.Entries[index]) with { Actor = "nobody" };
        _export.Alter(index, _ => altered);
        _export.Files["tile/0/003"] = SampleLog.TilesOf(_export.Entries)["tile/0/003"];

        var findings = _export.Findings();
        findings.Length.ShouldBe(2);
        findings[0].ShouldBe("tile/0/003 does not hash to what the tile above it says");
        findings[1]
            .ShouldStartWith(
                $"something at index {first} to {last} (ids {Exported.IdAt(first)} to {Exported.IdAt(last)}) was altered, and its tile "
                    + $"with it"
            );
    }

    [Fact]
    public void An_entry_missing_with_its_tile_altered_is_confined_too()
    {
        Flip("tile/0/003", 5);
        _export.Entries.RemoveAt(800);
        _export.WriteEntries();

        var findings = _export.Findings();
        findings.ShouldContain(f => f.StartsWith("something at index 768 to 999", StringComparison.Ordinal));
        findings.ShouldAllBe(f => !f.StartsWith("index", StringComparison.Ordinal));
    }

    [Fact]
    public void A_history_rewritten_with_all_its_tiles_is_confined_by_the_checkpoints()
    {
        _export.Alter(720, e => e with { Actor = "nobody" });
        _export.RewriteTiles();

        _export
            .Findings()
            .ShouldBe([
                "something at index 700 to 999 was altered, and the tiles with it: the checkpoint of size 700 still agrees, the checkpoint "
                    + "of size 1,000 (checkpoints.ndjson, line 5) no longer does",
                "no checkpoint vouches for the entries at index 700 to 1336 as they are",
            ]);
    }

    [Fact]
    public void A_rewritten_history_whose_entries_were_altered_again_is_found_in_both()
    {
        _export.Alter(1_100, e => e with { Actor = "nobody" });
        _export.RewriteTiles();
        _export.Alter(1_200, e => e with { Actor = "nobody" });
        _export.Alter(100, e => e with { Actor = "nobody" });

        var findings = _export.Findings();
        findings.ShouldContain($"index 100 (id {Exported.IdAt(100)}): the entry was altered: the log holds another one");
        findings.ShouldContain(f => f.StartsWith("something at index 1000 to 1336 was altered", StringComparison.Ordinal));
        findings.ShouldContain(
            $"index 1200 (id {Exported.IdAt(1_200)}): the entry is not the one its tile holds, and no checkpoint vouches for either"
        );
    }

    [Fact]
    public void Without_any_tile_an_altered_entry_is_confined_by_the_checkpoints()
    {
        foreach (var path in _export.Files.Keys.Where(p => p.StartsWith("tile/", StringComparison.Ordinal)).ToList())
            _export.Files.Remove(path);
        _export.Alter(720, e => e with { Actor = "nobody" });

        _export
            .Verify()
            .Findings.Where(f => f.Kind == Kind.Range)
            .ShouldContain(f => f.Text.StartsWith("something at index 700 to 999", StringComparison.Ordinal));
    }

    private void Flip(string path, int place) => _export.Files[path][place * 32 + 3] ^= 0x20;
}
