using CooperationEvents.Audit.TransparencyLog;
using CooperationEvents.Projections;
using CooperationEvents.Reading;
using CooperationEvents.Statistics.Analytics;
using CooperationEvents.Statistics.Counting;
using CooperationEvents.Statistics.Facts;
using CooperationEvents.Statistics.Presentation;
using CooperationEvents.Storage;

namespace CooperationEvents.Statistics;

public static class StatisticsModule
{
    public static IServiceCollection AddStatistics(this IServiceCollection services) =>
        services
            .AddTables("Statistics")
            .AddParameters(StatisticsParameters.All)
            .AddSingleton<FactStore>()
            .AddHostedService<FactWarmUp>()
            .AddSingleton<FiguresReader>()
            .AddSingleton<Questions>()
            .AddSingleton<FrozenFigures>()
            .AddSingleton(
                new CompletenessCheck("schemas for analysts that are not as `database prepare` made them", AnalyticsSchema.Altered)
            );

    public static void Configure(ReadModelRegistration models)
    {
        var tables = new FactTables(models.Schemas.Facts);
        tables.Configure(models.Options);
        models.Composite.Add(new FactsProjection(tables));
    }
}
