namespace CooperationEvents.Http;

public static class HttpModule
{
    public static IServiceCollection AddCommandEndpoints(this IServiceCollection services) =>
        services.AddSingleton<CommandEndpoint>().AddSingleton<OnBehalfOf>();
}
