using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;

namespace CooperationEvents.Http;

/// <summary>The headers of answers that clients go by.</summary>
internal static class DescribedHeaders
{
    public const string Disposition = "Content-Disposition";

    /// <summary>How many entries the log has as far as the answer knows.</summary>
    public const string LogSize = "Cooperation-Log-Size";

    private static readonly Dictionary<string, (string Description, JsonSchemaType Type)> Known = new()
    {
        [HeaderNames.ETag] = ("The version, in quotes.", JsonSchemaType.String),
        [HeaderNames.Location] = ("Where it is read.", JsonSchemaType.String),
        [HeaderNames.Link] = ("The next page (rel=next), and what describes a table (rel=describedby).", JsonSchemaType.String),
        [HeaderNames.RetryAfter] = ("After how many seconds to send the request again.", JsonSchemaType.Integer),
        [HeaderNames.WWWAuthenticate] = ("How to say who calls.", JsonSchemaType.String),
        [Disposition] = ("The name for a file.", JsonSchemaType.String),
        [CommandEndpoint.PositionHeader] = ("The position of the last event behind the answer.", JsonSchemaType.Integer),
        [CommandEndpoint.ReplayedHeader] = (
            "true where the answer is that of an earlier request under the same Idempotency-Key.",
            JsonSchemaType.String
        ),
        [CommandEndpoint.PreferenceApplied] = ("wait=N where the answer has the receipt.", JsonSchemaType.String),
        [LogSize] = ("How many entries the newest checkpoint has.", JsonSchemaType.Integer),
    };

    /// <summary>Says that the answer has these headers.</summary>
    public static OpenApiResponse Always(this OpenApiResponse answer, params IEnumerable<string> names) => With(answer, names, true);

    /// <summary>Says that the answer may have these headers.</summary>
    public static OpenApiResponse Sometimes(this OpenApiResponse answer, params IEnumerable<string> names) => With(answer, names, false);

    private static OpenApiResponse With(OpenApiResponse answer, IEnumerable<string> names, bool required)
    {
        foreach (var name in names)
        {
            var (description, type) = Known[name];
            answer.Headers ??= new Dictionary<string, IOpenApiHeader>();
            answer.Headers[name] = new OpenApiHeader
            {
                Description = description,
                Required = required,
                Schema = new OpenApiSchema
                {
                    Type = type,
                    Format =
                        type == JsonSchemaType.Integer ? "int64"
                        : name == HeaderNames.Location ? "uri-reference"
                        : null,
                },
            };
        }

        return answer;
    }
}
