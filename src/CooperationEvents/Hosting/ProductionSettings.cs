using System.Net;
using CooperationEvents.Audit;
using CooperationEvents.Audit.TransparencyLog;
using CooperationEvents.Authentication;
using CooperationEvents.Feed;
using CooperationEvents.Http;
using CooperationEvents.Privacy;
using CooperationEvents.Storage;
using CooperationEvents.Webhooks;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;
using Npgsql;

namespace CooperationEvents.Hosting;

/// <summary>The settings of Production, looked at whole before anything is made or served: every fault is named, with what to do.</summary>
public static class ProductionSettings
{
    /// <summary>Where the settings file is.</summary>
    public const string FileVariable = "COOPERATION_SETTINGS";

    /// <summary>What a settings file may begin with, beside the variables of OpenTelemetry.</summary>
    private static readonly string[] Known =
    [
        "Access",
        "AllowedHosts",
        "Audit",
        "Authentication",
        "ConnectionStrings",
        "Countries",
        "DATA_DIR",
        "Feed",
        "Hosting",
        "Jobs",
        "Kestrel",
        "Limits",
        "Logging",
        "Privacy",
        "Proxy",
        "Urls",
        "Webhooks",
    ];

    /// <summary>Adds the settings file, where one is named; what the environment and the command line say goes before it.</summary>
    /// <returns>Whether it could be read, and what is wrong with the file itself: it is missing, no JSON, or open to others.</returns>
    public static (bool IsRead, string? Fault) Read(ConfigurationManager settings)
    {
        if (settings[FileVariable] is not { Length: > 0 } path)
            return (true, null);
        if (!File.Exists(path))
            return (false, $"The settings file {path} is not there.");
        try
        {
            // Before the environment, which may say something else for one node.
            var file = new JsonConfigurationSource { Path = Path.GetFullPath(path), Optional = false };
            file.ResolveFileProvider();
            settings.Sources.Insert(
                settings.Sources.ToList().FindLastIndex(source => source is EnvironmentVariablesConfigurationSource),
                file
            );
        }
        catch (InvalidDataException e)
        {
            return (false, $"The settings file {path} is not JSON: {e.InnerException?.Message ?? e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (false, $"The settings file {path} cannot be read: {e.Message}");
        }

        return (
            true,
            !OperatingSystem.IsWindows()
            && (File.GetUnixFileMode(path) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite)) != 0
                ? $"The settings file {path} holds keys and can be read or changed by others: chmod 600, or 640 with a group of its own."
                : null
        );
    }

    /// <summary>Everything that is missing or wrong; nothing where the service can start with them.</summary>
    public static IReadOnlyList<string> Faults(IConfiguration settings, ConfiguredOptions options) =>
        [
            .. Names(settings),
            .. OfAny(settings, options),
            .. Database(settings),
            .. Keys(settings),
            .. WhereReadable<AuditOptions>(options, Log),
            .. WhereReadable<ProviderOptions>(options, Callers),
            .. WhereReadable<ProxyOptions>(options, proxy => Listening(settings, proxy)),
            .. OfDevelopment(settings),
            .. WhereReadable<WebhookOptions>(options, OfTrials),
        ];

    /// <summary>What is wrong with a section whose single settings can be used; of another those are said alone.</summary>
    private static IEnumerable<string> WhereReadable<T>(ConfiguredOptions options, Func<T, IEnumerable<string>> faults)
        where T : class, IConfiguredOptions, new() => options.Faults<T>().Count == 0 ? faults(options.Of<T>()) : [];

    /// <summary>
    /// What is wrong with single settings, which commands and Development have too: names that are none, values that cannot be read or are
    /// out of bounds.
    /// </summary>
    public static IReadOnlyList<string> OfAny(IConfiguration settings, ConfiguredOptions options) =>
        [
            .. options.Faults<SecurityEventOptions>(),
            .. options.Faults<AuditOptions>(),
            .. options.Faults<CountryOptions>(),
            .. options.Faults<HostingOptions>(),
            .. options.Faults<ConnectionOptions>(),
            .. options.Faults<FeedOptions>(),
            .. options.Faults<JobOptions>(),
            .. options.Faults<LimitOptions>(),
            .. options.Faults<PrivacyOptions>(),
            .. options.Faults<ProviderOptions>(),
            .. options.Faults<ProxyOptions>(),
            .. options.Faults<WebhookOptions>(),
            .. WhereReadable<ConnectionOptions>(options, ConnectionOptions.Faults),
            .. WhereReadable<AuditOptions>(options, Witness.Faults),
            .. WhereReadable<AuditOptions>(options, audit => OfFile("Audit:AnchorFile", audit.AnchorFile)),
            .. WhereReadable<PrivacyOptions>(options, privacy => OfFile("Privacy:ErasureLedger", privacy.ErasureLedger)),
            .. WhereReadable<CountryOptions>(options, CountryOptions.Faults),
            .. DataFiles.Faults(settings),
            .. SettingsOfLibraries.OfAny(settings),
        ];

