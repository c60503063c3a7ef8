using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;

namespace CooperationEvents.Http;

/// <summary>The headers of requests, as the OpenAPI document describes them.</summary>
internal static class DescribedRequestHeaders
{
    private static readonly Dictionary<string, (string Description, Func<OpenApiSchema> Schema)> Known = new()
    {
        [CommandHeaders.IdempotencyKey] = (
            "The same key with the same body takes effect once; the answer is kept for at least 24 hours.",
            () => Text(CommandHeaders.LongestKey)
        ),
        [HeaderNames.IfMatch] = ("The versions, as ETags, of which the record must have one.", () => Text()),
        [CommandHeaders.Source] = ("The system the activity was recorded in; one of its sources where a key has any.", () =>
            Text(CommandHeaders.LongestSource)
        ),
        [CommandHeaders.OnBehalfOf] = ("The UUID of the person or principal on whose behalf the caller acts.", () =>
            new OpenApiSchema { Type = JsonSchemaType.String, Format = "uuid" }
        ),
        [CommandHeaders.Correlation] = ("What else this belongs to, as an id with a digit; the trace id where absent.", () =>
            Text(CommandHeaders.LongestCorrelation, CommandHeaders.CorrelationPattern)
        ),
        ["Prefer"] = ("wait=N: answer only once the log covers what was recorded, within N seconds (10 at most), with `receipt`.", () =>
            Text()
        ),
        [HeaderNames.IfNoneMatch] = ("The ETags of answers the caller has.", () => Text()),
        ["Last-Event-ID"] = ("The position a stream is to go on after; it goes before the parameter.", () =>
            new OpenApiSchema { Type = JsonSchemaType.String }
        ),
    };

    public static OpenApiParameter Of(string name) => Of(name, Known[name].Description, Known[name].Schema());

    public static OpenApiParameter Of(string name, string description, IOpenApiSchema schema) =>
        new()
        {
            Name = name,
            In = ParameterLocation.Header,
            Description = description,
            Schema = schema,
        };

    public static OpenApiSchema Text(int? most = null, string? pattern = null) =>
        new()
        {
            Type = JsonSchemaType.String,
            MinLength = 1,
            MaxLength = most,
            Pattern = pattern,
        };
}
