using System.Text.RegularExpressions;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace CooperationEvents.Testing;

/// <summary>
/// Holds every answer of the service against its OpenAPI document: the status, the media type, and the headers that clients go by. An
/// answer that is not described fails the test that got it, and so does a header that is promised and not sent.
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
        var method = request.Method == HttpMethod.Head ? HttpMethod.Get : request.Method;
        var operation = (await Operations()).FirstOrDefault(o => o.Method == method && o.Path.IsMatch(path));
        if (operation is null || Faults(operation, answer).ToList() is not { Count: > 0 } faults)
            return answer;
        var body = await answer.Content.ReadAsStringAsync(cancellationToken);
        throw new UndescribedAnswerException(
            $"{request.Method} {request.RequestUri} -> {(int)answer.StatusCode} {body}\nOf {operation.Id} the OpenAPI document says otherwise: "
                + string.Join("; ", faults)
        );
    }

    private static IEnumerable<string> Faults(Operation operation, HttpResponseMessage answer)
    {
        var status = (int)answer.StatusCode;
        if (!operation.Answers.TryGetValue($"{status}", out var described))
        {
            if (!OfAnyRequest.Contains(status) && (operation.TakesBody || !OfAnyBody.Contains(status)))
            {
                yield return $"no status {status}";
                yield break;
            }

            described = operation.Answers["default"];
        }

        var type = answer.Content.Headers.ContentType?.MediaType;
        if (type is null ? described.MediaTypes.Count > 0 && status != 204 : !described.MediaTypes.Contains(type))
            yield return $"{status} is {string.Join(" or ", described.MediaTypes)} and not {type ?? "without a media type"}";
        var sent = answer
            .Headers.NonValidated.Concat(answer.Content.Headers.NonValidated)
            .Select(header => header.Key)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var header in Headers)
        {
            var isSent = sent.Contains(header);
            if (isSent && !described.Headers.ContainsKey(header))
                yield return $"{status} has no {header}";
            else if (!isSent && described.Headers.GetValueOrDefault(header))
                yield return $"{status} has the header {header}";
        }
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
        var document = await services
            .GetRequiredKeyedService<IOpenApiDocumentProvider>(Hosting.OpenApi.DocumentName)
            .GetOpenApiDocumentAsync();
        return
        [
            .. from path in document.Paths
            orderby Parameter.Replace(path.Key, "").Length descending
            from operation in path.Value.Operations!
            select new Operation(
                operation.Value.OperationId!,
                operation.Key,
                new Regex($"^{Pattern(path.Key)}/?$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant),
                operation.Value.RequestBody is not null,
                operation.Value.Responses!.ToDictionary(r => r.Key, r => Described.Of(r.Value))
            ),
        ];
    }

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

    /// <param name="Headers">Each by its name, and whether it is always sent.</param>
    private sealed record Described(IReadOnlyCollection<string> MediaTypes, IReadOnlyDictionary<string, bool> Headers)
    {
        public static Described Of(IOpenApiResponse response) =>
            new([.. response.Content?.Keys ?? []], response.Headers?.ToDictionary(h => h.Key, h => h.Value.Required) ?? []);
    }
}

/// <summary>The service answered what its OpenAPI document does not say.</summary>
public sealed class UndescribedAnswerException(string message) : Exception(message);
