using System.Formats.Tar;
using System.Text;
using CooperationEvents.AuditLog;
using CooperationEvents.Testing;
using Npgsql;

namespace CooperationEvents.IntegrationTests.Audit;

public sealed class LogTests(SharedRegister register)
{
    private RegisterHost Host => register.Host;

    [Fact]
    public async Task A_post_that_waits_gets_the_proof_that_its_event_is_in_the_log()
    {
        await Log.Covers(Host, [await Cooperation.Organisation(Host, "IOM")]);
        var answer = (
            await Host.Post(
                "/v1/organisations",
                new { name = "EEAS", shortName = "EEAS" },
                "recorder",
                ("Prefer", "respond-async, wait=10")
            )
        ).ShouldBeAccepted(201);

        answer.Header("Preference-Applied").ShouldBe("wait=10");
        var proof = TlogProof.Parse((string)answer.Json["receipt"]!["proof"]!);
        proof.Index.ShouldBe((long)answer.Json["receipt"]!["index"]!);
        var entry = await Entry(proof.Index);
        Encoding.UTF8.GetString(entry).ShouldStartWith($"{{\"seq\":{answer.Position},\"id\":\"");
        var keys = (await Log.Keys(Host)).Select(k => k.Key).ToList();
        proof.FaultFor(entry, keys).ShouldBeNull();
        proof.FaultFor([.. entry, (byte)' '], keys).ShouldNotBeNull();
    }

    [Theory]
    [InlineData("wait=0")]
    [InlineData("wait=soon")]
    [InlineData("wait")]
    [InlineData("respond-async")]
    public async Task A_preference_that_cannot_be_met_or_read_changes_nothing(string prefer)
    {
        var answer = (
            await Host.Post("/v1/organisations", new { name = "EEAS", shortName = "EEAS" }, "recorder", ("Prefer", prefer))
        ).ShouldBeAccepted(201);

        answer.Json["receipt"].ShouldBeNull();
        answer.Header("Preference-Applied").ShouldBeNull();
    }

    [Fact]
    public async Task The_proof_of_an_event_is_read_by_its_id()
    {
        var posted = (await Host.Post("/v1/organisations", new { name = "EEAS", shortName = "EEAS" })).ShouldBeAccepted(201);
        await Log.Covers(Host, [posted.Id]);
        var id = await Host.Database.Scalar<Guid>("select id from register.mt_events where seq_id = $1", posted.Position);

        var proof = TlogProof.Parse((await Host.Get($"/v1/audit/events/{id}/proof", "auditor")).ShouldBeText("text/plain"));

        var (entry, keys) = (await Entry(proof.Index), await Log.Keys(Host));
        proof.FaultFor(entry, keys.Select(k => k.Key)).ShouldBeNull();
        (await Host.Get($"/v1/audit/events/{Guid.NewGuid()}/proof", "auditor")).ShouldBeProblem(404, "not-found");
        (await Host.Get("/v1/audit/events/1/proof", "auditor")).ShouldBeProblem(404, "not-found");
    }

    [Fact]
    public async Task Checkpoints_are_consistent_with_each_other_and_with_the_tiles()
    {
        var cooperation = await Cooperation.Start(Host);
        await Log.Covers(Host, await cooperation.People(20));
        await Log.Covers(Host, [(await cooperation.Schedule()).Id]);
        var checkpoints = (await Host.Get("/v1/audit/log/checkpoints", role: null))
            .ShouldBeText("application/x-ndjson")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(CheckpointLine.Parse)
            .ToList();
        checkpoints.Select(c => c.Checkpoint.Size).ShouldBe(checkpoints.Select(c => c.Checkpoint.Size).Order());
        checkpoints[0].Checkpoint.Size.ShouldBeLessThanOrEqualTo(checkpoints[^1].Checkpoint.Size);
        var keys = await Log.Keys(Host);
        checkpoints.ShouldAllBe(c => c.Note.SignedBy(keys.Select(k => k.Key)).Count == 1);

        var last = checkpoints[^1].Checkpoint;
        var reader = new TileReader(new HttpTiles(Host), last.Size);
        (await reader.RootAsync(last.Size)).ShouldBe(last.Root);
        foreach (var (earlier, later) in checkpoints.Zip(checkpoints.Skip(1)).TakeLast(5))
        {
            var answer = (
                await Host.Get($"/v1/audit/log/consistency?from={earlier.Checkpoint.Size}&to={later.Checkpoint.Size}", "auditor")
            ).Json;
            var hashes = answer["hashes"]!
                .AsArray()
                .Select(h => Digest.TryParse((string)h!, out var hash) ? hash : throw new FormatException())
                .ToList();
            new ConsistencyProof(earlier.Checkpoint.Size, later.Checkpoint.Size, hashes)
                .Proves(earlier.Checkpoint.Root, later.Checkpoint.Root)
                .ShouldBeTrue();
        }
    }

