using CooperationEvents.Audit.TransparencyLog;
using CooperationEvents.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace CooperationEvents.IntegrationTests.Audit;

/// <summary>A large log, as which any counts here: its leaves are held to the anchor while the node serves.</summary>
public sealed class LogStartTests : IAsyncLifetime
{
    private static readonly (string, string) Fast = ("Audit:CheckpointMilliseconds", "50");

    private TestDatabase _database = null!;
    private string _data = null!;
    private RegisterHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.Create();
        _host = await RegisterHost.Start(_database, settings: Fast);
        _data = _host.DataDirectory;
        await Cooperation.Organisation(_host, "The first");
        await Log.CoversAll(_host);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        Directory.Delete(_data, recursive: true);
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Is_served_at_once_and_signed_once_its_leaves_are_held()
    {
        await _host.DisposeAsync();
        await using var leaves = new HeldBack(_database);
        _host = await Start(leaves, new LeavesAtStart(0, tilesAtOnce: 1));

        (await Ready()).ShouldBe("ready; the audit log is still read (leaves: 1), and this node signs nothing before");
        var organisation = await Cooperation.Organisation(_host, "The second");
        await Wait.Until("it to be read", async () => (await _host.Get($"/v1/organisations/{organisation}")).Status == 200);
        (await _database.Scalar<long>("select published from audit.log_head")).ShouldBe(1);
        (await _database.Scalar<long>("select epoch from audit.log_head")).ShouldBe(1);

        await leaves.LetGo();
        await Log.CoversAll(_host);
        (await Ready()).ShouldBe("ready");
        _host.Errors.ShouldBeEmpty();
        (await Verify.Export(_host)).Findings.ShouldBeEmpty();
    }

    [Fact]
    public async Task Ends_the_node_where_an_old_leaf_was_altered_and_no_start_serves_again_before_all_leaves_are_held()
    {
        // More than one tile: the newest root follows from the node over the first.
        await (await Cooperation.Start(_host)).People(256);
        await Log.CoversAll(_host);
        await _host.DisposeAsync();
        await Tamper.Do(_database, "create table public.leaf as table audit.leaf");
        await Tamper.Do(_database, "update audit.leaf set hash = sha256('another') where index = 1");
        var checkpoints = await _database.Scalar<long>("select count(*) from audit.checkpoint");
        var (leaves, atStart) = (new HeldBack(_database), new LeavesAtStart(0, tilesAtOnce: 1));
        _host = await Start(leaves, atStart);
        var ending = _host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        (await Cooperation.Organisation(_host, "Recorded meanwhile")).ShouldNotBe(Guid.Empty);

        await leaves.LetGo();
        await Wait.Until("the node to end", () => ending.IsCancellationRequested);
        atStart.HaveEndedNode.ShouldBeTrue();
        var said = _host.Errors.ShouldHaveSingleItem();
        said.ShouldContain("is not one of this log: the database is not the one that was published. Put back what was changed");
        said.ShouldContain("audit recover");
        said.ShouldNotContain("   at ");
        await _host.DisposeAsync();
        (await _database.Scalar<long>("select count(*) from audit.checkpoint")).ShouldBe(checkpoints);
        (await Should.ThrowAsync<LogRefusedException>(() => Start(null, new LeavesAtStart(0, tilesAtOnce: 1)))).Message.ShouldContain(
            "is not one of this log"
        );

        await Tamper.Do(_database, "update audit.leaf set hash = before.hash from public.leaf before where before.index = leaf.index");
        _host = await Start(null, new LeavesAtStart(0, tilesAtOnce: 1));
        await Log.CoversAll(_host);
        _host.Errors.ShouldBeEmpty();
        File.Exists(_host.Services.GetRequiredService<Anchor>().RefusalPath).ShouldBeFalse();
    }

    [Fact]
    public async Task Is_read_again_where_the_connection_is_lost_meanwhile()
    {
        await _host.DisposeAsync();
        await using var leaves = new HeldBack(_database);
        _host = await Start(leaves, new LeavesAtStart(0, tilesAtOnce: 1));
        await Wait.Until("the leaves to be read", async () => await leaves.Terminate() > 0);
        await Wait.Until("a warning", () => _host.Warnings.Any(w => w.Contains("could not be read; trying again")));
        await leaves.LetGo();

        await Log.Covers(_host, [await Cooperation.Organisation(_host, "The second")]);
        _host.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task Keeps_no_node_from_stopping_while_it_is_read()
    {
        await _host.DisposeAsync();
        await using var leaves = new HeldBack(_database);
        var atStart = new LeavesAtStart(0, tilesAtOnce: 1);
        _host = await Start(leaves, atStart);
        await Wait.Until("the leaves to be read", async () => await leaves.Readers() > 0);

        await _host.DisposeAsync();

        (await leaves.Readers()).ShouldBe(0);
        atStart.HaveEndedNode.ShouldBeFalse();
        _host.Errors.ShouldBeEmpty();
    }

    private Task<RegisterHost> Start(HeldBack? leaves, LeavesAtStart atStart) =>
        RegisterHost.Start(
            services =>
            {
                services.Replace(ServiceDescriptor.Singleton(atStart));
                if (leaves is not null)
                    services.AddHostedService(_ => leaves);
            },
            _database,
            _data,
            settings: Fast
        );

    private async Task<string> Ready() => (await _host.Get("/health/ready", role: null)).Text;

    /// <summary>Lets nobody read the leaves from the end of the start on.</summary>
    private sealed class HeldBack(TestDatabase database) : IHostedLifecycleService, IAsyncDisposable
    {
        private const string Waiting =
            "from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%audit.leaf%'";

        private NpgsqlConnection? _lock;

        public async Task StartedAsync(CancellationToken cancellationToken)
        {
            _lock = await database.Source.OpenConnectionAsync(cancellationToken);
            await using var command = new NpgsqlCommand("begin; lock table audit.leaf in access exclusive mode", _lock);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        /// <summary>How many read the leaves, and wait for them.</summary>
        public Task<long> Readers() => database.Scalar<long>($"select count(*) {Waiting}");

        /// <summary>Ends their connections; how many.</summary>
        public Task<long> Terminate() => database.Scalar<long>($"select count(pg_terminate_backend(pid)) {Waiting}");

        public async Task LetGo()
        {
            if (_lock is null)
                return;
            await using (var command = new NpgsqlCommand("rollback", _lock))
                await command.ExecuteNonQueryAsync();
            await _lock.DisposeAsync();
            _lock = null;
        }

        public async ValueTask DisposeAsync() => await LetGo();

        public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
