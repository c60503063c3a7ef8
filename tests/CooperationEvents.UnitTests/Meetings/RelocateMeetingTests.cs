using CooperationEvents.Kernel;
using CooperationEvents.Meetings;

namespace CooperationEvents.UnitTests.Meetings;

public sealed class RelocateMeetingTests
{
    private static readonly RelocateMeeting Command = new(Some.Meeting, MeetingMode.Hybrid, "Palais des Nations", "CH", "Renovation");

    [Fact]
    public void A_meeting_is_relocated_once() =>
        AMeeting
            .With()
            .When(Relocate(Command))
            .Then(new MeetingRelocated(Some.Meeting, MeetingMode.Hybrid, "Palais des Nations", "CH", "Renovation"))
            .AndNothingWhenRepeated();

    [Fact]
    public void What_is_absent_stays() =>
        AMeeting
            .With()
            .When(Relocate(new RelocateMeeting(Some.Meeting, Venue: "Charlemagne")))
            .Then(new MeetingRelocated(Some.Meeting, MeetingMode.InPerson, "Charlemagne", "BE", null))
            .AndNothingWhenRepeated();

    [Fact]
    public void Where_it_is_already_is_no_move() =>
        AMeeting.With().When(Relocate(new RelocateMeeting(Some.Meeting, MeetingMode.InPerson, "Berlaymont", "BE", "Sure"))).ThenNothing();

    [Fact]
    public void A_move_to_nowhere_is_refused() =>
        AMeeting.With().When(Relocate(new RelocateMeeting(Some.Meeting, Reason: "Renovation"))).ThenRefused(KernelProblems.Invalid);

    [Fact]
    public void Only_a_scheduled_or_postponed_meeting_is_relocated() =>
        Relocate(Command).ShouldOnlyBe(MeetingState.Scheduled, MeetingState.Postponed);

    private static Func<Meeting, Decision> Relocate(RelocateMeeting command) => meeting => RelocateMeeting.Decide(meeting, command);
}
