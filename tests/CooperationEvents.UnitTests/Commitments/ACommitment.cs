using CooperationEvents.Commitments;
using CooperationEvents.Kernel;

namespace CooperationEvents.UnitTests.Commitments;

/// <summary>What DG HOME and IOM undertook at the fifth meeting of senior officials, by the end of 2018.</summary>
internal static class ACommitment
{
    public static readonly DateOnly Today = Some.Day("2018-11-20");

    public static readonly IReadOnlyList<string> Areas = ["resettlement", "visa"];

    public static readonly MeetingPlace Meeting = new(Some.Meeting, [Some.Framework], Voided: false);
    public static readonly MeetingPlace OtherMeeting = new(Some.OtherMeeting, [Some.OtherFramework, Some.Framework], Voided: false);
    public static readonly MeetingPlace VoidedMeeting = OtherMeeting with { Voided = true };
    public static readonly MeetingPlace Elsewhere = new(Some.OtherMeeting, [Some.OtherFramework], Voided: false);

    public static readonly CommitmentMade WasMade = new(
        Some.Commitment,
        Some.Framework,
        "Share forecasts",
        [Some.DgHome, Some.Iom],
        Some.Meeting,
        "resettlement",
        Some.Date("2018")
    );

    public static readonly CommitmentFulfilled WasFulfilled = new(Some.Commitment, Some.Date("2018-11-01"), "https://example.eu/forecasts");
    public static readonly CommitmentDropped WasDropped = new(Some.Commitment, "Others do it");
    public static readonly CommitmentReopened WasReopened = new(Some.Commitment, "They stopped");

    public static Given<Commitment> With(params IEnumerable<object> events) => Given.Events<Commitment>(WasMade).And(events);

    /// <summary>The command is refused of a commitment that is fulfilled or dropped, until it is open again.</summary>
    public static void ShouldNeedAnOpenOne(this Func<Commitment, Decision> rule)
    {
        foreach (var closed in new object[] { WasFulfilled, WasDropped })
        {
            With(closed).When(rule).ThenRefused(CommitmentProblems.NotOpen);
            rule(Given.Folded<Commitment>(With(closed, WasReopened).Events)).ShouldBeOfType<Decision.Accepted>();
        }
    }
}
