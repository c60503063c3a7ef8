using CooperationEvents.Reading;

namespace CooperationEvents.Duplicates;

public static class DuplicatesModule
{
    public static IServiceCollection AddDuplicates(this IServiceCollection services) => services.AddParameters(DuplicatesParameters.All);
}
