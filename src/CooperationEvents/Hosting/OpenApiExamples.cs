using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace CooperationEvents.Hosting;

/// <summary>
/// An example of a request: where it is posted and what. One that only <paramref name="Prepares"/> later ones is not shown; one that
/// is <paramref name="Untried"/> needs an id that is not known before, such as that of a key.
/// </summary>
public sealed record OpenApiExample(
    string Operation,
    IReadOnlyDictionary<string, string> Path,
    JsonObject Body,
    bool Prepares,
    bool Untried
);

/// <summary>
/// A request for every operation that takes a body. Posted in their order to an empty register, each is accepted: a test does.
/// Operations stand in the document in the order in which they come here.
/// </summary>
public static class OpenApiExamples
{
    private const string Resource = "CooperationEvents.Hosting.openapi-examples.json";

    public static IReadOnlyList<OpenApiExample> All { get; } = Read();

    private static readonly Dictionary<string, OpenApiExample> Shown = All.Where(e => !e.Prepares).ToDictionary(e => e.Operation);

    /// <summary>The place of an operation among those that have an example; null where it has none.</summary>
    public static int? PlaceOf(string? operationId) =>
        operationId is not null && Shown.TryGetValue(operationId, out var example) ? All.ToList().IndexOf(example) : null;

    /// <summary>
    /// Puts the example of an operation beside the schema of its body, and the ids it is posted to beside the parameters of its path.
    /// </summary>
    internal static void Add(OpenApiOperation operation)
    {
        if (operation.OperationId is null || !Shown.TryGetValue(operation.OperationId, out var example))
            return;
        foreach (var (type, content) in operation.RequestBody?.Content ?? new Dictionary<string, OpenApiMediaType>())
        {
            content.Example =
                type.Contains("batch", StringComparison.Ordinal) ? new JsonArray(example.Body.DeepClone())
                : type.Contains("json", StringComparison.Ordinal) && content == operation.RequestBody!.Content!.Values.First()
                    ? example.Body.DeepClone()
                : example.Body["data"]?.DeepClone();
        }

        foreach (var parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>().Where(p => p.In == ParameterLocation.Path))
            parameter.Example = example.Path.TryGetValue(parameter.Name!, out var id) ? JsonValue.Create(id) : null;
    }

    private static OpenApiExample[] Read()
    {
        using var stream = typeof(OpenApiExamples).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The resource {Resource} is missing.");
        return
        [
            .. JsonNode
                .Parse(stream)!
                .AsArray()
                .Select(e => new OpenApiExample(
                    e!["operation"]!.GetValue<string>(),
                    e["path"].Deserialize<Dictionary<string, string>>() ?? [],
                    e["body"]!.AsObject(),
                    e["prepares"]?.GetValue<bool>() ?? false,
                    e["untried"]?.GetValue<bool>() ?? false
                )),
        ];
    }
}
