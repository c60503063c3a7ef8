using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests;

/// <summary>A node decides on what it keeps in memory, and records nothing that another node has made wrong.</summary>
public sealed class TrustedMemoryTests
{
    [Fact]
    public async Task A_meeting_is_decided_on_what_another_node_recorded_of_its_framework()
    {
        await using var database = await TestDatabase.Create();
        await using var one = await RegisterHost.Start(database);
        await using var other = await RegisterHost.Start(database, one.DataDirectory);
        var cooperation = await Cooperation.Start(one);
        await cooperation.Schedule();

        (await other.Post($"/v1/frameworks/{cooperation.Framework}/end", new { endedOn = "2020" })).ShouldBeAccepted();

        (await one.Post("/v1/meetings", cooperation.Meeting(("start", "2021-04-04")))).ShouldBeProblem(
            409,
            "meeting-after-framework",
            "/start"
        );
        await cooperation.Schedule(("start", "2019-04-04"));
        Directory.Delete(one.DataDirectory, recursive: true);
    }

    /// <summary>What this node keeps knows neither the name it is repeated by nor the one it is refused by.</summary>
    [Fact]
    public async Task A_repeated_create_is_held_against_what_another_node_recorded_of_it()
    {
        await using var database = await TestDatabase.Create();
        await using var one = await RegisterHost.Start(database);
        await using var other = await RegisterHost.Start(database, one.DataDirectory);
        var cooperation = await Cooperation.Start(one);
        var planned = cooperation.Meeting(("id", Guid.NewGuid()), ("title", "As it was planned"));
        var first = (await one.Post("/v1/meetings", planned)).ShouldBeAccepted(201);

        (await other.Post($"/v1/meetings/{first.Id}/correct", new { reason = "misspelt", title = "Corrected" })).ShouldBeAccepted();

        (await one.Post("/v1/meetings", planned.With("title", "Corrected"))).ShouldBeAccepted(201).Text.ShouldBe(first.Text);
        (await one.Post("/v1/meetings", planned)).ShouldBeAccepted(201).Text.ShouldBe(first.Text);
        (await one.Post("/v1/meetings", planned.With("title", "Something else")))
            .ShouldBeProblem(409, "id-in-use", "/title")
            .Text.ShouldContain("It was changed since");
        Directory.Delete(one.DataDirectory, recursive: true);
    }
}
