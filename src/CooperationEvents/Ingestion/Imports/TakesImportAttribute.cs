using System.Text.Json.Nodes;
using CooperationEvents.Authorization;
using CooperationEvents.Calendars.Format;
using CooperationEvents.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;
using static CooperationEvents.Http.DescribedSchemas;

namespace CooperationEvents.Ingestion.Imports;

/// <summary>Describes the endpoint that takes files.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TakesImportAttribute()
    : RequiresScopeAttribute(Scopes.ActivityWrite),
        IDescribeOperation,
        IRecordsActivity,
        IServeMediaTypes
{
    private const string Lines = """
        {"command": "register-organisation", "data": {"name": "Directorate-General for Rivers", "shortName": "DG RIVERS"}}

        """;

    /// <summary>Of the kind <c>organisations</c>.</summary>
    private const string Table = """
        id;name;shortName
        o-1;Directorate-General for Rivers;DG RIVERS

        """;

    private const string Mapping = """
        {"command": "register-organisation", "fields": {"/name": "Organisation", "/shortName": "Abbreviation"}}
        """;

    private const string MappedTable = """
        Organisation;Abbreviation
        Directorate-General for Rivers;DG RIVERS

        """;

    private const string Calendar = """
        BEGIN:VCALENDAR
        VERSION:2.0
        PRODID:-//example//calendar//EN
        BEGIN:VEVENT
        UID:river-forum-1@example.org
        DTSTAMP:20260101T090000Z
        DTSTART:20260304T090000Z
        DTEND:20260304T100000Z
        SUMMARY:River Forum
        END:VEVENT
        END:VCALENDAR

        """;

    public async Task<IReadOnlyList<string>> Describe(
        OpenApiOperation operation,
        OpenApiOperationTransformerContext context,
        CancellationToken cancellation
    )
    {
        operation.Summary = "Import a file";
        operation.Description =
            "Takes a file of history of any size, as lines of commands (application/x-ndjson), as a table (text/csv, "
            + "text/tab-separated-values) or as a calendar "
            + "(text/calendar); "
            + "with a mapping as multipart/form-data, the part `mapping` before the part `file`. Answers when the file is here; the rows "
            + "are worked on "
            + "after that, and the import is read at its Location. Needs activity:write, and each row the scope of its command.";
        operation.Parameters!.Add(
            Query("mode", "Each row by itself (partial, where absent), or all rows or none (atomic).", Words("partial", "atomic"))
        );
        operation.Parameters.Add(Query("dryRun", "Whether only to say what would become of each row.", Words("true", "false")));
        operation.Parameters.Add(Query("kind", "What the rows of a table without a mapping are.", Words(CsvKinds.All.Keys)));
        operation.Parameters.Add(
            Query(
                "system",
                "The system whose references the cells of such a table are; our ids where absent.",
                Reading.ParameterSchemas.Text(100)
            )
        );
        foreach (var name in new[] { CommandHeaders.Source, CommandHeaders.OnBehalfOf, CommandHeaders.Correlation })
            operation.Parameters.Add(DescribedRequestHeaders.Of(name));
        var file = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" };
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                ["application/x-ndjson"] = new() { Schema = file, Example = Lines },
                ["text/csv"] = new() { Schema = file, Example = Table },
                ["text/tab-separated-values"] = new() { Schema = file, Example = Table.Replace(';', '\t') },
                [CalendarText.MediaType] = new() { Schema = file, Example = Calendar },
                ["multipart/form-data"] = new()
                {
                    Schema = Object(["file"], ("mapping", await MappingSchemas.Of(context, cancellation)), ("file", file)),
                    Example = new JsonObject { ["mapping"] = JsonNode.Parse(Mapping), ["file"] = MappedTable },
                    Encoding = new Dictionary<string, OpenApiEncoding>
                    {
                        ["mapping"] = new() { ContentType = "application/json" },
                        ["file"] = new()
                        {
                            ContentType =
                                "text/csv, text/tab-separated-values, text/calendar, application/x-ndjson, application/octet-stream",
                        },
                    },
                },
            },
        };
        operation.Responses!["202"] = Answer(
                "The file is here.",
                Component(
                    context.Document!,
                    nameof(ImportAnswer),
                    await context.GetOrCreateSchemaAsync(typeof(ImportAnswer), null, cancellation)
                )
            )
            .Always(HeaderNames.Location)
            .Sometimes(CommandEndpoint.PositionHeader);
        return ["400", "401", "403", "406", "408", "413", "415", "422", "429", "503"];
    }
}
