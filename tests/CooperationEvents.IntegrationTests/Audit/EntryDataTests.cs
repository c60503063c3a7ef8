using System.Text;
using CooperationEvents.AuditLog;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests.Audit;

/// <summary>What the verifier takes for the data of an entry is what this PostgreSQL writes, and nothing else.</summary>
public sealed class EntryDataTests
{
    private static readonly Entry Plain = new(
        1,
        Guid.NewGuid(),
        Guid.NewGuid(),
        "meeting",
        1,
        "agenda_set",
        DateTimeOffset.UnixEpoch,
        null,
        null,
        null,
        null,
        null,
        "{}"
    );

    private static readonly string[] Texts =
    [
        """{"": 1, "\"": 2, "A": 3, "a": 4, "zz": 5, "é": 6, "aaa": 7}""",
        """{"aa": 1, "b": 2}""",
        """{"a": 1, "a": 2}""",
        """{"b": 1, "a": 2}""",
        """{"a":1}""",
        """{ "a": 1}""",
        "[1, [], {}, null, true, false]",
        "[1,2]",
        "[ ]",
        "[0, 0.00, 1.0, -0.10, 12345678901234567890123456789.5]",
        "-0",
        "-0.0",
        "1e2",
        "1E400",
        "1e999999",
        "1.",
        "01",
        "+1",
        $"0.{new string('1', 16_383)}",
        $"0.{new string('1', 16_384)}",
        $"0.{new string('0', 16_384)}",
        new string('9', 60_000),
        """
            "\"\\/\b\f\n\r\t\u0001\u001f é😀"
            """.Trim(),
        "\"\u007f\u2028\ufeff\"",
        """
            "\u0000"
            """.Trim(),
        """
            "\ud800"
            """.Trim(),
        """
            "\ud83d\ude00"
            """.Trim(),
        """
            "\u00e9"
            """.Trim(),
        """
            "\u001F"
            """.Trim(),
        """
            "\/"
            """.Trim(),
        new string('[', 5_000) + new string(']', 5_000),
        new string('[', 5_000) + new string(']', 4_999),
        "",
        "{",
        "nil",
    ];

    [Fact]
    public async Task A_text_is_data_where_PostgreSQL_writes_it_itself()
    {
        await using var database = await TestDatabase.Create();
        var (taken, other) = (0, new List<string>());
        foreach (var text in Texts)
        {
            string written;
            try
            {
                written = await database.Scalar<string>("select $1::jsonb::text", text);
            }
            catch (Npgsql.PostgresException)
            {
                written = "(refused)";
            }

            var isTaken = Entry.TryParse(LineOf(text), out _, out var fault);
            taken += isTaken ? 1 : 0;
            if (isTaken != (written == text))
                other.Add($"{text[..Math.Min(60, text.Length)]}: {(isTaken ? "taken" : fault)}");
        }

        other.ShouldBeEmpty();
        taken.ShouldBeInRange(8, 12);
    }

    private static byte[] LineOf(string data) =>
        Encoding.UTF8.GetBytes(
            Encoding.UTF8.GetString(Plain.ToBytes()).Replace("\"data\":{}", $"\"data\":{data}", StringComparison.Ordinal)
        );
}
