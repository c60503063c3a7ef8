using System.Net;
using CooperationEvents.Access;
using CooperationEvents.Audit;
using CooperationEvents.Privacy;

namespace CooperationEvents.Hosting;

/// <summary>What happens before the first request is served; whatever is wrong here stops the start, and says why.</summary>
public static partial class Startup
{
    /// <summary>Where Development keeps its keys: <c>DATA_DIR</c>, or <c>.data</c> in the working directory.</summary>
    public static string DataDirectory(IConfiguration configuration) => Path.GetFullPath(configuration["DATA_DIR"] ?? ".data");

    /// <summary>What can be refused before anything is made or read.</summary>
    public static void Check(IConfiguration configuration, bool development)
    {
        if (!development)
        {
            throw new InvalidOperationException(
                "Production starts only with an identity provider or API keys of its own, and this version can configure neither. Run it with deploy/run, in Development.");
        }

        CheckLoopback(configuration);
    }

    public static async Task Prepare(WebApplication app, bool development, string dataDirectory, CancellationToken cancellation = default)
    {
        await Database.Prepare(app.Services, development, cancellation);
        await app.Services.CheckKeys(cancellation);
        await app.Services.JoinKeySignals(cancellation);
        await app.Services.CheckLog(cancellation);
        await DevelopmentKeys.Ensure(dataDirectory, app.Services.GetRequiredService<ApiKeys>(), cancellation);
        Development(app.Logger, Path.Combine(dataDirectory, DevelopmentKeys.FileName));
    }

    /// <summary>Development's keys lie in a file: it listens where only this machine can reach it.</summary>
    internal static void CheckLoopback(IConfiguration configuration)
    {
        var urls = configuration["urls"];
        if (string.IsNullOrEmpty(urls) && (configuration["http_ports"] ?? configuration["https_ports"]) is { Length: > 0 } ports)
            throw new InvalidOperationException($"Development listens on loopback only; a port alone ({ports}) is open to others. Set ASPNETCORE_URLS=http://127.0.0.1:8080.");
        var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(e => e["Url"] ?? "");
        foreach (var url in (urls ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Concat(endpoints))
        {
            var host = Uri.TryCreate(url, UriKind.Absolute, out var address) ? address.Host.Trim('[', ']') : "";
            if (host != "localhost" && !(IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip)))
                throw new InvalidOperationException($"Development listens on loopback only, and {url} is not. Use http://127.0.0.1:8080.");
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Development: the keys are in {KeysFile}")]
    private static partial void Development(ILogger logger, string keysFile);
}
