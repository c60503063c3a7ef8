using System.Text;
using CooperationEvents.Reading;

namespace CooperationEvents.Statistics.Presentation;

/// <summary>A table as CSV, with a link to the CSVW metadata that describe it.</summary>
internal static class Csv
{
    /// <param name="name">Of the statistic, as in its path.</param>
    public static IResult Of(HttpContext http, string name, DataTable table, CsvFormat format)
    {
        var query = http.Request.QueryString;
        http.Response.Headers.Append(
            "Link",
            $"</v1/statistics/{name}.csv-metadata.json{query}>; rel=\"describedby\"; type=\"{CsvMetadata.MediaType}\""
        );
        http.Response.Headers.ContentLocation = $"/v1/statistics/{name}.csv{query}";
        return Results.Text(Write(table, format), $"{CsvLines.MediaType}; header=present", Encoding.UTF8);
    }

    /// <summary>What describes the table.</summary>
    public static IResult Metadata(HttpContext http, string name, DataTable table, CsvFormat format) =>
        CsvMetadata.Of(
            $"{name}.csv{http.Request.QueryString}",
            table.Title,
            $"{table.Asked}.",
            format.Delimiter,
            table.Columns.Concat(Asked.Columns).Select(c => new CsvColumn(c.Name, c.Name, c.Description, c.Type, c.Separator, c.ValueUrl))
        );

    public static string Write(DataTable table, CsvFormat format) =>
        format.Start
        + CsvLines.Of(
            [table.Columns.Concat(Asked.Columns).Select(c => c.Name), .. table.Rows.Select(row => row.Concat(table.Asked.Values))],
            format.Delimiter
        );
}
