using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests;

/// <summary>A database that answers, and takes nothing.</summary>
public sealed class RefusedPostTests
{
    /// <summary>What PostgreSQL says then, said by a trigger.</summary>
    [Theory]
    [InlineData("53100", "The disk of the database is full (53100).", false)]
    [InlineData("25006", "The database can be read only (25006)", false)]
    [InlineData("53200", "The database has no memory left (53200).", true)]
    [InlineData("53400", "The database lacks what it needs (53400).", true)]
    public async Task What_keeps_it_is_said_and_a_node_that_can_record_nothing_says_so_until_it_can(
        string state,
        string said,
        bool mayBeOver
    )
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database);
        await Cooperation.Organisation(host, "DG HOME");
        await database.Rows(
            $"""
            create function public.refuse() returns trigger language plpgsql
                as $$ begin raise exception 'refused' using errcode = '{state}'; end $$;
            create trigger refused before insert on register.mt_events for each statement execute function public.refuse()
            """
        );

        var refused = (await Post()).ShouldBeProblem(503, "unavailable");
        refused.Text.ShouldContain(said);
        refused.Header("Retry-After").ShouldNotBeNull();
        host.Errors.ShouldContain(e => e.Contains(said, StringComparison.Ordinal));
        var health = await host.Get("/health/ready", null);
        health.Status.ShouldBe(200);
        if (mayBeOver)
            health.Text.ShouldBe("ready");
        else
            health.Text.ShouldStartWith($"ready; posts are refused: {said}");
        (await host.Get("/v1/organisations")).ShouldBeRead();

        await database.Rows("drop trigger refused on register.mt_events");
        (await Post()).ShouldBeAccepted(201);
        (await host.Get("/health/ready", null)).Text.ShouldBe("ready");
        Directory.Delete(host.DataDirectory, recursive: true);

        Task<Answer> Post() => host.Post("/v1/organisations", new { name = "EEAS", shortName = "EEAS" });
    }

    /// <summary>What only asks recorded nothing, and is told nothing of it.</summary>
    [Fact]
    public async Task Who_asks_while_the_database_takes_no_connection_is_told_to_ask_again_and_who_posts_what_became_of_it()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database);
        await database.Rows($"alter database \"{database.Name}\" connection limit 0");
        await database.Rows(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename like 'cooperation%'"
        );

        var asked = (await host.Get("/v1/organisations")).ShouldBeProblem(503, "unavailable").Json.Text("detail");
        var posted = (await host.Post("/v1/organisations", new { name = "EEAS", shortName = "EEAS" })).ShouldBeProblem(503, "unavailable");

        asked.ShouldEndWith("Ask again.");
        asked.ShouldNotContain("recorded");
        posted.Json.Text("detail").ShouldContain("Nothing was recorded");
        await database.Rows($"alter database \"{database.Name}\" connection limit -1");
        Directory.Delete(host.DataDirectory, recursive: true);
    }

    [Fact]
    public async Task A_rule_that_somebody_put_upon_the_history_is_said_and_keeps_out_no_other_event()
    {
        await using var database = await TestDatabase.Create();
        await using var host = await RegisterHost.Start(database);
        await database.Rows("alter table register.mt_events add constraint strange check (type <> 'organisation_registered')");

        var refused = (await host.Post("/v1/organisations", new { name = "EEAS", shortName = "EEAS" })).ShouldBeProblem(503, "unavailable");
        refused.Text.ShouldContain("A rule that the service did not make keeps this out of the history (23514).");
        host.Errors.ShouldContain(e => e.Contains("23514", StringComparison.Ordinal));
        (await host.Post("/v1/people", new { name = "Ana" })).ShouldBeAccepted(201);
        Directory.Delete(host.DataDirectory, recursive: true);
    }
}
