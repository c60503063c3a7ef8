using System.Text;
using System.Text.Json;
using CooperationEvents.Files;
using CooperationEvents.Ingestion.Imports;
using CooperationEvents.Organisations;

namespace CooperationEvents.UnitTests.Ingestion.Imports;

/// <summary>Reads tables as an import does, from their bytes to their rows.</summary>
internal static class Table
{
    public const string Organisations = """
        {"command": "register-organisation", "fields": {"/externalReference/id": "id", "/externalReference/system": {"value": "desk"}, "/name": "name", "/shortName": "shortName"}}
        """;

    /// <summary>The rows, and why the file was not read to its end.</summary>
    public static async Task<(IReadOnlyList<ImportRow> Rows, string? Unreadable)> Read(
        byte[] file,
        string mapping,
        string encoding = "utf-8"
    )
    {
        var (read, problem) = CsvMapping.Read(JsonDocument.Parse(mapping).RootElement);
        problem.ShouldBeNull();
        await using var text = new FileTextStream(new MemoryStream(file), encoding);
        var rows = new List<ImportRow>();
        try
        {
            await foreach (var row in new CsvRows(read!, encoding).Rows(text, CancellationToken.None))
                rows.Add(row);
        }
        catch (UnreadableFileException e)
        {
            return (rows, e.Message);
        }

        return (rows, null);
    }

    public static Task<(IReadOnlyList<ImportRow> Rows, string? Unreadable)> Read(string file, string mapping) =>
        Read(Encoding.UTF8.GetBytes(file), mapping);

    /// <summary>
    /// The names of the organisations that the rows register; null for a row that is refused, empty for one that is skipped.
    /// </summary>
    public static async Task<IReadOnlyList<string?>> Names(byte[] file, string encoding = "utf-8")
    {
        var (rows, unreadable) = await Read(file, Organisations, encoding);
        unreadable.ShouldBeNull();
        return
        [
            .. rows.Select(r =>
                r.Faults.Count > 0 ? null
                : r.Skipped ? ""
                : ((RegisterOrganisation)r.Commands.Single().Command).Name
            ),
        ];
    }
}