    /// <summary>After a recovery the same path is a tile of another log: a cache that did not ask again would make it look altered.</summary>
    [Fact]
    public async Task A_tile_is_kept_by_a_cache_that_asks_whether_it_is_still_the_one()
    {
        await Log.Covers(Host, [await Cooperation.Organisation(Host, "IOM")]);

        var tile = await Host.Get("/v1/audit/log/tile/0/000.p/1", role: null);

        (tile.Status, tile.Header("Cache-Control")).ShouldBe((200, "public, no-cache"));
        var again = await Host.Get("/v1/audit/log/tile/0/000.p/1", null, ("If-None-Match", tile.Header("ETag")!));
        (again.Status, again.Text).ShouldBe((304, ""));
        (await Host.Get("/v1/audit/log/tile/0/000.p/1", null, ("If-None-Match", "\"another\""))).Status.ShouldBe(200);
    }

    [Fact]
    public async Task The_export_is_the_entries_whose_hashes_are_the_leaves_and_goes_on_from_any_index()
    {
        await Log.Covers(Host, [await Cooperation.Organisation(Host, "IOM"), await Cooperation.Organisation(Host, "DG HOME")]);
        var checkpoint = await Log.Newest(Host);
        var lines = await Lines($"/v1/audit/export?to={checkpoint.Size}");
        lines.Count.ShouldBe((int)checkpoint.Size);
        var range = new CompactRange();
        foreach (var line in lines)
            range.Append(MerkleTree.LeafHash(Encoding.UTF8.GetBytes(line)));
        range.Root.ShouldBe(checkpoint.Root);
        (await Lines($"/v1/audit/export?from={checkpoint.Size - 2}&to={checkpoint.Size}")).ShouldBe(lines.TakeLast(2));

        var width = (int)Math.Min(256, checkpoint.Size);
        var bundle = EntryBundle.Read(await Host.Bytes($"/v1/audit/log/tile/entries/000{(width < 256 ? $".p/{width}" : "")}", "auditor"));
        bundle.Select(e => Encoding.UTF8.GetString(e.Span)).ShouldBe(lines.Take(width));
    }

