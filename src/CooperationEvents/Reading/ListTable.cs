using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Json.Serialization.Metadata;
using CooperationEvents.Kernel;
using CsvHelper;

namespace CooperationEvents.Reading;

/// <summary>
/// A list as CSV (RFC 4180): a row for each item, and a column for each member, those of an object one by one. The items of a list share a
/// cell, separated by semicolons, and the members of such an item are separated by blanks.
/// </summary>
internal static class ListTable
{
    public const string MediaType = "text/csv";

    /// <summary>The end of the path of the metadata of a list's table.</summary>
    public const string MetadataEnding = ".csv-metadata.json";

    /// <summary>The separator of the items in a cell.</summary>
    private const string Separator = "; ";

    /// <summary>Escapes texts that a spreadsheet would run as formulas.</summary>
    private static readonly CsvWriterOptions Rfc4180 = CsvWriterOptions.Default with { Injection = CsvInjection.Escape };

    /// <param name="isDescribed">Whether it links to metadata that describe it.</param>
    public static IResult Of<TRow>(HttpContext http, IAsyncEnumerable<IReadOnlyList<TRow>> pages, bool isDescribed)
    {
        Column[] columns = [.. Columns(typeof(TRow), "", item => item)];
        if (isDescribed)
        {
            http.Response.Headers.Append(
                "Link",
                $"<{http.Request.Path}{MetadataEnding}{http.Request.QueryString}>; rel=\"describedby\"; type=\"{CsvMetadata.MediaType}\""
            );
        }

        return Results.Stream(
            async stream =>
            {
                await stream.WriteAsync(
                    Encoding.UTF8.GetBytes(
                        Lines([
                            [.. columns.Select(c => c.Name)],
                        ])
                    )
                );
                await foreach (var page in pages)
                    await stream.WriteAsync(
                        Encoding.UTF8.GetBytes(Lines(page.Select(item => (string[])[.. columns.Select(c => Cell(c.Value(item!)))])))
                    );
            },
            $"{MediaType}; charset=utf-8; header=present"
        );
    }

    /// <summary>What describes the table of such rows.</summary>
    public static IResult Metadata<TRow>(HttpContext http, string title) =>
        CsvMetadata.Of(
            http.Request.Path.Value!.Split('/')[^1][..^MetadataEnding.Length] + http.Request.QueryString,
            title,
            "The items of a list, a row for each. Beside ids and codes stand their names.",
            ',',
            Columns(typeof(TRow), "", item => item)
                .Select(c => new CsvColumn(c.Name, c.Name, null, DataType(c.Type), IsList(c.Type) ? Separator : null))
        );

    private static string Lines(IEnumerable<string[]> rows)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        using (var csv = CsvWriter.Create(text, Rfc4180, leaveOpen: true))
        {
            foreach (var row in rows)
                csv.WriteRecord(row);
        }

        return text.ToString();
    }

    private static IEnumerable<Column> Columns(Type type, string prefix, Func<object, object?> of)
    {
        foreach (var member in Members(type))
        {
            var (name, value) = (
                prefix.Length == 0 ? member.Name : prefix + char.ToUpperInvariant(member.Name[0]) + member.Name[1..],
                member.Get!
            );
            object? Value(object item) => of(item) is { } owner ? value(owner) : null;
            if (IsObject(member.PropertyType))
            {
                foreach (var column in Columns(member.PropertyType, name, Value))
                    yield return column;
            }
            else
            {
                yield return new Column(name, member.PropertyType, Value);
            }
        }
    }

    private static string Cell(object? value) =>
        value switch
        {
            null => "",
            string text => text,
            bool truth => truth ? "true" : "false",
            DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            DateTimeOffset time => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture),
            IEnumerable items => string.Join(Separator, items.Cast<object>().Select(Cell)),
            Enum word => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(word.ToString()),
            _ when IsObject(value.GetType()) => string.Join(
                ' ',
                Members(value.GetType()).Select(m => Cell(m.Get!(value))).Where(t => t.Length > 0)
            ),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };

    private static bool IsList(Type type) => type != typeof(string) && type.IsAssignableTo(typeof(IEnumerable));

    /// <summary>The type of a value, by its name in CSVW.</summary>
    private static string DataType(Type type) =>
        (Nullable.GetUnderlyingType(type) ?? type) switch
        {
            var t when t == typeof(bool) => "boolean",
            var t when t == typeof(int) || t == typeof(long) => "integer",
            var t when t == typeof(DateOnly) => "date",
            var t when t == typeof(DateTimeOffset) => "dateTime",
            _ => "string",
        };

    private static IList<JsonPropertyInfo> Members(Type type) => Json.Options.GetTypeInfo(type).Properties;

    private static bool IsObject(Type type) => Json.Options.GetTypeInfo(type).Kind == JsonTypeInfoKind.Object;

    private sealed record Column(string Name, Type Type, Func<object, object?> Value);
}
