using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CooperationEvents.Testing;

/// <summary>What somebody else's server received: the request as it was, and when it came.</summary>
public sealed record Received(DateTimeOffset At, string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public JsonNode Json => JsonNode.Parse(Body)!;

    public string WebhookId => Headers["webhook-id"];

    public Guid Stream => Json["data"]!["stream"]!.GetValue<Guid>();

    public long Position => Json["data"]!["position"]!.GetValue<long>();
}

/// <summary>A real web server on loopback that takes webhooks, answers each as it is told, and keeps what it got.</summary>
public sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly ConcurrentQueue<Received> _all = new();
    private readonly ConcurrentQueue<Received> _taken = new();

    private Receiver(WebApplication server, Func<Received, HttpContext, Task> answer)
    {
        _server = server;
        server.Run(async http =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            var received = new Received(
                DateTimeOffset.UtcNow,
                http.Request.Path,
                http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase),
                body.ToArray()
            );
            _all.Enqueue(received);
            await answer(received, http);
            if (http.Response.StatusCode is >= 200 and < 300)
                _taken.Enqueue(received);
        });
    }

    public string Url { get; private set; } = "";

    /// <summary>Every request, in the order of arrival.</summary>
    public IReadOnlyList<Received> All => [.. _all];

    /// <summary>Those that were answered with success, in the order of the answers.</summary>
    public IReadOnlyList<Received> Taken => [.. _taken];

    /// <param name="answer">Sets the status and whatever else is to be answered; 200 where it sets none.</param>
    public static async Task<Receiver> Start(Func<Received, HttpContext, Task>? answer = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = new Receiver(builder.Build(), answer ?? ((_, _) => Task.CompletedTask));
        await receiver._server.StartAsync();
        receiver.Url = receiver._server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return receiver;
    }

    /// <summary>One that answers every request with what the function says.</summary>
    public static Task<Receiver> Answering(Func<Received, int> status) =>
        Start(
            (received, http) =>
            {
                http.Response.StatusCode = status(received);
                return Task.CompletedTask;
            }
        );

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();
}
