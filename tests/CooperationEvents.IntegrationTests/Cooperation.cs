using System.Text.Json.Nodes;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests;

/// <summary>
/// A framework of EU and IOM with two levels and two areas, and two member organisations: what most tests start from.
/// Every test makes its own, so that none sees another's.
/// </summary>
internal sealed class Cooperation
{
    private Cooperation(RegisterHost host) => Host = host;

    public RegisterHost Host { get; }

    public Guid Framework { get; private init; }

    public Guid Home { get; private init; }

    public Guid Iom { get; private init; }

    public static async Task<Cooperation> Start(RegisterHost host)
    {
        var framework = (await host.Post("/v1/frameworks", Agreement())).ShouldBeAccepted(201).Id;
        var cooperation = new Cooperation(host)
        {
            Framework = framework,
            Home = await Organisation(host, "DG HOME"),
            Iom = await Organisation(host, "IOM"),
        };
        await cooperation.Do(
            $"/v1/frameworks/{framework}/members",
            new
            {
                organisationId = cooperation.Home,
                party = "EU",
                joinedOn = "2012-07",
            }
        );
        await cooperation.Do(
            $"/v1/frameworks/{framework}/members",
            new
            {
                organisationId = cooperation.Iom,
                party = "IOM",
                joinedOn = "2012-07",
            }
        );
        return cooperation;
    }

    /// <summary>The body of a framework.</summary>
    public static JsonObject Agreement() =>
        new()
        {
            ["name"] = "EU-IOM cooperation",
            ["establishedOn"] = "2012-07",
            ["parties"] = new JsonArray(
                new JsonObject { ["code"] = "EU", ["name"] = "European Union" },
                new JsonObject { ["code"] = "IOM", ["name"] = "IOM" }
            ),
            ["levels"] = new JsonArray(
                new JsonObject
                {
                    ["code"] = "senior-officials",
                    ["name"] = "Senior officials",
                    ["rank"] = 1,
                },
                new JsonObject
                {
                    ["code"] = "technical-experts",
                    ["name"] = "Technical experts",
                    ["rank"] = 2,
                }
            ),
            ["areas"] = new JsonArray(
                new JsonObject { ["code"] = "migration", ["name"] = "Migration" },
                new JsonObject { ["code"] = "health", ["name"] = "Health" }
            ),
        };

    public static async Task<Guid> Organisation(RegisterHost host, string name) =>
        (await host.Post("/v1/organisations", new { name, shortName = name })).ShouldBeAccepted(201).Id;

    /// <summary>The body of a meeting in the past, with these members set or, where null, left out.</summary>
    public JsonObject Meeting(params (string Name, JsonNode? Value)[] members)
    {
        var body = new JsonObject
        {
            ["title"] = "Senior officials' meeting",
            ["frameworks"] = Under(Framework, "senior-officials"),
            ["start"] = "2018-04-04",
        };
        foreach (var (name, value) in members)
        {
            if (value is null)
                body.Remove(name);
            else
                body[name] = value;
        }

        return body;
    }

    public static JsonArray Under(Guid framework, string level) => [new JsonObject { ["frameworkId"] = framework, ["level"] = level }];

    public async Task<Answer> Schedule(params (string Name, JsonNode? Value)[] members) =>
        (await Host.Post("/v1/meetings", Meeting(members))).ShouldBeAccepted(201);

    /// <summary>The body of a commitment of DG HOME by the end of 2018, with these members set or, where null, left out.</summary>
    public JsonObject Commitment(params (string Name, JsonNode? Value)[] members)
    {
        var body = new JsonObject
        {
            ["frameworkId"] = Framework,
            ["text"] = "Share flood forecasts.",
            ["owners"] = new JsonArray(Home),
            ["dueOn"] = "2018",
        };
        foreach (var (name, value) in members)
        {
            if (value is null)
                body.Remove(name);
            else
                body[name] = value;
        }

        return body;
    }

    public async Task<Answer> Undertake(params (string Name, JsonNode? Value)[] members) =>
        (await Host.Post("/v1/commitments", Commitment(members))).ShouldBeAccepted(201);

    public async Task<Guid> Person(string name = "Ada Lovelace") => (await Host.Post("/v1/people", new { name })).ShouldBeAccepted(201).Id;

    /// <summary>People registered together, for tests that need many.</summary>
    public async Task<IReadOnlyList<Guid>> People(int count) =>
        await Task.WhenAll(Enumerable.Range(1, count).Select(i => Person($"Person {i}")));

    /// <summary>One attendee of DG HOME in a body.</summary>
    public object Attendee(Guid person, string? role = null, string? status = null) =>
        new
        {
            personId = person,
            organisationId = Home,
            role,
            status,
        };

    /// <summary>Posts what must be accepted.</summary>
    public async Task<Answer> Do(string path, object body, int status = 200) => (await Host.Post(path, body)).ShouldBeAccepted(status);

    public Task<Answer> Meeting(Guid id, Answer after) => Host.Read($"/v1/meetings/{id}", after.Position);

    /// <summary>The stored types of a stream's events, in order.</summary>
    public static async Task<IReadOnlyList<string>> History(RegisterHost host, Guid stream) =>
        [
            .. (await host.Database.Rows("select type from register.mt_events where stream_id = $1 order by version", stream)).Select(row =>
                (string)row[0]!
            ),
        ];

    public Task<IReadOnlyList<string>> History(Guid stream) => History(Host, stream);
}
