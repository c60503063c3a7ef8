using CooperationEvents.Kernel;
using CooperationEvents.Meetings;

namespace CooperationEvents.UnitTests.Meetings;

public sealed class CorrectDocumentTests
{
    private static readonly DocumentFacts Wrong = new(
        "Joint statment",
        "https://example.eu/other",
        DocumentStatus.Draft,
        new string('b', 64),
        "en"
    );

    private static readonly DocumentLinked Linked = new(Some.Meeting, Wrong.Title, Wrong.Url, Wrong.Status, Wrong.Sha256, Wrong.Language);

    /// <summary>It is linked by the second event of the meeting.</summary>
    private static readonly Guid Document = Given.EventId(2);

    private static readonly DocumentCorrected WasWithdrawn = new(Some.Meeting, Document, "Another meeting's", Wrong);

    private static readonly CorrectDocument Command = new(Some.Meeting, Document, "Misspelt");

    [Fact]
    public void What_is_absent_stays_and_the_event_names_what_it_replaces() =>
        AMeeting
            .With(Linked)
            .When(Correct(Command with { Title = "Joint statement" }))
            .Then(new DocumentCorrected(Some.Meeting, Document, "Misspelt", Wrong, Wrong with { Title = "Joint statement" }))
            .AndNothingWhenRepeated();

    [Fact]
    public void Every_member_can_be_given_or_taken_away()
    {
        var right = new DocumentFacts("Minutes", "https://example.eu/minutes", DocumentStatus.Adopted, new string('c', 64), "fr");
        AMeeting
            .With(Linked)
            .When(
                Correct(
                    Command with
                    {
                        Title = right.Title,
                        Url = right.Url,
                        Status = right.Status,
                        Sha256 = right.Sha256,
                        Language = right.Language,
                    }
                )
            )
            .Then(new DocumentCorrected(Some.Meeting, Document, "Misspelt", Wrong, right));
        AMeeting
            .With(Linked)
            .When(Correct(Command with { Remove = [RemovableOfDocument.Sha256, RemovableOfDocument.Language] }))
            .Then(new DocumentCorrected(Some.Meeting, Document, "Misspelt", Wrong, Wrong with { Sha256 = null, Language = null }))
            .AndNothingWhenRepeated();
    }

    [Fact]
    public void A_language_that_there_is_none_of_is_refused_unless_it_was_recorded()
    {
        AMeeting.With(Linked).When(Correct(Command with { Language = "english" })).ThenRefused(KernelProblems.Invalid, "/language");

        var recorded = Wrong with { Language = "english" };
        AMeeting
            .With(Linked with { Language = "english" })
            .When(Correct(Command with { Title = "Minutes", Language = "english" }))
            .Then(new DocumentCorrected(Some.Meeting, Document, "Misspelt", recorded, recorded with { Title = "Minutes" }))
            .AndNothingWhenRepeated();
    }

    [Fact]
    public void A_withdrawn_document_stands_again_where_that_is_said()
    {
        var withdrawn = AMeeting
            .With(Linked)
            .When(Correct(Command with { Withdrawn = true, Reason = "Another meeting's" }))
            .Then(WasWithdrawn);
        withdrawn.AndNothingWhenRepeated();

        withdrawn.AndWhen(Correct(Command with { Title = "Minutes" })).ThenRefused(MeetingProblems.DocumentWithdrawn);
        withdrawn
            .AndWhen(Correct(Command with { Withdrawn = false, Title = "Minutes" }))
            .Then(new DocumentCorrected(Some.Meeting, Document, "Misspelt", null, Wrong with { Title = "Minutes" }))
            .AndNothingWhenRepeated();
    }

    [Fact]
    public void Linking_what_was_linked_and_corrected_is_a_repeat_and_what_was_withdrawn_is_refused()
    {
        var again = new LinkDocument(Some.Meeting, Wrong.Title, Wrong.Url, Wrong.Status, Wrong.Sha256, Wrong.Language);
        var corrected = new DocumentCorrected(Some.Meeting, Document, "Misspelt", Wrong, Wrong with { Title = "Minutes" });

        AMeeting.With(Linked, corrected).When(Link(again)).ThenNothing();
        AMeeting.With(Linked, corrected).When(Link(again with { Title = "Minutes" })).ThenNothing();
        AMeeting.With(Linked, WasWithdrawn).When(Link(again)).ThenRefused(MeetingProblems.DocumentWithdrawn);
        AMeeting.With(Linked, WasWithdrawn, Linked with { Title = "Minutes" }).When(Link(again with { Title = "Minutes" })).ThenNothing();
    }

    [Fact]
    public void What_contradicts_itself_is_refused()
    {
        AMeeting
            .With(Linked)
            .When(Correct(Command with { Withdrawn = true, Title = "Minutes" }))
            .ThenRefused(KernelProblems.Invalid, "/withdrawn");
        foreach (
            var command in new[]
            {
                Command with
                {
                    Sha256 = new string('c', 64),
                    Remove = [RemovableOfDocument.Sha256],
                },
                Command with
                {
                    Language = "fr",
                    Remove = [RemovableOfDocument.Language],
                },
            }
        )
            AMeeting.With(Linked).When(Correct(command)).ThenRefused(KernelProblems.Invalid, "/remove");
    }

    [Fact]
    public void A_reason_alone_corrects_nothing_and_is_refused()
    {
        AMeeting.With(Linked).When(Correct(Command)).ThenRefused(KernelProblems.Invalid);
        AMeeting.With(Linked).When(Correct(Command with { Remove = [] })).ThenRefused(KernelProblems.Invalid);
    }

    [Fact]
    public void A_document_that_was_never_linked_is_not_found() =>
        AMeeting
            .With(Linked)
            .When(Correct(Command with { DocumentId = Given.EventId(1), Title = "Minutes" }))
            .ThenRefused(MeetingProblems.DocumentNotFound, "/documentId");

    [Fact]
    public void It_is_corrected_in_every_state_but_of_a_voided_meeting()
    {
        foreach (var state in Enum.GetValues<MeetingState>())
        {
            var given = AMeeting.In(state).And(Linked);
            given
                .When(Correct(Command with { DocumentId = Given.EventId(given.Events.Count), Withdrawn = true }))
                .Then(new DocumentCorrected(Some.Meeting, Given.EventId(given.Events.Count), "Misspelt", Wrong));
        }

        AMeeting.With(Linked, AMeeting.WasVoided).When(Correct(Command with { Withdrawn = true })).ThenRefused(MeetingProblems.Voided);
    }

    private static Func<Meeting, Decision> Correct(CorrectDocument command) => meeting => CorrectDocument.Decide(meeting, command);

    private static Func<Meeting, Decision> Link(LinkDocument command) => meeting => LinkDocument.Decide(meeting, command);
}
