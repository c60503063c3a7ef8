using CooperationEvents.AuditLog;
using CooperationEvents.Verifier;
using CsCheck;

namespace CooperationEvents.AuditLogTests.Verifier;

/// <summary>Whatever is done to the entries, the report tells what was done and no more.</summary>
public sealed class DiagnosisTests
{
    private enum Change
    {
        None,
        Alter,
        Remove,
        Add,
        Swap,
    }

    private static readonly Gen<(Change Change, int Count)> Changes = Gen.Select(
        Gen.Enum<Change>(),
        Gen.Frequency((9, Gen.Int[1, 4]), (1, Gen.Int[5, 60]))
    );

    /// <summary>Changes with three entries or more between them.</summary>
    [Fact]
    public void Changes_that_lie_apart_are_told_as_they_were_made() =>
        Gen.Select(Changes, Gen.Int[3, 300])
            .Array[1, 12]
            .Sample(
                changes =>
                {
                    var edit = new Edit();
                    foreach (var ((change, count), distance) in changes)
                        edit.Make(change, change == Change.Swap ? 1 : count, distance);
                    edit.Findings().ShouldBe(edit.Expected, ignoreOrder: true);
                },
                iter: 20
            );

    /// <summary>What was altered is then told as altered, or as one that is missing and one that was added.</summary>
    [Fact]
    public void Changes_close_to_each_other_are_told_by_little_more_than_were_made() =>
        Gen.Select(Gen.Select(Changes.Where(c => c.Change != Change.Swap), Gen.Int[0, 2]).Array[2, 12], Gen.Int[0, 1_000])
            .Sample(
                (changes, start) =>
                {
                    var edit = new Edit();
                    edit.Make(Change.None, 0, start);
                    foreach (var ((change, count), distance) in changes)
                        edit.Make(change, Math.Min(count, 4), distance);
                    var findings = edit.Findings();
                    var altered = edit.Expected.Count(e => e.Contains("altered", StringComparison.Ordinal));
                    findings.Length.ShouldBeLessThanOrEqualTo(edit.Expected.Count + altered);
                    (findings.Length == 0).ShouldBe(edit.Expected.Count == 0);
                },
                iter: 20
            );

    [Fact]
    public void One_missing_and_another_added_close_to_it_are_told_as_that()
    {
        var edit = new Edit();
        edit.Make(Change.Remove, 1, 50);
        edit.Make(Change.Add, 1, 2);
        edit.Findings().ShouldBe(edit.Expected, ignoreOrder: true);
    }

    [Theory]
    [InlineData(nameof(Change.Remove))]
    [InlineData(nameof(Change.Add))]
    public void An_altered_entry_beside_one_that_is_missing_or_added_is_told_as_altered(string change)
    {
        var edit = new Edit();
        edit.Make(Change.Alter, 2, 50);
        edit.Make(Enum.Parse<Change>(change), 1, 0);
        edit.Findings().ShouldBe(edit.Expected, ignoreOrder: true);
    }

    [Fact]
    public void Entries_in_a_row_that_changed_places_with_others_are_each_told_with_their_places()
    {
        var export = new Exported();
        int[] first = [20, 21, 22, 23],
            second = [220, 221, 222, 223];
        foreach (var (one, other) in first.Zip(second))
            (export.Entries[one], export.Entries[other]) = (export.Entries[other], export.Entries[one]);
        export.WriteEntries();

        export
            .Findings()
            .ShouldBe(
                from pair in first.Zip(second).Concat(second.Zip(first))
                let id = Exported.IdAt(pair.Second)
                select $"index {pair.First} (id {id}): the entry stands in another's place; the log holds it at index {pair.Second}"
            );
    }

    /// <summary>What stands between the two places only made room.</summary>
    [Theory]
    [InlineData(50, 52, 53)]
    [InlineData(50, 56, 57)]
    [InlineData(52, 50, 50)]
    [InlineData(56, 50, 50)]
    public void An_entry_that_moved_is_the_only_one_that_is_told(int from, int to, int before)
    {
        var export = new Exported();
        var moved = export.Entries[from];
        export.Entries.RemoveAt(from);
        export.Entries.Insert(to, moved);
        export.WriteEntries();

        string[] expected =
        [
            $"index {before} (id {Exported.IdAt(from)}): the entry stands in another's place; the log holds it at index {from}",
        ];
        export.Findings().ShouldBe(expected);
    }

    /// <summary>Entries and log agree again too far away to be found: every place where another entry stands is told instead.</summary>
    [Fact]
    public void More_entries_missing_than_are_searched_for_are_told_place_by_place()
    {
        var edit = new Edit();
        edit.Make(Change.Remove, 700, 0);
        var findings = edit.Findings();
        findings.Length.ShouldBe(700);
        findings[0].ShouldBe($"index 0 (id {Exported.IdAt(700)}): the entry stands in another's place; the log holds it at index 700");
        findings[^1].ShouldBe($"index 699: the entry is missing after the one with id {Exported.IdAt(1_336)}; only its hash is left");
    }

