using CooperationEvents.Commitments;
using CooperationEvents.Kernel;

namespace CooperationEvents.UnitTests.Commitments;

public sealed class ReviewCommitmentTests
{
    private static readonly ReviewCommitment Command = new(
        Some.Commitment,
        Some.OtherMeeting,
        Some.Date("2018-11-19"),
        "On track",
        "Two rivers are missing"
    );

    private static readonly CommitmentReviewed Reviewed = new(
        Some.Commitment,
        Some.OtherMeeting,
        Some.Date("2018-11-19"),
        "On track",
        "Two rivers are missing"
    );

    [Fact]
    public void A_review_is_recorded_once() => ACommitment.With().When(Review(Command)).Then(Reviewed).AndNothingWhenRepeated();

    [Fact]
    public void Another_day_meeting_assessment_or_note_is_another_review() =>
        ACommitment
            .With(Reviewed)
            .When(Review(Command with { On = Some.Date("2018-11-20") }))
            .Then(Reviewed with { On = Some.Date("2018-11-20") })
            .AndWhen(Review(Command, ACommitment.Meeting))
            .Then(Reviewed with { MeetingId = Some.Meeting })
            .AndWhen(Review(Command with { Assessment = "Late" }))
            .Then(Reviewed with { Assessment = "Late" })
            .AndWhen(Review(Command with { Note = null }))
            .Then(Reviewed with { Note = null })
            .AndNothingWhenRepeated();

    [Fact]
    public void It_needs_an_open_one() => Review(Command).ShouldNeedAnOpenOne();

    [Fact]
    public void What_was_reviewed_before_it_was_closed_is_reviewed_still() =>
        ACommitment.With(Reviewed, ACommitment.WasDropped).When(Review(Command, ACommitment.VoidedMeeting)).ThenNothing();

    [Fact]
    public void The_meeting_takes_place_under_the_framework_and_is_not_voided()
    {
        ACommitment.With().When(Review(Command, ACommitment.Elsewhere)).ThenRefused(CommitmentProblems.MeetingElsewhere, "/meetingId");
        ACommitment.With().When(Review(Command, ACommitment.VoidedMeeting)).ThenRefused(CommitmentProblems.MeetingVoided, "/meetingId");
    }

    [Fact]
    public void Nothing_is_reviewed_on_a_day_to_come() =>
        ACommitment.With().When(Review(Command with { On = Some.Date("2018-11-21") })).ThenRefused(CommitmentProblems.OnADayToCome, "/on");

    private static Func<Commitment, Decision> Review(ReviewCommitment command, MeetingPlace? meeting = null) =>
        commitment => ReviewCommitment.Decide(commitment, meeting ?? ACommitment.OtherMeeting, ACommitment.Today, command);
}
