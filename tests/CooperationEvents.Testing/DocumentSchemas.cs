using System.Text.Json.Nodes;
using CooperationEvents.Hosting;
using Json.Schema;
using Microsoft.Extensions.DependencyInjection;

namespace CooperationEvents.Testing;

/// <summary>What becomes of members that a schema does not name, where it does not say so itself.</summary>
public enum Unknown
{
    AreTaken,

    /// <summary>So that a test sees an answer that the document does not know, which clients would have to take.</summary>
    AreRefused,
}

/// <summary>The schemas of the OpenAPI document, to hold JSON against. A format is held, too.</summary>
public sealed class DocumentSchemas
{
    private const string Components = "#/components/schemas/";
    private const string Definitions = "#/$defs/";
    private const int MostFaults = 10;

    /// <summary>The library makes what a schema needs when it is first asked, which several threads must not do at once.</summary>
    private static readonly Lock Asking = new();

    private readonly Uri _id = new($"https://document.example/{Guid.NewGuid():N}/");
    private readonly Unknown _unknown;

    /// <param name="document">The OpenAPI document, as it is served.</param>
    /// <param name="unknown">What becomes of members that are not described.</param>
    public DocumentSchemas(JsonObject document, Unknown unknown)
    {
        _unknown = unknown;
        var components = document["components"]!["schemas"]!.DeepClone();
        Close(components);
        var definitions = new JsonObject { ["$id"] = _id.ToString(), ["$defs"] = components };
        SchemaRegistry.Global.Register(JsonSchema.FromText(Standing(definitions)));
    }

    /// <summary>The OpenAPI document, as the service serves it.</summary>
    public static async Task<JsonObject> Document(IServiceProvider services) =>
        JsonNode.Parse((await services.GetRequiredService<OpenApiDocumentEndpoint>().Json(CancellationToken.None)).Span)!.AsObject();

    /// <summary>A check against a schema of the document: what in some JSON it does not allow, each with its place.</summary>
    /// <param name="schema">It may refer to the components.</param>
    public Func<JsonNode?, IReadOnlyList<string>> Of(JsonObject schema)
    {
        var own = schema.DeepClone();
        Close(own);
        var held = JsonSchema.FromText(Standing(own));
        return json =>
        {
            lock (Asking)
                return Faults(held, json);
        };
    }

    private static IReadOnlyList<string> Faults(JsonSchema schema, JsonNode? json)
    {
        if (schema.Evaluate(json, Options(OutputFormat.Flag)).IsValid)
            return [];
        var faults = schema
            .Evaluate(json, Options(OutputFormat.List))
            .Details.Where(part => part.HasErrors)
            .SelectMany(part => part.Errors!.Values.Select(fault => $"{part.InstanceLocation}: {fault}"))
            .Distinct()
            .Take(MostFaults)
            .ToList();
        return faults.Count > 0 ? faults : ["The JSON is not as its schema says."];
    }

    private static EvaluationOptions Options(OutputFormat output) => new() { OutputFormat = output, RequireFormatValidation = true };

    private string Standing(JsonNode schema) =>
        schema.ToJsonString().Replace($"\"{Components}", $"\"{_id}{Definitions}", StringComparison.Ordinal);

    private void Close(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject schema:
                foreach (var (_, part) in schema)
                    Close(part);
                if (_unknown == Unknown.AreRefused && schema["properties"] is JsonObject && !schema.ContainsKey("additionalProperties"))
                    schema["additionalProperties"] = false;
                break;
            case JsonArray parts:
                foreach (var part in parts)
                    Close(part);
                break;
        }
    }
}
