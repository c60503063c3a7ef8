namespace CooperationEvents.Hosting;

/// <summary>
/// Settings that ASP.NET and OpenTelemetry read for themselves. They end the start at the first value they cannot use, or pass over it and
/// say nothing; here each is said, with what to do.
/// </summary>
internal static class SettingsOfLibraries
{
    private static readonly string[] CertificateFiles = ["Path", "KeyPath"];

    /// <summary>What is wrong with settings that commands and Development have too.</summary>
    public static IEnumerable<string> OfAny(IConfiguration settings) => [.. OfLogging(settings), .. OfTelemetry(settings)];

    /// <summary>What is wrong with where to listen, and with the certificates for it.</summary>
    /// <param name="urls">All that is to be listened on.</param>
    public static IEnumerable<string> OfListening(IConfiguration settings, IEnumerable<string> urls)
    {
        foreach (var url in urls.Where(url => !IsAddress(url)))
            yield return $"{url} is nothing to listen on: it must be such as http://127.0.0.1:8080 or https://*:443, without a path.";
        var endpoints = settings.GetSection("Kestrel:Endpoints").GetChildren().ToList();
        foreach (var endpoint in endpoints.Where(endpoint => endpoint["Url"] is not { Length: > 0 }))
            yield return $"{endpoint.Path}:Url is missing: where to listen.";
        var certificates = settings
            .GetSection("Kestrel:Certificates")
            .GetChildren()
            .Concat(endpoints.Select(endpoint => endpoint.GetSection("Certificate")));
        foreach (var file in certificates.SelectMany(certificate => CertificateFiles.Select(certificate.GetSection)))
        {
            if (file.Value is { Length: > 0 } path && !File.Exists(path))
                yield return $"{file.Path} is {path}, and there is no such file.";
        }
    }

    private static bool IsAddress(string url)
    {
        try
        {
            return BindingAddress.Parse(url) is { Scheme: "http" or "https", PathBase: "", Port: >= 0 and <= ushort.MaxValue };
        }
        catch (FormatException)
        {
            return false;
        }
    }

    /// <summary>Of <c>Logging:LogLevel</c>, and of those of single providers.</summary>
    private static IEnumerable<string> OfLogging(IConfiguration settings)
    {
        var logging = settings.GetSection("Logging");
        return from section in logging.GetChildren().Prepend(logging)
            from level in section.GetSection("LogLevel").GetChildren()
            where level.Value is { Length: > 0 } && !Enum.TryParse<LogLevel>(level.Value, ignoreCase: true, out _)
            select $"{level.Path} is {level.Value}; it must be one of {string.Join(", ", Enum.GetNames<LogLevel>())}.";
    }

    private static IEnumerable<string> OfTelemetry(IConfiguration settings)
    {
        if (settings[Telemetry.Endpoint] is not { Length: > 0 } endpoint)
            yield break;
        if (
            !Uri.TryCreate(endpoint, UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps)
        )
            yield return $"{Telemetry.Endpoint} is {endpoint}; it must be the URL of a collector, such as http://127.0.0.1:4317.";
        foreach (var signal in new[] { "", "TRACES_", "METRICS_", "LOGS_" })
        {
            var name = $"OTEL_EXPORTER_OTLP_{signal}HEADERS";
            if (settings[name] is { Length: > 0 } headers && !headers.Contains('=', StringComparison.Ordinal))
                yield return $"{name} cannot be read; it must be such as name=value, divided by commas.";
        }
    }
}
