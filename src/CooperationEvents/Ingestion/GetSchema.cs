using System.Text.Json.Nodes;
using CooperationEvents.Hosting;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using Microsoft.AspNetCore.Authorization;
using Wolverine.Http;

namespace CooperationEvents.Ingestion;

/// <summary>
/// The JSON Schemas (2020-12) of what events carry as data and imports as lines: those of the OpenAPI document, each standing by itself.
/// </summary>
public sealed class DataSchemas(OpenApiDocumentEndpoint openApi)
{
    private const string Components = "#/components/schemas/";
    private const string Definitions = "#/$defs/";

    private Task<JsonObject>? _schemas;

    public static string PathOf(CatalogueEntry command) => $"/schemas/{command.OperationId}.v1.json";

    public async Task<JsonObject> Of(CatalogueEntry command)
    {
        var all = await (_schemas ??= Read());
        var definitions = new JsonObject();
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["$id"] = PathOf(command),
            ["title"] = EventPosting.TypeOf(command),
        };
        foreach (var (name, value) in (JsonObject)Standing(all[command.SchemaName]!, all, definitions)!)
            schema[name] = value?.DeepClone();
        if (definitions.Count > 0)
            schema["$defs"] = definitions;
        return schema;
    }

    private async Task<JsonObject> Read() =>
        (JsonObject)JsonNode.Parse((await openApi.Json(CancellationToken.None)).Span)!["components"]!["schemas"]!;

    /// <summary>A copy whose references lead to <paramref name="definitions"/>, which gets what they name.</summary>
    private static JsonNode? Standing(JsonNode? node, JsonObject all, JsonObject definitions)
    {
        switch (node)
        {
            case JsonObject members:
                var copy = new JsonObject();
                foreach (var (name, value) in members)
                {
                    if (
                        name == "$ref"
                        && value!.GetValue<string>() is var target
                        && target.StartsWith(Components, StringComparison.Ordinal)
                    )
                    {
                        var named = target[Components.Length..];
                        copy[name] = Definitions + named;
                        if (!definitions.ContainsKey(named))
                        {
                            definitions[named] = null;
                            definitions[named] = Standing(all[named], all, definitions);
                        }
                    }
                    else
                    {
                        copy[name] = Standing(value, all, definitions);
                    }
                }

                return copy;
            case JsonArray items:
                return new JsonArray([.. items.Select(i => Standing(i, all, definitions))]);
            default:
                return node?.DeepClone();
        }
    }
}

/// <summary>A schema in the list of them.</summary>
public sealed record DataSchemaAnswer(string Command, string Type, string Schema);

public static class SchemasEndpoint
{
    [WolverineGet("/schemas", OperationId = "list-schemas"), AllowAnonymous]
    public static IResult List() =>
        Results.Json(
            CommandCatalogue
                .All.Values.OrderBy(c => c.OperationId, StringComparer.Ordinal)
                .Select(c => new DataSchemaAnswer(c.OperationId, EventPosting.TypeOf(c), DataSchemas.PathOf(c))),
            Json.Options
        );

    [WolverineGet("/schemas/{file}", OperationId = "get-schema"), AllowAnonymous]
    public static async Task<IResult> Get(string file, DataSchemas schemas) =>
        CommandCatalogue.All.Values.FirstOrDefault(c => DataSchemas.PathOf(c) == "/schemas/" + file) is { } command
            ? Results.Json(await schemas.Of(command), Json.Options, MediaTypes.JsonSchema)
            : ProblemResult.Of(KernelProblems.NotFound.Because($"There is no schema {file}. See /schemas."));
}
