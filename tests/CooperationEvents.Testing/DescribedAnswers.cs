using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CooperationEvents.Testing;

/// <summary>
/// Holds every answer of the service against its OpenAPI document: the status, the media type, the headers that clients go by, and what
/// JSON holds. An answer that is not described fails the test that got it, and so does a header that is promised and not sent, or a member
/// that the document does not know.
/// </summary>
public sealed class DescribedAnswers(IServiceProvider services, HttpMessageHandler service) : DelegatingHandler(service)
{
    private static readonly string[] Headers =
    [
        "ETag",
        "Location",
        "Link",
        "Retry-After",
        "Cooperation-Position",
        "Cooperation-Log-Size",
        "Idempotency-Replayed",
        "Preference-Applied",
        "WWW-Authenticate",
        "Content-Disposition",
    ];

    /// <summary>
    /// What any request may be answered with before its operation is known, or where something is wrong with the service: the document says
    /// it as <c>default</c>.
    /// </summary>
    private static readonly int[] OfAnyRequest = [414, 431, 500, 501];

    /// <summary>What a request may be refused with too whose operation takes no body, for the one it has.</summary>
    private static readonly int[] OfAnyBody = [400, 408, 413, 415];

    /// <summary>The same of every node of a process, and dear to make.</summary>
    private static IReadOnlyList<Operation>? _operations;

    private static readonly SemaphoreSlim Making = new(1);

    private static readonly Regex Parameter = new(@"\{\w+\}");

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var answer = await base.SendAsync(request, cancellationToken);
        var path = request.RequestUri!.AbsolutePath;
        var isHead = request.Method == HttpMethod.Head;
        var method = isHead ? HttpMethod.Get : request.Method;
        var operation = (await Operations()).FirstOrDefault(o => o.Method == method && o.Path.IsMatch(path));
        if (operation is null)
            return answer;
        var (described, faults) = Faults(operation, answer);
        if (described is not null && !isHead)
            faults = [.. faults, .. await BodyFaults(described, answer, cancellationToken)];
        if (faults.Count == 0)
            return answer;
        var body = await answer.Content.ReadAsStringAsync(cancellationToken);
        throw new UndescribedAnswerException(
            $"{request.Method} {request.RequestUri} -> {(int)answer.StatusCode} {body}\nOf {operation.Id} the OpenAPI document says otherwise: "
                + string.Join("; ", faults)
        );
    }

    /// <summary>What is wrong with status, media type and headers; and what the document says of such an answer.</summary>
    private static (Described? Described, IReadOnlyList<string> Faults) Faults(Operation operation, HttpResponseMessage answer)
    {
        var status = (int)answer.StatusCode;
        if (!operation.Answers.TryGetValue($"{status}", out var described))
        {
            if (!OfAnyRequest.Contains(status) && (operation.TakesBody || !OfAnyBody.Contains(status)))
                return (null, [$"no status {status}"]);
            described = operation.Answers["default"];
        }

        var faults = new List<string>();
        var type = answer.Content.Headers.ContentType?.MediaType;
        if (type is null ? described.Schemas.Count > 0 && status != 204 : !described.Schemas.ContainsKey(type))
            faults.Add($"{status} is {string.Join(" or ", described.Schemas.Keys)} and not {type ?? "without a media type"}");
        var sent = answer
            .Headers.NonValidated.Concat(answer.Content.Headers.NonValidated)
            .Select(header => header.Key)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var header in Headers)
        {
            var isSent = sent.Contains(header);
            if (isSent && !described.Headers.ContainsKey(header))
                faults.Add($"{status} has no {header}");
            else if (!isSent && described.Headers.GetValueOrDefault(header))
                faults.Add($"{status} has the header {header}");
        }

        return (described, faults);
    }

    /// <summary>What in the JSON of an answer its schema does not allow, each with its place.</summary>
    private static async Task<IReadOnlyList<string>> BodyFaults(
        Described described,
        HttpResponseMessage answer,
        CancellationToken cancellation
    )
    {
        var headers = answer.Content.Headers;
        if (headers.ContentType?.MediaType is not { } type || described.Schemas.GetValueOrDefault(type) is not { } schema)
            return [];

        // What is read here is read again by the test.
        await answer.Content.LoadIntoBufferAsync(cancellation);
        var body = await answer.Content.ReadAsByteArrayAsync(cancellation);
        return schema(JsonNode.Parse(body));
    }

    private async Task<IReadOnlyList<Operation>> Operations()
    {
        if (_operations is { } made)
            return made;
        await Making.WaitAsync();
        try
        {
            return _operations ??= await Read();
        }
        finally
        {
            Making.Release();
        }
    }

    /// <summary>The operations of the document; of two that a path may be of, the one that says more of it comes first.</summary>
    private async Task<IReadOnlyList<Operation>> Read()
    {
        var document = await DocumentSchemas.Document(services);
        var schemas = new DocumentSchemas(document, Unknown.AreRefused);
        return
        [
            .. from path in document["paths"]!.AsObject()
            orderby Parameter.Replace(path.Key, "").Length descending
            from operation in path.Value!.AsObject()
            where operation.Value is JsonObject
            select new Operation(
                operation.Value!["operationId"]!.GetValue<string>(),
                HttpMethod.Parse(operation.Key),
                new Regex($"^{Pattern(path.Key)}/?$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant),
                operation.Value!["requestBody"] is not null,
                operation.Value!["responses"]!
                    .AsObject()
                    .ToDictionary(r => r.Key, r => Described.Of(schemas, Followed(document, r.Value!.AsObject())))
            ),
        ];
    }

    /// <summary>The response itself, where it is a reference to one of the components.</summary>
    private static JsonObject Followed(JsonObject document, JsonObject response) =>
        response["$ref"] is { } reference
            ? document["components"]!["responses"]![reference.GetValue<string>().Split('/')[^1]]!.AsObject()
            : response;

    /// <summary>A parameter <c>path</c> is the rest of the path; another one ends with its segment.</summary>
    private static string Pattern(string path) =>
        Parameter.Replace(path.Replace(".", "\\.", StringComparison.Ordinal), m => m.Value == "{path}" ? ".+" : "[^/]+");

    private sealed record Operation(
        string Id,
        HttpMethod Method,
        Regex Path,
        bool TakesBody,
        IReadOnlyDictionary<string, Described> Answers
    );

    /// <param name="Schemas">Of each media type; null of what is no JSON.</param>
    /// <param name="Headers">Each by its name, and whether it is always sent.</param>
    private sealed record Described(
        IReadOnlyDictionary<string, Func<JsonNode?, IReadOnlyList<string>>?> Schemas,
        IReadOnlyDictionary<string, bool> Headers
    )
    {
        public static Described Of(DocumentSchemas schemas, JsonObject response) =>
            new(
                Members(response["content"])
                    .ToDictionary(
                        type => type.Key,
                        type => IsJson(type.Key) && type.Value!["schema"] is JsonObject schema ? schemas.Of(schema) : null
                    ),
                Members(response["headers"]).ToDictionary(h => h.Key, h => h.Value!["required"]?.GetValue<bool>() ?? false)
            );

        private static IEnumerable<KeyValuePair<string, JsonNode?>> Members(JsonNode? node) => node as JsonObject ?? [];

        private static bool IsJson(string mediaType) =>
            mediaType.EndsWith("/json", StringComparison.Ordinal) || mediaType.EndsWith("+json", StringComparison.Ordinal);
    }
}

/// <summary>The service answered what its OpenAPI document does not say.</summary>
public sealed class UndescribedAnswerException(string message) : Exception(message);
