using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using CooperationEvents.Calendars.Incoming;
using CooperationEvents.Http;
using CooperationEvents.Ingestion.Imports;
using CooperationEvents.Kernel;
using CooperationEvents.Testing;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;

namespace CooperationEvents.IntegrationTests;

/// <summary>
/// What the schemas of bodies allow is what the service takes. Each body is made whole, and then wrong in one place after the other: its
/// schema and the service are asked of each.
/// </summary>
public sealed class OpenApiBodyTests(SharedRegister register)
{
    /// <summary>Texts that have a form; the first that matches stands for one.</summary>
    private static readonly string[] Texts = ["a1", "en", "lineage", "a@example.org", new('0', 64)];

    private static readonly JsonNode?[] Others =
    [
        null,
        true,
        0,
        -1,
        1.5,
        100_001,
        3_000_000_000,
        "",
        "x",
        "2024",
        "2024-05",
        "2024-13",
        "0001",
        "2024-05-06",
        "2024-05-32",
        "2024-05-06T10:30",
        "2024-05-06T24:30",
        "not-stated",
        "javascript:alert(1)",
        "ftp://example.org/a",
        "urn:x:y",
        "https://example.org/b",
        "https://example.org/b?by=a@example.org",
        "https://user:secret@example.org/b",
        "ssh://git@example.org/b",
        new string('a', 41),
        new string('a', 250),
        new string('a', 5_000),
        "01890000-0000-7000-8000-000000000000",
        new JsonObject(),
        new JsonObject { ["unheardOf"] = 1 },
        new JsonObject { ["system"] = "crm", ["id"] = "1" },
        new JsonObject { ["system"] = "crm" },
        new JsonObject { ["en"] = new string('a', 4_001) },
        new JsonObject { ["en_GB"] = "a" },
        new JsonObject { ["en"] = "" },
        new JsonObject(Enumerable.Range(0, 31).Select(i => KeyValuePair.Create($"en-{i}", (JsonNode?)"a"))),
        new JsonArray(),
        new JsonArray((JsonNode?)null),
        new JsonArray(1),
        new JsonArray(""),
        new JsonArray(new string('a', 5_000)),
    ];

    /// <summary>What no schema can say: which zones and countries there are.</summary>
    private static readonly string[] BeyondSchemas = ["IANA time zone", "is not assigned"];

    /// <summary>What no schema of a mapping can say: rules of several members, and which members the data of a command has.</summary>
    private static readonly string[] BeyondMappings =
    [
        .. BeyondSchemas,
        "points to no member",
        "An id that is cut",
        "as two different dates",
        "within which days",
        "must not be blank",
        "must not end before",
        "Must be a mail domain",
    ];

    [Fact]
    public async Task A_schema_takes_the_bodies_that_the_service_takes()
    {
        var document = await DocumentSchemas.Document(register.Host.Services);
        var schemas = new DocumentSchemas(document, Unknown.AreTaken);
        var (wrong, tried) = (new List<string>(), 0);
        foreach (var (name, type, path) in Bodies())
        {
            var faultsOf = schemas.Of(new JsonObject { ["$ref"] = $"#/components/schemas/{name}" });
            var whole = Whole(type);
            foreach (var member in path)
                whole.AsObject().Remove(member);
            faultsOf(whole).ShouldBeEmpty($"{name}: {whole.ToJsonString()}");
            foreach (var (body, what) in WrongInOnePlace(whole))
            {
                var refused = BodyCheck.Check(JsonSerializer.SerializeToElement(body), type, path);
                var faults = faultsOf(body);
                tried++;
                if (refused.Any(r => BeyondSchemas.Any(r.Detail.Contains)))
                    continue;
                if (refused.Count > 0 && faults.Count == 0)
                    wrong.Add($"{name} {what}: the schema takes it, and the service says {refused[0].Pointer}: {refused[0].Detail}");
                else if (refused.Count == 0 && faults.Count > 0)
                    wrong.Add($"{name} {what}: the service takes it, and the schema says {faults[0]}");
            }
        }

        wrong.ShouldBeEmpty(
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{wrong.Count} of {tried}:\n{string.Join('\n', wrong)}")
        );
        tried.ShouldBeGreaterThan(10_000);
    }

