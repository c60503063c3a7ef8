using System.Text.Json.Nodes;
using CooperationEvents.IntegrationTests.Ingestion;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests;

/// <summary>
/// What the schemas of query parameters allow is what the service takes. Each parameter of each operation is given one value after the
/// other: its schema and the service are asked of each.
/// </summary>
public sealed class OpenApiParameterTests
{
    private const string ChartedType = "image/svg+xml";

    private const string Uuid = "01890000-0000-7000-8000-000000000000";

    /// <summary>Values for a parameter of any kind.</summary>
    private static readonly string[] Any = ["", " ", "x", "0", "1", "-1", "1.5", "2018-04", Uuid, new('a', 101), new('a', 201), "a\0b"];

    private static readonly string[] Numbers =
    [
        "+1",
        "9",
        "500",
        "501",
        "999",
        "1000",
        "9999",
        "10000",
        "36500",
        "36501",
        "100000",
        "100001",
        "99999999999999999999",
    ];

    private static readonly string[] Texts =
    [
        "2018",
        "0999-01",
        "2018-13",
        "2018-Q2",
        "2018-Q5",
        "2018-05-06",
        "2018-05-32",
        "2018-05-06T10:30",
        "2018-05-06t10:30:59.123456789+02:00",
        "2018-05-06T24:30Z",
        "2018-05-06T10:30:00+15:00",
        "position:1",
        "position:x",
        "not-stated",
        "unallocated",
        "unplaced",
        "senior-officials",
        "health",
        "TRUE",
        "level,year",
        "level,year,party",
        "level,",
        "018900000000700080000000000000",
        $"{{{Uuid}}}",
        "none@example.org",
        new('a', 200),
    ];

    /// <summary>What no schema can say: what is recorded, what another parameter says, and which days there are.</summary>
    private static readonly string[] BeyondSchemas =
    [
        "Must be a cursor from a Link header",
        "There is no framework",
        "there is no framework",
        "There is no organisation",
        "nothing has",
        "so that no day is in both",
        "Must not be blank",
        "Must be a UUID, or not-stated.",
        "with a quarter or a month in 'per'",
    ];

    /// <summary>The codes that frameworks have given themselves.</summary>
    private static readonly string[] Codes = ["level", "topic"];

