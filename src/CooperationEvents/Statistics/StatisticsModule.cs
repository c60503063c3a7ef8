using Marten;
using Marten.Events.Projections;

namespace CooperationEvents.Statistics;

public static class StatisticsModule
{
    public static IServiceCollection AddStatistics(this IServiceCollection services) => services
        .AddSingleton<FactStore>()
        .AddHostedService<FactWarmUp>()
        .AddSingleton<FiguresReader>()
        .AddSingleton<Questions>()
        .AddSingleton<FrozenFigures>();

    public static void Configure(StoreOptions options, CompositeProjection composite)
    {
        FactTables.Configure(options);
        composite.Add(new FactsProjection());
    }
}
