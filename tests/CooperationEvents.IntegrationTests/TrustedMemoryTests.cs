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
}
