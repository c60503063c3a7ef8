using System.Text;
using CooperationEvents.AuditLog;
using CsCheck;

namespace CooperationEvents.AuditLogTests.AuditLog;

public sealed class EntryTests
{
    private const string Line =
        """{"seq":17,"id":"0198c0de-0000-7000-8000-00000000abcd","stream":"3f2504e0-4f89-41d3-9a0c-0305e82c3301","streamType":"meeting","version":2,"type":"meeting_held","at":"2025-01-31T09:08:07.006005Z","actor":"a","onBehalfOf":null,"source":"","correlation":"c","causation":"d","data":{"id": "3f2504e0-4f89-41d3-9a0c-0305e82c3301"}}""";

    private static readonly Entry Sample = new(
        17,
        Guid.Parse("0198c0de-0000-7000-8000-00000000abcd"),
        Guid.Parse("3f2504e0-4f89-41d3-9a0c-0305e82c3301"),
        "meeting",
        2,
        "meeting_held",
        new DateTimeOffset(2025, 1, 31, 9, 8, 7, TimeSpan.Zero).AddMicroseconds(6005),
        "a",
        null,
        "",
        "c",
        "d",
        """{"id": "3f2504e0-4f89-41d3-9a0c-0305e82c3301"}"""
    );

    private static readonly Gen<string> Texts = Gen.OneOf(
            Gen.Char['\u0001', '\u0080'],
            Gen.OneOf('"', '\\', '\b', '\f', '\n', '\r', '\t', '\u001f', '\u007f', 'é', '€', '\u2028', '/', '<')
        )
        .Array[0, 12]
        .Select(c => new string(c))
        .Select(Gen.OneOf("", "😀", "ẞ"), (a, b) => a + b);

    private static readonly Gen<string?> MaybeTexts = Gen.OneOf(Texts.Select(t => (string?)t), Gen.Const((string?)null));

    private static readonly Gen<Entry> Entries =
        from seq in Gen.Long[1, long.MaxValue]
        from ids in Gen.Guid.Array[2]
        from version in Gen.Long[1, 1_000_000]
        from micros in Gen.Long[0, 3_000_000_000_000_000]
        from texts in Texts.Array[2]
        from maybe in MaybeTexts.Array[5]
        from data in Gen.OneOf(
            "{}",
            """{"a": [1, 2.50, null, "x\ny"], "b": {"ü": true}}""",
            "[]",
            "-0.10",
            "null",
            """{"\u0001": {}, "aa": [[0.00]]}"""
        )
        select new Entry(
            seq,
            ids[0],
            ids[1],
            texts[0],
            version,
            texts[1],
            DateTimeOffset.UnixEpoch.AddMicroseconds(micros),
            maybe[0],
            maybe[1],
            maybe[2],
            maybe[3],
            maybe[4],
            data
        );

    [Fact]
    public void An_entry_has_exactly_these_bytes()
    {
        Encoding.UTF8.GetString(Sample.ToBytes()).ShouldBe(Line);
        Entry.Parse(Encoding.UTF8.GetBytes(Line)).ShouldBe(Sample);
    }

    [Fact]
    public void Strings_escape_as_PostgreSQL_does()
    {
        var entry = Sample with { Source = "\"\\/\b\f\n\r\t\u0001\u001f\u007f\u0080é€\u2028😀<>&'" };

        Encoding
            .UTF8.GetString(entry.ToBytes())
            .ShouldContain(
                """
                "source":"\"\\/\b\f\n\r\t\u0001\u001f
                """.Trim() + "\u007f\u0080é€\u2028😀<>&'\","
            );
    }

    [Fact]
    public void A_time_is_written_in_UTC() =>
        Encoding
            .UTF8.GetString((Sample with { At = new DateTimeOffset(2025, 1, 1, 0, 30, 0, TimeSpan.FromHours(1)) }).ToBytes())
            .ShouldContain("\"at\":\"2024-12-31T23:30:00.000000Z\"");

