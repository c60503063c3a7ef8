using System.Text.Json;
using CooperationEvents.Testing;

namespace CooperationEvents.FaultTests;

public sealed class KilledLogTests
{
    private const int Kills = 4;
    private const int Clients = 4;

    /// <summary>How much each client posts where the service is not killed.</summary>
    private const int Last = 40;

    [Fact]
    public async Task However_often_the_service_is_killed_there_is_one_checkpoint_of_a_size_and_every_event_is_in_the_log()
    {
        await using var database = await TestDatabase.Create();
        using var data = new DataDirectory();
        var published = new Dictionary<long, string>();
        for (var kill = 0; kill <= Kills; kill++)
        {
            await using var service = ServiceProcess.Launch(database, data.Path, ("Audit__CheckpointMilliseconds", "10"));
            await service.Ready();
            var before = await Signed(database);
            var posting = Task.WhenAll(
                Enumerable.Range(0, Clients).Select(client => Post(service, kill == Kills ? Last : int.MaxValue, published))
            );
            if (kill == Kills)
            {
                await posting;
                await Wait.Until("the log to cover everything", async () =>
                    await database.Scalar<bool>("select (select count(*) from register.mt_events) = (select published from audit.log_head)")
                );
                break;
            }

            await Wait.Until("some checkpoints", async () => await Signed(database) >= before + 5);
            service.Kill();
            await posting;
        }

        // What anybody was shown, what the database holds and what stands outside it is one and the same.
        foreach (var row in await database.Rows("select note from audit.checkpoint"))
            Note(published, (string)row[0]!);
        foreach (var line in await File.ReadAllLinesAsync(Path.Combine(data.Path, "checkpoints.ndjson")))
            Note(published, JsonDocument.Parse(line).RootElement.GetProperty("note").GetString()!);
        (
            await database.Scalar<long>(
                "select count(*) from register.mt_events e where not exists (select from audit.leaf l where l.event_id = e.id)"
            )
        ).ShouldBe(0);
        Figures.Show($"{published.Count} checkpoints over {Kills} kills");
    }

    /// <summary>Posts, and looks at the newest checkpoint after each, until it is enough or the service is gone.</summary>
    private static async Task Post(ServiceProcess service, int most, Dictionary<long, string> published)
    {
        for (var i = 0; i < most && !service.HasExited; i++)
        {
            if (await Crowd.OrGone(Cooperation.Organisation($"Organisation {i}").Send(service)) is null)
                return;
            if (await Crowd.OrGone(service.Get("/v1/audit/log/checkpoint", role: null)) is { Status: 200 } seen)
                Note(published, seen.Text);
        }
    }

    private static Task<long> Signed(TestDatabase database) => database.Scalar<long>("select count(*) from audit.checkpoint");

    /// <summary>Keeps the note of a size, and fails where there was another.</summary>
    private static void Note(Dictionary<long, string> published, string note)
    {
        var size = long.Parse(note.Split('\n')[1], System.Globalization.CultureInfo.InvariantCulture);
        lock (published)
        {
            if (!published.TryAdd(size, note))
                note.ShouldBe(published[size]);
        }
    }
}
