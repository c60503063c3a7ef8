using System.Globalization;
using System.Text.Json.Nodes;
using CooperationEvents.Kernel;
using Microsoft.OpenApi;

namespace CooperationEvents.Reading;

/// <summary>A query parameter as the OpenAPI document describes it.</summary>
/// <param name="Name">As endpoints name it. Before one with several meanings stands what it is about: <c>size:from</c>.</param>
public sealed record QueryParameter(string Name, string Description, Func<OpenApiSchema> Schema);

public static class QueryParameterRegistration
{
    public static IServiceCollection AddParameters(this IServiceCollection services, params ReadOnlySpan<QueryParameter> parameters)
    {
        foreach (var parameter in parameters)
            services.AddSingleton(parameter);
        return services;
    }
}

/// <summary>The schemas that parameters have in common.</summary>
internal static class ParameterSchemas
{
    /// <summary>Of a date that may be a month or a year, and must not have a time of day.</summary>
    public const string DayPattern = "^[1-9][0-9]{3}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$";

    public const string DayDescription = "A year from 1000 on, a month or a day.";

    public static OpenApiSchema Id() => new() { Type = JsonSchemaType.String, Format = "uuid" };

    public static OpenApiSchema Text() => Text(TextAttribute.DefaultMaxLength);

    public static OpenApiSchema Text(int most) =>
        new()
        {
            Type = JsonSchemaType.String,
            MinLength = 1,
            MaxLength = most,
            Pattern = "^[^\\u0000]*$",
        };

    /// <summary>A time, or a day for its beginning in UTC.</summary>
    public static OpenApiSchema Time() =>
        new()
        {
            Type = JsonSchemaType.String,
            Pattern = TimeText.Pattern,
            Description = "A time (RFC 3339), in UTC where it has no offset, or a day for its beginning in UTC.",
        };

    /// <summary>What had been recorded by then: a position, or a time.</summary>
    public static OpenApiSchema PositionOrTime() => new() { AnyOf = [Position(), Time()] };

    public static OpenApiSchema Number(int least, int most) =>
        new()
        {
            Type = JsonSchemaType.Integer,
            Format = "int32",
            Minimum = least.ToString(CultureInfo.InvariantCulture),
            Maximum = most.ToString(CultureInfo.InvariantCulture),
        };

    /// <summary>An id, or a word in its place.</summary>
    public static OpenApiSchema IdOr(params string[] words) => new() { AnyOf = [Id(), Words(words)] };

    public static OpenApiSchema PartialDay() =>
        new()
        {
            Type = JsonSchemaType.String,
            Pattern = DayPattern,
            Description = DayDescription,
        };

    public static OpenApiSchema Position() => Whole(0);

    /// <summary>A whole number from that one on.</summary>
    public static OpenApiSchema Whole(int least) =>
        new()
        {
            Type = JsonSchemaType.Integer,
            Format = "int64",
            Minimum = least.ToString(CultureInfo.InvariantCulture),
            Maximum = long.MaxValue.ToString(CultureInfo.InvariantCulture),
        };

    public static OpenApiSchema Words(params string[] words) =>
        new() { Type = JsonSchemaType.String, Enum = [.. words.Select(w => (JsonNode)JsonValue.Create(w)!)] };
}
