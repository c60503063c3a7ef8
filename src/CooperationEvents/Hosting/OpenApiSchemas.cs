using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Statistics.Presentation;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using static CooperationEvents.Reading.ParameterSchemas;

namespace CooperationEvents.Hosting;

/// <summary>The schemas of bodies and answers, with the limits the service holds them to.</summary>
internal static class OpenApiSchemas
{
    internal const string DatePattern = "^[0-9]{4}(-[0-9]{2}(-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2})?)?)?)?$";

    /// <summary>Fills in what the exporter cannot see behind our converters.</summary>
    public static async Task Transform(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellation)
    {
        var type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type;
        if (type == typeof(PartialDate))
        {
            var hasTime = context.JsonPropertyInfo?.AttributeProvider is not MemberInfo date || MayHaveTime(date);
            schema.Type = JsonSchemaType.String;
            schema.Pattern = hasTime ? DatePattern : DayPattern;
            schema.Description = hasTime ? "A year, a month, a day, or a local time without offset." : "A year, a month or a day.";
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
            if (
                property.IsGetNullable
                && property.AttributeProvider?.GetCustomAttributes(typeof(JsonIgnoreAttribute), true)
                    is not [JsonIgnoreAttribute { Condition: JsonIgnoreCondition.Never }]
            )
                schema.Required?.Remove(property.Name);
        }

        if (context.JsonPropertyInfo?.AttributeProvider is MemberInfo member)
            Limit(schema, member);
    }

    /// <summary>The name of an answer's schema: <c>PageOfMeetingSummary</c> for a page of them.</summary>
    public static string NameOf(Type answer) =>
        answer.IsGenericType
            ? $"{answer.Name[..answer.Name.IndexOf('`', StringComparison.Ordinal)]}Of{answer.GetGenericArguments()[0].Name}"
            : answer.Name;

    /// <summary>The body of a command: its members without those that stand in the path.</summary>
    public static async Task<IOpenApiSchema> Body(
        Type command,
        OpenApiOperationTransformerContext context,
        IList<IOpenApiParameter> path,
        CancellationToken cancellation
    )
    {
        var whole = await context.GetOrCreateSchemaAsync(command, null, cancellation);
        if (path.Count == 0)
            return whole;
        var names = path.Select(p => p.Name!).ToHashSet();
        return new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Description = whole.Description,
            Properties = whole.Properties?.Where(p => !names.Contains(p.Key)).ToDictionary(),
            Required = whole.Required?.Where(r => !names.Contains(r)).ToHashSet(),
            AdditionalPropertiesAllowed = false,
        };
    }

    public static bool HasRequiredMembers(Type command, IList<IOpenApiParameter> path) =>
        Json.Options.GetTypeInfo(command).Properties.Any(p => p.IsRequired && path.All(q => q.Name != p.Name));

    public static IOpenApiSchema Accepted(string? part)
    {
        var schema = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["id"] = Id(),
                ["version"] = Position(),
                ["position"] = Position(),
            },
            Required = new HashSet<string> { "id", "version", "position" },
        };
        schema.Properties["receipt"] = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Description =
                "Where Prefer: wait=N was sent and the log came in time: the index of the event in the log, and its C2SP tlog-proof.",
            Properties = new Dictionary<string, IOpenApiSchema> { ["index"] = Position(), ["proof"] = Text() },
            Required = new HashSet<string> { "index", "proof" },
        };
        schema.Properties["possibleDuplicates"] = new OpenApiSchema
        {
            Type = JsonSchemaType.Array,
            Description = "Records that what was created may be the same as, and why. It is recorded all the same.",
            Items = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Properties = new Dictionary<string, IOpenApiSchema> { ["id"] = Id(), ["why"] = Text() },
                Required = new HashSet<string> { "id", "why" },
            },
        };
        schema.Properties["warnings"] = new OpenApiSchema
        {
            Type = JsonSchemaType.Array,
            Description =
                "Texts of the public record that look like an e-mail address or a telephone number. They are recorded all the same.",
            Items = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Properties = new Dictionary<string, IOpenApiSchema>
                {
                    ["pointer"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "json-pointer" },
                    ["detail"] = Text(),
                },
                Required = new HashSet<string> { "pointer", "detail" },
            },
        };
        if (part is not null)
        {
            schema.Properties[part] = Id();
            schema.Required.Add(part);
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
                ["title"] = Text(),
                ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer },
                ["detail"] = Text(),
                ["traceId"] = Text(),
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
                            ["detail"] = Text(),
                            ["recorded"] = new OpenApiSchema
                            {
                                Description =
                                    "What is recorded, where the member differs from it; personal values only for who may read them.",
                            },
                            ["sent"] = new OpenApiSchema { Description = "What was sent in its place." },
                        },
                    },
                },
            },
            Required = new HashSet<string> { "type", "title", "status", "detail", "traceId" },
        };

    private static void Limit(OpenApiSchema schema, MemberInfo member)
    {
        if (
            schema.Type is { } type
            && type.HasFlag(JsonSchemaType.String)
            && schema.Format is null
            && schema.Enum is not { Count: > 0 }
            && schema.Pattern is null
        )
        {
            var text = member.GetCustomAttribute<TextAttribute>();
            if (text is null && !IsPosted(member.DeclaringType!))
                return;
            schema.MinLength = 1;
            schema.MaxLength = text?.MaxLength ?? TextAttribute.DefaultMaxLength;
            schema.Pattern = text?.Pattern;
        }

        if (member.GetCustomAttribute<UriAttribute>() is not null)
            schema.Format = "uri";
        if (member.GetCustomAttribute<BoundsAttribute>() is not { } bounds)
            return;
        if (schema.Type is { } kind && kind.HasFlag(JsonSchemaType.Array))
            (schema.MinItems, schema.MaxItems) = (bounds.Least, bounds.Most);
        else
            (schema.Minimum, schema.Maximum) = (Decimal(bounds.Least), Decimal(bounds.Most));
    }

    /// <summary>Answers may hold times of day that were taken before bodies had to leave them out.</summary>
    private static bool MayHaveTime(MemberInfo member) =>
        member.IsDefined(typeof(TimeOfDayAttribute), inherit: true)
        || !IsPosted(member.DeclaringType!)
            && !typeof(ICommand)
                .Assembly.GetTypes()
                .Any(t => t.IsAssignableTo(typeof(ICommand)) && t.GetProperties().Any(p => p.PropertyType == member.DeclaringType));

    /// <summary>Whether the type stands in bodies only, whose texts are held to a length even where their member says none.</summary>
    private static bool IsPosted(Type type) =>
        type.IsAssignableTo(typeof(ICommand))
        || typeof(ICommand).Assembly.GetTypes().Any(t => t.IsAssignableTo(typeof(ICommand)) && t.IsSubclassOf(type));

    private static string Decimal(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
