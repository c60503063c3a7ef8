using CooperationEvents.Audit.TransparencyLog;
using CooperationEvents.AuditLog;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests.Audit;

/// <summary>
/// The anchor has the last word: whatever is done to the database or to it, there is never a second checkpoint of one size, and never
/// silence.
/// </summary>
public sealed class AnchorTests
{
    private static readonly (string, string) Fast = ("Audit:CheckpointMilliseconds", "50");

    /// <summary>Takes the newest event out of the database, and everything the database says of it.</summary>
    private const string WithoutNewest = """
        delete from register.mt_events where seq_id = (select max(seq) from audit.leaf);
        delete from register.mt_streams s where not exists (select from register.mt_events e where e.stream_id = s.id);
        delete from audit.leaf where index = (select max(index) from audit.leaf);
        delete from audit.checkpoint where size > (select count(*) from audit.leaf);
        update audit.log_head set size = (select count(*) from audit.leaf), seq = (select max(seq) from audit.leaf),
            without_gap = (select max(seq) from audit.leaf), published = (select max(size) from audit.checkpoint);
        """;

    private const string WithoutCheckpoints = "delete from audit.checkpoint; update audit.log_head set published = -1";

    [Theory]
    [InlineData(WithoutNewest, null)]
    [InlineData(WithoutCheckpoints, null)]
    [InlineData("delete from audit.checkpoint where size = (select max(size) from audit.checkpoint)", null)]
    [InlineData("update audit.leaf set hash = sha256('another') where index = 1", null)]
    [InlineData("delete from audit.leaf where index = 1", null)]
    [InlineData(null, "cut")]
    [InlineData(null, "cut inside a line")]
    [InlineData(null, "rolled back")]
    [InlineData(null, "emptied")]
    [InlineData(null, "removed")]
    [InlineData(null, "replaced")]
    [InlineData(WithoutNewest, "cut")]
    public async Task What_is_taken_from_under_a_running_leader_stops_the_signing_with_an_alarm_and_a_restart_is_refused(
        string? sql,
        string? anchored
    )
    {
        await using var database = await TestDatabase.Create();
        var host = await RegisterHost.Start(database, settings: Fast);
        var (data, anchor) = (host.DataDirectory, Path.Combine(host.DataDirectory, Anchor.FileName));
        await Cooperation.Organisation(host, "The first");
        await Log.CoversAll(host);
        await Cooperation.Organisation(host, "The second");
        await Log.CoversAll(host);
        var seen = Notes(await File.ReadAllLinesAsync(anchor));

        if (sql is not null)
            await Tamper.Do(database, sql);
        await Damage(anchor, anchored);
        await Cooperation.Organisation(host, "After it");

        await Wait.Until("the alarm", () => host.Errors.Any(e => e.Contains("ALARM", StringComparison.Ordinal)));
        ShouldBeOfOneSize(
            seen,
            await database.Rows("select note from audit.checkpoint"),
            File.Exists(anchor) ? await File.ReadAllLinesAsync(anchor) : []
        );
        await host.DisposeAsync();

        // What is gone from both, and was kept by nobody else, only the leader remembers.
        if (sql is not null && anchored is not null)
            return;
        var refused = await Should.ThrowAsync<Exception>(() => RegisterHost.Start(database, data, settings: Fast));
        refused.ShouldBeOfType<LogRefusedException>(refused.ToString());
        refused.Message.ShouldContain("audit recover");
        Directory.Delete(data, recursive: true);
    }

    /// <summary>A kill at the very first start, after the first checkpoint is committed and before it is in the anchor.</summary>
    [Fact]
    public async Task A_first_checkpoint_that_a_kill_left_in_the_database_alone_is_anchored_at_the_next_start()
    {
        await using var database = await TestDatabase.Create();
        var host = await RegisterHost.Start(database, settings: Fast);
        var (data, anchor) = (host.DataDirectory, Path.Combine(host.DataDirectory, Anchor.FileName));
        await Wait.Until("the first checkpoint", () => database.Scalar<bool>("select published = 0 from audit.log_head"));
        await host.DisposeAsync();
        File.Delete(anchor);
        await Tamper.Do(database, "update audit.log_head set published = -1");

        await using (var again = await RegisterHost.Start(database, data, settings: Fast))
        {
            await Cooperation.Organisation(again, "The first");
            await Log.CoversAll(again);
            again.Errors.ShouldBeEmpty();
        }

        var first = (string)(await database.Rows("select note from audit.checkpoint where size = 0"))[0][0]!;
        CheckpointLine.Parse((await File.ReadAllLinesAsync(anchor))[0]).Note.ToString().ShouldBe(first);
        Directory.Delete(data, recursive: true);
    }

