using CooperationEvents.AuditLog;
using CooperationEvents.Testing;
using CooperationEvents.Verifier;

namespace CooperationEvents.FaultTests;

/// <summary>A watch of the offline verifier, over HTTP, on a service in a process of its own.</summary>
public sealed class WatchedRegisterTests
{
    [Fact]
    public async Task A_watch_follows_growth_and_a_restart_and_says_that_a_checkpoint_was_altered()
    {
        await using var database = await TestDatabase.Create();
        using var data = new DataDirectory();
        using var kept = new DataDirectory();
        var state = new DirectoryInfo(kept.Path);
        var said = new StringWriter();
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = ServiceProcess.RequestPatience };
        IReadOnlyList<LogKey> keys;
        Watch watch;
        await using (var service = await Started())
        {
            keys = LogKey.ParseAll((await service.Get("/v1/audit/log/keys", role: null)).Text.Split('\n'));
            keys.ShouldHaveSingleItem().FirstSize.ShouldBe(0);
            watch = Watching(service);
            for (var i = 0; i < 3; i++)
            {
                (await Cooperation.Organisation($"Organisation {i}").Send(service)).ShouldBeAccepted(201);
                await Covered();
                (await watch.Look(CancellationToken.None)).ShouldBeNull();
            }

            service.Kill();
            (await watch.Look(CancellationToken.None)).ShouldBeNull();
            said.ToString().ShouldContain("no answer:");
        }

        await using (var again = await Started())
        {
            (await Cooperation.Organisation("After the restart").Send(again)).ShouldBeAccepted(201);
            await Covered();
            (await Watching(again).Look(CancellationToken.None)).ShouldBeNull();
            var lines = await File.ReadAllLinesAsync(Path.Combine(kept.Path, "checkpoints.ndjson"));
            var sizes = lines.Select(l => CheckpointLine.Parse(l).Checkpoint.Size).ToList();
            sizes.Count.ShouldBe(4);
            sizes.ShouldBe(sizes.Distinct().Order());

            // The root in the text of the newest checkpoint becomes that of another tree; its signature stays.
            await database.Rows(
                """
                alter table audit.checkpoint disable trigger user;
                update audit.checkpoint set note = replace(note, encode(root, 'base64'), encode(sha256('another'), 'base64'))
                where size = (select max(size) from audit.checkpoint);
                alter table audit.checkpoint enable trigger user
                """
            );
            (await Watching(again).Look(CancellationToken.None)).ShouldNotBeNull();
            state.GetFiles("does-not-fit-*").ShouldHaveSingleItem();
        }

        Task<ServiceProcess> Started() => ServiceProcess.Start(database, data.Path);

        Watch Watching(ServiceProcess service) => new(http, service.Url, state, keys, said, TimeProvider.System);

        Task Covered() =>
            Wait.Until("the log to cover everything", () =>
                database.Scalar<bool>("select (select count(*) from register.mt_events) = (select published from audit.log_head)")
            );
    }
}
