using CooperationEvents.Kernel;
using CooperationEvents.Meetings;

namespace CooperationEvents.UnitTests.Meetings;

public sealed class CountDelegationTests
{
    private static readonly DelegationCounted Seven = new(Some.Meeting, Some.Iom, 7, CountPrecision.Exact);

    [Theory]
    [InlineData(MeetingState.Scheduled)]
    [InlineData(MeetingState.Held)]
    public void A_delegation_is_counted_once(MeetingState state) => AMeeting.In(state).When(Count(7)).Then(Seven).AndNothingWhenRepeated();

    [Fact]
    public void Another_count_replaces_the_first_with_a_reason() =>
        AMeeting.With(Seven).When(Count(9, reason: "Badges")).Then(Corrected(7, 9, "Badges")).AndNothingWhenRepeated();

    [Fact]
    public void Another_precision_is_another_count() =>
        AMeeting
            .With(Seven)
            .When(Count(7, CountPrecision.Minimum, "Badges"))
            .Then(
                new DelegationCorrected(
                    Some.Meeting,
                    Some.Iom,
                    new HeadCount(7, CountPrecision.Exact),
                    new HeadCount(7, CountPrecision.Minimum),
                    "Badges"
                )
            )
            .AndNothingWhenRepeated();

    [Fact]
    public void Another_count_needs_a_reason() =>
        AMeeting.With(Seven).When(Count(9)).ThenRefused(MeetingProblems.DelegationAlreadyCounted, "/reason");

    [Fact]
    public void A_count_is_repeated_as_it_was_recorded_first_however_often_it_was_replaced()
    {
        var meeting = AMeeting.With(Seven, Corrected(7, 9, "Badges"), Corrected(9, 11, "The list"));

        meeting.When(Count(7)).ThenNothing();
        meeting.When(Count(11)).ThenNothing();
        meeting.When(Count(9)).ThenRefused(MeetingProblems.DelegationAlreadyCounted, "/reason");
        meeting.When(Count(7, reason: "It was right")).Then(Corrected(11, 7, "It was right"));
    }

    [Fact]
    public void A_count_that_was_withdrawn_stands_again_by_a_reason_alone()
    {
        var meeting = AMeeting.With(Seven, Corrected(7, 0, "All are named"));

        meeting.When(Count(7)).ThenRefused(MeetingProblems.DelegationAlreadyCounted, "/reason");
        meeting.When(Count(7, reason: "Not quite")).Then(Corrected(0, 7, "Not quite"));
    }

    [Fact]
    public void Nobody_withdraws_the_count() =>
        AMeeting.With(Seven).When(Count(0, reason: "All are named")).Then(Corrected(7, 0, "All are named")).AndNothingWhenRepeated();

    [Fact]
    public void A_count_that_was_withdrawn_may_be_replaced() =>
        AMeeting.With(Seven, Corrected(7, 0, "All are named")).When(Count(2, reason: "Not quite")).Then(Corrected(0, 2, "Not quite"));

    [Theory]
    [InlineData(CountPrecision.Exact)]
    [InlineData(CountPrecision.Estimated)]
    public void Nobody_is_no_delegation(CountPrecision precision)
    {
        AMeeting.With().When(Count(0, precision)).ThenNothing();
        AMeeting.With(Seven, Corrected(7, 0, "All are named")).When(Count(0, precision)).ThenNothing();
    }

    [Fact]
    public void Each_organisation_is_counted_by_itself() =>
        AMeeting.With(Seven with { OrganisationId = Some.Eeas }).When(Count(7)).Then(Seven);

    [Fact]
    public void Only_a_scheduled_or_held_meeting_takes_delegations() => Count(7).ShouldOnlyBe(MeetingState.Scheduled, MeetingState.Held);

    private static DelegationCorrected Corrected(int from, int to, string reason) =>
        new(Some.Meeting, Some.Iom, new HeadCount(from, CountPrecision.Exact), new HeadCount(to, CountPrecision.Exact), reason);

    private static Func<Meeting, Decision> Count(int count, CountPrecision precision = CountPrecision.Exact, string? reason = null) =>
        meeting => CountDelegation.Decide(meeting, Some.Iom, new CountDelegation(Some.Meeting, Some.Iom, count, precision, reason));
}
