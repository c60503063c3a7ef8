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
                Data = """{"": [0, 0.00, 1.0, -0.50, 10000000000000000000000, {"b": {}, "aa": []}], "text": "}\" \\ \u0001 é / 😀"}""",
            },
            Plain with
            {
                Data = """{"": 1, "\"": 2, "A": 3, "a": 4, "zz": 5, "é": 6, "aaa": 7}""",
            },
            Plain with
            {
                Data = new string('[', 10_000) + new string(']', 10_000),
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
        OfData("a member of data stands twice", "\"id\": null"),
        OfData("members of data stand in another order than PostgreSQL's: shorter names first", "\"a\": null"),
        OfData("members of data stand in another order than PostgreSQL's: by their bytes", "\"mode\": {\"é\": 1, \"zz\": 2}"),
        OfData("a member of data stands twice, far down", "\"mode\": [{\"a\": 1, \"a\": 1}]"),
        OfData("a number has an exponent", "\"mode\": 1e2"),
        OfData("a number is larger than any that PostgreSQL has", "\"mode\": 1e999999"),
        OfData("a number is a negative zero", "\"mode\": -0"),
        OfData("a number is a negative zero with a fraction", "\"mode\": -0.00"),
        OfData("a number has a leading zero", "\"mode\": 01"),
        OfData("a number ends in its point", "\"mode\": 1."),
        OfData("a number has more digits behind its point than PostgreSQL keeps", $"\"mode\": 0.{new string('1', 16_384)}"),
        OfData("U+0000 stands in data", "\"mode\": \"\\u0000\""),
        OfData("half of a surrogate pair stands in data", "\"mode\": \"\\ud800\""),
        OfData("a surrogate pair is escaped in data", "\"mode\": \"\\ud83d\\ude00\""),
        OfData("a slash is escaped in data", "\"mode\": \"\\/\""),
        OfData("a letter is escaped in data", "\"mode\": \"\\u0041\""),
        OfData("a tab has the long escape in data", "\"mode\": \"\\u0009\""),
        OfData("no space stands behind a colon in data", "\"mode\":null"),
        OfData("two spaces stand in data", "\"mode\":  null"),
        OfData("no space stands behind a comma in data", "\"mode\": [1,2]"),
        OfData("white space stands in an empty object", "\"mode\": { }"),
        OfData("a list ends in a comma", "\"mode\": [1, ]"),
        OfData("a list is closed as an object", "\"mode\": [1}"),
        OfData("a name stands without a value", "\"mode\""),
        OfData("a list is not closed, far down", $"\"mode\": {new string('[', 20_000)}{new string(']', 19_999)}"),
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

    private static (string Why, string Entry) OfData(string why, string member) => Refuse(why, "\"mode\": null", member);

    private static (string Why, string Entry) Refuse(string why, string part, string other)
    {
        var plain = Encoding.UTF8.GetString(Plain.ToBytes());
        return plain.Contains(part, StringComparison.Ordinal)
            ? (why, plain.Replace(part, other, StringComparison.Ordinal))
            : throw new InvalidOperationException($"The sample has no {part}.");
    }
}
