using CooperationEvents.Recording;
using Npgsql;

namespace CooperationEvents.UnitTests.Recording;

public sealed class OutageTests
{
    [Fact]
    public void What_keeps_every_post_from_being_recorded_is_said_in_a_sentence()
    {
        var full = new InvalidOperationException("A batch failed", Said(PostgresErrorCodes.DiskFull));
        Outage.EndsRecording(full).ShouldBeTrue();
        Outage.Why(full).ShouldBe("The disk of the database is full (53100).");

        var readOnly = Said(PostgresErrorCodes.ReadOnlySqlTransaction);
        Outage.EndsRecording(readOnly).ShouldBeTrue();
        Outage.Why(readOnly)!.ShouldStartWith("The database can be read only (25006)");
    }

    [Fact]
    public void What_may_be_over_by_the_next_post_and_what_is_no_fault_of_the_database_is_another_thing()
    {
        Exception[] others =
        [
            Said(PostgresErrorCodes.TooManyConnections),
            Said(PostgresErrorCodes.OutOfMemory),
            Said(PostgresErrorCodes.UniqueViolation),
            new TimeoutException(),
        ];

        others.ShouldAllBe(error => !Outage.EndsRecording(error));
    }

    private static PostgresException Said(string state) => new("refused", "ERROR", "ERROR", state);
}
