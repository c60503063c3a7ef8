using System.Globalization;

namespace CooperationEvents.Benchmarks.Throughput;

/// <summary>
/// The processor time that was used, as Linux counts it: of a server, of PostgreSQL, and of everything else on the machine, which is
/// the client.
/// </summary>
internal sealed record ProcessorTimes(double Server, double Database, double Rest)
{
    private const double TicksPerSecond = 100;

    /// <summary>Processor seconds since the machine started, of the processes of these ids and of those they started.</summary>
    public static ProcessorTimes Now(int server, int database)
    {
        var busy =
            File.ReadLines("/proc/stat")
                .First()
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Skip(1)
                .Take(7)
                .Select(Number)
                .Where((_, column) => column is not (3 or 4))
                .Sum() / TicksPerSecond;
        var (served, stored) = (Of(server), Of(database));
        return new ProcessorTimes(served, stored, busy - served - stored);
    }

    /// <summary>How many processors each used in so many seconds.</summary>
    public static ProcessorTimes operator /(ProcessorTimes used, TimeSpan time) =>
        new(used.Server / time.TotalSeconds, used.Database / time.TotalSeconds, used.Rest / time.TotalSeconds);

    public static ProcessorTimes operator -(ProcessorTimes after, ProcessorTimes before) =>
        new(after.Server - before.Server, after.Database - before.Database, after.Rest - before.Rest);

    /// <summary>Of a process and of those it started. Those that have ended count with it, once it has seen their end.</summary>
    private static double Of(int id)
    {
        var all = Directory
            .EnumerateDirectories("/proc")
            .Select(directory => int.TryParse(Path.GetFileName(directory), out var process) ? Read(process) : null)
            .OfType<OneProcess>()
            .ToList();
        return Sum(id);

        double Sum(int process) =>
            all.Where(one => one.Id == process).Sum(one => one.Seconds) + all.Where(one => one.Parent == process).Sum(one => Sum(one.Id));
    }

    /// <summary>Reads "pid (name) state parent …" of proc(5), where the name may hold anything. Null where the process has ended.</summary>
    private static OneProcess? Read(int process)
    {
        const int parent = 1,
            userTime = 11,
            endOfTimes = 15;
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return new OneProcess(
                process,
                int.Parse(fields[parent], CultureInfo.InvariantCulture),
                fields[userTime..endOfTimes].Sum(Number) / TicksPerSecond
            );
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private sealed record OneProcess(int Id, int Parent, double Seconds);
}
