using CooperationEvents.Recording;
using Npgsql;

namespace CooperationEvents.UnitTests.Recording;

public sealed class RefusedPostsTests
{
    private readonly Seconds _clock = new();

    [Fact]
    public void A_node_says_for_ten_seconds_that_posts_are_refused_and_then_lets_them_come_to_see()
    {
        var refused = new RefusedPosts(_clock);
        refused.Why.ShouldBeNull();

        refused.Note(new InvalidOperationException("A batch failed", Said(PostgresErrorCodes.DiskFull)));
        _clock.Pass(9);
        refused.Why.ShouldBe("The disk of the database is full (53100).");
        _clock.Pass(1);
        refused.Why.ShouldBeNull();

        refused.Note(Said(PostgresErrorCodes.ReadOnlySqlTransaction));
        refused.Why.ShouldNotBeNull();
        refused.Forget();
        refused.Why.ShouldBeNull();
    }

    /// <summary>What may be over by the next request, and what is no fault of the database.</summary>
    [Theory]
    [InlineData(PostgresErrorCodes.TooManyConnections)]
    [InlineData(PostgresErrorCodes.OutOfMemory)]
    [InlineData(PostgresErrorCodes.UniqueViolation)]
    public void What_does_not_last_leaves_the_node_ready(string state)
    {
        var refused = new RefusedPosts(_clock);

        refused.Note(Said(state));
        refused.Note(new TimeoutException());

        refused.Why.ShouldBeNull();
    }

    private static PostgresException Said(string state) => new("refused", "ERROR", "ERROR", state);

    /// <summary>A clock whose seconds pass when they are told to.</summary>
    private sealed class Seconds : TimeProvider
    {
        private long _passed;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => _passed;

        public void Pass(long seconds) => _passed += seconds;
    }
}
