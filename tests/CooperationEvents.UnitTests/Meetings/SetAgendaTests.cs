using CooperationEvents.Kernel;
using CooperationEvents.Meetings;

namespace CooperationEvents.UnitTests.Meetings;

public sealed class SetAgendaTests
{
    private static readonly SetAgenda Command = new(
        Some.Meeting,
        [new AgendaItem("Opening"), new AgendaItem("Resettlement", "resettlement")]
    );

    [Fact]
    public void An_agenda_is_set_once() =>
        AMeeting.With().When(Set(Command)).Then(new AgendaSet(Some.Meeting, Command.Items)).AndNothingWhenRepeated();

    [Fact]
    public void An_agenda_replaces_the_one_before() =>
        AMeeting
            .With(new AgendaSet(Some.Meeting, [new AgendaItem("Lunch")]))
            .When(Set(Command))
            .Then(new AgendaSet(Some.Meeting, Command.Items))
            .AndNothingWhenRepeated();

    [Fact]
    public void A_meeting_without_an_agenda_needs_none() => AMeeting.With().When(Set(new SetAgenda(Some.Meeting, []))).ThenNothing();

    [Fact]
    public void A_topic_is_an_area_of_one_of_the_frameworks() =>
        AMeeting
            .With()
            .When(Set(new SetAgenda(Some.Meeting, [new AgendaItem("Opening"), new AgendaItem("Fish", "fisheries")])))
            .ThenRefused(MeetingProblems.UnknownArea, "/items/1/topic");

    [Fact]
    public void The_agenda_it_has_already_is_no_change_though_its_framework_has_no_such_area_now() =>
        AMeeting
            .With(new AgendaSet(Some.Meeting, Command.Items))
            .When(meeting => SetAgenda.Decide(meeting, [AMeeting.Facts[0] with { Areas = [] }], Command))
            .ThenNothing();

    [Fact]
    public void A_cancelled_meeting_and_one_that_did_not_take_place_take_no_agenda() =>
        Set(Command).ShouldOnlyBe(MeetingState.Scheduled, MeetingState.Postponed, MeetingState.Held);

    private static Func<Meeting, Decision> Set(SetAgenda command) => meeting => SetAgenda.Decide(meeting, AMeeting.Facts, command);
}
