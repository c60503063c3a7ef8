using CooperationEvents.Feed;

namespace CooperationEvents.UnitTests.Feed;

public sealed class FeedFilterTests
{
    /// <summary>A node of a newer version took the subscription. Whether the streams have such events only it knows.</summary>
    [Fact]
    public void Types_of_a_newer_version_pass_whatever_kinds_of_streams_are_wanted() =>
        new FeedFilter(["venue_opened", "meeting_held", "framework_established"], ["venue", "meeting"]).PassingTypes.ShouldBe([
            "venue_opened",
            "meeting_held",
        ]);
}
