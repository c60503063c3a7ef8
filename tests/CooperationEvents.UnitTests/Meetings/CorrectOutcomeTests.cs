using CooperationEvents.Kernel;
using CooperationEvents.Meetings;

namespace CooperationEvents.UnitTests.Meetings;

public sealed class CorrectOutcomeTests
{
    private static readonly OutcomeFacts Mistyped = new(
        OutcomeKind.Conclusion,
        [new LanguageText("en", "Agred"), new LanguageText("fr", "Accord")],
        "https://example.eu/conclusions",
        new string('a', 64),
        "final"
    );

    private static readonly OutcomeRecorded Recorded = new(
        Some.Meeting,
        Some.Outcome,
        Mistyped.Kind,
        Mistyped.Text,
        Mistyped.DocumentUrl,
        Mistyped.Sha256,
        Mistyped.Status
    );

    private static readonly OutcomeFacts Right = Mistyped with { Text = [new LanguageText("en", "Agreed")] };

    private static readonly OutcomeCorrected WasWithdrawn = new(Some.Meeting, Some.Outcome, "Not agreed", Mistyped);

    private static readonly CorrectOutcome Command = new(Some.Meeting, Some.Outcome, "Minutes");

    private static readonly Dictionary<string, string> English = new() { ["en"] = "Agreed" };

    [Fact]
    public void What_is_absent_stays_and_the_event_names_what_it_replaces() =>
        AMeeting
            .With(Recorded)
            .When(Correct(Command with { Text = English }))
            .Then(new OutcomeCorrected(Some.Meeting, Some.Outcome, "Minutes", Mistyped, Right))
            .AndNothingWhenRepeated();

    [Fact]
    public void A_language_that_there_is_none_of_is_refused_unless_it_was_recorded()
    {
        var english = Command with { Text = new Dictionary<string, string> { ["english"] = "Agreed" } };
        var recorded = Mistyped with { Text = [new LanguageText("english", "Agred")] };

        AMeeting.With(Recorded).When(Correct(english)).ThenRefused(KernelProblems.Invalid, "/text/english");
        AMeeting
            .With(Recorded with { Text = recorded.Text })
            .When(Correct(english))
            .Then(
                new OutcomeCorrected(
                    Some.Meeting,
                    Some.Outcome,
                    "Minutes",
                    recorded,
                    recorded with
                    {
                        Text = [new LanguageText("english", "Agreed")],
                    }
                )
            );
    }

    [Fact]
    public void Every_member_can_be_given_or_taken_away()
    {
        var given = Command with
        {
            Kind = OutcomeKind.Decision,
            DocumentUrl = "https://example.eu/d",
            Sha256 = new string('b', 64),
            Status = "draft",
        };
        AMeeting
            .With(Recorded)
            .When(Correct(given))
            .Then(
                new OutcomeCorrected(
                    Some.Meeting,
                    Some.Outcome,
                    "Minutes",
                    Mistyped,
                    new OutcomeFacts(OutcomeKind.Decision, Mistyped.Text, "https://example.eu/d", new string('b', 64), "draft")
                )
            );
        AMeeting
            .With(Recorded)
            .When(Correct(Command with { Remove = [RemovableOfOutcome.DocumentUrl, RemovableOfOutcome.Sha256, RemovableOfOutcome.Status] }))
            .Then(
                new OutcomeCorrected(
                    Some.Meeting,
                    Some.Outcome,
                    "Minutes",
                    Mistyped,
                    Mistyped with
                    {
                        DocumentUrl = null,
                        Sha256 = null,
                        Status = null,
                    }
                )
            )
            .AndNothingWhenRepeated();
    }

    [Fact]
    public void A_withdrawn_outcome_stands_again_where_that_is_said()
    {
        var withdrawn = AMeeting.With(Recorded).When(Correct(Command with { Withdrawn = true, Reason = "Not agreed" })).Then(WasWithdrawn);
        withdrawn.AndNothingWhenRepeated();

        withdrawn.AndWhen(Correct(Command with { Text = English })).ThenRefused(MeetingProblems.OutcomeWithdrawn);
        withdrawn
            .AndWhen(Correct(Command with { Withdrawn = false }))
            .Then(new OutcomeCorrected(Some.Meeting, Some.Outcome, "Minutes", null, Mistyped))
            .AndNothingWhenRepeated();
        withdrawn
            .AndWhen(Correct(Command with { Withdrawn = false, Text = English }))
            .Then(new OutcomeCorrected(Some.Meeting, Some.Outcome, "Minutes", null, Right));
    }

