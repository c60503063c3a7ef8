using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using CooperationEvents.Storage;
using CooperationEvents.Testing;

namespace CooperationEvents.FaultTests;

public sealed class KilledImportTests
{
    private const int Meetings = 1_500;

    /// <summary>Of the rows, which are more than go into one transaction.</summary>
    private const int HalfWay = Meetings;

    [Theory]
    [InlineData("partial")]
    [InlineData("atomic")]
    public async Task An_import_whose_service_is_killed_is_continued_with_nothing_lost_and_nothing_twice(string mode)
    {
        await using var database = await TestDatabase.Create();
        using var data = new DataDirectory();
        string path;
        long before;
        await using (var service = await ServiceProcess.Start(database, data.Path))
        {
            var cooperation = await Cooperation.Start(service, people: 5);
            before = await database.Events();
            using var file = new ByteArrayContent(Encoding.UTF8.GetBytes(File(cooperation)));
            file.Headers.ContentType = MediaTypeHeaderValue.Parse("application/x-ndjson");
            await Barrier.Before(
                database,
                "ingestion.import",
                mode == "atomic" ? $"new.state = 'deciding' and new.rows >= {HalfWay}" : "new.rows > 0"
            );
            await using var barrier = await Barrier.Close(database);
            var posted = await service.PostFile($"/v1/imports?mode={mode}", file);
            posted.Status.ShouldBe(202, posted.ToString());
            path = posted.Header("Location")!;
            await barrier.Reached();
            service.Kill();
        }

        await Barrier.Remove(database);
        await Barrier.Before(database, "ingestion.import", $"new.state = 'appending' and new.rows >= {HalfWay}");
        await using (var service = await ServiceProcess.Start(database, data.Path))
        {
            await using var barrier = await Barrier.Close(database);
            await barrier.Reached();
            service.Kill();
        }

        await Barrier.Remove(database);
        await using var last = await ServiceProcess.Start(database, data.Path);
        Answer? import = null;
        await Wait.Until("the import's end", async () =>
            (import = await last.Get(path, "recorder")).Json["state"]!.GetValue<string>() == "completed"
        );

        // A row of each meeting, and one of an attendance at it.
        import!.Json["accepted"]!.GetValue<long>().ShouldBe(2 * Meetings, import.Text);
        import.Json["refused"]!.GetValue<long>().ShouldBe(0);
        import.Json["events"]!.GetValue<long>().ShouldBe(4 * Meetings);
        (await database.Events()).ShouldBe(before + 4 * Meetings);
        var statistics = (await last.ReadAt("/v1/statistics/cumulative", await database.LastPosition())).Json;
        statistics["meetingsHeld"]!.GetValue<int>().ShouldBe(Meetings);
        statistics["attendances"]!.GetValue<int>().ShouldBe(2 * Meetings);
    }

    [Fact]
    public async Task An_import_that_its_nodes_die_of_ends_as_failed()
    {
        await using var database = await TestDatabase.Create();
        using var data = new DataDirectory();
        string path;

        // Who holds the reports lets an import begin, and come no further.
        await using (var holding = await database.Source.OpenConnectionAsync())
        {
            await using var held = await holding.BeginTransactionAsync();
            await new Npgsql.NpgsqlCommand(
                "lock table ingestion.import_refusal in share row exclusive mode",
                holding,
                held
            ).ExecuteNonQueryAsync();
            await using (var service = await ServiceProcess.Start(database, data.Path))
            {
                using var file = new ByteArrayContent(
                    """{"command": "register-organisation", "data": {"name": "A", "shortName": "A"}}"""u8.ToArray()
                );
                file.Headers.ContentType = MediaTypeHeaderValue.Parse("application/x-ndjson");
                path = (await service.PostFile("/v1/imports", file)).Header("Location")!;
                await BegunFor(database, 1);
                service.Kill();
            }

            // A node that is stopped is no fault of the import's.
            await using (var service = await ServiceProcess.Start(database, data.Path))
            {
                await BegunFor(database, 2);
                await service.Terminate();
                await service.Exit(2 * ServiceProcess.StopPatience);
            }

            await BegunFor(database, 1);
        }

        await database.Scalar<int>($"update ingestion.import set attempts = {Attempts.Most} returning attempts");
        await using var last = await ServiceProcess.Start(database, data.Path);
        Answer? import = null;
        await Wait.Until("the import's end", async () =>
            (import = await last.Get(path, "recorder")).Json["state"]!.GetValue<string>() == "failed"
        );
        import!.Json["reason"]!.GetValue<string>().ShouldStartWith("The service tried 5 times to go on after 0 rows of this file;");
        (await database.Events()).ShouldBe(0);
    }

    private static Task<TimeSpan> BegunFor(TestDatabase database, int times) =>
        Wait.Until($"the import to be begun for the {times}. time", async () =>
            await database.Scalar<int>("select coalesce((select attempts from ingestion.import), 0)") == times
        );

    private static string File(Cooperation cooperation)
    {
        var lines = new StringBuilder();
        for (var i = 0; i < Meetings; i++)
        {
            var reference = new { system = "archive", id = i.ToString(CultureInfo.InvariantCulture) };
            Line(
                "record-held-meeting",
                new
                {
                    title = $"Meeting {i}",
                    frameworks = new[] { new { frameworkId = cooperation.Framework, level = "technical-experts" } },
                    start = new DateOnly(2013, 1, 1).AddDays(i % 3000).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                    externalReference = reference,
                    attendees = new[]
                    {
                        new
                        {
                            personId = cooperation.People[i % 5],
                            organisationId = cooperation.Home,
                            status = "attended",
                        },
                    },
                }
            );
            Line(
                "record-attendance",
                new
                {
                    meetingId = reference,
                    attendees = new[]
                    {
                        new
                        {
                            personId = cooperation.People[(i + 1) % 5],
                            organisationId = cooperation.Iom,
                            status = "attended",
                        },
                    },
                }
            );
        }

        return lines.ToString();

        void Line(string command, object data) =>
            lines.Append(JsonSerializer.Serialize(new { command, data }, Kernel.Json.Options)).Append('\n');
    }
}
