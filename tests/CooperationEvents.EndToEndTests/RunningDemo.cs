using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using CooperationEvents.Testing;
using Xunit.Sdk;
using Xunit.v3;

[assembly: Parallelization(Mode = ParallelMode.None)]

namespace CooperationEvents.EndToEndTests;

/// <summary>
/// <c>deploy/run --demo</c> as somebody runs it in a terminal: in a process group of its own, with its own port and data.
/// </summary>
public sealed class RunningDemo : IAsyncLifetime
{
    /// <summary>Enough for a build from nothing on a busy machine.</summary>
    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(20);

    private static readonly TimeSpan DemoPatience = TimeSpan.FromMinutes(10);

    private readonly string _dataDirectory = Directory.CreateTempSubdirectory("cooperation-test-run-").FullName;
    private readonly int _port = FreePort.Find();
    private readonly ConcurrentQueue<string> _output = new();
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false });
    private Process _run = null!;

    /// <summary>What it has written to its standard output so far.</summary>
    public IReadOnlyCollection<string> Output => _output;

    public string Url => $"http://127.0.0.1:{_port.ToString(CultureInfo.InvariantCulture)}";

    public async ValueTask InitializeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit += InterruptAtEnd;

        // A shell ignores what its parent ignores, and a runner in the background ignores Ctrl-C.
        _run = Process.Start(Command("env", "--default-signal=INT", "setsid", Script("run"), "--demo"))!;
        _run.StandardInput.Close();
        _run.OutputDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _run.BeginOutputReadLine();
        var errors = _run.StandardError.ReadToEndAsync();
        await Wait.Until("deploy/run --demo to be ready", StartPatience, async () =>
            _run.HasExited
                ? throw new InvalidOperationException($"deploy/run --demo has ended: {string.Join('\n', _output)}\n{await errors}")
                : _output.Contains("Ctrl-C stops it.")
        );
    }

    /// <summary>Loads the demo once more, into the service that runs, and returns what was said.</summary>
    public async Task<string> LoadAgain()
    {
        using var demo = Process.Start(Command(Script("demo")))!;
        var errors = demo.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(DemoPatience);
        var output = await demo.StandardOutput.ReadToEndAsync(patience.Token);
        await demo.WaitForExitAsync(patience.Token);
        return demo.ExitCode == 0 ? output : throw new InvalidOperationException($"deploy/demo failed: {output}\n{await errors}");
    }

    /// <summary>Reads with the key of a role from <c>dev-keys.json</c>.</summary>
    public async Task<HttpResponseMessage> Get(string path, string role = "analyst", string? accept = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Url + path);
        request.Headers.Add("X-Api-Key", await Key(role));
        if (accept is not null)
            request.Headers.Add("Accept", accept);
        return await _client.SendAsync(request);
    }

    /// <summary>The key of a role, from <c>dev-keys.json</c>.</summary>
    public async Task<string> Key(string role) =>
        JsonSerializer.Deserialize<Dictionary<string, string>>(await File.ReadAllTextAsync(Path.Combine(_dataDirectory, "dev-keys.json")))![
            role
        ];

    /// <summary>Presses Ctrl-C, which reaches the whole process group, and returns the exit code.</summary>
    public async Task<int> Interrupt(TimeSpan patience)
    {
        using var kill = Process.Start("kill", ["-INT", "--", "-" + _run.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        using var patient = new CancellationTokenSource(patience);
        await _run.WaitForExitAsync(patient.Token);
        return _run.ExitCode;
    }

    /// <summary>Every process that still has to do with the data directory: by its working directory or its command line.</summary>
    public IReadOnlyList<string> Processes() =>
        [
            .. Directory
                .EnumerateDirectories("/proc")
                .Where(directory => int.TryParse(Path.GetFileName(directory), out _))
                .Select(CommandOf)
                .OfType<string>(),
        ];

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= InterruptAtEnd;
        if (!_run.HasExited)
            await Interrupt(TimeSpan.FromMinutes(1));
        _run.Dispose();
        _client.Dispose();
        Directory.Delete(_dataDirectory, recursive: true);
    }

    private static string Script(string name) => Path.Combine(Repository.Root, "deploy", name);

    private ProcessStartInfo Command(string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("ConnectionStrings__register");
        start.Environment["PORT"] = _port.ToString(CultureInfo.InvariantCulture);
        start.Environment["DATA_DIR"] = _dataDirectory;
        return start;
    }

    private void InterruptAtEnd(object? sender, EventArgs arguments)
    {
        if (!_run.HasExited)
            Interrupt(TimeSpan.FromMinutes(1)).Wait();
    }

    private string? CommandOf(string process)
    {
        try
        {
            var command = File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ');
            var place = new FileInfo(Path.Combine(process, "cwd")).LinkTarget ?? "";
            return command.Contains(_dataDirectory, StringComparison.Ordinal) || place.StartsWith(_dataDirectory, StringComparison.Ordinal)
                ? $"{Path.GetFileName(process)} {command}"
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
