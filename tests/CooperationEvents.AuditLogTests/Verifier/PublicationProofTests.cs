using System.Text;
using System.Text.Json;
using CooperationEvents.AuditLog;
using CooperationEvents.AuditLogTests.AuditLog;
using CooperationEvents.Verifier;
using CooperationEvents.Verifier.Figures;

namespace CooperationEvents.AuditLogTests.Verifier;

/// <summary>
/// A publication is held to the events of its evidence, from one file: two persons who are one, two delegations, and one of them counted
/// again.
/// </summary>
public sealed class PublicationProofTests : IDisposable
{
    private const string Sentence =
        "Since the start of the cooperation, 1 meeting has taken place at all levels, involving over 100 staff.";

    private static readonly Guid Framework = SampleLog.Id(1, 1),
        Home = SampleLog.Id(2, 1),
        Iom = SampleLog.Id(2, 2),
        Meeting = SampleLog.Id(3, 1);

    private readonly FigureHistory _history = new();
    private readonly List<Guid> _evidence = [];
    private readonly string _kept = Path.GetTempFileName();

    public void Dispose() => File.Delete(_kept);

    [Fact]
    public async Task The_counts_are_those_of_the_events()
    {
        Record();
        Publish(1, 2, 120, 2);
        var report = Prove(await _history.ProveAsync(_evidence));

        report.Findings.ShouldBeEmpty();
        report.Facts.ShouldBe([
            $"Published:   {Sentence}",
            "Evidence:    9 events, each in the log as it was recorded, and the counts are theirs",
        ]);
    }

    [Fact]
    public async Task Every_count_that_is_not_that_of_the_events_is_named()
    {
        Record();
        Publish(2, 3, 100, 3);
        var report = Prove(await _history.ProveAsync(_evidence));

        report
            .Findings.Select(f => f.Text)
            .ShouldBe([
                "meetingsHeld: published was '2', and the evidence gives '1'",
                "attendances: published was '3', and the evidence gives '2'",
                "unnamed: published was '100', and the evidence gives '120'",
                "staffKnown: published was '3', and the evidence gives '2'",
            ]);
        report.Facts.ShouldBe([$"Published:   {Sentence}"]);
    }

    [Fact]
    public async Task A_publication_that_is_the_first_entry_of_its_log_is_proven()
    {
        Publish(0, 0, 0, 0);
        Prove(await _history.ProveAsync()).Findings.ShouldBeEmpty();
    }

    [Fact]
    public async Task Witnesses_and_a_checkpoint_that_was_kept_are_what_it_rests_on()
    {
        Record();
        Publish(1, 2, 120, 2);
        var lines = await _history.ProveAsync(_evidence);
        var note = new Checkpoint(Exported.First.Verifier.Name, _history.Entries.Count, await RootAsync()).Sign(Exported.First);
        File.WriteAllText(_kept, note.ToString());

        var report = PublicationProof.Run(lines, Trusted, [_kept], 1, null);
        report.Findings.ShouldHaveSingleItem().Text.ShouldContain("1 witness must have cosigned, and 0 of those whose keys you gave did");
        report.Basis.ShouldHaveSingleItem().ShouldContain($"that you kept ({_kept})");
    }

    [Fact]
    public async Task A_file_that_begins_with_another_entry_is_no_proof_of_a_publication()
    {
        Record();
        Publish(1, 2, 120, 2);
        var lines = await _history.ProveAsync(_evidence);
        lines.RemoveAt(1);
        Prove(lines).Findings.ShouldHaveSingleItem().Text.ShouldBe("line 2: the first entry is not that of a publication");
        Prove(lines[..1]).Findings.ShouldHaveSingleItem().Text.ShouldBe("line 2: the first entry is not that of a publication");
    }

    [Fact]
    public async Task An_entry_that_is_not_the_one_at_its_index_is_named()
    {
        Record();
        Publish(1, 2, 120, 2);
        var lines = await _history.ProveAsync(_evidence);
        var size = _history.Entries.Count;
        foreach (var index in new long[] { -1, 0, size, size + 1 })
        {
            var moved = FigureHistory.Line(index, [], Encoding.UTF8.GetString(_history.Entries[0].ToBytes()));
            Prove([.. lines, moved])
                .Findings.ShouldHaveSingleItem()
                .Text.ShouldBe($"line 12: index {index} (id {_history.Entries[0].Id}): the entry is not the one the log has there");
        }
    }

    [Fact]
    public async Task What_the_log_holds_and_is_no_entry_is_named()
    {
        var tree = new TreeInMemory(["{}"u8.ToArray()]).Reader;
        var note = new Checkpoint(Exported.First.Verifier.Name, 1, await tree.RootAsync(1)).Sign(Exported.First);
        var checkpoint = JsonSerializer.Serialize(new { checkpoint = note.ToString() });

        Prove([checkpoint, FigureHistory.Line(0, [], "{}")])
            .Findings[0]
            .Text.ShouldStartWith("line 2: index 0 (id unreadable): the line has not the form of an entry");
    }