    /// <summary>Older lines decide nothing, so the service starts; that something else wrote the file is worth knowing.</summary>
    [Fact]
    public async Task Older_lines_that_are_gone_from_the_anchor_or_out_of_order_are_named_by_the_start()
    {
        await using var database = await TestDatabase.Create();
        var host = await RegisterHost.Start(database, settings: Fast);
        var (data, anchor) = (host.DataDirectory, Path.Combine(host.DataDirectory, Anchor.FileName));
        foreach (var name in new[] { "The first", "The second", "The third" })
        {
            await Cooperation.Organisation(host, name);
            await Log.CoversAll(host);
        }

        await host.DisposeAsync();
        var lines = await File.ReadAllLinesAsync(anchor);
        (await Warned(lines)).ShouldBeEmpty();
        (await Warned([.. lines[..2], .. lines[3..]]))
            .ShouldHaveSingleItem()
            .ShouldContain($"among them that of size {SizeOf(lines[2])}: ");
        (await Warned([lines[1], lines[0], .. lines[2..]])).ShouldHaveSingleItem().ShouldContain("among them line 2: ");

        // Whoever is slow to learn of a takeover appends what the next one has appended already.
        (await Warned([.. lines, lines[^2]])).ShouldBeEmpty();
        Directory.Delete(data, recursive: true);

        async Task<IEnumerable<string>> Warned(string[] anchored)
        {
            await File.WriteAllLinesAsync(anchor, anchored);
            await using var again = await RegisterHost.Start(database, data, settings: Fast);
            return [.. again.Warnings.Where(w => w.Contains(anchor, StringComparison.Ordinal))];
        }

        static long SizeOf(string line) => CheckpointLine.Parse(line).Checkpoint.Size;
    }