    [Fact]
    public void An_entry_far_into_a_large_log_is_told_like_any_other()
    {
        var log = new SampleLog();
        log.Grow(2_700);
        log.Sign(Exported.First);
        log.Keys.Add(new LogKey(Exported.First.Verifier, log.Size, null));
        var (files, entries) = (log.Files(), log.Entries.ToList());
        foreach (var index in new[] { 2, 2_500, 2_600 })
            entries[index] = (Entry.Parse(entries[index]) with { Actor = "nobody" }).ToBytes();
        files[Export.Entries] = SampleLog.Lines(entries);

        Verification
            .Run(new ExportInMemory(files), [LogKey.Always(Exported.First.Verifier)], [])
            .Findings.Select(f => f.Text.Split(' ')[1])
            .ShouldBe(["2", "2500", "2600"]);
    }

    [Fact]
    public void More_entries_missing_than_are_remembered_are_counted()
    {
        const int Size = 100_003;
        var (range, lines) = (new CompactRange(), Enumerable.Range(0, Size).Select(BitConverter.GetBytes).ToList());
        lines.ForEach(l => range.Append(MerkleTree.LeafHash(l)));
        var files = SampleLog.TilesOf(lines);
        var checkpoint = new Checkpoint(Exported.First.Verifier.Name, Size, range.Root).Sign(Exported.First);
        files[Export.Checkpoints] = SampleLog.Lines([System.Text.Encoding.UTF8.GetBytes(new CheckpointLine(checkpoint).ToLine())]);
        files[Export.Keys] = SampleLog.Lines([
            System.Text.Encoding.UTF8.GetBytes(new LogKey(Exported.First.Verifier, Size, null).ToLine()),
        ]);

        var report = Verification.Run(new ExportInMemory(files), [LogKey.Always(Exported.First.Verifier)], []);
        report.Findings.Count.ShouldBe(Report.Kept);
        report.Count.ShouldBe(1 + Size);
    }

    [Fact]
    public void Entries_beyond_the_newest_checkpoint_are_counted_all()
    {
        var log = new SampleLog();
        log.Grow(300);
        log.Sign(Exported.First);
        log.Keys.Add(new LogKey(Exported.First.Verifier, log.Size, null));
        var files = log.Files();
        log.Grow(1_002);
        files[Export.Entries] = SampleLog.Lines(log.Entries);

        var report = Verification.Run(new ExportInMemory(files), [LogKey.Always(Exported.First.Verifier)], []);
        report.Findings.Count.ShouldBe(Report.Kept);
        report.Count.ShouldBe(1_002);
    }

    /// <summary>An export that is changed from its beginning to its end, and what of it a report should tell.</summary>
    private sealed class Edit
    {
        private const int Untouched = 3;

        private readonly Exported _export = new();
        private readonly List<byte[]> _lines = [];
        private int _index;
        private Guid? _before;

        public List<string> Expected { get; } = [];

        public void Make(Change change, int count, int distance)
        {
            for (; distance > 0 && _index < Exported.Size - Untouched; distance--)
                Take(_export.Entries[_index]);
            for (; count > 0 && _index < Exported.Size - Untouched - 2; count--)
                Make(change);
        }

        public string[] Findings()
        {
            _export.Files[Export.Entries] = SampleLog.Lines([.. _lines, .. _export.Entries[_index..]]);
            return [.. _export.Verify().Findings.Where(f => f.Kind == Kind.Entry).Select(f => f.Text)];
        }

        private void Make(Change change)
        {
            var entry = Entry.Parse(_export.Entries[_index]);
            switch (change)
            {
                case Change.Alter:
                    Expected.Add($"index {_index} (id {entry.Id}): the entry was altered: the log holds another one");
                    Take((entry with { Actor = "nobody" }).ToBytes());
                    break;
                case Change.Remove:
                    var after = _before is { } id ? $" after the one with id {id}" : "";
                    Expected.Add($"index {_index++}: the entry is missing{after}; only its hash is left");
                    break;
                case Change.Add:
                    var added = entry with { Id = SampleLog.Id(7, _lines.Count), Stream = SampleLog.Id(8, _lines.Count) };
                    _lines.Add(added.ToBytes());
                    Expected.Add(
                        $"line {_lines.Count} (id {added.Id}): the entry was added before index {_index}: the log does not hold it there"
                    );
                    break;
                case Change.Swap:
                    var next = Entry.Parse(_export.Entries[_index + 1]);
                    Expected.Add($"index {_index} (id {next.Id}): {OfAnother(_index + 1)}");
                    Expected.Add($"index {_index + 1} (id {entry.Id}): {OfAnother(_index)}");
                    Take(next.ToBytes());
                    Take(entry.ToBytes());
                    break;
            }
        }

        private void Take(byte[] line)
        {
            _lines.Add(line);
            _before = Entry.Parse(line).Id;
            _index++;
        }

        private static string OfAnother(int index) => $"the entry stands in another's place; the log holds it at index {index}";
    }
}
