using CooperationEvents.Authorization;
using CooperationEvents.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;
using static CooperationEvents.Http.DescribedSchemas;

namespace CooperationEvents.Ingestion;

/// <summary>Describes the endpoint that takes CloudEvents.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostsEventsAttribute()
    : RequiresScopeAttribute(Scopes.ActivityWrite),
        IDescribeOperation,
        IRecordsActivity,
        IServeMediaTypes
{
    public Task<IReadOnlyList<string>> Describe(
        OpenApiOperation operation,
        OpenApiOperationTransformerContext context,
        CancellationToken cancellation
    )
    {
        operation.Summary = "Post events";
        operation.Description =
            "Takes every command of this API as a CloudEvent 1.0: type `org.cooperation.<operation id>.v1`, data the body of the command "
            + "with its path "
            + "parameters as members. Needs activity:write, and for each event the scope of its command. What was accepted under a source "
            + "and id is "
            + "remembered for ever; the same event again answers `duplicate`. The data's schemas are listed at [/schemas](/schemas). "
            + "The source becomes the source of what is recorded; an extension `correlationid` is not read, the header X-Correlation-Id "
            + "is.";
        var document = context.Document!;
        var cloudEvent = Component(
            document,
            "CloudEvent",
            new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Description = "A CloudEvent 1.0 in JSON.",
                Properties = new Dictionary<string, IOpenApiSchema>(Attributes())
                {
                    ["datacontenttype"] = Text(),
                    ["data"] = new OpenApiSchema
                    {
                        Description = "As the schema of the type says: /schemas.",
                        AnyOf = [.. CommandCatalogue.All.Values.Select(c => new OpenApiSchemaReference(c.SchemaName, document))],
                    },
                    ["data_base64"] = new OpenApiSchema
                    {
                        Type = JsonSchemaType.String,
                        Format = "byte",
                        Description = "The same JSON in base64, in the place of data.",
                    },
                },
                Required = new HashSet<string> { "specversion", "id", "source", "type" },
            }
        );
        foreach (var name in new[] { HeaderNames.IfMatch, CommandHeaders.OnBehalfOf, CommandHeaders.Correlation })
            operation.Parameters!.Add(DescribedRequestHeaders.Of(name));
        foreach (var (name, schema) in Attributes())
            operation.Parameters!.Add(
                DescribedRequestHeaders.Of(
                    CloudEventReader.HeaderPrefix + name,
                    $"The attribute {name} of an event whose data alone is the body (application/json).",
                    schema
                )
            );
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                [CloudEventReader.Structured] = new() { Schema = cloudEvent },
                [CloudEventReader.Batched] = new()
                {
                    Schema = new OpenApiSchema { Type = JsonSchemaType.Array, Items = cloudEvent },
                },
                ["application/json"] = new()
                {
                    Schema = new OpenApiSchema
                    {
                        Type = JsonSchemaType.Object,
                        Description =
                            "The data alone, with the attributes in headers: ce-specversion, ce-id, ce-source and ce-type at least.",
                    },
                },
            },
        };
        operation.Responses!["200"] = Answer(
                "One event: recorded now or before. A batch: what became of each.",
                new OpenApiSchema
                {
                    OneOf =
                    [
                        Component(
                            document,
                            "PostedEvent",
                            Object(
                                ["outcome", "id", "version", "position"],
                                [
                                    ("outcome", Words("accepted", "duplicate")),
                                    ("id", new OpenApiSchema { Type = JsonSchemaType.String, Format = "uuid" }),
                                    ("version", Number()),
                                    ("position", Number()),
                                    .. Parts(),
                                    ("possibleDuplicates", PossibleDuplicates()),
                                    ("warnings", Warnings()),
                                ]
                            )
                        ),
                        Component(
                            document,
                            "PostedBatch",
                            Object(
                                ["items"],
                                (
                                    "items",
                                    new OpenApiSchema
                                    {
                                        Type = JsonSchemaType.Array,
                                        Items = Object(
                                            ["source", "id", "outcome"],
                                            [
                                                ("source", Text()),
                                                ("id", Text()),
                                                ("outcome", Words("accepted", "duplicate", "refused")),
                                                ("recordId", new OpenApiSchema { Type = JsonSchemaType.String, Format = "uuid" }),
                                                ("version", Number()),
                                                ("position", Number()),
                                                .. Parts(),
                                                ("possibleDuplicates", PossibleDuplicates()),
                                                ("warnings", Warnings()),
                                                ("problem", new OpenApiSchemaReference("Problem", document)),
                                            ]
                                        ),
                                    }
                                )
                            )
                        ),
                    ],
                }
            )
            .Sometimes(HeaderNames.ETag, CommandEndpoint.PositionHeader);
        return Task.FromResult(CommandAttribute.Refusals);
    }

    /// <summary>The ids of what commands make inside a record, each under the name that the answer at their own path has for it.</summary>
    private static IEnumerable<(string Name, IOpenApiSchema Schema)> Parts() =>
        from part in CommandCatalogue.All.Values.Select(c => c.Part).OfType<string>().Distinct().Order(StringComparer.Ordinal)
        select (part, (IOpenApiSchema)new OpenApiSchema { Type = JsonSchemaType.String, Format = "uuid" });

    /// <summary>The attributes of an event that stand in headers where its data alone is the body.</summary>
    private static Dictionary<string, IOpenApiSchema> Attributes() =>
        new()
        {
            ["specversion"] = Words("1.0"),
            ["id"] = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1 },
            ["source"] = new OpenApiSchema
            {
                Type = JsonSchemaType.String,
                Format = "uri-reference",
                MinLength = 1,
                MaxLength = CommandHeaders.LongestSource,
            },
            ["type"] = Words(CommandCatalogue.All.Values.Select(EventPosting.TypeOf)),
            ["subject"] = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1 },
            // No format: NSwag writes no code for a header that is a time.
            ["time"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "A time of RFC 3339." },
            ["dataschema"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "uri" },
        };
}
