using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace CooperationEvents.Http;

/// <summary>Metadata of an endpoint that is neither a command nor a query, and says itself what the OpenAPI document holds of it.</summary>
public interface IDescribeOperation
{
    /// <summary>Adds description, parameters, body and answers; the statuses of its refusals are returned.</summary>
    Task<IReadOnlyList<string>> Describe(
        OpenApiOperation operation,
        OpenApiOperationTransformerContext context,
        CancellationToken cancellation
    );
}

/// <summary>Schemas that stand once in the OpenAPI document, and small ones to make others of.</summary>
public static class DescribedSchemas
{
    /// <summary>A reference to a schema that stands once in the document, under that name.</summary>
    public static IOpenApiSchema Component(OpenApiDocument document, string name, IOpenApiSchema schema)
    {
        document.Components ??= new OpenApiComponents();
        document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>();
        document.Components.Schemas.TryAdd(name, schema);
        return new OpenApiSchemaReference(name, document);
    }

    public static OpenApiSchema Object(string[] required, params (string Name, IOpenApiSchema Schema)[] members) =>
        new()
        {
            Type = JsonSchemaType.Object,
            Properties = members.ToDictionary(m => m.Name, m => m.Schema),
            Required = new HashSet<string>(required),
        };

    public static OpenApiSchema Words(params IEnumerable<string> words) =>
        new() { Type = JsonSchemaType.String, Enum = [.. words.Select(w => (JsonNode)JsonValue.Create(w)!)] };

    public static OpenApiSchema Text() => new() { Type = JsonSchemaType.String };

    public static OpenApiSchema Number() => new() { Type = JsonSchemaType.Integer, Format = "int64" };

    public static OpenApiSchema PossibleDuplicates() =>
        new()
        {
            Type = JsonSchemaType.Array,
            Description = "Records that what was created may be the same as, and why. It is recorded all the same.",
            Items = Object(["id", "why"], ("id", new OpenApiSchema { Type = JsonSchemaType.String, Format = "uuid" }), ("why", Text())),
        };

    public static OpenApiSchema Warnings() =>
        new()
        {
            Type = JsonSchemaType.Array,
            Description =
                "Texts of the public record that look like an e-mail address or a telephone number. They are recorded all the same.",
            Items = Object(
                ["pointer", "detail"],
                ("pointer", new OpenApiSchema { Type = JsonSchemaType.String, Format = "json-pointer" }),
                ("detail", Text())
            ),
        };

    public static OpenApiParameter Query(string name, string description, IOpenApiSchema schema) =>
        new()
        {
            Name = name,
            In = ParameterLocation.Query,
            Description = description,
            Schema = schema,
        };

    public static OpenApiResponse Answer(string description, IOpenApiSchema schema) =>
        new()
        {
            Description = description,
            Content = new Dictionary<string, OpenApiMediaType> { ["application/json"] = new() { Schema = schema } },
        };
}
