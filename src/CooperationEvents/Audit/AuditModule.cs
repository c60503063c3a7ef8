namespace CooperationEvents.Audit;

public static class AuditModule
{
    public static IServiceCollection AddAudit(this IServiceCollection services) => services
        .AddSingleton<AccessJournal>()
        .AddSingleton<AccessSeal>()
        .AddHostedService(provider => provider.GetRequiredService<AccessSeal>())
        .AddSingleton<History>()
        .AddSingleton<StreamStates>();
}