    [Fact]
    public void Another_outcome_is_not_touched()
    {
        var other = Recorded with { OutcomeId = Some.OtherOutcome };

        AMeeting
            .With(Recorded, other)
            .When(Correct(Command with { OutcomeId = Some.OtherOutcome, Withdrawn = true }))
            .Then(new OutcomeCorrected(Some.Meeting, Some.OtherOutcome, "Minutes", Mistyped))
            .AndWhen(Correct(Command with { Text = English }))
            .Then(new OutcomeCorrected(Some.Meeting, Some.Outcome, "Minutes", Mistyped, Right));
    }

    [Fact]
    public void The_outcome_as_it_was_recorded_first_is_a_repeat_and_as_it_is_now_too()
    {
        var asRecorded = new RecordOutcome(
            Some.Meeting,
            Mistyped.Kind,
            new Dictionary<string, string> { ["en"] = "Agred", ["fr"] = "Accord" },
            null,
            Mistyped.DocumentUrl,
            Mistyped.Sha256,
            Mistyped.Status
        );
        var corrected = new OutcomeCorrected(Some.Meeting, Some.Outcome, "Minutes", Mistyped, Right);
        foreach (var repeat in new[] { asRecorded, asRecorded with { Text = English } })
        {
            RecordOutcome.Identify(Given.Folded<Meeting>(AMeeting.WasScheduled, Recorded, corrected), repeat).ShouldBe(Some.Outcome);
            AMeeting.With(Recorded, corrected).When(meeting => RecordOutcome.Decide(meeting, Some.Outcome, repeat)).ThenNothing();
        }

        AMeeting
            .With(Recorded, corrected)
            .When(meeting => RecordOutcome.Decide(meeting, Some.Outcome, asRecorded with { Kind = OutcomeKind.Decision, Text = English }))
            .ThenRefused(KernelProblems.IdInUse, "/kind");
        AMeeting
            .With(Recorded, WasWithdrawn)
            .When(meeting => RecordOutcome.Decide(meeting, Some.Outcome, asRecorded))
            .ThenRefused(MeetingProblems.OutcomeWithdrawn);
    }

    [Fact]
    public void What_contradicts_itself_is_refused()
    {
        AMeeting
            .With(Recorded)
            .When(Correct(Command with { Withdrawn = true, Text = English }))
            .ThenRefused(KernelProblems.Invalid, "/withdrawn");
        AMeeting
            .With(Recorded)
            .When(Correct(Command with { Status = "draft", Remove = [RemovableOfOutcome.Status] }))
            .ThenRefused(KernelProblems.Invalid, "/remove");
        AMeeting
            .With(Recorded)
            .When(
                Correct(
                    Command with
                    {
                        Text = new Dictionary<string, string> { ["en"] = "Agreed", ["EN"] = "Agreed" },
                    }
                )
            )
            .ThenRefused(KernelProblems.Invalid, "/text/en");
    }

    [Fact]
    public void A_reason_alone_corrects_nothing_and_is_refused()
    {
        AMeeting.With(Recorded).When(Correct(Command)).ThenRefused(KernelProblems.Invalid);
        AMeeting.With(Recorded).When(Correct(Command with { Remove = [] })).ThenRefused(KernelProblems.Invalid);
    }

    [Fact]
    public void An_outcome_that_was_never_recorded_is_not_found() =>
        AMeeting
            .With(Recorded)
            .When(Correct(Command with { OutcomeId = Some.OtherOutcome }))
            .ThenRefused(MeetingProblems.OutcomeNotFound, "/outcomeId");

    [Fact]
    public void It_is_corrected_in_every_state_but_of_a_voided_meeting()
    {
        foreach (var state in Enum.GetValues<MeetingState>())
            AMeeting
                .In(state)
                .And(Recorded)
                .When(Correct(Command with { Text = English }))
                .Then(new OutcomeCorrected(Some.Meeting, Some.Outcome, "Minutes", Mistyped, Right));
        AMeeting.With(Recorded, AMeeting.WasVoided).When(Correct(Command with { Text = English })).ThenRefused(MeetingProblems.Voided);
    }

    private static Func<Meeting, Decision> Correct(CorrectOutcome command) => meeting => CorrectOutcome.Decide(meeting, command);
}
