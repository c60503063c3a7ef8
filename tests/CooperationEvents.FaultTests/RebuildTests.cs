using CooperationEvents.Testing;

namespace CooperationEvents.FaultTests;

/// <summary><c>database rebuild</c>: whatever happened to the read models, they are made again as the history says.</summary>
public sealed class RebuildTests
{
    /// <summary>More events than are projected in one transaction, so that a rebuild can be killed half way.</summary>
    private const int HalfWay = 600;

    [Fact]
    public async Task A_rebuild_is_refused_while_a_node_runs_the_read_models_and_goes_on_where_it_was_killed()
    {
        await using var database = await TestDatabase.Create();
        using var data = new DataDirectory();
        await using (var service = await ServiceProcess.Start(database, data.Path))
        {
            var cooperation = await Cooperation.Start(service, people: 300);
            foreach (var i in Enumerable.Range(0, 3))
                (await cooperation.Held(i, cooperation.People, heads: 7).Send(service)).ShouldBeAccepted(201);
            await service.ReadAt("/v1/meetings", await database.LastPosition());
            await database.SettledPositionNoted();

            var (code, said) = await ServiceProcess.Command(database, data.Path, "database", "rebuild");
            code.ShouldBe(1, said);
            said.ShouldContain("Stop every node first");
        }

        await Gone(database, "service");
        var live = await database.ReadModels();
        await database.Rows(
            "update facts.attendance set known_to = 3; delete from views.mt_doc_personview; insert into facts.person (person_id, "
                + "known_from) values (gen_random_uuid(), 2)"
        );
        await KillHalfWay(database, data);
        (await Position(database)).ShouldBeInRange(1, await database.LastPosition() - 1);

        await Rebuild(database, data, "Going on behind position");

        await ShouldBe(database, live);

        // The one that was begun is done: the next begins again.
        await database.Rows("update facts.attendance set known_to = 3");
        await Rebuild(database, data, "The read models are empty");
        await ShouldBe(database, live);
    }

    [Fact]
    public async Task The_read_models_of_an_earlier_version_are_dropped_and_rebuilt()
    {
        await using var database = await TestDatabase.Create();
        using var data = new DataDirectory();
        await using (var service = await ServiceProcess.Start(database, data.Path))
        {
            var cooperation = await Cooperation.Start(service, people: 2);
            (await cooperation.Held(1, cooperation.People, heads: 7).Send(service)).ShouldBeAccepted(201);
            await service.ReadAt("/v1/meetings", await database.LastPosition());
            await database.SettledPositionNoted();
        }

        await Gone(database, "service");
        var live = await database.ReadModels();
        await database.Rows(
            "alter table views.mt_doc_meetingview drop column first_day; alter table facts.meeting drop column title cascade"
        );

        var (code, said) = await ServiceProcess.Command(database, data.Path, "database", "prepare", "--dry-run");
        code.ShouldBe(1, said);
        said.ShouldContain("facts.meeting (column 'title' cannot be added");
        said.ShouldContain("database prepare --drop-read-models");
        var refused = said;
        (code, said) = await ServiceProcess.Command(database, data.Path, "database", "prepare");
        (code, said).ShouldBe((1, refused));
        (code, said) = await ServiceProcess.Command(database, data.Path, "database", "prepare", "--drop-read-models");
        code.ShouldBe(0, said);
        await Rebuild(database, data, "Going on behind position 0");

        await ShouldBe(database, live);
        (await ServiceProcess.Command(database, data.Path, "database", "prepare", "--everything")).Code.ShouldBe(2);
    }

    private static async Task KillHalfWay(TestDatabase database, DataDirectory data)
    {
        await Barrier.Before(database, "register.mt_event_progression", $"new.name = 'register:All' and new.last_seq_id > {HalfWay}");
        await using (var barrier = await Barrier.Close(database))
        {
            using var rebuild = ServiceProcess.BeginCommand(database.ConnectionStrings, data.Path, "database", "rebuild");
            await barrier.Reached();
            rebuild.Kill();
            await rebuild.WaitForExitAsync();
            await database.Rows(
                "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'cooperation_rebuild' and datname = "
                    + "current_database()"
            );
        }

        await Gone(database, "rebuild");
        await Barrier.Remove(database);
    }

    /// <summary>Waits until PostgreSQL has ended the sessions of a killed process: until then they may still commit.</summary>
    private static Task Gone(TestDatabase database, string role) =>
        Wait.Until($"the sessions of cooperation_{role} to end", () =>
            database.Scalar<bool>(
                "select not exists (select from pg_stat_activity where usename = $1 and datname = current_database())",
                $"cooperation_{role}"
            )
        );

    private static async Task Rebuild(TestDatabase database, DataDirectory data, string says)
    {
        var (code, said) = await ServiceProcess.Command(database, data.Path, "database", "rebuild");
        code.ShouldBe(0, said);
        said.ShouldContain(says);
        said.ShouldContain("The read models are at position ");
    }

    private static async Task ShouldBe(TestDatabase database, SortedDictionary<string, IReadOnlyList<string>> live)
    {
        var rebuilt = await database.ReadModels();
        rebuilt.Keys.ShouldBe(live.Keys);
        foreach (var (table, rows) in live)
            rebuilt[table].ShouldBe(rows, table);
    }

    private static Task<long> Position(TestDatabase database) =>
        database.Scalar<long>("select coalesce(max(last_seq_id), 0) from register.mt_event_progression where name = 'register:All'");
}
