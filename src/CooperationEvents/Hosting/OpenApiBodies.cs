using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using static CooperationEvents.Reading.ParameterSchemas;

namespace CooperationEvents.Hosting;

/// <summary>
/// The schemas of bodies. They allow what <see cref="BodyCheck"/> takes: no unknown members, null in the place of what is optional, and the
/// limits of texts, numbers and lists. Answers have no such limits, so that a client of today takes those of tomorrow.
/// </summary>
internal static class OpenApiBodies
{
    /// <summary>The schema of a body.</summary>
    /// <param name="elsewhere">Members that must not stand in the body, because the path holds them.</param>
    public static async Task<IOpenApiSchema> Of(
        Type body,
        OpenApiOperationTransformerContext context,
        IEnumerable<string> elsewhere,
        CancellationToken cancellation
    )
    {
        var schema = await context.GetOrCreateSchemaAsync(body, null, cancellation);
        Hold(schema, body);
        foreach (var name in elsewhere)
        {
            schema.Properties?.Remove(name);
            schema.Required?.Remove(name);
        }

        return schema;
    }

    private static void Hold(OpenApiSchema schema, Type type)
    {
        schema.Type = JsonSchemaType.Object;
        schema.AdditionalPropertiesAllowed = false;
        foreach (var member in Json.Options.GetTypeInfo(type).Properties)
        {
            var its = (OpenApiSchema)schema.Properties![member.Name];
            Hold(its, Nullable.GetUnderlyingType(member.PropertyType) ?? member.PropertyType, new MemberLimits(member));
            its.Type &= ~JsonSchemaType.Null;
            if (!member.IsRequired && member.IsSetNullable)
                schema.Properties[member.Name] = OpenApiSchemas.OrNull(its);
            if (member.AssociatedParameter is { HasDefaultValue: true, DefaultValue: Enum word })
                its.Description = $"Left out, it is `{JsonSerializer.SerializeToNode(word, word.GetType(), Json.Options)}`.";
        }
    }

    private static void Hold(OpenApiSchema schema, Type type, MemberLimits limits)
    {
        if (type == typeof(string))
            Text(schema, limits);
        else if (type == typeof(int))
            (schema.Minimum, schema.Maximum) = (Decimal(limits.Bounds?.Least), Decimal(limits.Bounds?.Most));
        else if (type == typeof(long))
            (schema.Minimum, schema.Maximum) = ("0", Decimal(long.MaxValue));
        else if (type == typeof(PartialDate))
            (schema.Pattern, schema.Description) = limits.HasTime
                ? (OpenApiSchemas.DatePattern, OpenApiSchemas.DateDescription)
                : (DayPattern, DayDescription);
        else if (type == typeof(PositionOrTime))
            schema.OneOf = [Position(), Text(new OpenApiSchema { Type = JsonSchemaType.String }, limits)];
        else if (type == typeof(Reference))
            Hold((OpenApiSchema)schema.OneOf![1], typeof(ExternalReference));
        else if (type == typeof(IReadOnlyDictionary<string, string>))
            Texts(schema, limits);
        else if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueList<>))
        {
            (schema.MinItems, schema.MaxItems) = (limits.Bounds?.Least, limits.Bounds?.Most ?? BodyCheck.DefaultMostItems);
            Hold((OpenApiSchema)schema.Items!, type.GetGenericArguments()[0], limits with { Bounds = null });
        }
        else if (type.IsClass)
            Hold(schema, type);
    }

    private static OpenApiSchema Text(OpenApiSchema schema, MemberLimits limits)
    {
        schema.MinLength = 1;
        schema.MaxLength = limits.Text?.MaxLength ?? TextAttribute.DefaultMaxLength;
        schema.Pattern = limits.Text?.Pattern;
        if (limits.Uri is { } uri)
            (schema.Format, schema.Pattern) = ("uri", uri.AnyScheme ? UriAttribute.Pattern : UriAttribute.WebPattern);
        return schema;
    }

    /// <summary>Texts by their language.</summary>
    private static void Texts(OpenApiSchema schema, MemberLimits limits)
    {
        (schema.MinProperties, schema.MaxProperties) = (limits.Bounds?.Least, limits.Bounds?.Most);
        schema.PropertyNames = new OpenApiSchema { Pattern = TextAttribute.LanguageTag };
        schema.AdditionalProperties = Text(new OpenApiSchema { Type = JsonSchemaType.String }, limits);
    }

    private static string? Decimal(long? number) => number?.ToString(CultureInfo.InvariantCulture);

    private sealed record MemberLimits(TextAttribute? Text, BoundsAttribute? Bounds, UriAttribute? Uri, bool HasTime)
    {
        public MemberLimits(JsonPropertyInfo member)
            : this(
                Of<TextAttribute>(member),
                Of<BoundsAttribute>(member),
                Of<UriAttribute>(member),
                Of<TimeOfDayAttribute>(member) is not null
            ) { }

        private static T? Of<T>(JsonPropertyInfo member)
            where T : Attribute => member.AttributeProvider?.GetCustomAttributes(typeof(T), inherit: true).OfType<T>().FirstOrDefault();
    }
}
