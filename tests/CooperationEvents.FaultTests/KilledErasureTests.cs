using CooperationEvents.Testing;
using Npgsql;

namespace CooperationEvents.FaultTests;

/// <summary>The service is killed while an erasure stands at a step: it is taken up again, or was never asked for.</summary>
public sealed class KilledErasureTests
{
    /// <summary>The table each step writes to, held by somebody else, and whether the erasure was asked for by then.</summary>
    [Theory]
    [InlineData("keys.erasure", false)]
    [InlineData("keys.person_key", true)]
    [InlineData("keys.erased_digest", true)]
    [InlineData("recording.rule_turn", true)]
    [InlineData("recording.external_reference", true)]
    [InlineData("recording.remembered_answer", true)]
    [InlineData("keys.node", true)]
    public async Task An_erasure_whose_service_is_killed_is_finished_by_the_next(string table, bool asked)
    {
        await using var database = await TestDatabase.Create();
        using var data = new DataDirectory();
        Guid[] people;
        await using (var service = await ServiceProcess.Start(database, data.Path))
        {
            people = [await Person(service), await Person(service)];
            (await service.Post($"/v1/people/{people[0]}/merge", new { into = people[1], reason = "one mailbox" })).ShouldBeAccepted();
            await using var holding = await database.Source.OpenConnectionAsync();
            await using var transaction = await holding.BeginTransactionAsync();
            await using (var hold = new NpgsqlCommand($"lock table {table} in share row exclusive mode", holding, transaction))
                await hold.ExecuteNonQueryAsync();

            var erasing = service.Post($"/v1/people/{people[0]}/erase", new { reason = "asked for on paper" }, "privacy");
            await Wait.Until($"the erasure to stand at {table}", () => database.Scalar<bool>(
                    $"""
                    select exists (select from pg_locks where not granted and relation = '{table}'::regclass)
                        and ({(asked ? "exists (select from keys.erasure)" : "true")})
                    """
                ));
            service.Kill();
            // A statement that waits outlives who sent it, and would go on once the table is free.
            await database.Rows($"select pg_terminate_backend(pid) from pg_locks where not granted and relation = '{table}'::regclass");
            await Should.ThrowAsync<HttpRequestException>(() => erasing);
        }

        // An erasure waits for a node that has gone without a word: here it is known to hold no key any more.
        await database.Rows("delete from keys.node");
        await using var next = await ServiceProcess.Start(database, data.Path);
        if (!asked)
        {
            await next.ReadAt($"/v1/people/{people[0]}", await database.LastPosition());
            var there = await next.Get($"/v1/people/{people[0]}", "privacy");
            there.Json["name"].ShouldNotBeNull(there.Text).GetValue<string>().ShouldBe("Grace Hopper");
            (await next.Erase(people[0], "asked for on paper")).ShouldBeAccepted();
        }

        await Wait.Until("the erasure to be done", () =>
            database.Scalar<bool>("select coalesce((select done_at is not null from keys.erasure), false)")
        );
        (await database.Scalar<long>("select count(*) from register.mt_events where type = 'person_erased'")).ShouldBe(2);
        (
            await database.Scalar<long>(
                "select count(*) from keys.person_key where person_id = any($1) and state = 'destroyed' and wrapped is null",
                people
            )
        ).ShouldBe(2);
        (await database.Scalar<long>("select count(*) from recording.external_reference where stream_id = any($1)", people)).ShouldBe(0);
        (await database.Scalar<long>("select count(*) from recording.remembered_answer where stream_id = any($1)", people)).ShouldBe(0);
        (await database.Scalar<long>("select count(*) from keys.erased_digest")).ShouldBe(4);
        (await File.ReadAllLinesAsync(Path.Combine(data.Path, "erasures.ndjson"))).Length.ShouldBe(1);
        foreach (var person in people)
        {
            var read = await next.ReadAt($"/v1/people/{person}", await database.LastPosition());
            read.Json["erased"]!.GetValue<bool>().ShouldBeTrue(read.Text);
            (await next.Post($"/v1/people/{person}/correct", new { reason = "misspelt", name = "Grace" })).Status.ShouldBe(410);
        }
    }

    private static async Task<Guid> Person(ServiceProcess service)
    {
        var one = Guid.NewGuid().ToString("n");
        return (
            await service.Post(
                "/v1/people",
                new
                {
                    name = "Grace Hopper",
                    email = $"{one}@example.org",
                    externalReference = new { system = "hr", id = one },
                },
                headers: ("Idempotency-Key", one)
            )
        ).ShouldBeAccepted(201).Id;
    }
}
