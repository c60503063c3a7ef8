namespace CooperationEvents.Privacy;

public static class PrivacyModule
{
    public const string MasterKeyFile = "master.key";

    /// <summary>The master key comes from <c>Privacy:MasterKey</c>; in Development, where that is absent, from a file in the data directory.</summary>
    public static IServiceCollection AddPrivacy(this IServiceCollection services, IConfiguration configuration, string? developmentDirectory)
    {
        services.AddSingleton(_ => (configuration["Privacy:MasterKey"], developmentDirectory) switch
        {
            ({ Length: > 0 } text, _) => MasterKey.FromBase64(text),
            (_, { } directory) => MasterKey.FromFile(Path.Combine(directory, MasterKeyFile)),
            _ => throw new InvalidOperationException("Privacy:MasterKey is missing: the base64 text of 32 random bytes, kept outside the database."),
        });
        return services.AddSingleton<KeyStore>().AddSingleton<PersonalData>().AddSingleton<ServiceSeal>();
    }
}
