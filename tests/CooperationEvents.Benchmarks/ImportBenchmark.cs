using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using CooperationEvents.Kernel;
using CooperationEvents.Testing;
using JasperFx.Events;
using Marten;

namespace CooperationEvents.Benchmarks;

/// <summary>
/// A file of 100,000 rows, meetings with attendance, imported over HTTP into the service as it runs, killed in the middle and
/// continued; and the same events put into an empty history by Marten's own bulk insert, in the same run.
/// </summary>
internal static class ImportBenchmark
{
    private const int Meetings = 10_000;
    private const int AttendedEach = 9;
    private const int People = 2_000;
    private const int Rows = Meetings * (1 + AttendedEach);

    public static async Task Run()
    {
        await using var database = await TestDatabase.Create();
        var data = Directory.CreateTempSubdirectory("cooperation-benchmark-");
        var memory = new List<long>();
        var working = new Stopwatch();
        string path;
        await using (var service = await ServiceProcess.Start(database, data.FullName))
        {
            var (framework, organisation) = await Prepare(service);
            using var file = new ByteArrayContent(Encoding.UTF8.GetBytes(File(framework, organisation)));
            file.Headers.ContentType = MediaTypeHeaderValue.Parse("application/x-ndjson");
            Console.WriteLine($"file: {Rows:n0} rows, {file.Headers.ContentLength:n0} bytes");
            var upload = Stopwatch.StartNew();
            var posted = await service.PostFile("/v1/imports", file);
            Console.WriteLine($"posted in {upload.Elapsed.TotalSeconds:0.0} s: {posted.Status}");
            path = posted.Header("Location")!;
            working.Start();
            await Until(service, path, memory, import => import >= Rows * 4 / 10);
            service.Kill();
            working.Stop();
            Console.WriteLine($"killed after {working.Elapsed.TotalSeconds:0.0} s");
        }

        await using (var service = await ServiceProcess.Start(database, data.FullName))
        {
            working.Start();
            await Until(service, path, memory, rows => rows == Rows);
            working.Stop();
            Console.WriteLine((await service.Get(path, "recorder")).Text);
        }

        var events = await database.Scalar<long>("select count(*) from register.mt_events where correlation_id = $1", path.Split('/')[^1]);
        var expected = Meetings * 2 + Meetings * AttendedEach;
        Console.WriteLine(
            $"events of the import: {events:n0}, expected {expected:n0}: {(events == expected ? "every row exactly once" : "WRONG")}"
        );
        var importRate = events / working.Elapsed.TotalSeconds;
        Console.WriteLine(
            $"import: {working.Elapsed.TotalSeconds:0.0} s, {Rows / working.Elapsed.TotalSeconds:n0} rows/s, {importRate:n0} events/s"
        );
        Console.WriteLine(
            $"memory of the service (MiB), tenths of the run: "
                + $"{string.Join(' ', Enumerable.Range(0, 10).Select(i => memory[i * memory.Count / 10] >> 20))}"
        );
        var bulkRate = await BulkInsert(database);
        Console.WriteLine($"bulk insert: {bulkRate:n0} events/s; ratio import / bulk insert: {importRate / bulkRate:0.000}");
    }

    private static async Task Until(ServiceProcess service, string path, List<long> memory, Func<long, bool> reached)
    {
        while (true)
        {
            var import = (await service.Get(path, "recorder")).Json;
            memory.Add(service.Memory);
            if (reached(import["rows"]!.GetValue<long>()))
                return;
            if (import["finishedAt"] is not null)
                throw new InvalidOperationException(import.ToJsonString());
            await Task.Delay(250);
        }
    }

    private static async Task<(Guid Framework, Guid Organisation)> Prepare(ServiceProcess service)
    {
        var framework = (
            await service.Post(
                "/v1/frameworks",
                new
                {
                    name = "EU-IOM cooperation",
                    establishedOn = "2012-07",
                    parties = new[] { new { code = "EU", name = "European Union" }, new { code = "IOM", name = "IOM" } },
                    levels = new[]
                    {
                        new
                        {
                            code = "technical-experts",
                            name = "Technical experts",
                            rank = 1,
                        },
                    },
                }
            )
        ).Id;
        var organisation = (await service.Post("/v1/organisations", new { name = "DG HOME", shortName = "HOME" })).Id;
        await service.Post(
            $"/v1/frameworks/{framework}/members",
            new
            {
                organisationId = organisation,
                party = "EU",
                joinedOn = "2012-07",
            }
        );
        var people = new StringBuilder();
        for (var i = 0; i < People; i++)
            Line(people, "register-person", new { name = $"Person {i}", externalReference = Reference("p", i) });
        using var file = new ByteArrayContent(Encoding.UTF8.GetBytes(people.ToString()));
        file.Headers.ContentType = MediaTypeHeaderValue.Parse("application/x-ndjson");
        var clock = Stopwatch.StartNew();
        var path = (await service.PostFile("/v1/imports", file)).Header("Location")!;
        await Until(service, path, [], rows => rows == People);
        Console.WriteLine($"{People:n0} people imported in {clock.Elapsed.TotalSeconds:0.0} s");
        return (framework, organisation);
    }

    private static string File(Guid framework, Guid organisation)
    {
        var lines = new StringBuilder();
        for (var i = 0; i < Meetings; i++)
        {
            Line(
                lines,
                "record-held-meeting",
                new
                {
                    title = $"Meeting {i}",
                    frameworks = new[] { new { frameworkId = framework, level = "technical-experts" } },
                    start = new DateOnly(2013, 1, 1).AddDays(i % 4000).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                    externalReference = Reference("m", i),
                }
            );
            for (var j = 0; j < AttendedEach; j++)
            {
                Line(
                    lines,
                    "record-attendance",
                    new
                    {
                        meetingId = Reference("m", i),
                        attendees = new[]
                        {
                            new
                            {
                                personId = Reference("p", ((i * AttendedEach) + j) % People),
                                organisationId = organisation,
                                status = "attended",
                            },
                        },
                    }
                );
            }
        }

        return lines.ToString();
    }

    private static object Reference(string kind, int number) =>
        new { system = "archive", id = $"{kind}{number.ToString(CultureInfo.InvariantCulture)}" };

    private static void Line(StringBuilder lines, string command, object data) =>
        lines.Append(JsonSerializer.Serialize(new { command, data }, Json.Options)).Append('\n');

    /// <summary>Events a second of Marten's bulk insert of the events of the import into another database.</summary>
    private static async Task<double> BulkInsert(TestDatabase from)
    {
        await using var source = Sample.Store(from);
        await using var session = source.LightweightSession();
        var meetings = await session
            .Events.QueryAllRawEvents()
            .Where(e => e.EventTypeName == "meeting_scheduled")
            .Select(e => e.StreamId)
            .ToListAsync();
        var streams = new List<StreamAction>();
        await using var target = await TestDatabase.Create();
        await using var store = Sample.Store(target);
        await store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        foreach (var meeting in meetings)
        {
            var events = await session.Events.FetchStreamAsync(meeting);
            streams.Add(StreamAction.Start(meeting, events.Select(e => session.Events.BuildEvent(e.Data)).ToArray()));
        }

        var clock = Stopwatch.StartNew();
        await store.BulkInsertEventsAsync(streams);
        clock.Stop();
        return await target.Scalar<long>("select count(*) from register.mt_events") / clock.Elapsed.TotalSeconds;
    }
}