    [Theory]
    [InlineData("no JSON", "it is not JSON at byte 2")]
    [InlineData("", "it is not JSON at byte 1")]
    [InlineData("{}", "it lacks a member")]
    [InlineData("[]", "a value in it is not of its kind")]
    [InlineData("""{"index":"0","hashes":[],"entry":""}""", "a value in it is not of its kind")]
    [InlineData("""{"index":0.5,"hashes":[],"entry":""}""", "a value in it is not of its kind")]
    [InlineData("""{"index":0,"hashes":["none"],"entry":""}""", "one of the hashes is none")]
    [InlineData("""{"index":0,"index":0,"hashes":[],"entry":""}""", "a member in it stands twice")]
    [InlineData("""{"index":0,"hashes":[],"entry":"\ud800"}""", "a value in it is not of its kind")]
    public async Task A_line_of_another_form_is_named_by_its_number(string line, string fault)
    {
        Record();
        Publish(1, 2, 120, 2);
        var lines = await _history.ProveAsync(_evidence);
        Texts([.. lines, line]).ShouldBe([$"line {lines.Count + 1}: {fault}"]);
        Texts([lines[0], line, .. lines[2..]]).ShouldBe([$"line 2: {fault}"]);
        Texts([line, .. lines[1..]]).ShouldHaveSingleItem().ShouldStartWith("line 1: ");
        Texts([]).ShouldBe(["the file is empty"]);
    }

    [Fact]
    public async Task A_line_that_stands_twice_or_in_anothers_place_is_named_by_its_number()
    {
        Record();
        Publish(1, 2, 120, 2);
        var lines = await _history.ProveAsync(_evidence);

        Texts([.. lines[..4], lines[3], .. lines[4..]]).ShouldBe([$"line 5: index 2 (id {_evidence[1]}) stands in line 4 already"]);
        Texts([.. lines, lines[1]]).ShouldBe([$"line 12: index 10 (id {_history.Entries[10].Id}) stands in line 2 already"]);
        Texts([.. lines[..3], lines[4], lines[3], .. lines[5..]])
            .ShouldBe([$"line 5: index 2 (id {_evidence[1]}) stands after the event {_evidence[2]}: the evidence is in the order of ids"]);
    }

    [Fact]
    public async Task An_event_of_another_log_is_named_by_its_line()
    {
        Record();
        Publish(1, 2, 120, 2);
        var lines = await _history.ProveAsync(_evidence);
        var other = new FigureHistory();
        var id = other.Add("figure_published", new { });
        var foreign = (await other.ProveAsync())[1];

        Texts([.. lines[..3], foreign, .. lines[4..]])
            .ShouldContain($"line 4: index 0 (id {id}): the entry is not the one the log has there");
        Texts([lines[0], foreign, .. lines[2..]]).ShouldBe([$"line 2: index 0 (id {id}): the entry is not the one the log has there"]);
    }

    [Theory]
    [InlineData("example", "exampel", "is signed by no key you gave")]
    [InlineData("\n11\n", "\n12\n", "is false: the note was altered, or the signature was.")]
    [InlineData("\n11\n", "\n1x\n", "'1x' is no size of a tree.")]
    public async Task A_checkpoint_whose_text_was_altered_is_found_wrong(string text, string altered, string fault)
    {
        Record();
        Publish(1, 2, 120, 2);
        var lines = await _history.ProveAsync(_evidence);
        lines[0] = OfCheckpoint(NoteOf(lines).Replace(text, altered, StringComparison.Ordinal));
        var first = Texts(lines)[0];
        first.ShouldStartWith("line 1: ");
        first.ShouldContain(fault);
    }

    [Fact]
    public async Task A_checkpoint_whose_root_or_signature_was_altered_is_found_wrong()
    {
        Record();
        Publish(1, 2, 120, 2);
        var lines = await _history.ProveAsync(_evidence);
        var note = NoteOf(lines);
        foreach (var at in new[] { note.IndexOf("\n\n", StringComparison.Ordinal) - 10, note.Length - 10, note.Length - 1 })
        {
            lines[0] = OfCheckpoint(note[..at] + (note[at] == 'A' ? 'B' : 'A') + note[(at + 1)..]);
            Texts(lines)[0].ShouldStartWith("line 1: ");
        }
    }

    [Fact]
    public async Task A_kept_checkpoint_or_a_proof_of_consistency_that_is_none_is_found_wrong()
    {
        Record();
        Publish(1, 2, 120, 2);
        var lines = await _history.ProveAsync(_evidence);
        File.WriteAllText(_kept, "{\"size\":\"one\"}\n");
        var found = PublicationProof.Run(lines, Trusted, [_kept], null, null).Findings.ShouldHaveSingleItem().Text;
        found.ShouldBe($"{_kept}, line 1: '{{\"size\":\"one\"}}' has not the form expected: look at $.size");

        var small = new TreeInMemory([.. _history.Entries.Take(3).Select(e => e.ToBytes())]).Reader;
        File.WriteAllText(_kept, new Checkpoint(Exported.First.Verifier.Name, 3, await small.RootAsync(3)).Sign(Exported.First).ToString());
        PublicationProof
            .Run(lines, Trusted, [_kept], null, "{")
            .Findings.ShouldHaveSingleItem()
            .Text.ShouldBe("the proof of consistency: it is not JSON at byte 2");
    }

