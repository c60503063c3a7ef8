using System.Text;
using CooperationEvents.AuditLog;

namespace CooperationEvents.AuditLogTests.Vectors;

/// <summary>Entries at the edges of their form, and lines just beyond it.</summary>
internal static class SampleEntries
{
    private static readonly Entry Plain = new(
        1,
        SampleLog.Id(1, 1),
        SampleLog.Id(2, 1),
        "meeting",
        1,
        "meeting_held",
        new DateTimeOffset(2025, 1, 31, 23, 59, 59, TimeSpan.Zero).AddMicroseconds(123_456),
        "8a5e2f8e-3c0e-4a55-9a1c-2f6f2b1d0c11",
        null,
        "",
        "c-1",
        null,
        """{"id": "00000002-0000-4000-8000-000000000001", "mode": null}"""
    );

    public static IReadOnlyList<byte[]> Taken { get; } =
    [
        .. new[]
        {
            Plain,
            Plain with
            {
                Seq = long.MaxValue,
                Version = long.MaxValue,
            },
            Plain with
            {
                Source = "\"quoted\" back\\slash /slash <&>'",
            },
            Plain with
            {
                Source = "\b\f\n\r\t and \u0001\u0002\u0007\u000b\u000e\u001f and \u007f\u0080",
            },
            Plain with
            {
                Source = "é € 😀 \u2028 \ufeff e\u0301",
            },
            Plain with
            {
                Actor = null,
                Source = null,
                Correlation = null,
            },
            Plain with
            {
                Actor = "null",
                OnBehalfOf = "",
            },
            Plain with
            {
                At = new DateTimeOffset(2024, 2, 29, 0, 0, 0, TimeSpan.Zero),
            },
            Plain with
            {
                Data = """{"": [1, -0.50, 1e400, {"b": {}, "aa": []}], "text": "}\" \\ \u0001 é"}""",
            },
            Plain with
            {
                Type = StreamTypes.Tombstone,
                StreamType = StreamTypes.Tombstone,
                Seq = 7,
                Version = 7,
                Data = "{}",
            },
        }.Select(e => e.ToBytes()),
    ];

    /// <summary>Lines that no verifier takes for an entry, and why not.</summary>
    public static IReadOnlyList<(string Why, string Entry)> Refused { get; } =
    [
        Refuse("white space stands after a colon", "{\"seq\":1", "{\"seq\": 1"),
        Refuse("white space stands before data", "\"data\":{", "\"data\": {"),
        Refuse("white space stands after data", "null}}", "null} }"),
        Refuse("a member stands in another place", "\"version\":1,\"type\":\"meeting_held\"", "\"type\":\"meeting_held\",\"version\":1"),
        Refuse("a member is missing", "\"onBehalfOf\":null,", ""),
        Refuse("a member is too many", "\"onBehalfOf\":null,", "\"onBehalfOf\":null,\"more\":null,"),
        Refuse("a member stands after data", "null}}", "null},\"more\":1}"),
        Refuse("seq has a leading zero", "\"seq\":1", "\"seq\":01"),
        Refuse("seq is 0", "\"seq\":1", "\"seq\":0"),
        Refuse("seq has a fraction", "\"seq\":1", "\"seq\":1.0"),
        Refuse("version is a string", "\"version\":1", "\"version\":\"1\""),
        Refuse(
            "a UUID is in upper case",
            "\"id\":\"00000001-0000-4000-8000-000000000001\"",
            "\"id\":\"00000001-0000-4000-8000-00000000000A\""
        ),
        Refuse("a UUID has no hyphens", "\"id\":\"00000001-0000-4000-8000-000000000001\"", "\"id\":\"00000001000040008000000000000001\""),
        Refuse("the time has milliseconds only", "59.123456Z", "59.123Z"),
        Refuse("the time has an offset", "59.123456Z", "59.123456+00:00"),
        Refuse("the time is no time", "2025-01-31", "2025-01-32"),
        Refuse("type is null", "\"type\":\"meeting_held\"", "\"type\":null"),
        Refuse("a slash is escaped", "\"source\":\"\"", "\"source\":\"\\/\""),
        Refuse("a tab has the long escape", "\"source\":\"\"", "\"source\":\"\\u0009\""),
        Refuse("an escape is in upper case", "\"source\":\"\"", "\"source\":\"\\u001F\""),
        Refuse("a letter is escaped", "\"source\":\"\"", "\"source\":\"\\u00e9\""),
        Refuse("U+0000 stands in a string", "\"source\":\"\"", "\"source\":\"\\u0000\""),
        Refuse("a tab is not escaped", "\"source\":\"\"", "\"source\":\"\t\""),
        Refuse("an empty string is not null, and null is no word", "\"source\":\"\"", "\"source\":NULL"),
        Refuse("data is no JSON", "\"mode\": null", "\"mode\": nil"),
        Refuse("data holds a line feed", "\"mode\": null", "\"mode\":\nnull"),
        Refuse("a line feed belongs to the leaf", "null}}", "null}}\n"),
        ("it is empty", ""),
        ("it has 65,536 bytes", OneByteTooMany()),
    ];

    private static string OneByteTooMany()
    {
        var room = Entry.MaxBytes - (Plain with { Data = "\"\"" }).ToBytes().Length;
        var largest = Plain with { Data = $"\"{new string('x', room)}\"" };
        return Encoding.UTF8.GetString(largest.ToBytes()).Replace("\"xx", "\"xxx", StringComparison.Ordinal);
    }

    private static (string Why, string Entry) Refuse(string why, string part, string other)
    {
        var plain = Encoding.UTF8.GetString(Plain.ToBytes());
        return plain.Contains(part, StringComparison.Ordinal)
            ? (why, plain.Replace(part, other, StringComparison.Ordinal))
            : throw new InvalidOperationException($"The sample has no {part}.");
    }
}
