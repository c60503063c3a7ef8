using CooperationEvents.Audit.TransparencyLog;
using CooperationEvents.Storage;
using CooperationEvents.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CooperationEvents.IntegrationTests;

/// <summary>Tables beside those of libraries are made by SQL files, each run once.</summary>
public sealed class MigrationTests : IDisposable
{
    /// <summary>In the order of their tables.</summary>
    private static readonly string[] Rooms =
    [
        "Hosting",
        "Recording",
        "Authentication",
        "Projections",
        "Ingestion",
        "Statistics",
        "Audit",
        "Webhooks",
        "Privacy",
    ];

    /// <summary>Neither can be run twice, and the second needs the first. The second takes so long that another node comes meanwhile.</summary>
    private static readonly SqlFile[] Upgrade =
    [
        new("Upgrade/Tables/0001-counter.sql", "create schema upgrade; create table upgrade.counter as select 1 as n;"),
        new(
            "Upgrade/Tables/0002-reason.sql",
            "alter table upgrade.counter add column reason text not null default 'none'; update upgrade.counter set n = n + 1; "
                + "select pg_sleep(1);"
        ),
    ];

    /// <summary>Those of a newer version, with the rights it gives.</summary>
    private static readonly SqlFile[] Newer =
    [
        Upgrade[0],
        new(
            "Upgrade/Tables/grants.sql",
            "grant usage on schema upgrade to cooperation_service; grant select on upgrade.counter to cooperation_service;"
        ),
    ];

