using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using Microsoft.Extensions.Logging.Console;

namespace CooperationEvents.Hosting;

/// <summary>
/// Settings that ASP.NET and OpenTelemetry read for themselves. They end the start at the first value they cannot use, or pass over it and
/// say nothing; here each is said, with what to do.
/// </summary>
internal static class SettingsOfLibraries
{
    private static readonly string[] CertificateFiles = ["Path", "KeyPath"];

    /// <summary>What exports can go by.</summary>
    private static readonly string[] Protocols = ["grpc", "http/protobuf"];

    /// <summary>How the console can write, each with its options.</summary>
    private static readonly Dictionary<string, Func<object>> ConsoleFormats = new(StringComparer.OrdinalIgnoreCase)
    {
        [ConsoleFormatterNames.Simple] = () => new SimpleConsoleFormatterOptions(),
        [ConsoleFormatterNames.Json] = () => new JsonConsoleFormatterOptions(),
        [ConsoleFormatterNames.Systemd] = () => new ConsoleFormatterOptions(),
    };

    /// <summary>What is wrong with settings that commands and Development have too.</summary>
    public static IEnumerable<string> OfAny(IConfiguration settings) => [.. OfLogging(settings), .. OfTelemetry(settings)];

    /// <summary>All URLs that are given to be listened on.</summary>
    public static IReadOnlyList<string> Urls(IConfiguration settings) => [.. OfAll(settings), .. OfEndpoints(settings)];

    private static string[] OfAll(IConfiguration settings) =>
        (settings["urls"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static IEnumerable<string> OfEndpoints(IConfiguration settings) =>
        settings.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]).Where(url => url is { Length: > 0 })!;

    /// <summary>
    /// What only a try tells of where to listen: another process listens there, or this one may not. Kestrel says so last of all, and
    /// passes over <c>urls</c> where it has endpoints of its own.
    /// </summary>
    public static IEnumerable<string> OfPorts(IConfiguration settings) =>
        from url in OfEndpoints(settings).Any() ? OfEndpoints(settings) : OfAll(settings)
        where IsAddress(url) && BindingAddress.Parse(url) is { IsUnixPipe: false, IsNamedPipe: false }
        let why = WhyNotBound(BindingAddress.Parse(url))
        where why is not null
        select $"{url} cannot be listened on: {why}.";

    private static string? WhyNotBound(BindingAddress address)
    {
        var ip =
            IPAddress.TryParse(address.Host, out var given) ? given
            : address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? IPAddress.Loopback
            : Socket.OSSupportsIPv6 ? IPAddress.IPv6Any
            : IPAddress.Any;
        using var socket = new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (ip.Equals(IPAddress.IPv6Any))
                socket.DualMode = true;
            socket.Bind(new IPEndPoint(ip, address.Port));
            return null;
        }
        catch (SocketException e)
        {
            return e.Message;
        }
    }

    /// <summary>What is wrong with where to listen, and with the certificates for it.</summary>
    public static IEnumerable<string> OfListening(IConfiguration settings)
    {
        foreach (var url in Urls(settings).Where(url => !IsAddress(url)))
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

    /// <summary>Of <c>Logging:LogLevel</c>, and of those of single providers; and of how the console writes.</summary>
    private static IEnumerable<string> OfLogging(IConfiguration settings)
    {
        var logging = settings.GetSection("Logging");
        var levels =
            from section in logging.GetChildren().Prepend(logging)
            from level in section.GetSection("LogLevel").GetChildren()
            where level.Value is { Length: > 0 } && !Enum.TryParse<LogLevel>(level.Value, ignoreCase: true, out _)
            select MustBeOneOf(level.Path, level.Value!, Enum.GetNames<LogLevel>());
        return levels.Concat(OfConsole(logging.GetSection("Console")));
    }

    private static IEnumerable<string> OfConsole(IConfigurationSection console)
    {
        var format = console["FormatterName"] is { Length: > 0 } name ? name : ConsoleFormatterNames.Simple;
        foreach (var fault in OfOptions(console, new ConsoleLoggerOptions()))
            yield return fault;
        if (!ConsoleFormats.TryGetValue(format, out var options))
            yield return MustBeOneOf($"{console.Path}:FormatterName", format, ConsoleFormats.Keys);
        else
            foreach (var fault in OfOptions(console.GetSection("FormatterOptions"), options()))
                yield return fault;
    }

    /// <summary>Of values that the options of a library cannot take, which would end the start where they are first asked for.</summary>
    private static IEnumerable<string> OfOptions(IConfigurationSection section, object options)
    {
        foreach (var given in section.GetChildren())
        {
            var property = options.GetType().GetProperty(given.Key, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase);
            if (property is not { CanWrite: true })
                continue;
            if (given.Value is { } value)
            {
                if (!Takes(options, property, given))
                    yield return property.PropertyType.IsEnum
                        ? MustBeOneOf(given.Path, value, Enum.GetNames(property.PropertyType))
                        : $"{given.Path} is '{value}', which it cannot be.";
            }
            else if (property.GetValue(options) is { } nested)
            {
                foreach (var fault in OfOptions(given, nested))
                    yield return fault;
            }
        }
    }

    private static bool Takes(object options, PropertyInfo property, IConfigurationSection given)
    {
        try
        {
            property.SetValue(options, given.Get(property.PropertyType));
            return true;
        }
        catch (Exception e) when (e is InvalidOperationException or TargetInvocationException)
        {
            return false;
        }
    }

    private static string MustBeOneOf(string name, string value, IEnumerable<string> words) =>
        $"{name} is {value}; it must be one of {string.Join(", ", words)}.";

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
            var (of, name) = ($"OTEL_EXPORTER_OTLP_{signal}", "");
            if (Given("HEADERS") is { } headers && !headers.Contains('=', StringComparison.Ordinal))
                yield return $"{name} cannot be read; it must be such as name=value, divided by commas.";
            if (Given("PROTOCOL") is { } protocol && !Protocols.Contains(protocol))
                yield return MustBeOneOf(name, protocol, Protocols);
            if (Given("TIMEOUT") is { } timeout && !(int.TryParse(timeout, CultureInfo.InvariantCulture, out var time) && time > 0))
                yield return $"{name} is {timeout}; it must be a whole number of milliseconds.";

            string? Given(string what) => settings[name = of + what] is { Length: > 0 } given ? given : null;
        }
    }
}
