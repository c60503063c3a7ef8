using System.Text.Json.Nodes;
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
    public const string DayPattern = "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$";

    public static OpenApiSchema Id() => new() { Type = JsonSchemaType.String, Format = "uuid" };

    public static OpenApiSchema Text() => new() { Type = JsonSchemaType.String };

    public static OpenApiSchema PartialDay() =>
        new()
        {
            Type = JsonSchemaType.String,
            Pattern = DayPattern,
            Description = "A year, a month or a day.",
        };

    public static OpenApiSchema Position() =>
        new()
        {
            Type = JsonSchemaType.Integer,
            Format = "int64",
            Minimum = "0",
        };

    public static OpenApiSchema Words(params string[] words) =>
        new() { Type = JsonSchemaType.String, Enum = [.. words.Select(w => (JsonNode)JsonValue.Create(w)!)] };
}