    private readonly string _data = Directory.CreateTempSubdirectory("cooperation-test-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task A_prepared_database_tells_every_migration_in_its_order()
    {
        await using var database = await TestDatabase.Create();
        var migrations = Rooms.SelectMany(room => OwnTables.Of(room).Migrations).ToList();

        (await Applied(database)).ShouldBe(migrations.Select(m => m.Name));
        (await database.Rows("select digest from hosting.migration union all select digest from keys.migration"))
            .Select(row => row[0])
            .ShouldBe(migrations.Select(m => m.Digest), ignoreOrder: true);
        (await Command(database, "database", "prepare", "--dry-run")).ShouldBe((0, ""));
    }

    [Fact]
    public async Task A_database_that_was_made_before_migrations_were_journalled_goes_on()
    {
        await using var database = await TestDatabase.CreateEmpty();
        await using (var owner = NpgsqlDataSource.Create(database.ConnectionStrings["schema"]))
            foreach (var room in Rooms)
                await owner.CreateCommand(OwnTables.Of(room).Migrations.First().Text).ExecuteNonQueryAsync();
        await database.Rows(
            """
            insert into access.quota values ('2026-01-31', gen_random_uuid(), 7);
            insert into access.api_key (hash, principal_id, scopes, asked_under, asked)
                values ('\x01', gen_random_uuid(), '{}', '\x02', '\x03'), ('\x04', gen_random_uuid(), '{}', null, null);
            insert into feed.subscription (id, owner, url, from_position, secret, request_digest, key_digest, created_at, read_up_to)
                values (gen_random_uuid(), gen_random_uuid(), 'https://example.org', 0, '', '\x06', '\x05', now(), 0);
            """
        );
        var (code, said) = await Command(database, "database", "prepare", "--dry-run");
        code.ShouldBe(0, said);
        said.ShouldStartWith("Hosting/Tables/0001-baseline.sql");

        (code, said) = await Command(database, "database", "prepare");
        code.ShouldBe(0, said);

        (await Applied(database)).ShouldBe(Rooms.SelectMany(room => OwnTables.Of(room).Migrations).Select(m => m.Name));
        (await database.Scalar<long>("select events from access.quota")).ShouldBe(7);
        (
            await database.Rows(
                """
                select encode(key_digest, 'hex'), encode(request_digest, 'hex') from recording.idempotent_request
                where made_id in (select id from access.api_key union all select id from feed.subscription) order by key_digest
                """
            )
        ).ShouldBe([
            ["02", "03"],
            ["05", "06"],
        ]);
        await using var host = await RegisterHost.Start(database, _data);
        await Cooperation.Organisation(host, "DG HOME");
    }

    [Fact]
    public async Task Two_nodes_that_start_at_once_apply_an_upgrade_once_and_in_order()
    {
        await using var database = await TestDatabase.Create();
        await (await RegisterHost.Start(database, _data)).DisposeAsync();

        var nodes = await Task.WhenAll(Start(database, Upgrade), Start(database, Upgrade));

        foreach (var node in nodes)
            await node.DisposeAsync();
        (await database.Rows("select n, reason from upgrade.counter")).ShouldHaveSingleItem().ShouldBe([2, "none"]);
        (await Applied(database)).Where(IsUpgrade).ShouldBe(Upgrade.Select(m => m.Name));
    }

    [Fact]
    public async Task A_migration_that_fails_stops_the_start_and_leaves_nothing()
    {
        await using var database = await TestDatabase.Create();
        var failing = Upgrade[1] with { Text = "create table hosting.half (n int); insert into hosting.half values ('one');" };

        var refused = await Should.ThrowAsync<DatabaseRefusedException>(() => Start(database, Upgrade[0], failing));

        refused.Message.ShouldContain(failing.Name);
        refused.Message.ShouldContain("invalid input syntax for type integer: \"one\"");
        (await database.Scalar<bool>("select to_regclass('hosting.half') is null")).ShouldBeTrue();
        (await Applied(database)).Where(IsUpgrade).ShouldBe([Upgrade[0].Name]);

        // Mended, it goes on behind what was applied.
        await (await Start(database, Upgrade)).DisposeAsync();
        (await database.Scalar<int>("select n from upgrade.counter")).ShouldBe(2);
    }

    [Fact]
    public async Task A_migration_that_was_applied_with_another_text_stops_the_start()
    {
        await using var database = await TestDatabase.Create();
        await (await Start(database, Upgrade[0])).DisposeAsync();

        var refused = await Should.ThrowAsync<DatabaseRefusedException>(() =>
            Start(database, new SqlFile(Upgrade[0].Name, Upgrade[0].Text + " -- and a word more"))
        );

        refused.Message.ShouldBe(
            "Upgrade/Tables/0001-counter.sql was applied with another text. A migration that was applied is never changed: a change is a "
                + "new file."
        );
    }

    [Fact]
    public async Task A_start_makes_nothing_anew_where_this_version_prepared_last()
    {
        await using var database = await TestDatabase.Create();
        await (await Start(database)).DisposeAsync();
        await database.Rows("grant select on feed.delivery to cooperation_rebuild");

        await (await Start(database)).DisposeAsync();
        (await Granted()).ShouldBeTrue("the same version prepared it last");

        await database.Rows("insert into hosting.prepared (fingerprint) values ('that of another version')");
        await (await Start(database)).DisposeAsync();
        (await Granted()).ShouldBeFalse("another version prepared it meanwhile");

        Task<bool> Granted() => database.Scalar<bool>("select has_table_privilege('cooperation_rebuild', 'feed.delivery', 'select')");
    }

    [Fact]
    public async Task Another_version_that_prepared_since_took_back_what_it_knows_nothing_of_and_that_is_seen()
    {
        await using var database = await TestDatabase.Create();
        await (await RegisterHost.Start(database, _data)).DisposeAsync();

        // As a version before `hosting.prepared.at` was moved leaves it.
        await database.Rows("revoke all on keys.field_salt from cooperation_service");

        var refused = await Should.ThrowAsync<DatabaseRefusedException>(() => RegisterHost.Start(database, _data));
        refused.Message.ShouldContain("Run 'CooperationEvents database prepare'");
        await (await Start(database)).DisposeAsync();
        await (await RegisterHost.Start(database, _data)).DisposeAsync();
    }

    /// <summary>A node of the version before starts again while an upgrade goes on.</summary>
    [Fact]
    public async Task A_node_that_may_not_prepare_starts_where_a_function_is_another_and_the_check_names_it()
    {
        await using var database = await TestDatabase.Create();
        await database.Rows(
            """
            create or replace function audit.note_late_event() returns trigger language plpgsql as 'begin return null; end';
            create or replace function keys.refuse_return() returns trigger language plpgsql as 'begin return new; end';
            """
        );

        await using (var host = await RegisterHost.Start(database, _data))
            (await host.Services.GetRequiredService<Completeness>().Check(CancellationToken.None))
                .SelectMany(fault => fault.Which)
                .ShouldBe(["audit.note_late_event", "keys.refuse_return"], ignoreOrder: true);
        var (code, said) = await Command(database, "database", "prepare");
        code.ShouldBe(0, said);
        said.ShouldContain("The function audit.note_late_event was missing or altered, and is made anew");
        said.ShouldContain("The function keys.refuse_return was missing or altered, and is made anew");
        (await Command(database, "database", "prepare")).Said.ShouldNotContain("made anew");
        await using (var host = await RegisterHost.Start(database, _data))
            (await host.Services.GetRequiredService<Completeness>().Check(CancellationToken.None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_read_model_that_a_version_brings_goes_on_with_the_others()
    {
        await using var database = await TestDatabase.Create();
        await using (var before = await RegisterHost.Start(database, _data))
            await before.Reaches((await before.Post("/v1/organisations", new { name = "IOM", shortName = "IOM" })).Position);
        await database.Rows(
            "delete from register.mt_event_progression where name = 'CommitmentView:All'; update register.mt_event_progression set "
                + "last_seq_id = 0 where name = 'PublicationView:All'"
        );

        await using var host = await RegisterHost.Start(database, _data);
        await host.Reaches((await host.Post("/v1/organisations", new { name = "EEAS", shortName = "EEAS" })).Position);

        var progress = (
            await database.Rows("select name, last_seq_id from register.mt_event_progression where name not like 'HighWater%'")
        ).ToDictionary(row => (string)row[0]!, row => (long)row[1]!);
        progress.Keys.ShouldContain("CommitmentView:All");
        progress.Where(p => p.Value != progress["register:All"]).ShouldBeEmpty();
    }

    /// <summary>It knows nothing of what the newer one needs, and would take rights from the nodes that run.</summary>
    [Fact]
    public async Task An_older_version_prepares_nothing_unless_it_is_told_to()
    {
        await using var database = await TestDatabase.Create();
        await (await Start(database, Newer)).DisposeAsync();
        var before = await Left();

        var (code, said) = await Command(database, "database", "prepare");
        code.ShouldBe(1, said);
        said.ShouldContain("hosting.migration names Upgrade/Tables/0001-counter.sql");
        said.ShouldContain("database prepare --older");
        (await Command(database, "database", "prepare", "--dry-run")).ShouldBe((1, said));
        (await Command(database, "database", "prepare", "--drop-read-models")).ShouldBe((1, said));
        (await Should.ThrowAsync<DatabaseRefusedException>(() => Start(database))).Message.ShouldBe(said.TrimEnd());
        (await Left()).ShouldBe(before);
        (await MayRead()).ShouldBeTrue();

        // A node that may not prepare is no danger to the others.
        await Record(database);

        // The read models of the newer version lose what this one does not know.
        var form = await database.Scalar<int>("select form from hosting.read_models");
        await database.Rows("update hosting.read_models set form = form + 1");
        (code, said) = await Command(database, "database", "prepare", "--older");
        code.ShouldBe(0, said);
        (await database.Scalar<int>("select form from hosting.read_models")).ShouldNotBeOneOf(form, form + 1);
        (await MayRead()).ShouldBeFalse();
        (code, said) = await Command(database, "database", "prepare");
        code.ShouldBe(0, said);
        await (await Start(database)).DisposeAsync();

        await (await Start(database, Newer)).DisposeAsync();
        (await MayRead()).ShouldBeTrue();
        (await Command(database, "database", "prepare")).Code.ShouldBe(1);

        async Task<IEnumerable<object?>> Left() =>
            (await database.Rows("select fingerprint || at from hosting.prepared order by at")).Select(row => row[0]);

        Task<bool> MayRead() => database.Scalar<bool>("select has_table_privilege('cooperation_service', 'upgrade.counter', 'select')");
    }

    [Fact]
    public async Task A_dry_run_is_refused_as_preparing_is()
    {
        await using var database = await TestDatabase.Create();
        var asService = new Dictionary<string, string>(database.ConnectionStrings) { ["schema"] = database.ConnectionStrings["register"] };
        await Refused(asService, "This role may not change the database.");
        await database.Rows("update hosting.mark set environment = 'production'");
        await Refused(database.ConnectionStrings, "The database is marked as production");

        async Task Refused(IReadOnlyDictionary<string, string> connectionStrings, string why)
        {
            var refused = await ServiceProcess.Command(connectionStrings, _data, "database", "prepare");
            refused.Code.ShouldBe(1);
            refused.Output.ShouldStartWith(why);
            (await ServiceProcess.Command(connectionStrings, _data, "database", "prepare", "--dry-run")).ShouldBe(refused);
        }
    }

    [Fact]
    public async Task An_older_version_prepares_no_keys_of_a_newer_one()
    {
        await using var database = await TestDatabase.Create();
        await database.Rows(
            "insert into keys.migration (name, digest) values ('Privacy/Tables/9999-later.sql', ''); "
                + "insert into hosting.prepared (fingerprint) values ('that of the newer version')"
        );

        var (code, said) = await Command(database, "database", "prepare");
        code.ShouldBe(1, said);
        said.ShouldContain("keys.migration names Privacy/Tables/9999-later.sql");
    }

    [Fact]
    public async Task Whoever_prepares_read_models_that_an_earlier_version_made_is_told_to_make_them_again()
    {
        await using var database = await TestDatabase.Create();
        (await Command(database, "database", "prepare")).Said.ShouldNotContain("database rebuild");
        await Record(database);
        (await Command(database, "database", "prepare")).Said.ShouldNotContain("database rebuild");

        // As a version leaves it that noted no form.
        await database.Rows(
            "drop table hosting.read_models; delete from hosting.migration where name = 'Hosting/Tables/0002-rights-and-read-models.sql'"
        );
        var (code, said) = await Command(database, "database", "prepare", "--dry-run");
        code.ShouldBe(0, said);
        said.ShouldStartWith("Hosting/Tables/0002-rights-and-read-models.sql");
        said.ShouldContain("run 'CooperationEvents database rebuild'");
        (code, said) = await Command(database, "database", "prepare");
        code.ShouldBe(0, said);
        said.ShouldContain("run 'CooperationEvents database rebuild'");

        (code, said) = await Command(database, "database", "rebuild");
        code.ShouldBe(0, said);
        (await Command(database, "database", "prepare")).Said.ShouldNotContain("database rebuild");
        (await Command(database, "database", "prepare", "--dry-run")).ShouldBe((0, ""));
    }

    /// <summary>
    /// A newer version had made the read models, an older one goes on with them: from then on neither has them in its form alone.
    /// </summary>
    [Fact]
    public async Task Read_models_that_two_versions_wrote_are_to_be_made_again()
    {
        await using var database = await TestDatabase.Create();
        await Record(database);
        var form = await database.Scalar<int>("select form from hosting.read_models");

        // As `database rebuild` of the newer version leaves it.
        await database.Rows("update hosting.read_models set form = form + 1");
        (await Record(database)).ShouldContain(warning => warning.Contains("database rebuild", StringComparison.Ordinal));

        (await database.Scalar<int>("select form from hosting.read_models")).ShouldNotBeOneOf(form, form + 1);
        (await Command(database, "database", "prepare")).Said.ShouldContain("run 'CooperationEvents database rebuild'");
        (await Command(database, "database", "prepare", "--dry-run")).Said.ShouldContain("run 'CooperationEvents database rebuild'");
        (await Command(database, "database", "rebuild")).Code.ShouldBe(0);
        (await database.Scalar<int>("select form from hosting.read_models")).ShouldBe(form);
        (await Record(database)).ShouldNotContain(warning => warning.Contains("database rebuild", StringComparison.Ordinal));
        (await Command(database, "database", "prepare")).Said.ShouldNotContain("database rebuild");
    }

    /// <summary>What another version began to make again and left half way is of two forms.</summary>
    [Fact]
    public async Task A_rebuild_that_another_version_began_begins_again()
    {
        await using var database = await TestDatabase.Create();
        await Record(database);
        await Record(database);
        await database.Rows(
            """
            update hosting.read_models set form = form + 1;
            insert into hosting.rebuild (up_to) select max(seq_id) from register.mt_events;
            update register.mt_event_progression set last_seq_id = 1 where name = 'register:All';
            """
        );

        var (code, said) = await Command(database, "database", "rebuild");

        code.ShouldBe(0, said);
        said.ShouldContain("The read models are empty.");
        (await Command(database, "database", "prepare")).Said.ShouldNotContain("database rebuild");
    }

    /// <summary>A node records something and has it in its read models.</summary>
    /// <returns>What it warned of.</returns>
    private async Task<IReadOnlyCollection<string>> Record(TestDatabase database)
    {
        await using var host = await RegisterHost.Start(database, _data);
        await host.Reaches((await host.Post("/v1/organisations", new { name = "IOM", shortName = "IOM" })).Position);
        return host.Warnings;
    }

    /// <summary>A node that may prepare, of a version that brings these files.</summary>
    private Task<RegisterHost> Start(TestDatabase database, params SqlFile[] files) =>
        RegisterHost.Start(
            services => services.AddSingleton(new OwnTables(files)),
            database,
            _data,
            settings: ("ConnectionStrings:schema", database.ConnectionStrings["schema"])
        );

    private static bool IsUpgrade(string name) => name.StartsWith("Upgrade/", StringComparison.Ordinal);

    private static async Task<IEnumerable<string>> Applied(TestDatabase database) =>
        (await database.Rows("select name from hosting.migration order by applied_at"))
            .Concat(await database.Rows("select name from keys.migration order by applied_at"))
            .Select(row => (string)row[0]!);

    private async Task<(int Code, string Said)> Command(TestDatabase database, params string[] command) =>
        await ServiceProcess.Command(database, _data, command);
}
