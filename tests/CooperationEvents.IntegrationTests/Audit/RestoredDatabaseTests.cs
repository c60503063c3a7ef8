using CooperationEvents.Audit.TransparencyLog;
using CooperationEvents.AuditLog;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests.Audit;

/// <summary>
/// A database that is not the one whose checkpoints were published is refused, and goes on only as another log that says so.
/// </summary>
public sealed class RestoredDatabaseTests
{
    private static readonly (string, string) Fast = ("Audit:CheckpointMilliseconds", "50");

    [Fact]
    public async Task A_database_restored_to_an_older_moment_is_refused_until_the_log_is_recovered_and_the_verifier_reports_the_loss()
    {
        await using var database = await TestDatabase.Create();
        var host = await RegisterHost.Start(database, settings: Fast);
        var data = host.DataDirectory;
        await Cooperation.Organisation(host, "Kept");
        await Log.CoversAll(host);
        var before = await Log.Newest(host);
        await host.DisposeAsync();
        await using var backup = await database.Copy();

        host = await RegisterHost.Start(database, data, settings: Fast);
        await Cooperation.Organisation(host, "Lost 1");
        var lost = await Cooperation.Organisation(host, "Lost 2");
        await Log.CoversAll(host);
        var promised = await Log.Newest(host);
        var oldKeys = await Log.Keys(host);
        var lostPosition = await database.Scalar<long>("select max(seq_id) from register.mt_events");
        await host.DisposeAsync();

        var refused = await Should.ThrowAsync<LogRefusedException>(() => RegisterHost.Start(backup, data, settings: Fast));
        refused.Message.ShouldContain($"has {promised.Size} entries, and the log only {before.Size}");
        refused.Message.ShouldContain("audit recover");

        var kept = Path.Combine(data, Anchor.FileName);
        var said = await ServiceProcess.Recover(backup, data);
        said.ShouldContain($"{promised.Size - before.Size} are lost");
        await KilledBeforeTheFirstCheckpoint();
        (await ServiceProcess.Recover(backup, data)).ShouldContain("It goes on as");

        await using var again = await RegisterHost.Start(backup, data, settings: Fast);
        (await again.Get($"/v1/organisations/{lost}")).Status.ShouldBe(404);
        await Log.Covers(again, [await Cooperation.Organisation(again, "New")]);
        (await backup.Scalar<long>("select max(seq_id) from register.mt_events")).ShouldBeGreaterThan(lostPosition);
        (await Log.Newest(again)).Origin.ShouldNotBe(promised.Origin);
        IReadOnlyList<LogKey> keys = [.. oldKeys, .. (await Log.Keys(again)).Where(k => oldKeys.All(o => o.Key != k.Key))];
        var report = await Verify.Export(again, keys, kept);
        report.Findings.ShouldBeEmpty();
        report.Facts.ShouldContain(f =>
            f.StartsWith("LOSS:", StringComparison.Ordinal)
            && f.Contains($"{promised.Size - before.Size} entries", StringComparison.Ordinal)
        );
        Directory.Delete(data, recursive: true);

        // The new log is recorded, and nothing of it is signed.
        async Task KilledBeforeTheFirstCheckpoint()
        {
            var origin = await backup.Scalar<string>("select origin from audit.origin order by number desc limit 1");
            await Tamper.Do(
                backup,
                $"""
                delete from audit.checkpoint where origin = '{origin}'; delete from audit.log_key where origin = '{origin}';
                update audit.log_head set published = -1
                """
            );
            var lines = await File.ReadAllLinesAsync(kept);
            await File.WriteAllLinesAsync(kept, lines.Where(line => CheckpointLine.Parse(line).Checkpoint.Origin != origin));
        }
    }

