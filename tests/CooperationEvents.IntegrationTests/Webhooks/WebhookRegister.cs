using System.Text.Json.Nodes;
using CooperationEvents.Authorization;
using CooperationEvents.IntegrationTests.Webhooks;
using CooperationEvents.Testing;

[assembly: AssemblyFixture(typeof(WebhookRegister))]

namespace CooperationEvents.IntegrationTests.Webhooks;

/// <summary>
/// A running service that may call this machine and tries again soon; each test has subscriptions and receivers of its own.
/// </summary>
public sealed class WebhookRegister : IAsyncLifetime
{
    public static readonly (string, string)[] Settings =
    [
        ("Webhooks:AllowPrivateAddresses", "true"),
        ("Webhooks:FirstRetry", "00:00:00.05"),
        ("Webhooks:Attempts", "3"),
        ("Webhooks:Timeout", "00:00:30"),
    ];

    private TestDatabase? _database;

    public RegisterHost Host { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.Create();
        Host = await RegisterHost.Start(_database, settings: Settings);
        foreach (var name in new[] { "subscriber", "other-subscriber", "third-subscriber" })
            await Host.AddKey(name, Scopes.SubscriptionsManage, Scopes.ActivityRead, Scopes.StatisticsRead);
    }

    public async ValueTask DisposeAsync()
    {
        if (Host is not null)
        {
            await Host.DisposeAsync();
            Directory.Delete(Host.DataDirectory, recursive: true);
        }

        if (_database is not null)
            await _database.DisposeAsync();
        Host?.Errors.ShouldBeEmpty();
    }
}

/// <summary>What a subscriber does over HTTP.</summary>
internal static class Subscribing
{
    private static string Role(RegisterHost host) => host.Keys.ContainsKey("subscriber") ? "subscriber" : "admin";

    public static async Task<Answer> Subscribe(this RegisterHost host, string url, params (string Name, JsonNode? Value)[] members)
    {
        var body = new JsonObject { ["url"] = url };
        foreach (var (name, value) in members)
            body[name] = value;
        var answer = await host.Post("/v1/subscriptions", body, Role(host));
        answer.Status.ShouldBe(201, answer.ToString());
        answer.Header("Location").ShouldBe($"/v1/subscriptions/{answer.Id}");
        return answer;
    }

    public static async Task<JsonNode> Subscription(this RegisterHost host, Guid id)
    {
        var answer = await host.Get($"/v1/subscriptions/{id}", Role(host));
        answer.Status.ShouldBe(200, answer.ToString());
        return answer.Json;
    }

    public static async Task<IReadOnlyList<JsonNode>> DeadLetters(this RegisterHost host, Guid id)
    {
        var answer = await host.Get($"/v1/subscriptions/{id}/dead-letters", Role(host));
        answer.Status.ShouldBe(200, answer.ToString());
        return [.. answer.Json["items"]!.AsArray().Select(item => item!)];
    }

    public static Task Until(this RegisterHost host, Guid subscription, string what, Func<JsonNode, bool> condition) =>
        Wait.Until(what, async () => condition(await host.Subscription(subscription)));

    public static async Task Unsubscribe(this RegisterHost host, Guid id)
    {
        var answer = await host.Send(HttpMethod.Delete, $"/v1/subscriptions/{id}", null, Role(host));
        answer.Status.ShouldBe(204, answer.ToString());
    }
}