    [Fact]
    public async Task The_archive_holds_all_that_the_verifier_takes()
    {
        await Log.Covers(Host, [await Cooperation.Organisation(Host, "IOM")]);

        var files = await Unpacked(await Host.Bytes("/v1/audit/export.tar", "auditor"));

        LogKey.ParseAll(Encoding.UTF8.GetString(files["keys"]).Split('\n')).ShouldNotBeEmpty();
        var last = CheckpointLine
            .Parse(Encoding.UTF8.GetString(files["checkpoints.ndjson"]).Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1])
            .Checkpoint;
        var entries = Encoding.UTF8.GetString(files["entries.ndjson"]).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var first = Digest.ReadAll(files[new Tile(0, 0, Tile.WidthOf(0, 0, last.Size)).Path]);
        first.ShouldBe(entries.Take(256).Select(e => MerkleTree.LeafHash(Encoding.UTF8.GetBytes(e))));
        files.Keys.Where(f => f.StartsWith("tile/", StringComparison.Ordinal)).ShouldBe(Tile.All(entries.Length).Select(t => t.Path));
    }

    [Fact]
    public async Task An_archive_ends_where_its_entries_end_though_the_log_grows_meanwhile()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database);
        await Log.Covers(host, [await Cooperation.Organisation(host, "IOM")]);
        await using var connection = await database.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await Execute("set local session_replication_role = replica; lock table audit.log_key in access exclusive mode");
        var archive = host.Bytes("/v1/audit/export.tar", "auditor");
        await Wait.Until("the export to wait for the keys", () =>
            database.Scalar<bool>(
                "select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like "
                    + "'%k.first_size%')"
            )
        );

        // What another signing leaves: no key is needed, since nobody looks at the signature here.
        await Execute(
            """
            insert into audit.checkpoint (origin, size, root, note)
                select c.origin, c.size + 1, c.root, replace(c.note, E'\n' || c.size || E'\n', E'\n' || c.size + 1 || E'\n')
                    from audit.checkpoint c join audit.log_head h on c.size = h.published;
            insert into audit.log_key (origin, first_size, key) select origin, published + 1, key from audit.log_key, audit.log_head;
            update audit.log_head set published = published + 1
            """
        );
        await transaction.CommitAsync();

        var files = (await Unpacked(await archive)).ToDictionary(f => f.Key, f => Encoding.UTF8.GetString(f.Value));
        var last = CheckpointLine.Parse(files["checkpoints.ndjson"].Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]).Checkpoint;
        last.Size.ShouldBe(files["entries.ndjson"].Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        LogKey.ParseAll(files["keys"].Split('\n')).ShouldHaveSingleItem().LastSize.ShouldBeNull();
        Directory.Delete(host.DataDirectory, recursive: true);

        async Task Execute(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync();
        }
    }

    [Fact]
    public async Task A_key_that_has_signed_nothing_that_is_published_is_not_stated_yet()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database);
        await Log.Covers(host, [await Cooperation.Organisation(host, "IOM")]);

        await Tamper.Do(
            database,
            "insert into audit.log_key (origin, first_size, key) select origin, published + 1, key from audit.log_key, audit.log_head"
        );

        (await Log.Keys(host)).ShouldHaveSingleItem().LastSize.ShouldBeNull();
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    [Theory]
    [InlineData("/v1/audit/log/tile/0/99")]
    [InlineData("/v1/audit/log/tile/0/x001/000")]
    [InlineData("/v1/audit/log/tile/7/000")]
    [InlineData("/v1/audit/log/tile/00/000")]
    [InlineData("/v1/audit/log/tile/0/000.p/0")]
    [InlineData("/v1/audit/log/tile/0/000.p/256")]
    [InlineData("/v1/audit/log/tile/entries/x999/000")]
    public async Task A_tile_that_is_not_there_is_not_found(string path) =>
        (await Host.Get(path, "auditor")).ShouldBeProblem(404, "not-found");

    [Theory]
    [InlineData("log/consistency?from=0&to=2147483647")]
    [InlineData("export?from=2147483647")]
    public async Task What_lies_beyond_the_newest_checkpoint_is_not_covered_yet(string path)
    {
        var answer = await Host.Get($"/v1/audit/{path}", "auditor");
        answer.ShouldBeProblem(503, "not-covered-yet");
        answer.Header("Retry-After").ShouldNotBeNull();
    }

    [Fact]
    public async Task An_export_that_goes_on_where_the_log_ends_is_empty()
    {
        await Log.Covers(Host, [await Cooperation.Organisation(Host, "IOM")]);
        var size = (await Log.Newest(Host)).Size;

        (await Lines($"/v1/audit/export?from={size}&to={size}")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("export?from=-1", "/from", "the index of an entry")]
    [InlineData("export?to=x", "/to", "the index of an entry")]
    [InlineData("log/consistency?from=-1", "/from", "the size of a tree")]
    [InlineData("log/checkpoints?from=-1", "/from", "the size of a checkpoint")]
    public async Task What_is_no_index_and_no_size_is_told_what_it_must_be(string path, string pointer, string words)
    {
        var answer = await Host.Get($"/v1/audit/{path}", "auditor");
        answer.ShouldBeProblem(422, "invalid", pointer);
        answer.Text.ShouldContain($"Must be {words}");
    }

    private static async Task<Dictionary<string, byte[]>> Unpacked(byte[] archive)
    {
        var files = new Dictionary<string, byte[]>();
        using var tar = new TarReader(new MemoryStream(archive));
        while (await tar.GetNextEntryAsync(copyData: true) is { } file)
            files.Add(file.Name, ((MemoryStream?)file.DataStream)?.ToArray() ?? []);
        return files;
    }

    private async Task<byte[]> Entry(long index) =>
        Encoding.UTF8.GetBytes((await Lines($"/v1/audit/export?from={index}&to={index + 1}")).ShouldHaveSingleItem());

    private async Task<IReadOnlyList<string>> Lines(string path) =>
        (await Host.Get(path, "auditor")).ShouldBeText("application/x-ndjson").Split('\n', StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>The tiles that a service publishes.</summary>
internal sealed class HttpTiles(RegisterHost host) : ITileSource
{
    public async ValueTask<ReadOnlyMemory<Digest>> ReadAsync(Tile tile, CancellationToken cancellation) =>
        Digest.ReadAll(await host.Bytes($"/v1/audit/log/{tile.Path}", null));
}
