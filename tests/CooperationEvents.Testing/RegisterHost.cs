using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Alba;
using CooperationEvents.Authentication;
using CooperationEvents.Storage;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CooperationEvents.Testing;

/// <summary>The real service on a real database, started as <c>Program</c> starts it, and spoken to over HTTP.</summary>
public sealed class RegisterHost : IAsyncDisposable
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(200);

    private readonly IAlbaHost _host;
    private readonly HttpClient _client;
    private readonly ErrorLog _errors;
    private readonly Dictionary<string, string> _keys;

    private RegisterHost(IAlbaHost host, TestDatabase database, string dataDirectory, ErrorLog errors)
    {
        _host = host;
        _client = new HttpClient(Handler()) { BaseAddress = host.Server.BaseAddress, Timeout = RequestTimeout };
        _errors = errors;
        Database = database;
        DataDirectory = dataDirectory;
        _keys = JsonSerializer.Deserialize<Dictionary<string, string>>(
            File.ReadAllText(Path.Combine(dataDirectory, DevelopmentKeys.FileName))
        )!;
    }

    public TestDatabase Database { get; }

    /// <summary>Where this host keeps its keys; give it to another host on the same database.</summary>
    public string DataDirectory { get; }

    /// <summary>The development keys, by role.</summary>
    public IReadOnlyDictionary<string, string> Keys => _keys;

    public IServiceProvider Services => _host.Services;

    /// <summary>What the service logged as errors since its start.</summary>
    public IReadOnlyCollection<string> Errors => _errors.Entries;

    /// <summary>What it warned of since.</summary>
    public IReadOnlyCollection<string> Warnings => _errors.Warnings;

    /// <summary>Everything the service serves.</summary>
    public IReadOnlyList<RouteEndpoint> Endpoints =>
        [.. Services.GetRequiredService<IEnumerable<EndpointDataSource>>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()];

    /// <param name="database">Not dropped with the host.</param>
    /// <param name="dataDirectory">That of an earlier host; a fresh one where absent.</param>
    /// <param name="clock">The service's clock, however far it is from the database's; the system's where absent.</param>
    /// <param name="settings">Configuration beside what is set here.</param>
    public static async Task<RegisterHost> Start(
        TestDatabase database,
        string? dataDirectory = null,
        TimeProvider? clock = null,
        params (string Name, string Value)[] settings
    ) => await Start(_ => { }, database, dataDirectory, clock, settings);

    /// <inheritdoc cref="Start(TestDatabase, string?, TimeProvider?, ValueTuple{string, string}[])"/>
    /// <param name="services">Adds to the services of the host.</param>
    public static async Task<RegisterHost> Start(
        Action<IServiceCollection> services,
        TestDatabase database,
        string? dataDirectory = null,
        TimeProvider? clock = null,
        params (string Name, string Value)[] settings
    )
    {
        dataDirectory ??= Directory.CreateTempSubdirectory("cooperation-test-").FullName;
        var errors = new ErrorLog();
        var host = await AlbaHost.For<Program>(builder =>
        {
            builder.UseEnvironment("Development");
            builder.UseSetting("DATA_DIR", dataDirectory);
            if (clock is not null)
                builder.UseSetting("Hosting:ClockApartSeconds", "1000000000");
            foreach (var (name, connectionString) in database.ConnectionStringsOfNode)
                builder.UseSetting($"ConnectionStrings:{name}", connectionString);
            foreach (var (name, value) in settings)
                builder.UseSetting(name, value);
            builder.ConfigureLogging(logging => logging.ClearProviders().AddProvider(errors));
            if (clock is not null)
                builder.ConfigureTestServices(replaced => replaced.Replace(ServiceDescriptor.Singleton(clock)));
            if (clock is MovableClock { IsWrong: false } passing)
                builder.ConfigureTestServices(replaced =>
                    replaced.Replace(
                        ServiceDescriptor.Singleton<DatabaseClock>(provider => new MovedDatabaseClock(
                            provider.GetRequiredService<NpgsqlDataSource>(),
                            passing
                        ))
                    )
                );
            builder.ConfigureTestServices(services);
        });
        return new RegisterHost(host, database, dataDirectory, errors);
    }

    /// <summary>Makes a key with these scopes, for a principal of its own, that requests name as if it were a role.</summary>
    public async Task AddKey(string name, params string[] scopes)
    {
        var key = ApiKeys.NewKey();
        await Services.GetRequiredService<ApiKeys>().Add(key, scopes, CancellationToken.None);
        _keys[name] = key;
    }

    /// <summary>Posts a body: text and bytes as they are, anything else as JSON, null as none.</summary>
    public Task<Answer> Post(string path, object? body = null, string? role = "recorder", params (string Name, string Value)[] headers) =>
        Send(HttpMethod.Post, path, body, role, headers);

    public Task<Answer> Get(string path, string? role = "recorder", params (string Name, string Value)[] headers) =>
        Send(HttpMethod.Get, path, null, role, headers);

    /// <summary>
    /// Reads what was recorded up to <paramref name="position"/>, asking again while the service says that it is not there yet.
    /// </summary>
    public async Task<Answer> Read(string path, long position, string? role = "recorder")
    {
        Answer? answer = null;
        var separator = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        await Wait.Until($"{path} at position {position}", async () =>
            (answer = await Get(string.Create(CultureInfo.InvariantCulture, $"{path}{separator}minPosition={position}"), role)).Status
            != 503
        );
        return answer!;
    }

    /// <summary>Waits until whatever is read holds everything up to <paramref name="position"/>.</summary>
    public async Task Reaches(long position)
    {
        var answer = await Read("/v1/frameworks?limit=1", position);
        if (answer.Status != 200)
            throw new InvalidOperationException(answer.ToString());
    }

    /// <summary>
    /// Sends a request and gives the answer as soon as it begins, for one that goes on for long; disposing it cuts the connection.
    /// </summary>
    public async Task<HttpResponseMessage> Open(string path, string role = "analyst", params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add(ApiKeyHandler.Header, Keys[role]);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public async Task<Answer> Send(HttpMethod method, string path, object? body, string? role, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = body switch
        {
            null => null,
            HttpContent content => content,
            string text => Json(Encoding.UTF8.GetBytes(text)),
            byte[] bytes => Json(bytes),
            _ => Json(JsonSerializer.SerializeToUtf8Bytes(body, Kernel.Json.Options)),
        };
        if (role is not null)
            request.Headers.Add(ApiKeyHandler.Header, Keys[role]);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await _client.SendAsync(request);
        return await Answer.Of(response, () => _errors.Entries.LastOrDefault());
    }

    /// <summary>Gets an answer whose body is read by the caller, whatever it is made of.</summary>
    public async Task<HttpResponseMessage> Raw(string path, string? role, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (role is not null)
            request.Headers.Add(ApiKeyHandler.Header, Keys[role]);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>What a client sends its requests to. It fails an answer that the OpenAPI document or a page's own policy forbids.</summary>
    public HttpMessageHandler Handler() => new DescribedAnswers(_host.Services, new AllowedStyles(_host.Server.CreateHandler()));

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _host.DisposeAsync();
    }

    private static ByteArrayContent Json(byte[] bytes)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }
}
