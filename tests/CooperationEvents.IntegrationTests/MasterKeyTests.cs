using System.Security.Cryptography;
using System.Text.Json;
using CooperationEvents.Privacy;
using CooperationEvents.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace CooperationEvents.IntegrationTests;

/// <summary>The master key and the ledger of erasures, across starts of the service.</summary>
public sealed class MasterKeyTests : IAsyncLifetime
{
    private readonly string _data = Directory.CreateTempSubdirectory("cooperation-test-").FullName;
    private TestDatabase _database = null!;

    private string KeyFile => Path.Combine(_data, PrivacyModule.MasterKeyFile);

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateEmpty();

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task A_master_key_that_is_missing_refuses_to_start_and_is_never_made_anew()
    {
        await Registered();
        File.Move(KeyFile, KeyFile + ".away");

        (await Refused()).Message.ShouldContain($"The master key is missing: {KeyFile}");

        File.Exists(KeyFile).ShouldBeFalse();
        File.Move(KeyFile + ".away", KeyFile);
        await using var host = await Start();
    }

    [Fact]
    public async Task Another_master_key_refuses_to_start_in_the_right_database_and_in_its_copy()
    {
        await Registered();
        await File.WriteAllTextAsync(KeyFile, NewKey());

        (await Refused()).Message.ShouldContain("another one");

        await using var restored = await _database.Copy();
        (await Refused(restored)).Message.ShouldContain("another one");
    }

    [Fact]
    public async Task A_database_of_a_version_without_generations_is_held_to_its_key_too()
    {
        var person = await Registered();
        await _database.Rows("delete from keys.master_generation");
        var right = await File.ReadAllTextAsync(KeyFile);
        await File.WriteAllTextAsync(KeyFile, NewKey());

        (await Refused()).Message.ShouldContain("another one");

        await File.WriteAllTextAsync(KeyFile, right);
        await using var host = await Start();
        (await host.Get($"/v1/people/{person}", "privacy")).ShouldBeRead().Text("name").ShouldBe("Grace Hopper");
    }

    [Fact]
    public async Task Keys_are_wrapped_anew_while_the_service_runs_and_the_old_generation_is_not_needed_then()
    {
        var person = await Registered();
        var (first, second) = ((await File.ReadAllTextAsync(KeyFile)).Trim(), NewKey());
        await File.WriteAllTextAsync(KeyFile, $"1:{first}\n2:{second}\n");
        await using (var host = await Start())
        {
            var erased = (await host.Post("/v1/people", new { name = "Ada Lovelace" })).ShouldBeAccepted(201).Id;
            (await host.Erase(erased)).ShouldBeAccepted();
            await _database.Rows("update keys.erasure set destroyed_at = now() - interval '100 days', final_on = current_date - 64");
            await ShouldBeFinal(host, erased, days: 35 + 1, "The generation that wraps the key in free space and in old WAL is in use.");
            (await ReasonIsKept(host)).ShouldBeTrue();
            (await _database.Scalar<long>("select count(*) from keys.person_key where generation = 1 and wrapped is not null")).ShouldBe(1);

            var (code, said) = await ServiceProcess.Command(_database, _data, "keys", "rotate");

            code.ShouldBe(0, said);
            said.ShouldContain("Generation 1 is not in use since");
            said.ShouldContain("Destroy it on");

            // An erasure of before is final once the generation that wrapped the key can be destroyed.
            await _database.Rows("update keys.master_generation set left_at = now() - interval '10 days' where left_at is not null");
            await ShouldBeFinal(host, erased, days: 35 - 10 + 1, "It was left ten days ago.");
            (await ReasonIsKept(host)).ShouldBeTrue();
            await _database.Rows("update keys.master_generation set left_at = now() - interval '36 days' where left_at is not null");
            (await ReasonIsKept(host)).ShouldBeFalse();
            (await host.Get($"/v1/people/{person}", "privacy")).ShouldBeRead().Text("name").ShouldBe("Grace Hopper");
            (await host.Post("/v1/people", new { name = "Alan Turing" })).ShouldBeAccepted(201);
            (await _database.Scalar<long>("select count(*) from keys.person_key where generation <> 2 and wrapped is not null")).ShouldBe(
                0
            );
            (await _database.Scalar<long>("select count(*) from keys.field_salt where generation <> 2 and wrapped is not null")).ShouldBe(
                0
            );
            (await _database.Scalar<long>("select count(*) from keys.service_key where generation <> 2")).ShouldBe(0);
        }

        await File.WriteAllTextAsync(KeyFile, $"2:{second}");
        await using (var host = await Start())
            (await host.Get($"/v1/people/{person}", "privacy")).ShouldBeRead().Text("name").ShouldBe("Grace Hopper");
        await File.WriteAllTextAsync(KeyFile, $"1:{first}");
        (await Refused()).Message.ShouldContain("Generation 2 of the master key is missing");
    }