    [Fact]
    public async Task A_recovery_that_is_lost_by_a_second_restore_is_recorded_again_and_what_it_promised_is_admitted_as_lost()
    {
        await using var database = await TestDatabase.Create();
        var host = await RegisterHost.Start(database, settings: Fast);
        var data = host.DataDirectory;
        await Cooperation.Organisation(host, "Kept");
        await Log.CoversAll(host);
        await host.DisposeAsync();
        await using var first = await database.Copy();
        await using var second = await database.Copy();

        host = await RegisterHost.Start(database, data, settings: Fast);
        await Cooperation.Organisation(host, "Lost by the first restore");
        await Log.CoversAll(host);
        var (promised, keys) = (await Log.Newest(host), await Log.Keys(host));
        await host.DisposeAsync();

        await ServiceProcess.Recover(first, data);
        host = await RegisterHost.Start(first, data, settings: Fast);
        await Cooperation.Organisation(host, "Lost by the second restore");
        await Log.CoversAll(host);
        var promisedAgain = await Log.Newest(host);
        var lostPosition = await first.Scalar<long>("select max(seq_id) from register.mt_events");
        keys = [.. keys, .. (await Log.Keys(host)).Where(k => k.Key.Name == promisedAgain.Origin)];
        await host.DisposeAsync();
        var kept = Path.Combine(data, "kept.ndjson");
        File.Copy(Path.Combine(data, Anchor.FileName), kept);

        // Nobody but auditors has the key of the log that the first recovery began.
        File.Delete(Path.Combine(data, LogKeys.FileName));
        string[] recover = ["audit", "recover", "--reason", "The disk failed again", "--by", "operations"];
        var (code, said) = await ServiceProcess.Command(second, data, recover);
        (code, said.Contains($"--ended-key '{promisedAgain.Origin}+", StringComparison.Ordinal)).ShouldBe((1, true), said);
        (code, said) = await ServiceProcess.Command(second, data, [.. recover, "--ended-key", keys[^1].Key.ToString()]);
        code.ShouldBe(0, said);
        said.ShouldContain($"The log {promised.Origin} has ended. Of {promised.Size} entries");
        said.ShouldContain($"The log {promisedAgain.Origin} has ended. Of {promisedAgain.Size} entries");

        await using var again = await RegisterHost.Start(second, data, settings: Fast);
        await Log.Covers(again, [await Cooperation.Organisation(again, "New")]);
        (await second.Scalar<long>("select max(seq_id) from register.mt_events")).ShouldBeGreaterThan(lostPosition);
        var report = await Verify.Export(again, [.. keys, .. (await Log.Keys(again)).Where(k => keys.All(o => o.Key != k.Key))], kept);
        report.Findings.ShouldBeEmpty();
        foreach (var origin in new[] { promised.Origin, promisedAgain.Origin })
            report.Facts.ShouldContain(f =>
                f.StartsWith("LOSS:", StringComparison.Ordinal) && f.Contains($"of {origin}, ", StringComparison.Ordinal)
            );
        Directory.Delete(data, recursive: true);
    }

