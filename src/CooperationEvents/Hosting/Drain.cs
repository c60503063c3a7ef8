using CooperationEvents.Storage;

namespace CooperationEvents.Hosting;

/// <summary>
/// The end of a node that stands beside others. Once it is told to stop it is not ready, and asks callers to close their connections. It
/// still answers for <see cref="HostingOptions.DrainSeconds"/>: in that time the proxy sees that it is not ready.
/// </summary>
public sealed class Drain(HostingOptions options, IHostApplicationLifetime lifetime, TimeProvider clock) : IHostedLifecycleService
{
    /// <summary>Whether the node was told to stop.</summary>
    public bool HasBegun => lifetime.ApplicationStopping.IsCancellationRequested;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Is waited for before the server or anything else is stopped.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.Delay(options.Drain, clock, cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

public static class DrainHosting
{
    public static IServiceCollection AddDrain(this IServiceCollection services, HostingOptions options) =>
        services
            .AddSingleton<Drain>()
            .AddHostedService(provider => provider.GetRequiredService<Drain>())
            // What is under way afterwards has as long as ever.
            .Configure<HostOptions>(host => host.ShutdownTimeout += options.Drain);

    /// <summary>A connection that is kept open would bring its next request to a node that has ended.</summary>
    public static void UseDrain(this WebApplication app)
    {
        var drain = app.Services.GetRequiredService<Drain>();
        app.Use(next =>
            http =>
            {
                if (drain.HasBegun && HttpProtocol.IsHttp11(http.Request.Protocol))
                    http.Response.Headers.Connection = "close";
                return next(http);
            }
        );
    }
}
