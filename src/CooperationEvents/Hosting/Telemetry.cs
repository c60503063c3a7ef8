using Npgsql;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace CooperationEvents.Hosting;

/// <summary>Traces and metrics of HTTP, PostgreSQL, Marten and Wolverine, exported where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> says.</summary>
public static class Telemetry
{
    public static IServiceCollection AddTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        var telemetry = services
            .AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("cooperation-events"))
            .WithTracing(tracing => tracing.AddAspNetCoreInstrumentation().AddNpgsql().AddSource("Marten", "Wolverine"))
            .WithMetrics(metrics =>
                metrics.AddAspNetCoreInstrumentation().AddMeter("Marten", "Npgsql", "Wolverine*", "CooperationEvents.*")
            );
        if (!string.IsNullOrEmpty(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
            telemetry.UseOtlpExporter();
        return services;
    }
}