    /// <summary>Also where the anchor ends with the changeover, which the key that is known has signed too.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_change_of_the_key_that_is_lost_with_the_restore_is_known_again_by_the_recovery(bool recordedSince)
    {
        await using var database = await TestDatabase.Create();
        var (old, next) = (SigningKey.Generate("example.org/log"), SigningKey.Generate("example.org/log"));
        var host = await RegisterHost.Start(database, null, null, Fast, ("Audit:SigningKey", old.ToSecret()));
        var data = host.DataDirectory;
        await Cooperation.Organisation(host, "Kept");
        await Log.CoversAll(host);
        await host.DisposeAsync();
        await using var backup = await database.Copy();
        (string, string)[] changed = [Fast, ("Audit:SigningKey", next.ToSecret()), ("Audit:RetiringKey", old.ToSecret())];
        host = await RegisterHost.Start(database, data, null, changed);
        await Cooperation.Organisation(host, "The changeover");
        await Log.CoversAll(host);
        if (recordedSince)
        {
            await Cooperation.Organisation(host, "Lost");
            await Log.CoversAll(host);
        }

        var keys = await Log.Keys(host);
        await host.DisposeAsync();
        var kept = Path.Combine(data, "kept.ndjson");
        File.Copy(Path.Combine(data, Anchor.FileName), kept);

        (
            await Should.ThrowAsync<LogRefusedException>(() =>
                RegisterHost.Start(backup, data, null, Fast, ("Audit:SigningKey", next.ToSecret()))
            )
        ).Message.ShouldContain("the database is older than what was published");
        string[] recover = ["audit", "recover", "--reason", "The disk failed", "--by", "operations"];
        var (code, said) = await ServiceProcess.Command(backup, data, recover);
        (code, said.Contains($"--ended-key 'example.org/log+{next.Verifier.Id:x8}+", StringComparison.Ordinal)).ShouldBe((1, true), said);
        (code, said) = await ServiceProcess.Command(backup, data, [.. recover, "--ended-key", $"{next.Verifier}"]);
        code.ShouldBe(0, said);

        await IsStated();

        // An earlier version went on without the key where the anchor ends with the changeover: the command can be run again for it.
        await Tamper.Do(backup, $"delete from audit.log_key where key = '{next.Verifier}'");
        (code, said) = await ServiceProcess.Command(backup, data, recover);
        (code, said.Contains("--ended-key 'example.org/log+", StringComparison.Ordinal)).ShouldBe((1, true), said);
        (code, said) = await ServiceProcess.Command(backup, data, [.. recover, "--ended-key", $"{next.Verifier}"]);
        (code, said.Contains("and 1 keys were missing", StringComparison.Ordinal)).ShouldBe((0, true), said);
        await IsStated();
        Directory.Delete(data, recursive: true);

        async Task IsStated()
        {
            await using var again = await RegisterHost.Start(backup, data, settings: Fast);
            await Log.Covers(again, [await Cooperation.Organisation(again, "New")]);
            var stated = await Log.Keys(again);
            var promised = CheckpointLine.Parse((await File.ReadAllLinesAsync(kept))[^1]).Checkpoint.Size;
            stated.Take(2).ShouldBe([keys[0], keys[1] with { LastSize = promised }]);
            (await Verify.Export(again, stated, kept)).Findings.ShouldBeEmpty();
        }
    }

