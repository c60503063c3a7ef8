using System.Globalization;
using System.Text;

namespace CooperationEvents.Benchmarks.Throughput;

/// <summary>What is measured. What the service does has the same by the peer beside it.</summary>
internal sealed record Part(string Name, Part? OfPeer = null)
{
    public static readonly Part Rows = new("L1 rows");
    public static readonly Part AppendFunction = new("L2 append function");
    public static readonly Part InProcess = new("L3 Marten in process");
    public static readonly Part Ceiling = new("ceiling");
    public static readonly Part Organisations = OfService("organisations");
    public static readonly Part Meetings = OfService("meetings");
    public static readonly Part AttendanceAtFew = OfService("attendance at 5");
    public static readonly Part AttendanceAtMany = OfService("attendance at 300");

    private static Part OfService(string what) => new($"L4 {what}", new Part($"peer, {what}"));
}

/// <summary>What was accepted, at which rate, with latencies in ms; and the processors that were used, where they were counted.</summary>
internal sealed record Measured(long Accepted, double PerSecond, double P50, double P99, long Errors = 0)
{
    public ProcessorTimes? Processors { get; init; }

    public Lags? Lags { get; init; }
}

/// <summary>One part in one round.</summary>
internal sealed record Result(Part Part, int Clients, Measured Measured);

/// <summary>The tables of a run: what was measured, and which aims it meets.</summary>
internal static class Report
{
    public static readonly int[] Clients = [1, 8, 32];

    private static readonly Part[] OfService = [Part.Organisations, Part.Meetings, Part.AttendanceAtFew, Part.AttendanceAtMany];

    private static readonly double[] OfAppendFunction = [0.4, 1.0, 2.0],
        OfPeer = [1.5, 2, 4];

    public static string Of(IReadOnlyList<Result> results, int rounds, int seconds)
    {
        var text = new StringBuilder();
        Line(
            $"{rounds} rounds of {seconds} s each, by turns, on {Environment.ProcessorCount} cores shared by client, service and PostgreSQL."
        );
        Line($"Median of posts a second (lowest to highest); p50 and p99 in ms; the processors that server, PostgreSQL and all else used;");
        Line($"how old the oldest event was that read models and log had not taken yet, in ms, at the 99th percentile.");
        Line($"");
        Row(["", "clients", "posts/s", "p50", "p99", "of L2", "of the peer", "server", "PostgreSQL", "client", "read models", "log"]);
        Row([.. Enumerable.Repeat<string>("---", 12)]);
        foreach (var part in results.Select(r => r.Part).Distinct())
        {
            foreach (var clients in Clients)
            {
                var rates = Values(part, clients, m => m.PerSecond);
                Row([
                    part.Name,
                    $"{clients}",
                    Cell($"{Median.Of(rates):n0} ({rates.Min():n0} to {rates.Max():n0})"),
                    Cell($"{Middle(part, clients, m => m.P50):0.0}"),
                    Cell($"{Middle(part, clients, m => m.P99):0.0}"),
                    Cell($"{Ratio(part, Part.AppendFunction, clients):0.00}"),
                    part.OfPeer is null ? "" : Cell($"{Ratio(part, part.OfPeer, clients):0.00}"),
                    Cell($"{Middle(part, clients, m => m.Processors?.Server):0.00}"),
                    Cell($"{Middle(part, clients, m => m.Processors?.Database):0.00}"),
                    Cell($"{Middle(part, clients, m => m.Processors?.Rest):0.00}"),
                    Cell($"{Middle(part, clients, m => m.Lags?.ReadModels):0}"),
                    Cell($"{Middle(part, clients, m => m.Lags?.Log):0}"),
                ]);
            }
        }

        Line($"");
        Row(["aim, with 1, 8 and 32 clients", .. OfService.Select(part => part.Name[3..])]);
        Row(["---", .. OfService.Select(_ => "---")]);
        Aim("at least 0.4, 1.0 and 2.0 of L2", part => AtLeast(OfAppendFunction, clients => Ratio(part, Part.AppendFunction, clients)));
        Aim("at least 1.5, 2 and 4 of the peer", part => AtLeast(OfPeer, clients => Ratio(part, part.OfPeer!, clients)));
        Aim("at least two thirds of organisations", part =>
            part == Part.Organisations ? "" : AtLeast([2 / 3.0, 2 / 3.0, 2 / 3.0], clients => Ratio(part, Part.Organisations, clients))
        );
        Aim("p99 below 100 ms, with 32", part => Below(100, Middle(part, 32, m => m.P99)));
        Aim("read models within 1,000 ms, with 32", part => Below(1000, Middle(part, 32, m => m.Lags?.ReadModels)));
        Aim("log within 1,000 ms, with 32", part => Below(1000, Middle(part, 32, m => m.Lags?.Log)));
        return text.ToString();

        void Line(FormattableString line) => text.AppendLine(Cell(line));

        void Row(IEnumerable<string> cells) => Line($"| {string.Join(" | ", cells)} |");

        void Aim(string aim, Func<Part, string> of) => Row([aim, .. OfService.Select(of)]);

        List<double> Values(Part part, int clients, Func<Measured, double?> value) =>
            [.. results.Where(r => r.Part == part && r.Clients == clients).Select(r => value(r.Measured)).OfType<double>()];

        double? Middle(Part part, int clients, Func<Measured, double?> value) =>
            Values(part, clients, value) is [_, ..] values ? Median.Of(values) : null;

        double Ratio(Part part, Part of, int clients) =>
            Middle(part, clients, m => m.PerSecond)!.Value / Middle(of, clients, m => m.PerSecond)!.Value;
    }

    private static string Cell(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string AtLeast(double[] aims, Func<int, double> reached) =>
        string.Join(", ", Clients.Zip(aims, (clients, aim) => Cell($"{reached(clients):0.00} {Met(reached(clients) >= aim)}")));

    private static string Below(double aim, double? reached) => Cell($"{reached:0} {Met(reached < aim)}");

    private static string Met(bool met) => met ? "met" : "missed";
}