    /// <summary>Of a file that the service makes where it is not there.</summary>
    private static IEnumerable<string> OfFile(string name, string? path) =>
        path is { Length: > 0 } && Directory.Exists(path) ? [$"{name} is {path}, which is a directory; it must be a file in one."] : [];

    private static IEnumerable<string> Names(IConfiguration settings) =>
        settings[FileVariable] is not { Length: > 0 } path
            ? []
            : new ConfigurationBuilder()
                .AddJsonFile(Path.GetFullPath(path))
                .Build()
                .GetChildren()
                .Select(s => s.Key)
                .Where(name =>
                    !Known.Contains(name, StringComparer.OrdinalIgnoreCase) && !name.StartsWith("OTEL_", StringComparison.Ordinal)
                )
                .Select(name => $"{name} is no setting. There are {string.Join(", ", Known)}.");

    private static IEnumerable<string> Database(IConfiguration settings)
    {
        if (settings.GetConnectionString(DataSources.Register) is not { Length: > 0 })
            yield return "ConnectionStrings:register is missing: the Npgsql connection string of cooperation_service (deploy/roles.sql "
                + "makes the role).";
        foreach (
            var (name, role) in new[]
            {
                (DataSources.Register, "cooperation_service"),
                (DataSources.Replay, "cooperation_replay"),
                (KeyDatabase.Name, "cooperation_keys"),
            }
        )
        {
            if (settings.GetConnectionString(name) is { Length: > 0 } given && FaultOfConnection(given, role) is { } fault)
                yield return $"ConnectionStrings:{name} {fault}";
        }

        if (settings.GetConnectionString(DataSources.Owner) is { Length: > 0 })
            yield return "ConnectionStrings:schema is given to a node that serves, and with it the right to change the history. Give it to "
                + "'database prepare' alone.";
    }

    private static string? FaultOfConnection(string given, string role)
    {
        try
        {
            var parsed = new NpgsqlConnectionStringBuilder(given);
            if (string.IsNullOrEmpty(parsed.Host) || string.IsNullOrEmpty(parsed.Username))
                return "names no Host or no Username.";
            if (parsed.Host == "DATABASE" || parsed.Password == "PASSWORD")
                return $"is as the file was made: say in it where the database is, and the password of {role}.";
            return parsed.Username == "postgres"
                ? $"connects as postgres, who may change everything, the history too. Connect as {role} (docs/operators.md)."
                : null;
        }
        catch (ArgumentException)
        {
            // It is said with the settings that cannot be read.
            return null;
        }
    }

    private static IEnumerable<string> Keys(IConfiguration settings)
    {
        string[] sources = ["Privacy:MasterKey", "Privacy:MasterKeyFile", "Privacy:MasterKeyCommand"];
        if (sources.Count(source => settings[source] is { Length: > 0 }) != 1)
            yield return $"The master key, without which no name can be read: give it by one of {string.Join(", ", sources)}. It is the "
                + $"base64 text of 32 random bytes, kept outside the database.";
        else if (FaultOfMasterKey(settings) is { } fault)
            yield return fault;
    }

    /// <summary>Of a key that is given, itself or by a file. A command is run by a start alone.</summary>
    private static string? FaultOfMasterKey(IConfiguration settings)
    {
        try
        {
            if (settings["Privacy:MasterKey"] is { Length: > 0 } key)
                MasterKeys.Parse(key, "Privacy:MasterKey");
            else if (settings["Privacy:MasterKeyFile"] is { Length: > 0 } file)
                MasterKeys.FromFile(file);
            return null;
        }
        catch (KeysRefusedException e)
        {
            return e.Message;
        }
    }

