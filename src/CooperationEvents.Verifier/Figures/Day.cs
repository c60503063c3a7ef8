using System.Globalization;
using System.Text.Json;
using CooperationEvents.AuditLog;

namespace CooperationEvents.Verifier.Figures;

/// <summary>Days of dates that may be known by their month or year alone, and may have a time.</summary>
internal static class Day
{
    /// <summary>The first day a date may mean.</summary>
    /// <exception cref="FormatException">It is no date.</exception>
    public static DateOnly First(string date) =>
        DateOnly.TryParseExact(
            date.Length switch
            {
                4 => date + "-01-01",
                7 => date + "-01",
                > 10 when date[10] == 'T' => date[..10],
                _ => date,
            },
            "yyyy-MM-dd",
            CultureInfo.InvariantCulture,
            DateTimeStyles.None,
            out var day
        )
            ? day
            : throw new FormatException($"'{date}' is no date");

    /// <summary>The last day a date may mean.</summary>
    public static DateOnly Last(string date)
    {
        var first = First(date);
        return date.Length switch
        {
            4 => new DateOnly(first.Year, 12, 31),
            7 => new DateOnly(first.Year, first.Month, DateTime.DaysInMonth(first.Year, first.Month)),
            _ => first,
        };
    }

    /// <summary>Whether the date has a time, and that is midnight.</summary>
    public static bool IsMidnight(string date) => date.Length > 11 && date[10] == 'T' && date[11..].All(c => c is '0' or ':' or '.');
}

internal static class Members
{
    private static readonly JsonDocumentOptions Once = new() { MaxDepth = Entry.MaxBytes, AllowDuplicateProperties = false };

    /// <summary>The data of an entry, however deep it is.</summary>
    public static JsonDocument Data(string json) => JsonDocument.Parse(json, Once);

    /// <summary>Reads a text of JSON, however deep it is; a member that stands there twice is none.</summary>
    /// <exception cref="FormatException">Says what keeps it from being read.</exception>
    public static T Of<T>(string json, Func<JsonElement, T> read)
    {
        try
        {
            using var document = Data(json);
            return read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new FormatException(JsonFault.Words(e), e);
        }
    }

    /// <summary>The hashes of a proof.</summary>
    public static IReadOnlyList<Digest> Hashes(this JsonElement data) =>
        [
            .. data.GetProperty("hashes")
                .EnumerateArray()
                .Select(h =>
                    Digest.TryParse(h.GetString() ?? "", out var hash) ? hash : throw new FormatException("one of the hashes is none")
                ),
        ];

    public static Guid Id(this JsonElement data, string member) => data.GetProperty(member).AsId();

    /// <summary>The id that a text is, in the one form it has in entries: lower case with hyphens.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static Guid AsId(this JsonElement text)
    {
        var id = text.GetGuid();
        return text.ValueEquals($"{id}") ? id : throw new FormatException("one of the ids is not in lower case");
    }

    /// <summary>The text of a member; empty where it is absent or null.</summary>
    public static string Text(this JsonElement data, string member) =>
        data.TryGetProperty(member, out var value) && value.ValueKind != JsonValueKind.Null ? value.GetString()! : "";

    /// <summary>The text of a member that is a date.</summary>
    /// <exception cref="FormatException">It is absent, or no date.</exception>
    public static string Date(this JsonElement data, string member)
    {
        var date = data.Text(member);
        Day.First(date);
        return date;
    }

    /// <summary>The same; empty where it is absent or null.</summary>
    public static string OptionalDate(this JsonElement data, string member) => data.Text(member).Length == 0 ? "" : data.Date(member);
}
