using System.Diagnostics;
using System.Globalization;
using CooperationEvents.Testing;

namespace CooperationEvents.Benchmarks;

/// <summary>
/// Figures over a large history, asked for over HTTP one after the other, beside a read of a single row over the same stack: as they are
/// asked again, for days never asked about, and while posts go on, so that no answer can be an earlier one.
/// </summary>
internal static class StatisticsBenchmark
{
    private const int Rounds = 100;
    private const int PostsAPause = 20;

    public static async Task Run(int meetings, int attendedEach)
    {
        await using var database = await TestDatabase.Create();
        var data = Directory.CreateTempSubdirectory("cooperation-benchmark-");
        await using (await ServiceProcess.Start(database, data.FullName)) { }

        var history = new LargeHistory(meetings, attendedEach);
        var inserted = await history.Insert(database);
        Console.WriteLine($"{history.Attendances:n0} attendances of {meetings:n0} meetings put into the history, {inserted:n0} events/s");

        var service = await ServiceProcess.Start(database, data.FullName);
        await using (service)
        {
            var projected = await LargeHistory.Projected(database);
            Console.WriteLine(
                $"read models: {await database.Scalar<long>("select count(*) from register.mt_events") / projected.TotalSeconds:n0} "
                    + $"events/s; memory {service.Memory >> 20} MiB"
            );
            await LargeHistory.Published(database);
        }

        service = ServiceProcess.Launch(database, data.FullName, [("Limits__RequestsPerSecond", "1000000"), ("Limits__Burst", "1000000")]);
        await using (service)
        {
            var ready = await service.Ready();
            var first = await Timed(service, "/v1/statistics/cumulative");
            Console.WriteLine(
                $"after a restart: ready in {ready.TotalSeconds:0.0} s, first figure after {first.TotalMilliseconds:0} ms more, memory "
                    + $"{service.Memory >> 20} MiB"
            );
            await Measure(service, database, history);
            Console.WriteLine($"memory {service.Memory >> 20} MiB");
        }
    }

    private static async Task Measure(ServiceProcess service, TestDatabase database, LargeHistory history)
    {
        var row = $"/v1/organisations/{history.OrganisationIds[0]}";
        var framework = history.FrameworkIds[3];
        string[] questions =
        [
            "cumulative",
            $"cumulative?framework={framework}",
            "series",
            "series?per=month",
            $"series?per=quarter&framework={framework}",
            .. new[] { "level", "party", "organisation", "area", "host", "co-host", "country", "mode", "role", "year" }.Select(d =>
                $"breakdown?by={d}"
            ),
            "breakdown?by=level,year",
            "breakdown?by=organisation,country",
            $"breakdown?by=organisation,year&framework={framework}",
            "breakdown?by=area&country=BE",
            "breakdown?by=organisation&orgView=lineage",
        ];
        Console.WriteLine();
        Console.WriteLine("question | asked again | a new day each time | while posts go on");
        foreach (var question in questions)
        {
            var name = question.Replace(framework.ToString(), "…", StringComparison.Ordinal);
            var again = await Compare(service, row, _ => question);
            var days = await Compare(service, row, round =>
                $"{question}{(question.Contains('?', StringComparison.Ordinal) ? '&' : '?')}asOf={new DateOnly(2026, 1, 1).AddDays(-round).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}"
            );
            var scans = await SequentialScans(database);
            using var stop = new CancellationTokenSource();
            var posting = Post(service, framework, stop.Token);
            var meanwhile = await Compare(service, row, _ => question);
            await stop.CancelAsync();
            Console.WriteLine(
                $"{name} | {again} | {days} | {meanwhile}, {await posting} posts, {await SequentialScans(database) - scans} sequential "
                    + $"scans of facts"
            );
        }
    }

    /// <summary>Asks for the row and for the question by turns.</summary>
    private static async Task<string> Compare(ServiceProcess service, string row, Func<int, string> question)
    {
        var (rows, figures) = (new double[Rounds], new double[Rounds]);
        for (var round = -10; round < Rounds; round++)
        {
            var one = (await Timed(service, row)).TotalMilliseconds;
            var figure = (await Timed(service, $"/v1/statistics/{question(round)}")).TotalMilliseconds;
            if (round >= 0)
                (rows[round], figures[round]) = (one, figure);
        }

        Array.Sort(rows);
        Array.Sort(figures);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{figures[Rounds / 2]:0.00} ms ({figures[Rounds * 99 / 100]:0.0}), {figures[Rounds / 2] / rows[Rounds / 2]:0.0} x row "
                + $"{rows[Rounds / 2]:0.00} ms"
        );
    }

    private static async Task<TimeSpan> Timed(ServiceProcess service, string path)
    {
        var began = Stopwatch.GetTimestamp();
        var answer = await service.Get(path);
        var time = Stopwatch.GetElapsedTime(began);
        return answer.Status == 200 ? time : throw new InvalidOperationException(answer.ToString());
    }

    /// <summary>Holds meetings, one after another with a pause between, and says how many.</summary>
    private static async Task<int> Post(ServiceProcess service, Guid framework, CancellationToken stop)
    {
        var posted = 0;
        while (!stop.IsCancellationRequested)
        {
            var answer = await service.Post(
                "/v1/meetings/record-held",
                new
                {
                    title = "Another meeting",
                    frameworks = new[] { new { frameworkId = framework, level = "technical-experts" } },
                    start = "2025-05-05",
                }
            );
            if (answer.Status != 201)
                throw new InvalidOperationException(answer.ToString());
            posted++;
            await Task.Delay(PostsAPause, CancellationToken.None);
        }

        return posted;
    }

    private static Task<long> SequentialScans(TestDatabase database) =>
        database.Scalar<long>(
            "select sum(seq_scan) from pg_stat_user_tables where schemaname = 'facts' and relname in ('meeting', 'placement', "
                + "'attendance', 'delegation')"
        );
}
