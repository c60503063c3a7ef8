using System.Collections;
using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using CooperationEvents.Kernel;
using CsvHelper;

namespace CooperationEvents.Reading;

/// <summary>
/// Rows as CSV (RFC 4180). A text that a spreadsheet would run as a formula begins with an apostrophe; a number never does. The items of
/// a list share a cell, separated by <see cref="ItemSeparator"/>, and the members of such an item are separated by blanks.
/// </summary>
public static class CsvLines
{
    public const string MediaType = "text/csv";

    public const string ItemSeparator = "; ";

    public static string Of(IEnumerable<IEnumerable<object?>> rows, char delimiter = ',')
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        using (var csv = CsvWriter.Create(text, CsvWriterOptions.Default with { Separator = delimiter }, leaveOpen: true))
        {
            foreach (var row in rows)
                csv.WriteRecord([.. row.Select(Cell)]);
        }

        return text.ToString();
    }

    public static IList<JsonPropertyInfo> Members(Type type) => Json.Options.GetTypeInfo(type).Properties;

    public static bool IsObject(Type type) => Json.Options.GetTypeInfo(type).Kind == JsonTypeInfoKind.Object;

    private static string Cell(object? value) =>
        (Text(value), value)
            is (['=' or '+' or '-' or '@' or '\t' or '\r' or '\n', ..] and var text, not (int or long or double or decimal))
            ? "'" + text
            : Text(value);

    private static string Text(object? value) =>
        value switch
        {
            null => "",
            string text => text,
            bool truth => truth ? "true" : "false",
            DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            DateTime time => Text(new DateTimeOffset(time)),
            DateTimeOffset time => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture),
            IEnumerable items => string.Join(ItemSeparator, items.Cast<object>().Select(Text)),
            Enum word => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(word.ToString()),
            _ when IsObject(value.GetType()) => string.Join(
                ' ',
                Members(value.GetType()).Select(m => Text(m.Get!(value))).Where(t => t.Length > 0)
            ),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };
}