    [Fact]
    public async Task An_event_that_is_of_no_meeting_is_no_evidence()
    {
        Record();
        Publish(1, 2, 120, 2);
        var lines = await _history.ProveAsync([.. _evidence, _history.Entries[0].Id]);
        Texts(lines).ShouldContain($"line 3: index 0 (id {_history.Entries[0].Id}) is no evidence: it lacks a member");
    }

    [Fact]
    public async Task A_publication_of_another_form_is_found_wrong()
    {
        _history.Add("figure_published", new { });
        Texts(await _history.ProveAsync()).ShouldBe(["line 2: the publication has not the form of one: it lacks a member"]);
    }

    [Fact]
    public async Task Merges_that_are_no_evidence_do_not_keep_the_verifier_busy_for_ever()
    {
        Record();
        var back = _history.Add("person_merged", new { personId = SampleLog.Id(5, 2), into = SampleLog.Id(5, 3) });
        Publish(1, 2, 120, 2);
        Prove(await _history.ProveAsync([.. _evidence, back]))
            .Findings.Select(f => f.Text.Split(':')[0])
            .ShouldContain("the digest of the evidence");
    }

    [Fact]
    public async Task Counts_that_are_larger_than_any_program_adds_are_named()
    {
        Record();
        foreach (var organisation in new[] { 3, 4 })
            _evidence.Add(_history.CountHeads(Meeting, SampleLog.Id(2, organisation), int.MaxValue, "exact"));
        Publish(1, 2, 120, 2);
        Texts(await _history.ProveAsync(_evidence)).ShouldBe(["unnamed: published was '120', and the evidence gives '4294967414'"]);
    }

    [Fact]
    public async Task Evidence_however_deep_is_read()
    {
        Record();
        var deep = new string('[', 2_000) + new string(']', 2_000);
        var last = _history.Entries[^1];
        _history.Entries[^1] = last with { Data = $"{last.Data[..^1]}, \"personIdBefore\": {deep}}}" };
        Publish(1, 2, 120, 2);
        Prove(await _history.ProveAsync(_evidence)).Findings.ShouldBeEmpty();
    }

    private static LogKey[] Trusted => [LogKey.Always(Exported.First.Verifier)];

    private static Report Prove(IEnumerable<string> lines) => PublicationProof.Run(lines, Trusted, [], null, null);

    private static List<string> Texts(IEnumerable<string> lines) => [.. Prove(lines).Findings.Select(f => f.Text)];

    private static string NoteOf(IReadOnlyList<string> lines) =>
        JsonDocument.Parse(lines[0]).RootElement.GetProperty("checkpoint").GetString()!;

    private static string OfCheckpoint(string note) => JsonSerializer.Serialize(new { checkpoint = note });

    private ValueTask<Digest> RootAsync() =>
        new TreeInMemory([.. _history.Entries.Select(e => e.ToBytes())]).Reader.RootAsync(_history.Entries.Count);

    private void Record()
    {
        _history.Register(Home, "HOME");
        _evidence.AddRange([
            _history.Schedule(Meeting, "2018-04-04", "2018-04-04", "som", Framework),
            _history.Hold(Meeting, "2018-04-04", "2018-04-04"),
        ]);
        _evidence.AddRange(Enumerable.Range(1, 3).Select(p => _history.Attend(Meeting, SampleLog.Id(5, p), Home, "delegate")));
        _evidence.Add(_history.CountHeads(Meeting, Home, 20, "exact"));
        _evidence.Add(_history.CountHeads(Meeting, Iom, 4, "exact"));
        _evidence.Add(
            _history.Add(
                "delegation_corrected",
                new
                {
                    meetingId = Meeting,
                    organisationId = Iom,
                    corrected = new { count = 100, precision = "exact" },
                }
            )
        );
        _evidence.Add(_history.Add("person_merged", new { personId = SampleLog.Id(5, 3), into = SampleLog.Id(5, 2) }));
    }

    private void Publish(int meetingsHeld, int attendances, int unnamed, int staffKnown) =>
        _history.Add(
            "figure_published",
            new
            {
                publicationId = SampleLog.Id(4, 1),
                question = new { },
                asOf = "2023-12-31",
                position = _history.Entries.Count,
                definition = "2",
                figure = new
                {
                    meetingsHeld,
                    attendances,
                    unnamed,
                    staffKnown,
                    staffAtLeast = 0,
                },
                sentence = Sentence,
                evidence = new { count = _evidence.Count, sha256 = FigureHistory.DigestOf(_evidence) },
            }
        );
}
