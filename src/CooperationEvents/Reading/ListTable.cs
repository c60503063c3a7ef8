using System.Collections;
using System.Text;
using CooperationEvents.Http;

namespace CooperationEvents.Reading;

/// <summary>
/// A list as CSV: a row for each item, and a column for each member, those of an object one by one.
/// </summary>
internal static class ListTable
{
    /// <summary>The end of the path of the metadata of a list's table.</summary>
    public const string MetadataEnding = ".csv-metadata.json";

    /// <summary>How a list is to be written, where it is asked for as a table; null where it is JSON.</summary>
    /// <exception cref="BadHttpRequestException">406: the caller takes neither.</exception>
    public static CsvFormat? Wanted(HttpContext http, QueryParameters query)
    {
        http.Response.Headers.Append("Vary", "Accept");
        var format = CsvFormat.Read(query);
        return MediaTypes.Preferred(http.Request, "application/json", CsvLines.MediaType) == CsvLines.MediaType ? format : null;
    }

    /// <summary>A whole list, page by page.</summary>
    /// <param name="first">The key before that of the first item.</param>
    /// <param name="read">Reads so many items after a key, in the order of their keys.</param>
    public static async IAsyncEnumerable<IReadOnlyList<T>> Pages<T, TKey>(
        TKey first,
        Func<TKey, int, Task<IReadOnlyList<T>>> read,
        Func<T, TKey> key
    )
    {
        for (var after = first; ; )
        {
            var page = await read(after, Reader.LargestPage);
            yield return page;
            if (page.Count < Reader.LargestPage)
                yield break;
            after = key(page[^1]);
        }
    }

    /// <param name="isDescribed">Whether it links to metadata that describe it.</param>
    public static IResult Of<TRow>(HttpContext http, CsvFormat format, IAsyncEnumerable<IReadOnlyList<TRow>> pages, bool isDescribed)
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
                await Write([columns.Select(c => c.Name)], format.Start);
                await foreach (var page in pages)
                    await Write(page.Select(item => columns.Select(c => c.Value(item!))));

                ValueTask Write(IEnumerable<IEnumerable<object?>> rows, string before = "") =>
                    stream.WriteAsync(Encoding.UTF8.GetBytes(before + CsvLines.Of(rows, format.Delimiter)));
            },
            $"{CsvLines.MediaType}; charset=utf-8; header=present"
        );
    }

    /// <summary>What describes the table of such rows.</summary>
    public static IResult Metadata<TRow>(HttpContext http, string title) =>
        CsvMetadata.Of(
            http.Request.Path.Value!.Split('/')[^1][..^MetadataEnding.Length] + http.Request.QueryString,
            title,
            "The items of a list, a row for each. Beside ids and codes stand their names.",
            CsvFormat.Read(new QueryParameters(http.Request.Query)).Delimiter,
            Columns(typeof(TRow), "", item => item)
                .Select(c => new CsvColumn(c.Name, c.Name, null, DataType(c.Type), IsList(c.Type) ? CsvLines.ItemSeparator : null))
        );

    private static IEnumerable<Column> Columns(Type type, string prefix, Func<object, object?> of)
    {
        foreach (var member in CsvLines.Members(type))
        {
            var (name, value) = (
                prefix.Length == 0 ? member.Name : prefix + char.ToUpperInvariant(member.Name[0]) + member.Name[1..],
                member.Get!
            );
            object? Value(object item) => of(item) is { } owner ? value(owner) : null;
            if (CsvLines.IsObject(member.PropertyType))
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

    private static bool IsList(Type type) => type != typeof(string) && type.IsAssignableTo(typeof(IEnumerable));

    /// <summary>The type of a value, by its name in CSVW.</summary>
    private static string DataType(Type type) =>
        (Nullable.GetUnderlyingType(type) ?? type) switch
        {
            var t when t == typeof(bool) => "boolean",
            var t when t == typeof(int) || t == typeof(long) => "integer",
            var t when t == typeof(DateOnly) => "date",
            var t when t == typeof(DateTimeOffset) || t == typeof(DateTime) => "dateTime",
            _ => "string",
        };

    private sealed record Column(string Name, Type Type, Func<object, object?> Value);
}
