using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CooperationEvents.Testing;
using Npgsql;

namespace CooperationEvents.Benchmarks.Throughput;

/// <summary>Programs of others that post or append, and what they say of it.</summary>
internal static class Programs
{
    public static string Directory { get; } = Path.Combine(Repository.Root, "tests", "CooperationEvents.Benchmarks", "Throughput");

    public static async Task<string> Run(string program, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} failed: {output} {await errors}");
    }

    public static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}

/// <summary>Posts over HTTP as fast as it is answered.</summary>
internal static class Wrk
{
    public static async Task<Measured> Run(Uri url, string key, int clients, int seconds, params (string Name, string Value)[] what)
    {
        var threads = Math.Min(clients, 2).ToString(CultureInfo.InvariantCulture);
        var output = await Programs.Run(
            "wrk",
            [
                "-t",
                threads,
                "-c",
                $"{clients}",
                "-d",
                $"{seconds}s",
                "--timeout",
                "10s",
                "-s",
                Path.Combine(Programs.Directory, "posts.lua"),
                url.ToString(),
            ],
            [("KEY", key), ("TAG", Guid.NewGuid().ToString("n")[..12]), ("THREADS", threads), .. what]
        );
        var result = output.Split('\n').Single(line => line.StartsWith("RESULT ", StringComparison.Ordinal)).Split(' ');
        var accepted = long.Parse(result[1], CultureInfo.InvariantCulture);
        return new Measured(
            accepted,
            accepted / (Programs.Number(result[2]) / 1e6),
            Programs.Number(result[3]),
            Programs.Number(result[4]),
            long.Parse(result[5], CultureInfo.InvariantCulture)
        );
    }
}

/// <summary>Runs a script of statements from many connections.</summary>
internal static class PgBench
{
    public static async Task<Measured> Run(TestDatabase database, string script, int clients, int seconds)
    {
        var to = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        var log = System.IO.Directory.CreateTempSubdirectory("cooperation-pgbench-");
        var program = System
            .IO.Directory.EnumerateFiles("/usr/lib/postgresql", "pgbench", SearchOption.AllDirectories)
            .Order()
            .LastOrDefault()
            ?? "pgbench";
        await Programs.Run(
            program,
            [
                "-n",
                "-M",
                "prepared",
                "-c",
                $"{clients}",
                "-j",
                $"{Math.Min(clients, 2)}",
                "-T",
                $"{seconds}",
                "-l",
                "--log-prefix",
                Path.Combine(log.FullName, "log"),
                "-f",
                Path.Combine(Programs.Directory, script),
                "-h",
                to.Host!,
                "-p",
                $"{to.Port}",
                "-U",
                to.Username!,
                to.Database!,
            ],
            ("PGPASSWORD", to.Password!)
        );
        var latencies = log.EnumerateFiles()
            .SelectMany(file => File.ReadLines(file.FullName))
            .Select(line => Programs.Number(line.Split(' ')[2]) / 1000)
            .Order()
            .ToList();
        log.Delete(recursive: true);
        return new Measured(
            latencies.Count,
            latencies.Count / (double)seconds,
            latencies[latencies.Count / 2],
            latencies[(int)(latencies.Count * 0.99)]
        );
    }
}

/// <summary>What people would use instead: Emmett's event store under Express.</summary>
internal sealed class Peer : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _directory;
    private readonly NpgsqlDataSource _database;
    private readonly HttpClient _http = new();

    private Peer(Process process, string directory, Uri url, NpgsqlDataSource database) =>
        (_process, _directory, Url, _database) = (process, directory, url, database);

    public Uri Url { get; }

    /// <summary>Its process.</summary>
    public int ProcessId => _process.Id;

    public static async Task<Peer> Start(PrivatePostgres postgres)
    {
        var directory = System.IO.Directory.CreateTempSubdirectory("cooperation-peer-").FullName;
        File.Copy(Path.Combine(Programs.Directory, "package.json"), Path.Combine(directory, "package.json"));
        File.Copy(Path.Combine(Programs.Directory, "peer.mjs"), Path.Combine(directory, "peer.mjs"));
        await Programs.Run("npm", ["install", "--prefix", directory, "--legacy-peer-deps", "--no-audit", "--no-fund"]);
        var server = new NpgsqlConnectionStringBuilder(postgres.ConnectionString);
        await using (var source = NpgsqlDataSource.Create(server.ConnectionString))
        await using (var create = source.CreateCommand("create database peer"))
            await create.ExecuteNonQueryAsync();
        server.Database = "peer";
        var url = new Uri($"http://127.0.0.1:{FreePort.Find()}");
        var start = new ProcessStartInfo("node", [Path.Combine(directory, "peer.mjs")]) { RedirectStandardOutput = true };
        start.Environment["PORT"] = url.Port.ToString(CultureInfo.InvariantCulture);
        start.Environment["NODE_ENV"] = "production";
        start.Environment["PEER_DATABASE"] =
            $"postgresql://{server.Username}:{server.Password}@{server.Host}:{server.Port}/{server.Database}";
        var process = Process.Start(start)!;
        if (await process.StandardOutput.ReadLineAsync() != "ready")
            throw new InvalidOperationException("The peer did not start.");
        return new Peer(process, directory, url, NpgsqlDataSource.Create(server.ConnectionString));
    }

    public async Task<JsonNode> Post(string path, object body)
    {
        using var answer = await _http.PostAsJsonAsync(new Uri(Url, path), body);
        return (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonNode>())!;
    }

    /// <summary>What was acknowledged must be there.</summary>
    public async Task<Measured> Verified(Func<Task<Measured>> post)
    {
        var before = await Count();
        var measured = await post();
        return await Count() - before >= measured.Accepted
            ? measured
            : throw new InvalidOperationException("The peer acknowledged what is not there.");
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        await _database.DisposeAsync();
        System.IO.Directory.Delete(_directory, recursive: true);
    }

    private async Task<long> Count()
    {
        await using var command = _database.CreateCommand(
            "select case when to_regclass('emt_messages') is null then 0 else (xpath('/row/n/text()', query_to_xml('select count(*) as n "
                + "from emt_messages', false, true, '')))[1]::text::bigint end"
        );
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
