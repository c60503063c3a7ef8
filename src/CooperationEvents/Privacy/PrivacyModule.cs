using CooperationEvents.Storage;
using Npgsql;
using Wolverine;

namespace CooperationEvents.Privacy;

public static class PrivacyModule
{
    public const string MasterKeyFile = "master.key";

    /// <summary>
    /// The master key comes from <c>Privacy:MasterKey</c>, the file <c>Privacy:MasterKeyFile</c>, or what
    /// <c>Privacy:MasterKeyCommand</c> writes; in Development, where all are absent, from a file in the data directory. The
    /// keys it wraps lie in the database <c>ConnectionStrings:keys</c>, or in the register's.
    /// </summary>
    public static IServiceCollection AddPrivacy(
        this IServiceCollection services,
        IConfiguration configuration,
        bool development,
        string dataDirectory
    ) =>
        services
            .AddSingleton(provider =>
                configuration.GetConnectionString(KeyDatabase.Name) is { Length: > 0 }
                    ? new KeyDatabase(DataSources.Of(configuration, KeyDatabase.Name, pooling: true), isOfItsOwn: true)
                    : new KeyDatabase(provider.GetRequiredService<NpgsqlDataSource>(), isOfItsOwn: false)
            )
            .AddSingleton(_ => MasterKeys.ReadLater(() => Master(configuration, development ? dataDirectory : null)))
            .AddConfigured<PrivacyOptions>()
            .AddSingleton<UnreadableAlarm>()
            .AddSingleton<ErasedPeople>()
            .AddSingleton<KeyStart>()
            .AddSingleton<KeyStore>()
            .AddSingleton<PersonalData>()
            .AddSingleton<ServiceSeal>()
            .AddSingleton<KeySignals>()
            .AddHostedService(provider => provider.GetRequiredService<KeySignals>());

    /// <summary>Holds the master key to the database.</summary>
    /// <exception cref="KeysRefusedException">Says what is missing or wrong, and what to do.</exception>
    public static async Task CheckKeys(this IServiceProvider services, CancellationToken cancellation)
    {
        var configuration = services.GetRequiredService<IConfiguration>();
        var development = services.GetRequiredService<IHostEnvironment>().IsDevelopment();
        if (
            development
            && Sources(configuration).Count == 0
            && Path.Combine(DataFiles.Directory(configuration), MasterKeyFile) is var file
            && !File.Exists(file)
            && !await KeyStart.HoldsKeys(services.GetRequiredService<KeyDatabase>(), cancellation)
        )
            MasterKeys.MakeFile(file);
        await services.GetRequiredService<KeyStart>().Check(cancellation);
    }

    /// <summary>Makes this process a node that hears of destroyed keys; to be called before anything personal is read.</summary>
    public static Task JoinKeySignals(this IServiceProvider services, CancellationToken cancellation) =>
        services.GetRequiredService<KeySignals>().Join(cancellation);

    /// <summary>Where the master key can be read, of the ways that are configured.</summary>
    private static List<(string Setting, Func<MasterKeys> Read)> Sources(IConfiguration configuration)
    {
        var sources = new List<(string, Func<MasterKeys>)>();
        Add("Privacy:MasterKey", text => MasterKeys.Parse(text, "Privacy:MasterKey"));
        Add("Privacy:MasterKeyFile", MasterKeys.FromFile);
        Add("Privacy:MasterKeyCommand", MasterKeys.FromCommand);
        return sources;

        void Add(string setting, Func<string, MasterKeys> read)
        {
            if (configuration[setting] is { Length: > 0 } value)
                sources.Add((setting, () => read(value)));
        }
    }

    private static MasterKeys Master(IConfiguration configuration, string? developmentDirectory) =>
        (Sources(configuration), developmentDirectory) switch
        {
            ([var only], _) => only.Read(),
            ([], { } directory) => MasterKeys.FromFile(Path.Combine(directory, MasterKeyFile)),
            ([], _) => throw new KeysRefusedException(
                "The master key is missing. Configure Privacy:MasterKey, Privacy:MasterKeyFile or Privacy:MasterKeyCommand "
                    + "(docs/operators.md)."
            ),
            (var several, _) => throw new KeysRefusedException(
                $"The master key is configured more than once: {string.Join(", ", several.Select(s => s.Setting))}. Keep one of them."
            ),
        };

    public static void Schedule(RecurringMessageCollection schedules) => schedules.ScheduleRecurring<ForgetReasons>("35 * * * *");
}