    /// <summary>Mappings of files, each with every member of its kind.</summary>
    [Theory]
    [InlineData(
        "TableMapping",
        """
            {"command": "schedule-meeting", "system": "desk", "dates": ["dd/MM/yyyy"], "delimiter": ";", "exact": true, "skip": {"Kind": ["a", "b"]},
             "if": "Held", "each": {"column": "Rooms", "split": ","}, "fields": {"/title": "Title", "/start": {"column": "On", "tooLong": "cut"},
             "/mode": {"column": "Mode", "values": {"on site": "in-person"}, "default": "online"}, "/venue": {"value": "{Room} {item}"},
             "/topics": {"column": "Topics", "split": ";", "each": "{item}", "tooLong": "hash"}}}
            """
    )]
    [InlineData(
        "TableMappingOfCommands",
        """
            {"commands": [{"command": "hold-meeting", "fields": {"/meetingId": "Id"}, "if": "Held", "each": {"column": "Ids", "split": " "}}],
             "dates": "yyyy"}
            """
    )]
    [InlineData(
        "CalendarMapping",
        """
            {"system": "outlook", "frameworks": [{"frameworkId": "01890000-0000-7000-8000-000000000001", "level": "senior-officials", "edition": 1}],
             "defaultTimeZone": "Europe/Brussels", "window": {"from": "2020", "to": "2020-12"}, "categories": [{"category": "A", "topic": "health"}],
             "timeZones": [{"name": "Here", "timeZone": "Europe/Brussels"}], "complete": false, "cancelledPrefixes": ["Cancelled:"],
             "attendees": {"system": "mail", "organisations": [{"domain": "iom.int", "organisationId": {"system": "crm", "id": "1"}}]},
             "emptyMeansEmpty": true, "lateChanges": {"reason": "The calendar was mended."}}
            """
    )]
    public async Task A_schema_takes_the_mappings_that_the_service_takes(string name, string mapping)
    {
        var schemas = new DocumentSchemas(await DocumentSchemas.Document(register.Host.Services), Unknown.AreTaken);
        var faultsOf = schemas.Of(new JsonObject { ["$ref"] = $"#/components/schemas/{name}" });
        var whole = JsonNode.Parse(mapping)!;
        (Refused(whole), faultsOf(whole)).ShouldBe((null, []));

        var (wrong, tried) = (new List<string>(), 0);
        foreach (var (body, what) in WrongInOnePlace(whole))
        {
            var (refused, faults) = (Refused(body), faultsOf(body));
            tried++;
            if (refused is not null && faults.Count == 0 && !BeyondMappings.Any(refused.Contains))
                wrong.Add($"{what}: the schema takes it, and the service says {refused}");
            else if (refused is null && faults.Count > 0)
                wrong.Add($"{what}: the service takes it, and the schema says {faults[0]}");
        }

        wrong.ShouldBeEmpty(string.Join('\n', wrong));
        tried.ShouldBeGreaterThan(200);

        string? Refused(JsonNode body)
        {
            var json = JsonSerializer.SerializeToElement(body);
            return (name == "CalendarMapping" ? CalendarMapping.Read(json).Problem : CsvMapping.Read(json).Problem)?.Detail;
        }
    }

    /// <summary>The schemas of all bodies: of commands without what their path holds, and with it as the data of an event.</summary>
    private List<(string Schema, Type Type, IReadOnlyList<string> Path)> Bodies() =>
        [
            .. from endpoint in register.Host.Endpoints
            let type = endpoint.Metadata.GetMetadata<CommandAttribute>() is null
                ? endpoint.Metadata.GetMetadata<OperationAttribute>()?.Takes
                : endpoint.Metadata.GetMetadata<IAcceptsMetadata>()!.RequestType
            where type is not null
            let isCommand = type.IsAssignableTo(typeof(ICommand))
            select (type.Name, type, isCommand ? Path(endpoint) : []),
            .. from command in CommandCatalogue.All.Values select (command.SchemaName, command.Command, (IReadOnlyList<string>)[]),
        ];

    private static List<string> Path(RouteEndpoint endpoint) => [.. endpoint.RoutePattern.Parameters.Select(p => p.Name)];