    [Fact]
    public async Task Nothing_is_wrapped_anew_while_a_living_node_does_not_hold_the_new_generation()
    {
        var person = await Registered();
        var (first, second) = ((await File.ReadAllTextAsync(KeyFile)).Trim(), NewKey());
        await using var host = await Start();
        (await host.Get($"/v1/people/{person}", "privacy")).ShouldBeRead();
        await File.WriteAllTextAsync(KeyFile, $"1:{first}\n2:{second}\n");

        var (code, said) = await ServiceProcess.Command(_database, _data, "keys", "rotate");

        code.ShouldBe(1, said);
        said.ShouldContain("does not hold generation 2 of the master key");
        said.ShouldContain(Environment.MachineName);
        (await _database.Scalar<long>("select count(*) from keys.master_generation")).ShouldBe(1);
        (await _database.Scalar<long>("select count(*) from keys.person_key where generation <> 1")).ShouldBe(0);
        (await host.Post("/v1/people", new { name = "Ada Lovelace" })).ShouldBeAccepted(201);

        // One that was killed cannot say that it is gone.
        await _database.Rows("update keys.node set seen_at = now() - interval '61 seconds'");
        await host.DisposeAsync();
        (code, said) = await ServiceProcess.Command(_database, _data, "keys", "rotate");
        code.ShouldBe(0, said);
    }

    [Fact]
    public async Task The_keys_can_lie_in_a_database_of_their_own()
    {
        await using var keys = await TestDatabase.CreateEmpty();
        var setting = ($"ConnectionStrings:{KeyDatabase.Name}", keys.ConnectionStrings["schema"]);
        await using var host = await RegisterHost.Start(_database, _data, null, setting);

        var person = (await host.Post("/v1/people", new { name = "Grace Hopper" })).ShouldBeAccepted(201);

        (await _database.Scalar<bool>("select to_regnamespace('keys') is null")).ShouldBeTrue();
        (await keys.Scalar<long>("select count(*) from keys.person_key where person_id = $1", person.Id)).ShouldBe(1);
        (await host.Read($"/v1/people/{person.Id}", person.Position, "privacy")).ShouldBeRead().Text("name").ShouldBe("Grace Hopper");
        (await host.Erase(person.Id)).ShouldBeAccepted();
        (await keys.Scalar<string>("select state from keys.person_key where person_id = $1", person.Id)).ShouldBe("destroyed");
    }

    [Fact]
    public async Task Whoever_was_erased_since_a_backup_is_erased_again_before_the_restored_database_is_served()
    {
        var person = await Registered();
        await using var backup = await _database.Copy();
        await using (var host = await Start())
        {
            (await host.Erase(person)).ShouldBeAccepted();
            await Audit.Log.CoversAll(host);
        }

        (await backup.Scalar<string>("select state from keys.person_key where person_id = $1", person)).ShouldBe("active");

        await ServiceProcess.Recover(backup, _data);
        await using var restored = await RegisterHost.Start(backup, _data);

        (await backup.Scalar<string>("select state from keys.person_key where person_id = $1", person)).ShouldBe("destroyed");
        var read = (await restored.Get($"/v1/people/{person}", "privacy")).ShouldBeRead();
        (read["name"], read["erased"]!.GetValue<bool>()).ShouldBe((null, true));
        (await restored.Post("/v1/people", new { name = "Grace", email = "grace@example.org" })).ShouldBeProblem(410, "erased", "/email");
        await Wait.Until("the rest of the erasure", () =>
            backup.Scalar<bool>("select coalesce((select done_at is not null from keys.erasure), false)")
        );
        (
            await backup.Scalar<long>("select count(*) from register.mt_events where stream_id = $1 and type = 'person_erased'", person)
        ).ShouldBe(1);
    }

