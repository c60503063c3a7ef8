using System.Diagnostics;
using CooperationEvents.Kernel;
using Npgsql;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace CooperationEvents.Hosting;

/// <summary>
/// Traces, and metrics of HTTP, the runtime, PostgreSQL, Marten, Wolverine and the service itself, exported where
/// <see cref="Endpoint"/> says; where it says nothing, nobody traces. A trace is of a request, or of work in the background that has found
/// something to do (<see cref="Traces"/>); statements are told as parts of these alone (<see cref="Storage.DataSources"/>).
/// </summary>
public static class Telemetry
{
    /// <summary>The setting that says where the collector is.</summary>
    public const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>The meters that are exported beside those of ASP.NET Core; a star stands for anything.</summary>
    public static readonly IReadOnlyList<string> Meters = ["System.Runtime", "Marten", "Npgsql", "Wolverine*", "CooperationEvents.*"];

    public static IServiceCollection AddTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<DistributedContextPropagator>(new OwnTraces());

        // Its instrumentation would else read the headers for itself.
        Sdk.SetDefaultTextMapPropagator(new TraceContextPropagator());
        var telemetry = services
            .AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("cooperation-events"))
            .WithMetrics(metrics => metrics.AddAspNetCoreInstrumentation().AddMeter([.. Meters]));
        if (!string.IsNullOrEmpty(configuration[Endpoint]))
            telemetry
                .WithTracing(tracing =>
                    tracing
                        .AddAspNetCoreInstrumentation(requests =>
                            requests.Filter = http => !http.Request.Path.StartsWithSegments("/health")
                        )
                        .AddNpgsql()
                        .AddSource("Marten", "Wolverine", Traces.Name)
                        .AddProcessor(new LooksUntold())
                )
                .UseOtlpExporter();
        return services;
    }
}

/// <summary>Marten traces each look for new events, also where there are none: it is not exported, nor what is below it.</summary>
internal sealed class LooksUntold : BaseProcessor<Activity>
{
    public override void OnStart(Activity data)
    {
        if (data.OperationName.EndsWith(".daemon.highwatermark", StringComparison.OrdinalIgnoreCase))
            (data.IsAllDataRequested, data.ActivityTraceFlags) = (false, ActivityTraceFlags.None);
    }
}

/// <summary>
/// Every trace begins here. A <c>traceparent</c> or baggage that a request brings is passed over: a stranger would choose what is
/// sampled, join the traces of others, and name the correlation of events.
/// </summary>
internal sealed class OwnTraces : DistributedContextPropagator
{
    private static readonly DistributedContextPropagator Usual = CreateDefaultPropagator();

    public override IReadOnlyCollection<string> Fields => Usual.Fields;

    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter) =>
        Usual.Inject(activity, carrier, setter);

    public override void ExtractTraceIdAndState(
        object? carrier,
        PropagatorGetterCallback? getter,
        out string? traceId,
        out string? traceState
    ) => (traceId, traceState) = (null, null);

    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) => null;
}
