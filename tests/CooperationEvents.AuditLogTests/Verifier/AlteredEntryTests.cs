using System.Text;
using CooperationEvents.AuditLog;
using CooperationEvents.Verifier;

namespace CooperationEvents.AuditLogTests.Verifier;

public sealed class AlteredEntryTests
{
    private readonly Exported _export = new();

    [Fact]
    public void An_export_as_it_was_written_holds()
    {
        var report = _export.Verify();

        report.Findings.ShouldBeEmpty();
        report.Facts.ShouldContain(f => f.Contains("1,337 were read", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(299)]
    [InlineData(300)]
    [InlineData(511)]
    [InlineData(1300)]
    [InlineData(1336)]
    public void An_entry_whose_data_was_altered_is_named(int index)
    {
        _export.Alter(index, e => e with { Data = """{"id": "forged"}""" });
        _export.Findings().ShouldBe([$"index {index} (id {Exported.IdAt(index)}): the entry was altered: the log holds another one"]);
    }

    [Fact]
    public void Metadata_altered_in_any_member_is_found()
    {
        Func<Entry, Entry>[] alterations =
        [
            e => e with { Seq = e.Seq + 1_000_000 },
            e => e with { Id = SampleLog.Id(7, 7) },
            e => e with { At = e.At.AddMicroseconds(1) },
            e => e with { Actor = "somebody" },
            e => e with { OnBehalfOf = "" },
            e => e with { Source = null },
            e => e with { Correlation = "other" },
            e => e with { Causation = null },
            e => e with { Type = "document_linked" },
            e => e with { StreamType = "person" },
            e => e with { Version = e.Version + 100 },
            e => e with { Stream = SampleLog.Id(7, 8) },
        ];
        foreach (var alter in alterations)
        {
            var export = new Exported();
            var before = Entry.Parse(export.Entries[41]);
            export.Alter(41, alter);
            var id = Entry.Parse(export.Entries[41]).Id;
            Entry.Parse(export.Entries[41]).ShouldNotBe(before);
            export.Findings().ShouldContain($"index 41 (id {id}): the entry was altered: the log holds another one");
        }
    }

    [Fact]
    public void Several_altered_entries_are_all_named()
    {
        int[] indexes = [3, 4, 255, 256, 900];
        foreach (var index in indexes)
            _export.Alter(index, e => e with { Actor = "nobody" });

        _export
            .Findings()
            .ShouldBe(indexes.Select(i => $"index {i} (id {Exported.IdAt(i)}): the entry was altered: the log holds another one"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(17)]
    [InlineData(256)]
    [InlineData(1336)]
    public void A_missing_entry_is_named_with_the_one_before_it(int index)
    {
        _export.Entries.RemoveAt(index);
        _export.WriteEntries();

        var after = index == 0 ? "" : $" after the one with id {Exported.IdAt(index - 1)}";
        _export.Findings().ShouldContain($"index {index}: the entry is missing{after}; only its hash is left");
        _export.Verify().Findings.Count(f => f.Kind == Kind.Entry).ShouldBe(1);
    }

    [Fact]
    public void An_empty_line_stands_for_an_entry_that_is_gone_and_a_previous_export_tells_its_id()
    {
        _export.Entries[17] = [];
        _export.WriteEntries();

        var about = _export.Findings().Where(f => f.StartsWith("index", StringComparison.Ordinal));
        about.ShouldBe(["index 17: the entry is missing: its line is empty, as where an event is gone or has no form"]);
        var previous = new ExportInMemory(new Exported().Files);
        Verification
            .Run(new ExportInMemory(_export.Files), _export.Trusted, [], previous: previous)
            .Findings.Select(f => f.Text)
            .ShouldContain($"index 17 (id {Exported.IdAt(17)}): the entry is in the previous export, and here its line is empty");
    }

    [Fact]
    public void A_missing_entry_leaves_a_gap_in_its_stream()
    {
        var gone = Entry.Parse(_export.Entries[12]);
        _export.Entries.RemoveAt(12);
        _export.WriteEntries();

        _export
            .Findings()
            .ShouldContain(f => f.StartsWith($"stream {gone.Stream}: version {gone.Version} is missing before", StringComparison.Ordinal));
    }

    [Fact]
    public void Entries_cut_off_at_the_end_are_each_named_as_missing()
    {
        _export.Entries.RemoveRange(1_330, 7);
        _export.WriteEntries();

        _export
            .Findings()
            .Where(f => f.Contains("is missing", StringComparison.Ordinal) && f.StartsWith("index", StringComparison.Ordinal))
            .Select(f => f[..10])
            .ShouldBe(Enumerable.Range(1_330, 7).Select(i => $"index {i}"));
    }

    [Fact]
    public void A_file_cut_off_inside_a_line_is_said_to_be()
    {
        _export.Files[Export.Entries] = _export.Files[Export.Entries][..^200];

        var findings = _export.Findings();
        findings.ShouldContain("entries.ndjson: the last line does not end in a line feed: the file was cut off");
        findings.ShouldContain(f => f.StartsWith("index 1336", StringComparison.Ordinal));
    }

    [Fact]
    public void A_last_line_feed_that_is_missing_is_found()
    {
        _export.Files[Export.Entries] = _export.Files[Export.Entries][..^1];
        _export.Findings().ShouldBe(["entries.ndjson: the last line does not end in a line feed: the file was cut off"]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(128)]
    [InlineData(700)]
    public void An_added_entry_is_named(int index)
    {
        var added = Entry.Parse(_export.Entries[5]) with
        {
            Id = SampleLog.Id(7, 1),
            Stream = SampleLog.Id(7, 2),
            Seq = 5_000_000,
            Version = 1,
        };
        _export.Entries.Insert(index, added.ToBytes());
        _export.WriteEntries();

        _export
            .Findings()
            .ShouldBe([$"line {index + 1} (id {added.Id}): the entry was added before index {index}: the log does not hold it there"]);
    }

    [Fact]
    public void An_entry_added_at_the_end_lies_beyond_the_newest_checkpoint()
    {
        var added = Entry.Parse(_export.Entries[5]) with
        {
            Id = SampleLog.Id(7, 1),
            Stream = SampleLog.Id(7, 2),
            Seq = 5_000_000,
            Version = 1,
        };
        _export.Entries.Add(added.ToBytes());
        _export.WriteEntries();
        string expected = $"line 1338 (id {added.Id}): the entry lies beyond the newest checkpoint of 1337 entries: no signature covers it";

        _export.Findings().ShouldBe([expected]);

        _export.Alter(8, e => e with { Actor = "nobody" });
        _export
            .Findings()
            .ShouldBe([$"index 8 (id {Exported.IdAt(8)}): the entry was altered: the log holds another one", expected], ignoreOrder: true);
    }

    [Theory]
    [InlineData(20, 21)]
    [InlineData(20, 22)]
    [InlineData(255, 256)]
    [InlineData(10, 1_300)]
    [InlineData(1_335, 1_336)]
    public void Two_swapped_entries_are_both_named_with_their_places(int one, int other)
    {
        (_export.Entries[one], _export.Entries[other]) = (_export.Entries[other], _export.Entries[one]);
        _export.WriteEntries();

        _export
            .Findings()
            .ShouldBe([
                $"index {one} (id {Exported.IdAt(other)}): the entry stands in another's place; the log holds it at index {other}",
                $"index {other} (id {Exported.IdAt(one)}): the entry stands in another's place; the log holds it at index {one}",
            ]);
    }

    [Fact]
    public void An_entry_repeated_is_named_and_its_event_stands_twice()
    {
        _export.Entries.Insert(60, _export.Entries[50]);
        _export.WriteEntries();

        var findings = _export.Findings();
        findings.ShouldContain($"line 61 (id {Exported.IdAt(50)}): the entry was added before index 60: the log does not hold it there");
        findings.ShouldContain($"event {Exported.IdAt(50)}: stands twice, at index 50 and at index 60");
    }

    [Fact]
    public void Many_faults_at_once_are_each_told_apart()
    {
        _export.Entries[1_000] = (Entry.Parse(_export.Entries[1_000]) with { Actor = "nobody" }).ToBytes();
        _export.Entries.RemoveAt(600);
        _export.Entries.Insert(300, (Entry.Parse(_export.Entries[5]) with { Id = SampleLog.Id(7, 1) }).ToBytes());
        _export.Entries.RemoveAt(30);
        _export.WriteEntries();

        var findings = _export.Verify().Findings.Where(f => f.Kind == Kind.Entry).Select(f => f.Text).ToArray();
        findings
            .Select(f => f.Split(':')[0])
            .ShouldBe(["index 30", $"line 300 (id {SampleLog.Id(7, 1)})", "index 600", $"index 1000 (id {Exported.IdAt(1_000)})"]);
    }

    [Fact]
    public void A_line_of_another_form_is_named_with_what_is_wrong()
    {
        var line = Encoding.UTF8.GetString(_export.Entries[77]).Replace("\"version\":", "\"version\": ", StringComparison.Ordinal);
        _export.Entries[77] = Encoding.UTF8.GetBytes(line);
        _export.WriteEntries();

        _export
            .Findings()
            .ShouldContain(f =>
                f.StartsWith($"index 77 (id {Exported.IdAt(77)}): the line has not the form of an entry: at byte", StringComparison.Ordinal)
            );
    }

    [Fact]
    public void Entries_that_are_not_there_are_said_to_be_missing()
    {
        _export.Files.Remove(Export.Entries);
        var report = _export.Verify();
        report.Findings[0].Text.ShouldBe("entries.ndjson is missing");
        report.Count.ShouldBe(1 + Exported.Size);
    }
}
