using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using CooperationEvents.Authentication;
using Microsoft.Extensions.Hosting;

namespace CooperationEvents.Testing;

/// <summary>
/// The built service in a process of its own, so that it can be refused, stopped and killed as it is where it runs. The
/// Release build is taken where it is newer than the sources, since it starts faster; else the one built with the tests.
/// </summary>
public sealed class ServiceProcess : IAsyncDisposable
{
    /// <summary>How long one request may take before the service counts as hanging.</summary>
    public static readonly TimeSpan RequestPatience = TimeSpan.FromSeconds(60);

    /// <summary>How long a start may take, or its refusal, on a machine that is busy with other things as well.</summary>
    public static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(3);

    /// <summary>How long a stop may take: as long as the service waits itself before it cuts off what has not ended.</summary>
    public static readonly TimeSpan StopPatience = new HostOptions().ShutdownTimeout;

    /// <summary>How often a start is tried while others take the port that was free.</summary>
    private const int MostStarts = 3;

    private static readonly Lazy<(string Program, bool IsRelease)> Build = new(FindProgram);

    private readonly Process _process;
    private readonly string _dataDirectory;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly HttpClient _client;
    private readonly HttpClient _patient;
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly Lazy<IReadOnlyDictionary<string, string>> _keys;

    private ServiceProcess(TestDatabase database, string dataDirectory, IEnumerable<(string Name, string? Value)> environment)
    {
        _dataDirectory = dataDirectory;
        _keys = new(ReadKeys);
        Url = new Uri($"http://127.0.0.1:{FreePort.Find().ToString(CultureInfo.InvariantCulture)}");
        _client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = Url, Timeout = RequestPatience };
        _patient = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = Url, Timeout = Timeout.InfiniteTimeSpan };
        var start = new ProcessStartInfo("dotnet", [Build.Value.Program])
        {
            WorkingDirectory = dataDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(IsSetting).ToList())
            start.Environment.Remove(name);
        (string Name, string? Value)[] development =
        [
            ("ASPNETCORE_ENVIRONMENT", "Development"),
            ("ASPNETCORE_URLS", Url.ToString()),
            ("DATA_DIR", dataDirectory),
            .. Settings(database.ConnectionStringsOfNode),
        ];
        foreach (var (name, value) in development.Concat(environment))
            start.Environment[name] = value;

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.ErrorDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.Start();
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        AppDomain.CurrentDomain.ProcessExit += KillAtEnd;
    }

    /// <summary>Whether the Release build is run, with its adapters compiled in.</summary>
    public static bool IsRelease => Build.Value.IsRelease;

    /// <summary>The assembly that is run.</summary>
    public static string Program => Build.Value.Program;

    /// <summary>Where it listens.</summary>
    public Uri Url { get; }

    /// <summary>The development keys, by role.</summary>
    public IReadOnlyDictionary<string, string> Keys => _keys.Value;

    public bool HasExited => _process.HasExited;

    /// <summary>What it has written so far.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>The key of a role.</summary>
    public string Key(string role) => _keys.Value[role];

    /// <summary>Bytes of memory it holds now.</summary>
    public long Memory
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Its process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Starts it in Development; whatever else is set in the environment comes on top, and null takes a setting away.</summary>
    public static ServiceProcess Launch(
        TestDatabase database,
        string dataDirectory,
        params IEnumerable<(string Name, string? Value)> environment
    ) => new(database, dataDirectory, environment);

    /// <summary>Runs a command of the service, in Development, and says how it ended and what it wrote.</summary>
    public static Task<(int Code, string Output)> Command(
        TestDatabase database,
        string dataDirectory,
        params IEnumerable<string> arguments
    ) => Command(database.ConnectionStrings, dataDirectory, arguments);

    /// <inheritdoc cref="Command(TestDatabase, string, IEnumerable{string})"/>
    /// <param name="connectionStrings">By their names, and no others.</param>
    public static Task<(int Code, string Output)> Command(
        IReadOnlyDictionary<string, string> connectionStrings,
        string dataDirectory,
        params IEnumerable<string> arguments
    ) => Ended(BeginCommand(connectionStrings, dataDirectory, [], arguments));

    /// <summary>Lets the log of a restored database go on, as an operator does; what the command says.</summary>
    /// <exception cref="InvalidOperationException">It was refused.</exception>
    public static async Task<string> Recover(TestDatabase restored, string dataDirectory)
    {
        var (code, said) = await Command(restored, dataDirectory, "audit", "recover", "--reason", "The disk failed", "--by", "operations");
        return code == 0 ? said : throw new InvalidOperationException(said);
    }

    /// <summary>Runs a command in Production, with these variables in its environment and no other settings.</summary>
    public static Task<(int Code, string Output)> CommandOfProduction(
        IEnumerable<(string Name, string? Value)> environment,
        string dataDirectory,
        params IEnumerable<string> arguments
    ) =>
        Ended(
            BeginCommand(
                new Dictionary<string, string>(),
                dataDirectory,
                [("ASPNETCORE_ENVIRONMENT", "Production"), ("ASPNETCORE_URLS", null), .. environment],
                arguments
            )
        );

    private static async Task<(int Code, string Output)> Ended(Process begun)
    {
        using var process = begun;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await errors);
    }

    /// <summary>Begins a command, whose output is to be read, or which is to be killed, by the test.</summary>
    public static Process BeginCommand(
        IReadOnlyDictionary<string, string> connectionStrings,
        string dataDirectory,
        params IEnumerable<string> arguments
    ) => BeginCommand(connectionStrings, dataDirectory, [], arguments);

    private static Process BeginCommand(
        IReadOnlyDictionary<string, string> connectionStrings,
        string dataDirectory,
        IEnumerable<(string Name, string? Value)> environment,
        IEnumerable<string> arguments
    )
    {
        var start = new ProcessStartInfo("dotnet", [Build.Value.Program, .. arguments])
        {
            WorkingDirectory = dataDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(IsSetting).ToList())
            start.Environment.Remove(name);
        (start.Environment["ASPNETCORE_ENVIRONMENT"], start.Environment["ASPNETCORE_URLS"]) = ("Development", "http://127.0.0.1:1");
        start.Environment["DATA_DIR"] = dataDirectory;
        foreach (var (name, value) in Settings(connectionStrings).Concat(environment))
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>Starts it and waits until it is ready.</summary>
    public static async Task<ServiceProcess> Start(TestDatabase database, string dataDirectory)
    {
        for (var starts = 1; ; starts++)
        {
            var service = Launch(database, dataDirectory);
            try
            {
                await service.Ready();
                return service;
            }
            catch (InvalidOperationException)
                when (starts < MostStarts && service.Output.Contains("address already in use", StringComparison.OrdinalIgnoreCase))
            {
                await service.DisposeAsync();
            }
        }
    }

    /// <summary>Waits until the read models have reached <paramref name="position"/>.</summary>
    public Task<TimeSpan> Reaches(long position) =>
        Wait.Until($"position {position} to be read", async () =>
            (await Get(string.Create(CultureInfo.InvariantCulture, $"/v1/frameworks?limit=1&minPosition={position}"))).Status == 200
        );

    /// <summary>Waits until it is ready, and says how long that took from its start.</summary>
    public async Task<TimeSpan> Ready()
    {
        await Wait.Until("the service to be ready", StartPatience, async () =>
        {
            if (HasExited)
                throw new InvalidOperationException($"The service did not start: {Output}");
            try
            {
                return (await Get("/health/ready", role: null)).Status == 200;
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                // It does not listen yet, or is slow to answer first.
                return false;
            }
        });
        return Stopwatch.GetElapsedTime(_started);
    }

    /// <summary>SIGKILL.</summary>
    public void Kill()
    {
        if (HasExited)
            return;
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Asks it to stop, as an orchestrator does.</summary>
    public async Task Terminate()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Waits for its end, and says how it ended.</summary>
    public async Task<int> Exit(TimeSpan patience)
    {
        using var patient = new CancellationTokenSource(patience);
        try
        {
            await _process.WaitForExitAsync(patient.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The service did not end within {patience.TotalSeconds} s: {Output}");
        }

        return _process.ExitCode;
    }

    /// <summary>
    /// Posts a body as JSON. Throws where no answer comes: the connection is refused or lost, or it takes longer than
    /// <see cref="RequestPatience"/>.
    /// </summary>
    public Task<Answer> Post(string path, object body, string? role = "recorder", params (string Name, string Value)[] headers) =>
        PostBytes(path, new JsonBytes(body, () => { }), role, headers);

    /// <summary>Posts a body as the recorder.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="body">What becomes JSON.</param>
    /// <param name="headers">Headers beside the key.</param>
    /// <param name="sent">Called once the body is with the network.</param>
    public Task<Answer> PostAndTell(string path, object body, Action sent, params (string Name, string Value)[] headers) =>
        PostBytes(path, new JsonBytes(body, sent), "recorder", headers);

    private async Task<Answer> PostBytes(string path, JsonBytes body, string? role, (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body };
        return await Send(request, role, headers);
    }

    /// <summary>Posts a body as it is, for as long as it takes to send.</summary>
    public async Task<Answer> PostFile(string path, HttpContent file, string role = "recorder")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = file };
        request.Headers.Add(ApiKeyHandler.Header, _keys.Value[role]);
        using var response = await _patient.SendAsync(request);
        return await Answer.Of(response, () => Output);
    }

    /// <summary>Sends a request by the key of a role.</summary>
    public async Task<Answer> Get(string path, string? role = "analyst", params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        return await Send(request, role, headers);
    }

    /// <summary>Sends a request and gives the answer as soon as it begins, for one that goes on for long.</summary>
    public async Task<HttpResponseMessage> Open(string path, string role = "analyst", params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add(ApiKeyHandler.Header, _keys.Value[role]);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= KillAtEnd;
        Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _client.Dispose();
        _patient.Dispose();
    }

    private void KillAtEnd(object? sender, EventArgs arguments) => Kill();

    private async Task<Answer> Send(HttpRequestMessage request, string? role, (string Name, string Value)[] headers)
    {
        if (role is not null)
            request.Headers.Add(ApiKeyHandler.Header, _keys.Value[role]);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        try
        {
            using var response = await _client.SendAsync(request);
            return await Answer.Of(response, () => Output);
        }
        catch (SocketException e)
        {
            // A connection that ends in the moment it is made comes through the client as it is.
            throw new HttpRequestException(e.Message, e);
        }
    }

    private Dictionary<string, string> ReadKeys() =>
        JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(Path.Combine(_dataDirectory, DevelopmentKeys.FileName)))!;

    private static IEnumerable<(string Name, string? Value)> Settings(IEnumerable<KeyValuePair<string, string>> connectionStrings) =>
        connectionStrings.Select(c => ($"ConnectionStrings__{c.Key}", (string?)c.Value));

    private static bool IsSetting(string name) =>
        name.StartsWith("ASPNETCORE_", StringComparison.Ordinal)
        || name.StartsWith("DOTNET_ENV", StringComparison.Ordinal)
        || name.EndsWith("_PORTS", StringComparison.Ordinal)
        || name.StartsWith("ConnectionStrings__", StringComparison.Ordinal);

    private static (string Program, bool IsRelease) FindProgram()
    {
        var project = Path.Combine(Repository.Root, "src", "CooperationEvents");
        var release = new FileInfo(Path.Combine(project, "bin", "Release", "net10.0", "CooperationEvents.dll"));
        if (release.Exists && !Sources(project).Any(source => source.LastWriteTimeUtc > release.LastWriteTimeUtc))
            return (release.FullName, true);

        // Tests and service are built in the same configuration, and lie in directories of its name.
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        return (Path.Combine(project, "bin", configuration, "net10.0", "CooperationEvents.dll"), configuration == "Release");
    }

    private static IEnumerable<FileInfo> Sources(string project) =>
        new DirectoryInfo(project)
            .EnumerateDirectories()
            .Where(directory => directory.Name is not ("bin" or "obj"))
            .SelectMany(directory => directory.EnumerateFiles("*", SearchOption.AllDirectories))
            .Concat(new DirectoryInfo(project).EnumerateFiles());

    /// <summary>A body of JSON that tells when it is with the network.</summary>
    private sealed class JsonBytes : HttpContent
    {
        private readonly byte[] _bytes;
        private readonly Action _sent;

        public JsonBytes(object body, Action sent)
        {
            (_bytes, _sent) = (JsonSerializer.SerializeToUtf8Bytes(body, Kernel.Json.Options), sent);
            Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(_bytes);
            await stream.FlushAsync();
            _sent();
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _bytes.Length;
            return true;
        }
    }
}
