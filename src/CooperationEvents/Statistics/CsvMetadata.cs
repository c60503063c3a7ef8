using System.Text.Json.Serialization;
using CooperationEvents.Kernel;

namespace CooperationEvents.Statistics;

/// <summary>What describes the CSV of a statistic, as the W3C's Metadata Vocabulary for Tabular Data has it.</summary>
public sealed record CsvMetadata(
    [property: JsonPropertyName("@context")] ValueList<object> Context,
    string Url,
    [property: JsonPropertyName("dc:title")] string Title,
    [property: JsonPropertyName("dc:description")] string Description,
    CsvDialect Dialect,
    CsvSchema TableSchema)
{
    public const string MediaType = "application/csvm+json";

    private static readonly Dictionary<string, string> Language = new() { ["@language"] = "en" };

    /// <param name="name">Of the statistic, as in its path.</param>
    internal static IResult Of(HttpContext http, string name, DataTable table, CsvFormat format) => Results.Json(
        new CsvMetadata(
            ["http://www.w3.org/ns/csvw", Language],
            $"{name}.csv{http.Request.QueryString}",
            table.Title,
            $"{table.Asked}.",
            new CsvDialect(true, "utf-8", $"{format.Delimiter}"),
            new CsvSchema([.. table.Columns.Concat(Asked.Columns).Select(c => new CsvColumn(c.Name, c.Name, c.Description, c.Type, c.Separator, c.ValueUrl))])),
        Json.Options,
        MediaType);
}

public sealed record CsvDialect(bool Header, string Encoding, string Delimiter);

public sealed record CsvSchema(ValueList<CsvColumn> Columns);

public sealed record CsvColumn(string Name, string Titles, [property: JsonPropertyName("dc:description")] string Description, string Datatype, string? Separator, string? ValueUrl);
