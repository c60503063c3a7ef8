using System.Net;
using System.Reflection;
using CooperationEvents.Audit;
using CooperationEvents.Audit.TransparencyLog;
using CooperationEvents.Authentication;
using CooperationEvents.Privacy;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Hosting;

/// <summary>What happens before the first request is served; whatever is wrong here stops the start, and says why.</summary>
public static partial class Startup
{
    /// <summary>What can be refused before anything is made or read.</summary>
    /// <param name="serves">Whether it is to serve; else it only runs a command, which needs less.</param>
    /// <exception cref="StartRefusedException">Says everything that is missing or wrong.</exception>
    public static void Check(IConfiguration configuration, ConfiguredOptions options, bool development, bool serves)
    {
        if ((development || !serves) && ProductionSettings.OfAny(configuration, options) is { Count: > 0 } wrong)
            throw new StartRefusedException($"These settings are wrong:\n- {string.Join("\n- ", wrong)}");
        if (!serves)
            return;
        if (development)
        {
            CheckLoopback(configuration);
            if (PageSignIn.Faults(options.Of<ProviderOptions>()).ToList() is { Count: > 0 } ofSignIn)
                throw new StartRefusedException($"Nobody can sign in to the pages safely:\n- {string.Join("\n- ", ofSignIn)}");
        }
        else if (ProductionSettings.Faults(configuration, options) is { Count: > 0 } faults)
            throw new StartRefusedException(
                $"Production starts only with an identity provider or API keys of its own, and with settings that are complete "
                    + $"(docs/operators.md). These are not:\n- {string.Join("\n- ", faults)}"
            );
        if (SettingsOfLibraries.OfPorts(configuration).ToList() is { Count: > 0 } taken)
            throw new StartRefusedException(string.Join('\n', taken));
    }

    public static async Task Prepare(WebApplication app, bool development, string dataDirectory, CancellationToken cancellation = default)
    {
        await Database.Prepare(app.Services, development, cancellation);
        await app.Services.GetRequiredService<ClockCheck>().CheckAtStart(cancellation);
        await app.Services.CheckKeys(cancellation);
        await app.Services.JoinKeySignals(cancellation);
        await app.Services.CheckLog(cancellation);
        var keys = app.Services.GetRequiredService<ApiKeys>();
        if (!development)
        {
            await CheckCallers(app.Services.GetRequiredService<ConfiguredOptions>().Of<ProviderOptions>(), keys, cancellation);
            return;
        }

        await DevelopmentKeys.Ensure(dataDirectory, keys, cancellation);
        Development(app.Logger, Path.Combine(dataDirectory, DevelopmentKeys.FileName));
    }

    /// <summary>
    /// Why the service does not start, in words, where that is no fault of its own; null where it is. A test that hosts it is told by the
    /// exception itself.
    /// </summary>
    public static string? Refusal(Exception e) =>
        Assembly.GetEntryAssembly() != typeof(Startup).Assembly ? null
        : e is DatabaseRefusedException or KeysRefusedException or StartRefusedException or LogRefusedException or LogDamagedException
            ? e.Message
        : e is PostgresException { SqlState: var state }
            ? IsOfConnection(state) ? Unreached(e)
                : IsOfDatabase(state) ? $"The database refuses what is asked of it ({state}): {string.Join(' ', Reasons(e))}"
                : null
        : e is NpgsqlException ? Unreached(e)
        : null;

    private static string Unreached(Exception e) =>
        $"The database cannot be reached: {string.Join(' ', Reasons(e))} Look at its connection string, and whether it runs.";

    /// <summary>Whether a connection was refused or ended.</summary>
    private static bool IsOfConnection(string state) =>
        state[..2] is "08" or "28" or "3D"
        || state.StartsWith("57P", StringComparison.Ordinal)
        || state == PostgresErrorCodes.TooManyConnections;

    /// <summary>Whether the database lacks what it needs, or the role the right; else a statement of the service is wrong.</summary>
    private static bool IsOfDatabase(string state) => state[..2] is "53" || state == PostgresErrorCodes.InsufficientPrivilege;

    /// <summary>What is said on the way to the cause, each as a sentence on the same line.</summary>
    private static IEnumerable<string> Reasons(Exception e)
    {
        for (var at = e; at is not null; at = at.InnerException)
            yield return $"{(at is PostgresException said ? said.MessageText : at.Message).ReplaceLineEndings(" ").TrimEnd('.', ' ')}.";
    }

    /// <summary>Production is for callers that it can know, and never for those of Development.</summary>
    private static async Task CheckCallers(ProviderOptions provider, ApiKeys keys, CancellationToken cancellation)
    {
        if (await keys.AnyOfDevelopment(cancellation))
            throw new StartRefusedException("The database holds keys of Development. Production starts with a database of its own.");
        if (BearerTokens.From(provider) is null && !await keys.AnyStands(cancellation))
        {
            throw new StartRefusedException(
                "Production starts only with an identity provider or API keys of its own. Configure Authentication:Issuer, or make the key "
                    + "of an administrator: "
                    + "CooperationEvents access create-key --owner NAME --role admin"
            );
        }
    }

    /// <summary>Development's keys lie in a file: it listens where only this machine can reach it.</summary>
    internal static void CheckLoopback(IConfiguration configuration)
    {
        var urls = configuration["urls"];
        if (string.IsNullOrEmpty(urls) && (configuration["http_ports"] ?? configuration["https_ports"]) is { Length: > 0 } ports)
            throw new StartRefusedException(
                $"Development listens on loopback only; a port alone ({ports}) is open to others. Set "
                    + $"ASPNETCORE_URLS=http://127.0.0.1:8080."
            );
        var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(e => e["Url"] ?? "");
        foreach (
            var url in (urls ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Concat(endpoints)
        )
        {
            var host = Uri.TryCreate(url, UriKind.Absolute, out var address) ? address.Host.Trim('[', ']') : "";
            if (host != "localhost" && !(IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip)))
                throw new StartRefusedException($"Development listens on loopback only, and {url} is not. Use http://127.0.0.1:8080.");
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Development: the keys are in {KeysFile}")]
    private static partial void Development(ILogger logger, string keysFile);
}

/// <summary>Why the service does not start, and what to do.</summary>
public sealed class StartRefusedException(string why) : Exception(why);
