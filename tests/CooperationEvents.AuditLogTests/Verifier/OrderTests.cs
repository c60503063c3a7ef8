using System.Text;
using CooperationEvents.AuditLog;
using CooperationEvents.Verifier;

namespace CooperationEvents.AuditLogTests.Verifier;

/// <summary>A log that signed what it should not have: the tree holds, and what is wrong are the entries themselves.</summary>
public sealed class OrderTests
{
    private static readonly Guid One = SampleLog.Id(2, 1),
        Two = SampleLog.Id(2, 2);

    private readonly List<byte[]> _lines = [];

    [Fact]
    public void Streams_that_have_each_version_once_are_in_order()
    {
        Add(One, 1);
        Add(Two, 1, "person_registered");
        Add(One, 2);
        Add(One, 7, StreamTypes.Tombstone, e => e with { Data = "{}" });
        Add(Two, 2, "person_registered");

        var report = Verify();
        report.Findings.ShouldBeEmpty();
        report.Facts.ShouldBe([
            "Checkpoints: 1 with good signatures; the newest is of size 5, register.example/audit/log",
            "Streams:     2 were looked at for versions 1..n without gap",
            "Entries:     5 were read",
            "Tiles:       1 were compared",
        ]);
    }

    [Theory]
    [InlineData(new long[] { 2 }, "version 1 is missing before version 2, at index 0")]
    [InlineData(new long[] { 4 }, "versions 1 to 3 are missing before version 4, at index 0")]
    [InlineData(new long[] { 1, 3 }, "version 2 is missing before version 3, at index 1")]
    [InlineData(new long[] { 1, 2, 5, 6 }, "versions 3 to 4 are missing before version 5, at index 2")]
    [InlineData(new long[] { 1, 3, 2, 2 }, "version 2 stands twice, at index 2 and at index 3")]
    [InlineData(new long[] { 3, 1 }, "version 2 is missing before version 3, at index 0")]
    public void A_version_that_is_missing_or_stands_twice_is_named(long[] versions, string finding)
    {
        foreach (var version in versions)
            Add(One, version);
        Findings().ShouldBe([$"stream {One}: {finding}"]);
    }

    [Fact]
    public void A_stream_that_is_of_two_types_is_named()
    {
        Add(Two, 1, "framework_established");
        Add(One, 1, "person_registered");
        Add(One, 2);
        Findings().ShouldBe([$"stream {One}: at index 1 it is a stream of person, at index 2 of meeting"]);
    }

    [Fact]
    public void An_event_and_a_position_that_stand_twice_are_named()
    {
        Add(One, 1);
        Add(One, 2);
        Add(One, 3, alter: e => e with { Seq = 1 });
        Add(One, 4, alter: e => e with { Id = SampleLog.Id(1, 1) });
        Findings()
            .ShouldBe([
                $"event {SampleLog.Id(1, 1)}: stands twice, at index 1 and at index 3",
                "position (seq) 1: stands twice, at index 0 and at index 2",
            ]);
    }

    [Fact]
    public void A_tombstone_that_holds_data_is_named()
    {
        Add(One, 1, StreamTypes.Tombstone, e => e with { Data = """{"a": 1}""" });
        Findings().ShouldBe([$"index 0 (id {SampleLog.Id(1, 0)}): a tombstone holds data"]);
    }

    [Fact]
    public void A_type_in_a_stream_it_does_not_belong_to_is_named()
    {
        Add(One, 1, alter: e => e with { StreamType = "person" });
        Findings().ShouldBe([$"index 0 (id {SampleLog.Id(1, 0)}): meeting_held belongs to a stream of meeting, not of person"]);
    }

    [Fact]
    public void Types_that_are_not_known_are_each_named_once()
    {
        foreach (var type in new[] { "meeting_sung", "meeting_danced", "meeting_sung" })
            Add(One, _lines.Count + 1, alter: e => e with { Type = type });
        Findings()
            .ShouldBe([
                "there are entries of type meeting_danced, which this verifier does not know: take a newer one, or it was slipped in",
                "there are entries of type meeting_sung, which this verifier does not know: take a newer one, or it was slipped in",
            ]);
    }

    /// <summary>A line that ends behind its id has one.</summary>
    [Theory]
    [InlineData("x", "unreadable")]
    [InlineData("""{"seq":1,"id":"no id at all, and yet many characters"}""", "unreadable")]
    [InlineData("""{"seq":1,"id":"00000001-0000-4000-8000-00000000000""", "unreadable")]
    [InlineData("""{"seq":1,"id":"00000001-0000-4000-8000-000000000007""", "00000001-0000-4000-8000-000000000007")]
    public void A_line_without_its_form_is_named_by_its_id_where_that_can_be_read(string line, string id)
    {
        _lines.Add(Encoding.UTF8.GetBytes(line));
        Findings().ShouldHaveSingleItem().ShouldStartWith($"index 0 (id {id}): the line has not the form of an entry");
    }

    private void Add(Guid stream, long version, string type = "meeting_held", Func<Entry, Entry>? alter = null)
    {
        var entry = new Entry(
            _lines.Count + 1,
            SampleLog.Id(1, _lines.Count),
            stream,
            StreamTypes.Of(type)!,
            version,
            type,
            DateTimeOffset.UnixEpoch,
            null,
            null,
            null,
            null,
            null,
            "[]"
        );
        _lines.Add((alter?.Invoke(entry) ?? entry).ToBytes());
    }

    private string[] Findings() => [.. Verify().Findings.Select(f => f.Text)];

    private Report Verify()
    {
        var log = new SampleLog();
        _lines.ForEach(log.Append);
        log.Sign(Exported.First);
        log.Keys.Add(new LogKey(Exported.First.Verifier, log.Size, null));
        return Verification.Run(new ExportInMemory(log.Files()), [LogKey.Always(Exported.First.Verifier)], []);
    }
}