    /// <summary>Such as a backup of the moment between the newest entry and its checkpoint.</summary>
    [Fact]
    public async Task A_changeover_that_is_gone_from_the_database_is_put_back_with_its_key()
    {
        await using var database = await TestDatabase.Create();
        var (old, next) = (SigningKey.Generate("example.org/log"), SigningKey.Generate("example.org/log"));
        var host = await RegisterHost.Start(database, null, null, Fast, ("Audit:SigningKey", old.ToSecret()));
        var data = host.DataDirectory;
        await Cooperation.Organisation(host, "Under the old key");
        await Log.CoversAll(host);
        await host.DisposeAsync();
        host = await RegisterHost.Start(
            database,
            data,
            null,
            Fast,
            ("Audit:SigningKey", next.ToSecret()),
            ("Audit:RetiringKey", old.ToSecret())
        );
        await Cooperation.Organisation(host, "The changeover");
        await Log.CoversAll(host);
        var keys = await Log.Keys(host);
        await host.DisposeAsync();
        await Tamper.Do(
            database,
            $"delete from audit.checkpoint where size >= {keys[1].FirstSize}; delete from audit.log_key where key = '{next.Verifier}';"
                + $"update audit.log_head set published = (select max(size) from audit.checkpoint)"
        );

        string[] recover = ["audit", "recover", "--reason", "The disk failed", "--by", "operations"];
        var (code, said) = await ServiceProcess.Command(database, data, recover);
        (code, said.Contains("--ended-key 'example.org/log+", StringComparison.Ordinal)).ShouldBe((1, true), said);
        (code, said) = await ServiceProcess.Command(database, data, [.. recover, "--ended-key", $"{next.Verifier}"]);
        (code, said.Contains("were put back from the anchor", StringComparison.Ordinal)).ShouldBe((0, true), said);

        await using var again = await RegisterHost.Start(database, data, null, Fast, ("Audit:SigningKey", next.ToSecret()));
        await Log.Covers(again, [await Cooperation.Organisation(again, "Under the new key")]);
        (await Log.Keys(again)).ShouldBe(keys);
        (await Verify.Export(again, keys)).Findings.ShouldBeEmpty();
        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task There_is_nothing_to_recover_where_log_and_anchor_agree()
    {
        await using var database = await TestDatabase.Create();
        var host = await RegisterHost.Start(database, settings: Fast);
        await Cooperation.Organisation(host, "DG HOME");
        await Log.CoversAll(host);
        await host.DisposeAsync();

        var (code, said) = await ServiceProcess.Command(
            database,
            host.DataDirectory,
            "audit",
            "recover",
            "--reason",
            "Nothing",
            "--by",
            "operations"
        );
        (code, said.Contains("there is nothing to recover", StringComparison.Ordinal)).ShouldBe((1, true), said);
        (code, said) = await ServiceProcess.Command(database, host.DataDirectory, "audit", "recover", "--reason", "Nothing");
        (code, said.Contains("--by TEXT", StringComparison.Ordinal)).ShouldBe((2, true), said);

        Directory.Delete(host.DataDirectory, recursive: true);
    }

    [Fact]
    public async Task A_log_whose_anchor_is_missing_or_of_another_log_is_refused()
    {
        await using var database = await TestDatabase.Create();
        var host = await RegisterHost.Start(database, settings: Fast);
        var data = host.DataDirectory;
        await Cooperation.Organisation(host, "DG HOME");
        await Log.CoversAll(host);
        await host.DisposeAsync();
        var anchor = Path.Combine(data, Anchor.FileName);
        var text = await File.ReadAllTextAsync(anchor);

        File.Delete(anchor);
        (await Should.ThrowAsync<LogRefusedException>(() => RegisterHost.Start(database, data))).Message.ShouldContain(
            "holds no checkpoint of it"
        );

        // A line that was never finished is none; the one before it counts.
        await File.WriteAllTextAsync(anchor, text + "{\"size\":9");
        await (await RegisterHost.Start(database, data)).DisposeAsync();

        await File.WriteAllTextAsync(anchor, text);
        await Tamper.Do(database, "update audit.leaf set hash = sha256('another') where index = 0");
        (await Should.ThrowAsync<LogRefusedException>(() => RegisterHost.Start(database, data))).Message.ShouldContain(
            "is not one of this log"
        );
        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task A_key_is_changed_by_a_checkpoint_that_both_sign()
    {
        await using var database = await TestDatabase.Create();
        var (old, next) = (SigningKey.Generate("example.org/log"), SigningKey.Generate("example.org/log"));
        var host = await RegisterHost.Start(
            database,
            null,
            null,
            Fast,
            ("Audit:Origin", "https://example.org/log/"),
            ("Audit:SigningKey", old.ToSecret())
        );
        var data = host.DataDirectory;
        await Cooperation.Organisation(host, "Under the old key");
        await Log.CoversAll(host);
        await host.DisposeAsync();

        (
            await Should.ThrowAsync<LogRefusedException>(() =>
                RegisterHost.Start(database, data, null, Fast, ("Audit:SigningKey", next.ToSecret()))
            )
        ).Message.ShouldContain("Audit:RetiringKey");

        await using var changed = await RegisterHost.Start(
            database,
            data,
            null,
            Fast,
            ("Audit:SigningKey", next.ToSecret()),
            ("Audit:RetiringKey", old.ToSecret())
        );
        await Log.Covers(changed, [await Cooperation.Organisation(changed, "The changeover")]);
        await Log.Covers(changed, [await Cooperation.Organisation(changed, "Under the new key")]);
        var keys = await Log.Keys(changed);
        keys.Select(k => k.Key).ShouldBe([old.Verifier, next.Verifier]);
        keys[0].LastSize.ShouldBe(keys[1].FirstSize);
        keys[1].LastSize.ShouldBeNull();
        (await Verify.Export(changed)).Findings.ShouldBeEmpty();
        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task The_key_of_development_is_its_owners_alone_and_is_in_no_table()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database);
        var path = Path.Combine(host.DataDirectory, LogKeys.FileName);

        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (await database.Holding([(await File.ReadAllTextAsync(path)).Trim()])).ShouldBeEmpty();
        Directory.Delete(host.DataDirectory, recursive: true);
    }
}
