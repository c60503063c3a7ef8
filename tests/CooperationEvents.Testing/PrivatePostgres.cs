using System.Diagnostics;
using System.Globalization;

namespace CooperationEvents.Testing;

/// <summary>A PostgreSQL from <c>deploy/private-postgres</c> in a temporary directory. It ends with this process at the latest.</summary>
public sealed class PrivatePostgres : IAsyncDisposable
{
    /// <summary>Files of databases that come and go cost a file system on disk more than PostgreSQL's own work with them.</summary>
    private const string InMemory = "/dev/shm";

    private const string Name = "cooperation-test-db-";

    /// <summary>What the servers of a run hold at most, and what is to be left beside that, in bytes.</summary>
    private const long MostHeld = 4_000_000_000,
        LeftFree = 4_000_000_000;

    private readonly string _directory;
    private readonly bool _ephemeral;

    private PrivatePostgres(bool ephemeral)
    {
        _ephemeral = ephemeral;
        RemoveLeft();
        _directory =
            ephemeral && OperatingSystem.IsLinux() && HasRoom()
                ? Directory
                    .CreateDirectory(
                        Path.Combine(InMemory, $"{Name}{Path.GetRandomFileName()}"),
                        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                    )
                    .FullName
                : Directory.CreateTempSubdirectory(Name).FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => DisposeAsync().AsTask().Wait();
    }

    /// <summary>A superuser's connection string.</summary>
    public string ConnectionString { get; private set; } = "";

    /// <summary>The process that starts all the others of the server.</summary>
    public int ProcessId =>
        int.Parse(File.ReadLines(Path.Combine(_directory, "postgres", "postmaster.pid")).First(), CultureInfo.InvariantCulture);

    /// <param name="ephemeral">Faster, and what it holds does not survive a crash.</param>
    public static async Task<PrivatePostgres> Start(bool ephemeral)
    {
        var server = new PrivatePostgres(ephemeral);
        await server.StartAgain();
        return server;
    }

    /// <summary>Starts it after <see cref="Kill"/>, on the same port where that is free still.</summary>
    public async Task StartAgain()
    {
        string[] options = _ephemeral ? ["--ephemeral"] : [];
        ConnectionString = (
            await Run(["start", .. options, "--owner-pid", Environment.ProcessId.ToString(CultureInfo.InvariantCulture), _directory])
        ).Trim();
    }

    /// <summary>Ends every process of the server with SIGKILL: no checkpoint, no farewell.</summary>
    public void Kill()
    {
        // Halted, it starts no process that is not seen here.
        var postmaster = ProcessId;
        using (var halt = Process.Start("kill", ["-STOP", postmaster.ToString(CultureInfo.InvariantCulture)]))
            halt.WaitForExit();
        SpinWait.SpinUntil(() => Stat($"/proc/{postmaster}") is not { State: not "T" });
        int[] processes = [postmaster, .. ChildrenOf(postmaster)];
        foreach (var id in processes)
        {
            try
            {
                using var process = Process.GetProcessById(id);
                process.Kill();
            }
            catch (ArgumentException)
            {
                // It has ended by itself.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!Directory.Exists(_directory))
            return;
        await Run(["stop", _directory]);
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>What a run that was killed has left in memory: its server has ended.</summary>
    private static void RemoveLeft()
    {
        foreach (var left in Directory.Exists(InMemory) ? new DirectoryInfo(InMemory).EnumerateDirectories($"{Name}*") : [])
        {
            var server = new FileInfo(Path.Combine(left.FullName, "postgres", "postmaster.pid"));
            if (
                server.Exists
                    ? Directory.Exists($"/proc/{File.ReadLines(server.FullName).First()}")
                    : left.CreationTimeUtc.AddMinutes(10) > DateTime.UtcNow
            )
                continue;
            try
            {
                left.Delete(recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Somebody else's, or gone already.
            }
        }
    }

    private static bool HasRoom() =>
        Directory.Exists(InMemory)
        && new DriveInfo(InMemory).AvailableFreeSpace > MostHeld
        && File.ReadLines("/proc/meminfo").FirstOrDefault(line => line.StartsWith("MemAvailable:", StringComparison.Ordinal)) is { } line
        && long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024 > MostHeld + LeftFree;

    private static IEnumerable<int> ChildrenOf(int parent)
    {
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), out var id) && Stat(directory)?.Parent == parent)
                yield return id;
        }
    }

    private static (string State, int Parent)? Stat(string processDirectory)
    {
        try
        {
            // "pid (name) state parent ...", and the name may hold anything.
            var stat = File.ReadAllText(Path.Combine(processDirectory, "stat"));
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (fields[0], int.Parse(fields[1], CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static async Task<string> Run(IEnumerable<string> arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo("bash", [Path.Combine(Repository.Root, "deploy", "private-postgres"), .. arguments])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"deploy/private-postgres {string.Join(' ', arguments)}: {await errors}");
    }
}
