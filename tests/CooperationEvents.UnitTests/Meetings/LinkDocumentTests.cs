using CooperationEvents.Kernel;
using CooperationEvents.Meetings;

namespace CooperationEvents.UnitTests.Meetings;

public sealed class LinkDocumentTests
{
    private static readonly LinkDocument Command = new(
        Some.Meeting,
        "Joint statement",
        "https://example.eu/statement",
        DocumentStatus.Draft,
        new string('b', 64),
        "en"
    );

    private static readonly DocumentLinked Linked = new(
        Some.Meeting,
        "Joint statement",
        "https://example.eu/statement",
        DocumentStatus.Draft,
        new string('b', 64),
        "en"
    );

    [Fact]
    public void A_document_is_linked_once() => AMeeting.With().When(Link(Command)).Then(Linked).AndNothingWhenRepeated();

    [Fact]
    public void The_capitals_of_a_language_make_no_other_document() =>
        AMeeting.With(Linked).When(Link(Command with { Language = "EN" })).ThenNothing();

    [Fact]
    public void A_language_that_there_is_none_of_is_refused_unless_it_was_recorded()
    {
        AMeeting.With().When(Link(Command with { Language = "english" })).ThenRefused(KernelProblems.Invalid, "/language");
        AMeeting.With(Linked).When(Link(Command with { Language = "xx" })).ThenRefused(KernelProblems.Invalid, "/language");
        AMeeting.With(Linked with { Language = "english" }).When(Link(Command with { Language = "english" })).ThenNothing();
    }

    [Fact]
    public void A_document_in_another_status_is_linked_beside_it() =>
        AMeeting
            .With(Linked)
            .When(Link(Command with { Status = DocumentStatus.Adopted }))
            .Then(Linked with { Status = DocumentStatus.Adopted })
            .AndNothingWhenRepeated();

    [Fact]
    public void A_cancelled_meeting_and_one_that_did_not_take_place_take_no_documents() =>
        Link(Command).ShouldOnlyBe(MeetingState.Scheduled, MeetingState.Postponed, MeetingState.Held);

    private static Func<Meeting, Decision> Link(LinkDocument command) => meeting => LinkDocument.Decide(meeting, command);
}
