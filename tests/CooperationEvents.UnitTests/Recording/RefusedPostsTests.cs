using CooperationEvents.Recording;
using Npgsql;

namespace CooperationEvents.UnitTests.Recording;

public sealed class RefusedPostsTests
{
    [Fact]
    public void What_keeps_posts_from_being_recorded_is_known_until_one_is()
    {
        var refused = new RefusedPosts();
        refused.Why.ShouldBeNull();

        refused.Note(new InvalidOperationException("A batch failed", Said(PostgresErrorCodes.DiskFull)));
        refused.Why.ShouldBe("The disk of the database is full (53100).");

        refused.Note(Said(PostgresErrorCodes.ReadOnlySqlTransaction));
        refused.Why.ShouldStartWith("The database can be read only (25006)");
        refused.Forget();
        refused.Why.ShouldBeNull();
    }

    /// <summary>What may be over by the next request, and what is no fault of the database.</summary>
    [Theory]
    [InlineData(PostgresErrorCodes.TooManyConnections)]
    [InlineData(PostgresErrorCodes.OutOfMemory)]
    [InlineData(PostgresErrorCodes.UniqueViolation)]
    public void What_does_not_last_is_not_kept(string state)
    {
        var refused = new RefusedPosts();

        refused.Note(Said(state));
        refused.Note(new TimeoutException());

        refused.Why.ShouldBeNull();
    }

    private static PostgresException Said(string state) => new("refused", "ERROR", "ERROR", state);
}