    [Fact]
    public async Task An_anchor_that_an_editor_saved_with_a_byte_order_mark_and_its_ends_of_lines_is_read_and_goes_on()
    {
        await using var database = await TestDatabase.Create();
        var host = await RegisterHost.Start(database, settings: Fast);
        var (data, anchor) = (host.DataDirectory, Path.Combine(host.DataDirectory, Anchor.FileName));
        await Cooperation.Organisation(host, "The first");
        await Log.CoversAll(host);
        await host.DisposeAsync();

        // A kill cut off the last line.
        var text = "\uFEFF" + string.Join("\r\n", [.. await File.ReadAllLinesAsync(anchor), "{\"size\":9"]);
        await File.WriteAllTextAsync(anchor, text);
        await using var again = await RegisterHost.Start(database, data, settings: Fast);
        await Log.Covers(again, [await Cooperation.Organisation(again, "The second")]);

        again.Errors.ShouldBeEmpty();
        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task Checkpoints_that_are_gone_from_the_database_are_put_back_from_the_anchor()
    {
        await using var database = await TestDatabase.Create();
        var host = await RegisterHost.Start(database, settings: Fast);
        var data = host.DataDirectory;
        await Cooperation.Organisation(host, "The first");
        await Log.CoversAll(host);
        var newest = await Log.Newest(host);
        await host.DisposeAsync();
        await Tamper.Do(database, "delete from audit.checkpoint");
        await Should.ThrowAsync<LogRefusedException>(() => RegisterHost.Start(database, data, settings: Fast));

        var (code, said) = await ServiceProcess.Command(
            database,
            data,
            "audit",
            "recover",
            "--reason",
            "Rows were gone",
            "--by",
            "operations"
        );
        code.ShouldBe(0, said);
        said.ShouldContain("were put back from the anchor");

        await using var again = await RegisterHost.Start(database, data, settings: Fast);
        (await Log.Newest(again)).ShouldBe(newest);
        Directory.Delete(data, recursive: true);
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("removed")]
    public async Task After_a_loss_of_the_anchor_the_log_goes_on_under_another_origin_and_its_keys_say_where_the_old_one_ended(
        string anchored
    )
    {
        await using var database = await TestDatabase.Create();
        var host = await RegisterHost.Start(database, settings: Fast);
        var data = host.DataDirectory;
        await Cooperation.Organisation(host, "The first");
        await Log.CoversAll(host);
        await Cooperation.Organisation(host, "The second");
        await Log.CoversAll(host);
        var ended = await Log.Newest(host);
        await host.DisposeAsync();
        await Damage(Path.Combine(data, Anchor.FileName), anchored);

        var (code, said) = await ServiceProcess.Command(
            database,
            data,
            "audit",
            "recover",
            "--reason",
            "The anchor was lost",
            "--by",
            "operations"
        );
        code.ShouldBe(0, said);

        await using var again = await RegisterHost.Start(database, data, settings: Fast);
        await Log.Covers(again, [await Cooperation.Organisation(again, "New")]);
        var keys = await Log.Keys(again);
        (keys[0].LastSize, keys[1].LastSize).ShouldBe((ended.Size, null));
        (await Verify.Export(again)).Findings.ShouldBeEmpty();
        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task Nodes_that_do_not_share_an_anchor_find_out()
    {
        await using var database = await TestDatabase.Create();
        await using var one = await RegisterHost.Start(database, settings: Fast);
        var other = Directory.CreateTempSubdirectory("cooperation-test-").FullName;
        foreach (var file in new[] { LogKeys.FileName, "master.key", "dev-keys.json" })
            File.Copy(Path.Combine(one.DataDirectory, file), Path.Combine(other, file));
        await Cooperation.Organisation(one, "The first");
        await Log.CoversAll(one);

        (await Should.ThrowAsync<LogRefusedException>(() => RegisterHost.Start(database, other, settings: Fast))).Message.ShouldContain(
            "holds no checkpoint of it"
        );

        // Shared at its start, and no more: whoever does not lead looks whether what is published is in its anchor.
        File.Copy(Path.Combine(one.DataDirectory, Anchor.FileName), Path.Combine(other, Anchor.FileName));
        await using var second = await RegisterHost.Start(database, other, settings: Fast);
        await Cooperation.Organisation(one, "The second");
        await Log.CoversAll(one);
        await Wait.Until("the alarm", () =>
            second.Errors.Any(e => e.Contains("all nodes must share one anchor", StringComparison.Ordinal))
        );
        Directory.Delete(other, recursive: true);
        Directory.Delete(one.DataDirectory, recursive: true);
    }

    [Fact]
    public async Task A_start_that_is_refused_says_why_in_one_sentence_and_makes_no_key()
    {
        await using var database = await TestDatabase.Create();
        var host = await RegisterHost.Start(database, settings: Fast);
        await Cooperation.Organisation(host, "The first");
        await Log.CoversAll(host);
        await host.DisposeAsync();
        var empty = Directory.CreateTempSubdirectory("cooperation-test-").FullName;

        File.Copy(Path.Combine(host.DataDirectory, "master.key"), Path.Combine(empty, "master.key"));
        await using var service = ServiceProcess.Launch(database, empty);
        (await service.Exit(ServiceProcess.StartPatience)).ShouldBe(1, service.Output);

        service.Output.ShouldContain("audit recover");
        service.Output.ShouldNotContain("   at ");
        File.Exists(Path.Combine(empty, LogKeys.FileName)).ShouldBeFalse();
        Directory.Delete(empty, recursive: true);
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    private static async Task Damage(string anchor, string? how)
    {
        var lines = await File.ReadAllLinesAsync(anchor);
        switch (how)
        {
            case "cut":
                await File.WriteAllLinesAsync(anchor, lines[..^1]);
                break;
            case "cut inside a line":
                await File.WriteAllTextAsync(anchor, string.Join('\n', lines)[..^10]);
                break;
            case "rolled back":
                await File.WriteAllLinesAsync(anchor, lines[..1]);
                break;
            case "emptied":
                await File.WriteAllTextAsync(anchor, "");
                break;
            case "removed":
                File.Delete(anchor);
                break;
            case "replaced":
                await File.WriteAllLinesAsync(
                    anchor,
                    [
                        new CheckpointLine(
                            new Checkpoint("elsewhere.example/log", 0, MerkleTree.EmptyRoot).Sign(
                                SigningKey.Generate("elsewhere.example/log")
                            )
                        ).ToLine(),
                    ]
                );
                break;
        }
    }

    private static Dictionary<long, string> Notes(IEnumerable<string> lines) =>
        lines.Select(CheckpointLine.Parse).ToDictionary(l => l.Checkpoint.Size, l => l.Note.ToString());

    private static void ShouldBeOfOneSize(Dictionary<long, string> seen, IEnumerable<object?[]> rows, IEnumerable<string> lines)
    {
        var all = rows.Select(r => new CheckpointLine(SignedNote.Parse((string)r[0]!)))
            .Concat(lines.Where(l => l.EndsWith('}')).Select(CheckpointLine.Parse));
        foreach (
            var line in all.Where(l =>
                seen.ContainsKey(l.Checkpoint.Size) && !l.Checkpoint.Origin.StartsWith("elsewhere", StringComparison.Ordinal)
            )
        )
            line.Note.ToString().ShouldBe(seen[line.Checkpoint.Size]);
    }
}
