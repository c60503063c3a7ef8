using System.Globalization;
using System.Text;
using CsvHelper;

namespace CooperationEvents.Statistics;

/// <summary>A table as CSV (RFC 4180), with a link to the CSVW metadata that describe it.</summary>
internal static class Csv
{
    public const string MediaType = "text/csv";

    /// <summary>A text that a spreadsheet would run as a formula is written so that it does not.</summary>
    private static readonly CsvWriterOptions Rfc4180 = CsvWriterOptions.Default with { Injection = CsvInjection.Escape };

    /// <param name="name">Of the statistic, as in its path.</param>
    public static IResult Of(HttpContext http, string name, DataTable table)
    {
        var query = http.Request.QueryString;
        http.Response.Headers.Append("Link", $"</v1/statistics/{name}.csv-metadata.json{query}>; rel=\"describedby\"; type=\"{CsvMetadata.MediaType}\"");
        http.Response.Headers.ContentLocation = $"/v1/statistics/{name}.csv{query}";
        return Results.Text(Write(table), $"{MediaType}; header=present", Encoding.UTF8);
    }

    public static string Write(DataTable table)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        using (var csv = CsvWriter.Create(text, Rfc4180, leaveOpen: true))
        {
            csv.WriteRecord([.. table.Columns.Concat(Asked.Columns).Select(c => c.Name)]);
            foreach (var row in table.Rows)
                csv.WriteRecord([.. row.Concat(table.Asked.Values).Select(Text)]);
        }

        return text.ToString();
    }

    private static string Text(object? value) => value switch
    {
        null => "",
        bool truth => truth ? "true" : "false",
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