    private static IEnumerable<string> Log(AuditOptions audit)
    {
        if (audit.Origin is not { Length: > 0 } origin)
            yield return "Audit:Origin is missing: the URL of the audit log, such as https://register.example.org/log. It never changes.";
        else if (!Uri.TryCreate(origin, UriKind.Absolute, out var url) || url.Scheme != Uri.UriSchemeHttps || IsOfDevelopment(url.Host))
            yield return $"Audit:Origin is {origin}; it must be an https URL of your own, and no name of Development.";
        if (audit.SigningKey is not { Length: > 0 })
            yield return "Audit:SigningKey is missing: 'CooperationEvents audit new-key --origin URL' prints one.";
        else if (FaultOfSigningKey(audit) is { } fault)
            yield return fault;
        if (audit.AnchorFile is not { Length: > 0 })
            yield return "Audit:AnchorFile is missing: a file outside the database, shared by all nodes, to which every checkpoint is "
                + "appended.";
        if (audit.Replays.DiskBytes is null)
            yield return "Audit:Replays:DiskBytes is missing: how many bytes of the database server's disk a replay may take.";
    }

    private static string? FaultOfSigningKey(AuditOptions audit)
    {
        try
        {
            LogKeys.From(audit, developmentDirectory: null);
            return null;
        }
        catch (LogRefusedException e)
        {
            return e.Message;
        }
    }

    private static IEnumerable<string> Callers(ProviderOptions provider) =>
        [.. BearerTokens.From(provider)?.Faults() ?? [], .. PageSignIn.Faults(provider)];

    private static IEnumerable<string> Listening(IConfiguration settings, ProxyOptions proxy)
    {
        var hosts = (settings["AllowedHosts"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (hosts.Length == 0 || hosts.Contains("*"))
            yield return "AllowedHosts is missing: the host names this register is reached by, divided by semicolons.";

        var urls = SettingsOfLibraries.Urls(settings);
        if (urls.Count == 0)
            yield return "Urls is missing: where to listen, such as http://127.0.0.1:8080 behind a proxy, or https://*:443 with a "
                + "certificate under Kestrel:Certificates:Default.";
        foreach (var fault in SettingsOfLibraries.OfListening(settings))
            yield return fault;
        if (string.Equals(settings["ForwardedHeaders_Enabled"], "true", StringComparison.OrdinalIgnoreCase))
            yield return "ASPNETCORE_FORWARDEDHEADERS_ENABLED takes everybody's word for where a request comes from and how. Take it away, "
                + "and name the proxies in Proxy:Trusted.";
        var proxies = TrustedProxies.Of(proxy);
        foreach (var wrong in proxies.Unreadable)
            yield return $"Proxy:Trusted has {wrong}, which is neither an address nor a network such as 10.1.0.0/16.";
        if (urls.Any(url => url.StartsWith("http://", StringComparison.OrdinalIgnoreCase)) && proxies.Networks.Count == 0)
            yield return "Plain http is listened on and no proxy is trusted: keys would travel in the clear. Say in Proxy:Trusted who ends "
                + "TLS, or listen on https.";
        if (
            urls.Any(url => url.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
            && !settings.GetSection("Kestrel:Certificates:Default").GetChildren().Any()
            && !settings.GetSection("Kestrel:Endpoints").GetChildren().Any(e => e.GetSection("Certificate").GetChildren().Any())
        )
            yield return "https is listened on without a certificate: give Kestrel:Certificates:Default:Path and :KeyPath.";
    }

    private static IEnumerable<string> OfDevelopment(IConfiguration settings)
    {
        if (File.Exists(Path.Combine(DataFiles.Directory(settings), DevelopmentKeys.FileName)))
            yield return $"{Path.Combine(DataFiles.Directory(settings), DevelopmentKeys.FileName)} holds keys of Development. Give "
                + $"Production a directory of its own by DATA_DIR.";
    }

    private static IEnumerable<string> OfTrials(WebhookOptions webhooks)
    {
        if (webhooks.AllowPrivateAddresses)
            yield return "Webhooks:AllowPrivateAddresses is for trying webhooks out: with it a subscriber could have inner services "
                + "called. Take it away.";
    }

    private static bool IsOfDevelopment(string host) =>
        host == "localhost"
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".invalid", StringComparison.OrdinalIgnoreCase)
        || IPAddress.TryParse(host.Trim('[', ']'), out _);
}
