using System.Diagnostics;
using System.Globalization;
using CooperationEvents.Testing;

namespace CooperationEvents.Benchmarks;

/// <summary>
/// How long 300 people take who register at once: for one meeting, and each for another meeting. By turns; the median of the rounds.
/// </summary>
internal static class CrowdBenchmark
{
    private const int People = 300;

    public static async Task Run(int rounds)
    {
        await using var database = await TestDatabase.Create();
        var data = Directory.CreateTempSubdirectory("cooperation-benchmark-");
        await using var service = ServiceProcess.Launch(database, data.FullName, ("Limits__RequestsPerSecond", "100000"));
        await service.Ready();
        var framework = await Sample.Framework(service);
        var organisation = await Sample.Create(service, "/v1/organisations", new { name = "DG HOME", shortName = "HOME" });
        var people = await Many(i => Sample.Create(service, "/v1/people", new { name = $"Person {i}" }));
        var (atOne, atMany) = (new List<double>(), new List<double>());
        for (var round = 0; round <= rounds; round++)
        {
            var meetings = await Many(i =>
                Sample.Create(
                    service,
                    "/v1/meetings",
                    new
                    {
                        title = $"Experts' meeting {i}",
                        frameworks = new[] { new { frameworkId = framework, level = "technical-experts" } },
                        start = "2026-12-01",
                    }
                )
            );
            var one = await Sample.Create(
                service,
                "/v1/meetings",
                new
                {
                    title = "Plenary",
                    frameworks = new[] { new { frameworkId = framework, level = "technical-experts" } },
                    start = "2026-12-02",
                }
            );
            var (many, single) = (await Registered(i => meetings[i]), await Registered(_ => one));

            // The first round is not measured: it compiles and plans.
            if (round > 0)
            {
                atMany.Add(many);
                atOne.Add(single);
            }
        }

        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{People} at once: at one meeting {Median.Of(atOne):n0} ms ({atOne.Min():n0} to {atOne.Max():n0}), at {People} meetings "
                    + $"{Median.Of(atMany):n0} ms ({atMany.Min():n0} to {atMany.Max():n0}): ratio {Median.Of(atOne) / Median.Of(atMany):0.00}"
            )
        );

        async Task<double> Registered(Func<int, Guid> meetingOf)
        {
            var began = Stopwatch.GetTimestamp();
            await Task.WhenAll(
                people.Select(
                    async (person, i) =>
                    {
                        var answer = await service.Post(
                            $"/v1/meetings/{meetingOf(i)}/registrations",
                            new { attendees = new[] { new { personId = person, organisationId = organisation } } }
                        );
                        if (answer.Status != 200)
                            throw new InvalidOperationException(answer.ToString());
                    }
                )
            );
            return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        }
    }

    private static async Task<Guid[]> Many(Func<int, Task<Guid>> create)
    {
        var ids = new Guid[People];
        await Parallel.ForEachAsync(Enumerable.Range(0, People), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
            ids[i] = await create(i)
        );
        return ids;
    }
}
