namespace CooperationEvents.Reading;

public static class ReadingModule
{
    public static IServiceCollection AddReading(this IServiceCollection services) =>
        services.AddParameters(ReadingParameters.All).AddSingleton<Reader>();
}
