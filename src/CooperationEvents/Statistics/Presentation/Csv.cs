using System.Globalization;
using System.Text;
using CooperationEvents.Reading;
using CooperationEvents.Statistics.Counting;
using CsvHelper;

namespace CooperationEvents.Statistics.Presentation;

/// <summary>A table as CSV (RFC 4180), with a link to the CSVW metadata that describe it.</summary>
internal static class Csv
{
    public const string MediaType = "text/csv";

    /// <summary>Escapes texts that a spreadsheet would run as formulas.</summary>
    private static readonly CsvWriterOptions Rfc4180 = CsvWriterOptions.Default with { Injection = CsvInjection.Escape };

    /// <param name="name">Of the statistic, as in its path.</param>
    public static IResult Of(HttpContext http, string name, DataTable table, CsvFormat format)
    {
        var query = http.Request.QueryString;
        http.Response.Headers.Append(
            "Link",
            $"</v1/statistics/{name}.csv-metadata.json{query}>; rel=\"describedby\"; type=\"{CsvMetadata.MediaType}\""
        );
        http.Response.Headers.ContentLocation = $"/v1/statistics/{name}.csv{query}";
        return Results.Text(Write(table, format), $"{MediaType}; header=present", Encoding.UTF8);
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

    public static string Write(DataTable table, CsvFormat format)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        if (format.ByteOrderMark)
            text.Write('\uFEFF');
        using (var csv = CsvWriter.Create(text, Rfc4180 with { Separator = format.Delimiter }, leaveOpen: true))
        {
            csv.WriteRecord([.. table.Columns.Concat(Asked.Columns).Select(c => c.Name)]);
            foreach (var row in table.Rows)
                csv.WriteRecord([.. row.Concat(table.Asked.Values).Select(Text)]);
        }

        return text.ToString();
    }

    private static string Text(object? value) =>
        value switch
        {
            null => "",
            bool truth => truth ? "true" : "false",
            DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };
}
