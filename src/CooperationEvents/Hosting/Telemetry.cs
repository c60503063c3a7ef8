using System.Diagnostics;
using Npgsql;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace CooperationEvents.Hosting;

/// <summary>
/// Traces, and metrics of HTTP, the runtime, PostgreSQL, Marten, Wolverine and the service itself, exported where
/// <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> says.
/// </summary>
public static class Telemetry
{
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
            .WithTracing(tracing => tracing.AddAspNetCoreInstrumentation())
            .WithMetrics(metrics => metrics.AddAspNetCoreInstrumentation().AddMeter([.. Meters]));

        // The trace of a request names the correlation of its events. What is behind it is noted for who reads it alone: the driver writes
        // out the text of each batch of statements.
        if (!string.IsNullOrEmpty(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
            telemetry.WithTracing(tracing => tracing.AddNpgsql().AddSource("Marten", "Wolverine")).UseOtlpExporter();
        return services;
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