    [Fact]
    public void What_is_written_is_read_back() => Entries.Sample(entry => Entry.Parse(entry.ToBytes()).ShouldBe(entry), iter: 2_000);

    [Fact]
    public void The_hash_of_a_leaf_is_that_of_its_bytes_alone_whatever_was_written_before() =>
        Entries.Sample(entry =>
        {
            Should.Throw<ArgumentException>(() => (entry with { Data = "{" }).LeafHash());
            entry.LeafHash().ShouldBe(MerkleTree.LeafHash(entry.ToBytes()));
        });

    [Fact]
    public void Whatever_is_read_is_written_in_the_same_bytes() =>
        Gen.Select(Entries, Gen.Int[0, 10_000], Gen.Byte, Gen.Int[0, 3])
            .Sample(
                (entry, where, value, how) =>
                {
                    var bytes = entry.ToBytes();
                    var at = where % bytes.Length;
                    byte[] altered = how switch
                    {
                        0 => [.. bytes[..at], value, .. bytes[(at + 1)..]],
                        1 => [.. bytes[..at], value, .. bytes[at..]],
                        2 => [.. bytes[..at], .. bytes[(at + 1)..]],
                        _ => [.. bytes[..at], .. "\\u0041 \t"u8, .. bytes[at..]],
                    };
                    if (Entry.TryParse(altered, out var read, out var fault))
                        read.ToBytes().ShouldBe(altered);
                    else
                        fault.ShouldNotBeEmpty();
                },
                iter: 5_000
            );

    [Theory]
    [InlineData("{\"seq\":17,", "{ \"seq\":17,")]
    [InlineData("{\"seq\":17,", "{\"seq\": 17,")]
    [InlineData("{\"seq\":17,", "{\"seq\":17 ,")]
    [InlineData("{\"seq\":17,", "{\"seq\":017,")]
    [InlineData("{\"seq\":17,", "{\"seq\":0,")]
    [InlineData("{\"seq\":17,", "{\"seq\":-1,")]
    [InlineData("{\"seq\":17,", "{\"seq\":17.0,")]
    [InlineData("{\"seq\":17,", "{\"seq\":\"17\",")]
    [InlineData("{\"seq\":17,", "{\"seq\":99999999999999999999,")]
    [InlineData("{\"seq\":17,", "{\"Seq\":17,")]
    [InlineData("{\"seq\":17,", "\uFEFF{\"seq\":17,")]
    [InlineData("\"version\":2,\"type\":\"meeting_held\"", "\"type\":\"meeting_held\",\"version\":2")]
    [InlineData("00000000abcd", "00000000ABCD")]
    [InlineData("0198c0de-0000-7000-8000-00000000abcd", "0198c0de00007000800000000000abcd")]
    [InlineData("\"0198c0de-0000-7000-8000-00000000abcd\"", "null")]
    [InlineData("\"meeting_held\"", "null")]
    [InlineData("07.006005Z", "07.006005+00:00")]
    [InlineData("07.006005Z", "07.006Z")]
    [InlineData("07.006005Z", "07.0060050Z")]
    [InlineData("T09:08", " 09:08")]
    [InlineData("T09:08", "t09:08")]
    [InlineData("2025-01-31", "2025-02-31")]
    [InlineData("T09:08:07", "T24:08:07")]
    [InlineData("\"onBehalfOf\":null", "\"onBehalfOf\":NULL")]
    [InlineData("\"onBehalfOf\":null,", "")]
    [InlineData("\"source\":\"\"", "\"source\":\"\\/\"")]
    [InlineData("\"source\":\"\"", "\"source\":\"\\u0009\"")]
    [InlineData("\"source\":\"\"", "\"source\":\"\\u000B\"")]
    [InlineData("\"source\":\"\"", "\"source\":\"\\u0000\"")]
    [InlineData("\"source\":\"\"", "\"source\":\"\\u0041\"")]
    [InlineData("\"source\":\"\"", "\"source\":\"\\u00e9\"")]
    [InlineData("\"source\":\"\"", "\"source\":\"\t\"")]
    [InlineData("\"source\":\"\"", "\"source\":1")]
    [InlineData("\"data\":{", "\"data\": {")]
    [InlineData("3301\"}}", "3301\"} }")]
    [InlineData("3301\"}}", "3301\"}}\n")]
    [InlineData("3301\"}}", "3301\"}")]
    [InlineData("3301\"}}", "3301\"},\"more\":1}")]
    [InlineData("3301\"}}", "3301\"}}}")]
    [InlineData("3301\"}}", "3301\"}]")]
    [InlineData("{\"id\": ", "{\"id\":\n")]
    [InlineData("{\"id\": ", "{\"id\", ")]
    public void A_single_byte_of_another_form_is_refused(string part, string other)
    {
        Line.ShouldContain(part);
        Entry.TryParse(Encoding.UTF8.GetBytes(Line.Replace(part, other, StringComparison.Ordinal)), out _, out var fault).ShouldBeFalse();
        fault.ShouldNotBeEmpty();
    }

