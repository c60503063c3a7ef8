using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CooperationEvents.IntegrationTests.Statistics;

/// <summary>
/// The rules of the W3C for metadata of tables (Metadata Vocabulary for Tabular Data, Model for Tabular Data) that a validator
/// checks: which properties there may be, and whether the table is as they say.
/// </summary>
internal static partial class TabularMetadata
{
    private static readonly string[] OfATable = ["@context", "url", "dialect", "tableSchema", "dc:title", "dc:description"];
    private static readonly string[] OfAColumn = ["name", "titles", "datatype", "separator", "valueUrl", "dc:description"];

    public static void ShouldDescribe(JsonNode metadata, string csv)
    {
        metadata.AsObject().Select(p => p.Key).ShouldBeSubsetOf(OfATable);
        var context = metadata["@context"]!.AsArray();
        context.Count.ShouldBe(2);
        context[0]!.GetValue<string>().ShouldBe("http://www.w3.org/ns/csvw");
        context[1]!.ToJsonString().ShouldBe("""{"@language":"en"}""");
        metadata["dialect"]!.ToJsonString().ShouldBe("""{"header":true,"encoding":"utf-8","delimiter":","}""");
        var columns = metadata["tableSchema"]!["columns"]!.AsArray();
        foreach (var column in columns)
        {
            column!.AsObject().Select(p => p.Key).ShouldBeSubsetOf(OfAColumn);
            NameOfVariable().IsMatch(column.Text("name")).ShouldBeTrue(column.Text("name"));
        }

        columns.Select(c => c!.Text("name")).ShouldBeUnique();
        var rows = Rows(csv);
        rows[0].ShouldBe(columns.Select(c => c!.Text("titles")));
        foreach (var row in rows.Skip(1))
        {
            row.Length.ShouldBe(columns.Count);
            for (var i = 0; i < row.Length; i++)
            {
                var separator = columns[i]!["separator"]?.GetValue<string>();
                foreach (var value in separator is null ? [row[i]] : row[i].Split(separator))
                    IsOf(columns[i]!.Text("datatype"), value).ShouldBeTrue($"{columns[i]!.Text("name")}: {value}");
            }
        }
    }

    /// <summary>What is empty is null, whatever the type.</summary>
    private static bool IsOf(string datatype, string value) =>
        value.Length == 0
        || datatype switch
        {
            "string" => true,
            "integer" => long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
            "date" => DateOnly.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
            "boolean" => value is "true" or "false",
            _ => false,
        };

    /// <summary>Of cells that need no quotes.</summary>
    private static List<string[]> Rows(string csv) => [.. csv.Split("\r\n")[..^1].Select(line => line.Split(','))];

    /// <summary>A name is one of a variable in a URI template (RFC 6570), and does not begin with an underscore.</summary>
    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9_.]*$")]
    private static partial Regex NameOfVariable();
}
