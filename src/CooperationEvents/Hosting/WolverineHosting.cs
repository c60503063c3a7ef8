using JasperFx.CodeGeneration;
using Wolverine;

namespace CooperationEvents.Hosting;

/// <summary>Wolverine carries the HTTP endpoints. It keeps nothing of its own: what must not be lost is an event.</summary>
public static class WolverineHosting
{
    public static void AddWolverine(this IHostBuilder host, IConfiguration configuration) =>
        host.UseWolverine(options =>
        {
            options.ApplicationAssembly = typeof(WolverineHosting).Assembly;
            options.Durability.Mode = DurabilityMode.MediatorOnly;
            if (configuration["WOLVERINE_OUTPUT"] is { } output)
                options.CodeGeneration.GeneratedCodeOutputPath = output;
#if WOLVERINE_STATIC
            options.CodeGeneration.TypeLoadMode = TypeLoadMode.Static;
#else
            options.CodeGeneration.TypeLoadMode = TypeLoadMode.Dynamic;
#endif
        });
}
