using System.Globalization;
using CooperationEvents.Benchmarks;
using CooperationEvents.Benchmarks.Throughput;

// Figures are ratios to a limit measured in the same run; docs/performance.md holds those that were measured.
switch (args)
{
    case ["imports"]:
        await ImportBenchmark.Run();
        return 0;
    case ["throughput", .. var options] when options.Length <= 3:
        await ThroughputBenchmark.Run(
            rounds: options.Length > 0 ? int.Parse(options[0], CultureInfo.InvariantCulture) : 3,
            seconds: options.Length > 1 ? int.Parse(options[1], CultureInfo.InvariantCulture) : 10,
            report: options.ElementAtOrDefault(2)
        );
        return 0;
    case ["race"]:
        await RaceBenchmark.Run();
        return 0;
    case ["statistics", .. var numbers] when numbers.Length is 0 or 2:
        int[] size = numbers.Length == 0 ? [20_000, 50] : [.. numbers.Select(n => int.Parse(n, CultureInfo.InvariantCulture))];
        await StatisticsBenchmark.Run(size[0], size[1]);
        return 0;
    case ["audit", .. var numbers] when numbers.Length is 0 or 2:
        int[] history = numbers.Length == 0 ? [20_000, 50] : [.. numbers.Select(n => int.Parse(n, CultureInfo.InvariantCulture))];
        await AuditBenchmark.Run(history[0], history[1]);
        return 0;
    case ["replay", .. var numbers] when numbers.Length is 0 or 2:
        int[] replayed = numbers.Length == 0 ? [2_000, 50] : [.. numbers.Select(n => int.Parse(n, CultureInfo.InvariantCulture))];
        await ReplayBenchmark.Run(replayed[0], replayed[1]);
        return 0;
    case ["batches", .. var rate] when rate.Length is 0 or 2:
        int[] batches = rate.Length == 0 ? [3, 6] : [.. rate.Select(n => int.Parse(n, CultureInfo.InvariantCulture))];
        await BatchBenchmark.Run(batches[0], batches[1]);
        return 0;
    case ["crowd"]:
        await CrowdBenchmark.Run(rounds: 5);
        return 0;
    case ["growth", .. var numbers] when numbers.Length is 0 or 2:
        int[] grown = numbers.Length == 0 ? [20_000, 50] : [.. numbers.Select(n => int.Parse(n, CultureInfo.InvariantCulture))];
        await GrowthBenchmark.Run(grown[0], grown[1], rounds: 3, seconds: 6);
        return 0;
    default:
        await Console.Error.WriteLineAsync(
            """
            usage: dotnet run -c Release --project tests/CooperationEvents.Benchmarks -- COMMAND

              imports                                       a file of 100,000 rows, killed in the middle
              throughput [ROUNDS SECONDS [DOCUMENT]]        posts a second, beside Marten's own functions and a peer
              batches [ROUNDS SECONDS]                      batches of 100 CloudEvents, beside Marten's own transactions
              crowd                                         300 people register at once, for one meeting and for 300
              growth [MEETINGS ATTENDED_EACH]               posts a second, empty and with such a history, by turns
              race                                          50 clients post the same 1,000 events
              statistics [MEETINGS ATTENDED_EACH]           figures over 20,000 meetings with 50 each
              audit [MEETINGS ATTENDED_EACH]                the log of such a history: exported, verified, replayed, a figure
                                                            counted again; and its lag under load
              replay [MEETINGS ATTENDED_EACH]               such a history, of 2,000 meetings, replayed and compared
            """
        );
        return 2;
}