    [Fact]
    public void A_line_cut_off_anywhere_is_refused()
    {
        for (var length = 0; length < Line.Length; length++)
            Entry.TryParse(Encoding.UTF8.GetBytes(Line[..length]), out _, out _).ShouldBeFalse($"It has {length} bytes.");
    }

    [Fact]
    public void The_first_event_of_a_stream_and_of_the_history_has_an_entry()
    {
        var first = Sample with { Seq = 1, Version = 1 };
        Entry.Parse(first.ToBytes()).ShouldBe(first);
    }

    [Fact]
    public void Data_may_be_as_deep_as_it_fits()
    {
        foreach (var depth in new[] { 1_000, 30_000 })
        {
            var deep = Sample with { Data = new string('[', depth) + new string(']', depth) };
            Entry.Parse(deep.ToBytes()).ShouldBe(deep);
        }
    }

    [Fact]
    public void Bytes_that_are_not_UTF_8_are_refused()
    {
        var bytes = Encoding.UTF8.GetBytes(Line);
        bytes[^5] = 0xff;
        Should.Throw<FormatException>(() => Entry.Parse(bytes)).Message.ShouldContain("UTF-8");
    }

    [Fact]
    public void An_entry_holds_at_most_65_535_bytes()
    {
        var room = Entry.MaxBytes - (Sample with { Data = "\"\"" }).ToBytes().Length;
        var largest = Sample with { Data = $"\"{new string('x', room)}\"" };

        Entry.Parse(largest.ToBytes()).ShouldBe(largest);
        Should.Throw<EntryTooLargeException>(() => (Sample with { Data = $"\"{new string('x', room + 1)}\"" }).ToBytes());
        var larger = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(largest.ToBytes()).Replace("xx\"", "xxx\"", StringComparison.Ordinal));
        larger.Length.ShouldBe(Entry.MaxBytes + 1);
        Should.Throw<FormatException>(() => Entry.Parse(larger));
    }

    [Fact]
    public void A_value_without_a_form_is_not_written()
    {
        Should.Throw<ArgumentException>(() => (Sample with { At = Sample.At.AddTicks(1) }).ToBytes());
        Should.Throw<ArgumentException>(() => (Sample with { Source = "a\0b" }).ToBytes());
        Should.Throw<ArgumentException>(() => (Sample with { Source = "\ud800" }).ToBytes());
        Should.Throw<ArgumentException>(() => (Sample with { Seq = 0 }).ToBytes());
        Should.Throw<ArgumentException>(() => (Sample with { Data = "{" }).ToBytes());
        Should.Throw<ArgumentException>(() => (Sample with { Data = " {}" }).ToBytes());
        Should.Throw<ArgumentException>(() => (Sample with { Data = "\n{}" }).ToBytes());
        Should.Throw<ArgumentException>(() => (Sample with { Data = "{}{}" }).ToBytes());
    }
}
