using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Statistics.Presentation;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using static CooperationEvents.Reading.ParameterSchemas;

namespace CooperationEvents.Hosting;

/// <summary>The schemas of answers, and of what bodies have in common with them.</summary>
internal static class OpenApiSchemas
{
    internal const string DatePattern =
        "^[1-9][0-9]{3}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01])(T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?)?)?)?$";

    internal const string DateDescription = "A year from 1000 on, a month, a day, or a local time without offset.";

    /// <summary>Fills in what the exporter cannot see behind our converters.</summary>
    public static async Task Transform(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellation)
    {
        var type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type;
        if (type == typeof(PartialDate))
        {
            schema.Type = JsonSchemaType.String;
            (schema.Pattern, schema.Description) = (DatePattern, DateDescription);
        }
        else if (type == typeof(PositionOrTime))
        {
            schema.OneOf =
            [
                new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int64" },
                new OpenApiSchema { Type = JsonSchemaType.String },
            ];
            schema.Description = "A position, or a time.";
        }
        else if (type == typeof(Reference))
        {
            schema.OneOf = [Id(), await context.GetOrCreateSchemaAsync(typeof(ExternalReference), null, cancellation)];
            schema.Description = "The id, or the external reference it was created with.";
        }
        else if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueList<>))
        {
            schema.Type = JsonSchemaType.Array;
            schema.Description = null;
            schema.Items = await context.GetOrCreateSchemaAsync(type.GetGenericArguments()[0], null, cancellation);
        }
        else if (type == typeof(IReadOnlyList<JsonElement>))
        {
            schema.Items = new OpenApiSchema { Type = JsonSchemaType.Object };
        }
        else if (type.IsEnum)
        {
            schema.Type = JsonSchemaType.String;
            schema.Enum = [.. BodyCheck.Words(type).Select(w => (JsonNode)JsonValue.Create(w)!)];
        }

        // What follows from a question or from figures is in every answer, and in no constructor that would say so.
        if (type.IsAssignableTo(typeof(Statistic)) || type.IsAssignableTo(typeof(FiguresRow)))
            schema.Required = context.JsonTypeInfo.Properties.Where(p => p.Get is not null).Select(p => p.Name).ToHashSet();

        // What is null is left out of an answer, save where null says something.
        foreach (var property in context.JsonTypeInfo.Properties)
        {
            if (property.IsGetNullable && !IsAlwaysThere(property))
                schema.Required?.Remove(property.Name);
        }

        if (context.JsonPropertyInfo is { IsGetNullable: true } member && (IsAlwaysThere(member) || IsNullOnceErased(member)))
            OrNull(schema);
        if (context.JsonPropertyInfo is { } texts && HasNullValues(texts) && schema.AdditionalProperties is OpenApiSchema values)
            OrNull(values);

        // Generators take what has a default for required. Answers have every member, and bodies say it in words.
        schema.Default = null;
    }

    /// <summary>
    /// The schema, or null beside it. Only of what is a choice already, or stands elsewhere, is it a choice between null and that: of such
    /// a choice of texts generators make an object.
    /// </summary>
    public static OpenApiSchema OrNull(OpenApiSchema schema)
    {
        if (schema.Enum is { Count: > 0 } words)
            (schema.Type, schema.Enum) = (JsonSchemaType.String | JsonSchemaType.Null, [.. words, JsonNullSentinel.JsonNull]);
        else if (schema.Type is { } type)
            schema.Type = type | JsonSchemaType.Null;
        else
            return new OpenApiSchema { OneOf = [new OpenApiSchema { Type = JsonSchemaType.Null }, schema] };
        return schema;
    }

    /// <summary>Whether it is a dictionary whose values may be null.</summary>
    private static bool HasNullValues(JsonPropertyInfo member) =>
        member.PropertyType == typeof(IReadOnlyDictionary<string, string>)
        && member.AttributeProvider is PropertyInfo property
        && new NullabilityInfoContext().Create(property).GenericTypeArguments[1].ReadState == NullabilityState.Nullable;

    private static bool IsAlwaysThere(JsonPropertyInfo member) =>
        member.AttributeProvider?.GetCustomAttributes(typeof(JsonIgnoreAttribute), true)
            is [JsonIgnoreAttribute { Condition: JsonIgnoreCondition.Never }];

    private static bool IsNullOnceErased(JsonPropertyInfo member) =>
        member.AttributeProvider?.IsDefined(typeof(NullOnceErasedAttribute), inherit: true) == true;

    /// <summary>The name of an answer's schema: <c>PageOfMeetingSummary</c> for a page of them.</summary>
    public static string NameOf(Type answer) =>
        answer.IsGenericType
            ? $"{answer.Name[..answer.Name.IndexOf('`', StringComparison.Ordinal)]}Of{answer.GetGenericArguments()[0].Name}"
            : answer.Name;

    public static bool HasRequiredMembers(Type command, IList<IOpenApiParameter> path) =>
        Json.Options.GetTypeInfo(command).Properties.Any(p => p.IsRequired && path.All(q => q.Name != p.Name));

    /// <param name="part">The member that holds the id of what is made inside something that exists.</param>
    /// <param name="partMayBeAbsent">Whether an answer that an earlier version remembered lacks it.</param>
    /// <param name="tells">The schema of what else the answer tells.</param>
    public static IOpenApiSchema Accepted(string? part, bool partMayBeAbsent, OpenApiSchema? tells)
    {
        var schema = DescribedSchemas.Object(
            ["id", "version", "position"],
            ("id", Id()),
            ("version", Position()),
            ("position", Position()),
            (
                "receipt",
                new OpenApiSchema
                {
                    Type = JsonSchemaType.Object,
                    Description =
                        "Where Prefer: wait=N was sent and the log came in time: the index of the event in the log, and its C2SP "
                        + "tlog-proof.",
                    Properties = new Dictionary<string, IOpenApiSchema> { ["index"] = Position(), ["proof"] = DescribedSchemas.Text() },
                    Required = new HashSet<string> { "index", "proof" },
                }
            ),
            ("possibleDuplicates", DescribedSchemas.PossibleDuplicates()),
            ("warnings", DescribedSchemas.Warnings())
        );
        if (part is not null)
        {
            schema.Properties![part] = Id();
            if (!partMayBeAbsent)
                schema.Required!.Add(part);
        }

        foreach (var (name, member) in tells?.Properties ?? new Dictionary<string, IOpenApiSchema>())
        {
            schema.Properties![name] = member;
            schema.Required!.Add(name);
        }

        return schema;
    }

    public static IOpenApiSchema Problem() =>
        new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Description = "A problem (RFC 9457).",
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["type"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "uri-reference" },
                ["title"] = DescribedSchemas.Text(),
                ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer },
                ["detail"] = DescribedSchemas.Text(),
                ["traceId"] = DescribedSchemas.Text(),
                ["id"] = new OpenApiSchema
                {
                    Type = JsonSchemaType.String,
                    Format = "uuid",
                    Description = "Of a conflict: the record it is with.",
                },
                ["errors"] = new OpenApiSchema
                {
                    Type = JsonSchemaType.Array,
                    Items = new OpenApiSchema
                    {
                        Type = JsonSchemaType.Object,
                        Properties = new Dictionary<string, IOpenApiSchema>
                        {
                            ["pointer"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "json-pointer" },
                            ["detail"] = DescribedSchemas.Text(),
                            ["recorded"] = new OpenApiSchema
                            {
                                Description =
                                    "What is recorded, where the member differs from it; personal values only for who may read them.",
                            },
                            ["sent"] = new OpenApiSchema { Description = "What was sent in its place." },
                        },
                        Required = new HashSet<string> { "pointer", "detail" },
                    },
                },
            },
            Required = new HashSet<string> { "type", "title", "status", "detail", "traceId" },
        };
}
