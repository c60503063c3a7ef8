using System.Text.Json.Serialization;
using CooperationEvents.Kernel;

namespace CooperationEvents.Reading;

/// <summary>What describes a table in CSV, as the W3C's Metadata Vocabulary for Tabular Data has it.</summary>
public sealed record CsvMetadata(
    [property: JsonPropertyName("@context")] ValueList<object> Context,
    string Url,
    [property: JsonPropertyName("dc:title")] string Title,
    [property: JsonPropertyName("dc:description")] string Description,
    CsvDialect Dialect,
    CsvSchema TableSchema
)
{
    public const string MediaType = "application/csvm+json";

    private static readonly Dictionary<string, string> Language = new() { ["@language"] = "en" };

    internal static IResult Of(string url, string title, string description, char delimiter, IEnumerable<CsvColumn> columns) =>
        Results.Json(
            new CsvMetadata(
                ["http://www.w3.org/ns/csvw", Language],
                url,
                title,
                description,
                new CsvDialect(true, "utf-8", $"{delimiter}"),
                new CsvSchema([.. columns])
            ),
            Json.Options,
            MediaType
        );
}

public sealed record CsvDialect(bool Header, string Encoding, string Delimiter);

public sealed record CsvSchema(ValueList<CsvColumn> Columns);

public sealed record CsvColumn(
    string Name,
    string Titles,
    [property: JsonPropertyName("dc:description")] string? Description,
    string Datatype,
    string? Separator,
    string? ValueUrl = null
);