    [Fact]
    public async Task A_schema_takes_the_values_that_the_service_takes()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database, settings: ("Limits:RequestsPerSecond", "1000000"));
        var document = await DocumentSchemas.Document(host.Services);
        var schemas = new DocumentSchemas(document, Unknown.AreTaken);
        var ids = await Ids(host);
        var (wrong, unjudged) = (new List<string>(), new List<string>());
        foreach (var (path, method, operation, parameter) in Parameters(document))
        {
            var (name, schema) = (parameter.Text("name"), parameter["schema"]!.AsObject());
            var address = ids.Aggregate(path, (p, id) => p.Replace($"{{{id.Key}}}", $"{id.Value}", StringComparison.Ordinal));
            var faultsOf = schemas.Of(schema);
            var drawn = operation["responses"]!["200"]?["content"]?[ChartedType] is not null && name == "measure";
            var (taken, refused) = (0, 0);
            foreach (var value in ValuesFor(document, schema, [$"{ids["frameworkId"]}", $"{ids["organisationId"]}"]))
            {
                var answer = await Ask(host, method, $"{address}?{name}={Uri.EscapeDataString(value)}", name, drawn);
                var said = Said(answer, name);
                var faults = new[] { JsonValue.Create(value), Number(value) }.OfType<JsonNode>().Select(faultsOf).ToList();
                var isTaken = faults.Any(f => f.Count == 0);
                (taken, refused) = said is null ? (taken + 1, refused) : (taken, refused + 1);
                if (said is not null && isTaken && !BeyondSchemas.Any(said.Contains) && !Codes.Contains(name))
                    wrong.Add($"{path} {name}={value}: the schema takes it, and the service says {said}");
                else if (said is null && !isTaken)
                    wrong.Add($"{path} {name}={value}: the service takes it ({answer.Status}), and the schema says {faults[0][0]}");
            }

            if (refused == 0 || (taken == 0 && name != "cursor"))
                unjudged.Add($"{path} {name}: {taken} taken, {refused} refused");
        }

        wrong.ShouldBeEmpty($"{wrong.Count}:\n{string.Join('\n', wrong)}");
        unjudged.ShouldBeEmpty($"{string.Join('\n', unjudged)}");
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    /// <summary>The query parameters of all operations. What describes the table of a list passes over the list's own.</summary>
    private static IEnumerable<(string Path, string Method, JsonNode Operation, JsonNode Parameter)> Parameters(JsonObject document) =>
        from path in document["paths"]!.AsObject()
        where
            !path.Key.EndsWith(".csv-metadata.json", StringComparison.Ordinal)
            || path.Key.Contains("/statistics/", StringComparison.Ordinal)
        from operation in path.Value!.AsObject()
        from parameter in operation.Value!["parameters"]?.AsArray() ?? []
        where parameter.Text("in") == "query"
        select (path.Key, operation.Key, operation.Value, parameter);

    /// <summary>The values to try; without positions that are not there yet, which would be waited for.</summary>
    private static IEnumerable<string> ValuesFor(JsonObject document, JsonObject schema, string[] recorded)
    {
        var isWhole = schema["type"]?.GetValue<string>() == "integer";
        return Any.Concat(isWhole ? Numbers : [.. Texts, .. recorded])
            .Concat(Words(document, schema))
            .Where(v => schema["format"]?.GetValue<string>() != "int64" || v is "0" or "1" || !v.All(char.IsAsciiDigit) || v.Length > 19);
    }

    /// <summary>What the service says of a parameter; null where it takes it.</summary>
    private static string? Said(Answer answer, string name) =>
        answer.Status == 422
            ? answer.Json["errors"]?.AsArray().FirstOrDefault(e => e!.Text("pointer") == $"/{name}")?.Text("detail")
            : null;

    private static async Task<Answer> Ask(RegisterHost host, string method, string address, string name, bool drawn)
    {
        if (method == "get")
            return await host.Get(address, "admin", drawn ? [("Accept", ChartedType)] : []);
        using var file = new ByteArrayContent("id,name,shortName\n"u8.ToArray());
        file.Headers.ContentType = new("text/csv");
        return await host.Post(name == "kind" ? address : $"{address}&kind=organisations", file, "admin");
    }

    /// <summary>The value as a number, where it is written as JSON has one.</summary>
    private static JsonNode? Number(string value)
    {
        try
        {
            return JsonNode.Parse(value) is JsonValue number && number.GetValueKind() == System.Text.Json.JsonValueKind.Number
                ? number
                : null;
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }

    /// <summary>The words that a schema lists.</summary>
    private static IEnumerable<string> Words(JsonObject document, JsonNode schema) =>
        schema["$ref"]?.GetValue<string>() is { } reference
            ? Words(document, reference[2..].Split('/').Aggregate((JsonNode)document, (at, step) => at[step]!))
            : (schema["enum"]?.AsArray() ?? [])
                .Select(word => word!.GetValue<string>())
                .Concat((schema["anyOf"]?.AsArray() ?? []).SelectMany(s => Words(document, s!)));

    private static async Task<Dictionary<string, object>> Ids(RegisterHost host)
    {
        var cooperation = await Cooperation.Start(host);
        var (meeting, commitment) = (await cooperation.Schedule(), await cooperation.Undertake());
        var published = (
            await host.Post(
                "/v1/statistics/publications",
                new
                {
                    framework = cooperation.Framework,
                    asOf = "2020-01-01",
                    acknowledgeSmallCells = true,
                },
                "analyst"
            )
        ).ShouldBeAccepted(201);
        var import = await Imports.Post(host, "id,name,shortName\n"u8.ToArray(), "text/csv", "kind=organisations");
        var subscription = await host.Post("/v1/subscriptions", new { url = "https://example.org/parameters" }, "admin");
        var events = await host.Database.Rows("select id from register.mt_events where stream_id = $1", meeting.Id);
        await host.Reaches(published.Position);
        return new Dictionary<string, object>
        {
            ["organisationId"] = cooperation.Home,
            ["frameworkId"] = cooperation.Framework,
            ["personId"] = await cooperation.Person(),
            ["meetingId"] = meeting.Id,
            ["commitmentId"] = commitment.Id,
            ["publicationId"] = published.Id,
            ["importId"] = import.Id,
            ["subscriptionId"] = subscription.Id,
            ["streamId"] = meeting.Id,
            ["eventId"] = events[0][0]!,
        };
    }
}