    /// <summary>A body with every member.</summary>
    private static JsonNode Whole(Type type)
    {
        var body = new JsonObject();
        foreach (var member in Kernel.Json.Options.GetTypeInfo(type).Properties)
            body[member.Name] = Value(Nullable.GetUnderlyingType(member.PropertyType) ?? member.PropertyType, member);
        return body;
    }

    private static JsonNode Value(Type type, JsonPropertyInfo member) =>
        type == typeof(string) ? Text(member)
        : type == typeof(Guid) || type == typeof(Reference) ? "01890000-0000-7000-8000-000000000001"
        : type == typeof(bool) ? false
        : type == typeof(int) ? Of<BoundsAttribute>(member)?.Least ?? 1
        : type == typeof(long) ? 1
        : type == typeof(PartialDate) ? "2020-02"
        : type == typeof(PositionOrTime) ? "12"
        : type.IsEnum ? BodyCheck.Words(type)[0]
        : type == typeof(IReadOnlyDictionary<string, string>) ? new JsonObject { ["en"] = "Text" }
        : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueList<>)
            ? new JsonArray(Value(type.GetGenericArguments()[0], member))
        : Whole(type);

    private static JsonNode Text(JsonPropertyInfo member) =>
        Of<CountryAttribute>(member) is not null ? "BE"
        : Of<TimeZoneAttribute>(member) is not null ? "Europe/Brussels"
        : Of<UriAttribute>(member) is not null ? "https://example.org/a"
        : Texts.First(text => Of<TextAttribute>(member)?.Pattern is not { } pattern || Regex.IsMatch(text, pattern));

    private static T? Of<T>(JsonPropertyInfo member)
        where T : Attribute => member.AttributeProvider?.GetCustomAttributes(typeof(T), inherit: true).OfType<T>().FirstOrDefault();

    private static IEnumerable<(JsonNode Body, string What)> WrongInOnePlace(JsonNode whole)
    {
        foreach (var place in Places(whole, []))
        {
            foreach (var other in Others.Where(_ => place.Length > 0))
                yield return (Changed(whole, place, _ => other?.DeepClone()), $"with {Shown(other)} at /{string.Join('/', place)}");
            switch (At(whole, place))
            {
                case JsonObject members:
                    foreach (var (name, _) in members)
                        yield return (
                            Changed(whole, place, at => Without(at!.AsObject(), name)),
                            $"without /{string.Join('/', [.. place, name])}"
                        );
                    yield return (Changed(whole, place, at =>
                        {
                            at!["unheardOf"] = "a";
                            return at;
                        }), $"with an unknown member at /{string.Join('/', place)}");
                    break;
                case JsonArray items:
                    foreach (var count in new[] { 21, 51, 101, 1_001 })
                        yield return (
                            Changed(whole, place, _ => new JsonArray([.. Enumerable.Range(0, count).Select(_ => items[0]!.DeepClone())])),
                            $"with {count} items at /{string.Join('/', place)}"
                        );
                    break;
            }
        }
    }

    private static IEnumerable<string[]> Places(JsonNode? node, string[] place) =>
        node switch
        {
            JsonObject members => members.SelectMany(m => Places(m.Value, [.. place, m.Key])).Prepend(place),
            JsonArray items => items.SelectMany(item => Places(item, [.. place, "0"])).Prepend(place),
            _ => [place],
        };

    private static JsonNode? At(JsonNode? node, IEnumerable<string> place) =>
        place.Aggregate(node, (at, step) => at is JsonArray items ? items[0] : at![step]);

    private static JsonNode Changed(JsonNode whole, string[] place, Func<JsonNode?, JsonNode?> change)
    {
        var body = whole.DeepClone();
        if (place.Length == 0)
            return change(body)!;
        var parent = At(body, place[..^1]);
        var old = At(body, place)!.DeepClone();
        if (parent is JsonArray items)
            items[0] = change(old);
        else
            parent![place[^1]] = change(old);
        return body;
    }

    private static JsonObject Without(JsonObject members, string name)
    {
        members.Remove(name);
        return members;
    }

    private static string Shown(JsonNode? node) =>
        node?.ToJsonString() is { Length: > 60 } text ? text[..60] + "…" : node?.ToJsonString() ?? "null";
}