    [Fact]
    public async Task Whoever_was_restricted_since_a_backup_of_the_keys_is_hidden_again_with_everybody_who_is_one_with_them()
    {
        var person = await Registered();
        Guid twin;
        await using (var host = await Start())
        {
            twin = (await host.Post("/v1/people", new { name = "Grace B. Hopper" })).ShouldBeAccepted(201).Id;
            (await host.Post($"/v1/people/{twin}/merge", new { into = person, reason = "one" })).ShouldBeAccepted();
            var restrict = new { reason = "disputed", restricted = true };
            var restricted = (await host.Post($"/v1/people/{person}/restrict", restrict, "privacy")).ShouldBeAccepted();
            await host.Reaches(restricted.Position);
        }

        await _database.Rows("update keys.person_key set state = 'active'");

        await using var restored = await Start();
        foreach (var hidden in new[] { person, twin })
        {
            var read = (await restored.Get($"/v1/people/{hidden}", "privacy")).ShouldBeRead();
            (read["name"], read["restricted"]!.GetValue<bool>()).ShouldBe((null, true));
            (await restored.Get($"/v1/audit/streams/{hidden}", "admin")).Text.ShouldNotContain("Hopper");
        }
    }

    [Fact]
    public async Task Whoever_was_restricted_since_a_backup_of_the_register_is_hidden_again_and_whoever_was_shown_again_is_not()
    {
        var (person, shown) = (await Registered(), await Registered("Ada Lovelace"));
        await using var backup = await _database.Copy();
        await using (var host = await Start())
        {
            var restrict = new { reason = "disputed", restricted = true };
            foreach (var one in new[] { person, shown })
                (await host.Post($"/v1/people/{one}/restrict", restrict, "privacy")).ShouldBeAccepted();
            var lifted = new { reason = "settled", restricted = false };
            (await host.Post($"/v1/people/{shown}/restrict", lifted, "privacy")).ShouldBeAccepted();
            await Audit.Log.CoversAll(host);
        }

        await ServiceProcess.Recover(backup, _data);
        await using var restored = await RegisterHost.Start(backup, _data);

        await restored.Reaches(await backup.Scalar<long>("select max(seq_id) from register.mt_events"));
        var read = (await restored.Get($"/v1/people/{person}", "privacy")).ShouldBeRead();
        (read["name"], read["restricted"]!.GetValue<bool>()).ShouldBe((null, true));
        (await restored.Get($"/v1/people/{shown}", "privacy")).ShouldBeRead().Text("name").ShouldBe("Ada Lovelace");
        (await backup.Scalar<long>("select count(*) from register.mt_events where type = 'person_restricted'")).ShouldBe(1);
    }

    /// <summary>So it is where a node of an earlier version, which writes no line, lifted it.</summary>
    [Fact]
    public async Task A_restriction_that_was_lifted_without_a_line_in_the_ledger_is_not_recorded_again()
    {
        var person = await Registered();
        var ledger = Path.Combine(_data, ErasureLedger.FileName);
        await using (var host = await Start())
            (
                await host.Post($"/v1/people/{person}/restrict", new { reason = "disputed", restricted = true }, "privacy")
            ).ShouldBeAccepted();
        var before = await File.ReadAllTextAsync(ledger);
        await using (var host = await Start())
            (
                await host.Post($"/v1/people/{person}/restrict", new { reason = "settled", restricted = false }, "privacy")
            ).ShouldBeAccepted();
        await File.WriteAllTextAsync(ledger, before);

        await using (await Start())
            (await File.ReadAllLinesAsync(ledger)).Length.ShouldBe(2);

        await using var again = await Start();
        (await again.Get($"/v1/people/{person}", "privacy")).ShouldBeRead().Text("name").ShouldBe("Grace Hopper");
        (await _database.Scalar<long>("select count(*) from register.mt_events where type = 'person_restricted'")).ShouldBe(2);
    }

    [Fact]
    public async Task A_ledger_of_erasures_that_is_gone_refuses_to_start()
    {
        var person = await Registered();
        await using (var host = await Start())
            (await host.Erase(person)).ShouldBeAccepted();
        var ledger = Path.Combine(_data, ErasureLedger.FileName);
        File.Delete(ledger);

        (await Refused()).Message.ShouldContain(ledger);

        await File.WriteAllTextAsync(ledger, "");
        await using var again = await Start();
        (await File.ReadAllTextAsync(ledger)).ShouldContain(person.ToString());
    }

    [Fact]
    public async Task What_does_not_open_is_unreadable_and_raises_an_alarm_and_the_rest_is_answered()
    {
        var person = await Registered();
        await Audit.Tamper.Do(_database, $"update keys.person_key set wrapped = '\\x00010203' where person_id = '{person}'");
        var lost = Guid.Empty;
        await using (var host = await Start())
        {
            lost = (await host.Post("/v1/people", new { name = "Ada Lovelace", email = "ada@example.org" })).ShouldBeAccepted(201).Id;
            var other = (await host.Post("/v1/people", new { name = "Alan Turing" })).ShouldBeAccepted(201).Id;
            await _database.Rows("delete from keys.person_key where person_id = $1", lost);
            host.Services.GetRequiredService<KeyStore>().Drop();

            var before = (await host.Post("/v1/people", new { name = "Edsger Dijkstra" })).ShouldBeAccepted(201).Position;
            foreach (var unreadable in new[] { person, lost })
            {
                var read = (await host.Read($"/v1/people/{unreadable}", before, "privacy")).ShouldBeRead();
                (read["name"], read["unreadable"]!.GetValue<bool>(), read["erased"]).ShouldBe((null, true, null));
                (await host.Get($"/v1/audit/streams/{unreadable}", "admin")).Status.ShouldBe(200);
                (await host.Get($"/v1/audit/streams/{unreadable}/state", "admin")).Status.ShouldBe(200);
                (await host.Post($"/v1/people/{unreadable}/merge", new { into = other, reason = "one" })).ShouldBeProblem(410, "erased");
            }

            var row = new
            {
                command = "correct-person",
                data = new
                {
                    personId = lost,
                    name = "Ada Byron",
                    reason = "Her name",
                },
            };
            var file = JsonSerializer.SerializeToUtf8Bytes(row);
            var dryRun = await Ingestion.Imports.Ended(
                host,
                await Ingestion.Imports.Post(host, file, "application/x-ndjson", "dryRun=true")
            );
            ((int)dryRun.Json["accepted"]!, (int)dryRun.Json["refused"]!).ShouldBe((0, 1), dryRun.ToString());
            (await host.Post("/v1/people", new { id = lost, name = "Another" })).ShouldBeProblem(410, "erased");
            (await _database.Scalar<long>("select count(*) from keys.person_key where person_id = $1", lost)).ShouldBe(0);
            host.Errors.ShouldContain(e => e.Contains("ALARM", StringComparison.Ordinal));
        }
    }

    private async Task<bool> ReasonIsKept(RegisterHost host)
    {
        await host.Services.GetRequiredService<Erasures>().ForgetReasons(CancellationToken.None);
        return await _database.Scalar<bool>("select reason is not null from keys.erasure");
    }

    /// <summary>So many days from now, whether or not midnight passes meanwhile.</summary>
    private static async Task ShouldBeFinal(RegisterHost host, Guid erased, int days, string since)
    {
        var before = DateTime.UtcNow;
        var final = DateOnly.Parse((await host.Erase(erased)).Json.Text("finalOn"));
        final.ShouldBeInRange(DateOnly.FromDateTime(before.AddDays(days)), DateOnly.FromDateTime(DateTime.UtcNow.AddDays(days)), since);
    }

    private async Task<Guid> Registered(string name = "Grace Hopper")
    {
        await using var host = await Start();
        var email = $"{name.Split(' ')[0].ToLowerInvariant()}@example.org";
        var person = (await host.Post("/v1/people", new { name, email })).ShouldBeAccepted(201);
        await host.Reaches(person.Position);
        return person.Id;
    }

    private Task<RegisterHost> Start() => RegisterHost.Start(_database, _data, null, ("Audit:CheckpointMilliseconds", "50"));

    private Task<KeysRefusedException> Refused(TestDatabase? database = null) =>
        Should.ThrowAsync<KeysRefusedException>(() => RegisterHost.Start(database ?? _database, _data));

    private static string NewKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
}
