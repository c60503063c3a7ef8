using CooperationEvents.Kernel;
using CooperationEvents.Meetings;

namespace CooperationEvents.UnitTests.Meetings;

public sealed class RecordOutcomeTests
{
    private static readonly RecordOutcome Command = new(
        Some.Meeting,
        OutcomeKind.Conclusion,
        new Dictionary<string, string> { ["fr"] = "Accord", ["en"] = "Agreed" },
        DocumentUrl: "https://example.eu/conclusions",
        Sha256: new string('a', 64),
        Status: "final"
    );

    private static readonly OutcomeRecorded Recorded = new(
        Some.Meeting,
        Some.Outcome,
        OutcomeKind.Conclusion,
        [new LanguageText("en", "Agreed"), new LanguageText("fr", "Accord")],
        "https://example.eu/conclusions",
        new string('a', 64),
        "final"
    );

    [Theory]
    [InlineData(MeetingState.Scheduled)]
    [InlineData(MeetingState.Held)]
    public void An_outcome_is_recorded_once(MeetingState state) =>
        AMeeting.In(state).When(Record(Command)).Then(Recorded).AndNothingWhenRepeated();

    [Fact]
    public void The_order_of_languages_makes_no_other_outcome() =>
        AMeeting
            .With(Recorded)
            .When(
                Record(
                    Command with
                    {
                        Text = new Dictionary<string, string> { ["en"] = "Agreed", ["fr"] = "Accord" },
                    }
                )
            )
            .ThenNothing();

    [Fact]
    public void The_same_id_with_other_content_is_refused() =>
        AMeeting.With(Recorded).When(Record(Command with { Kind = OutcomeKind.Decision })).ThenRefused(KernelProblems.IdInUse, "/kind");

    [Fact]
    public void Every_language_whose_text_is_another_is_named() =>
        AMeeting
            .With(Recorded)
            .When(
                Record(
                    Command with
                    {
                        Text = new Dictionary<string, string> { ["de"] = "Einig", ["en"] = "Agreed" },
                        Status = "draft",
                    }
                )
            )
            .ThenRefused(KernelProblems.IdInUse, "/text/fr", "/text/de", "/status");

    [Fact]
    public void Another_outcome_is_recorded_beside_it() =>
        AMeeting
            .With(Recorded)
            .When(meeting => RecordOutcome.Decide(meeting, Some.OtherOutcome, Command with { Kind = OutcomeKind.Decision }))
            .Then(Recorded with { OutcomeId = Some.OtherOutcome, Kind = OutcomeKind.Decision });

    [Fact]
    public void Without_an_id_the_same_content_names_the_outcome() =>
        RecordOutcome.Identify(Given.Folded<Meeting>(AMeeting.WasScheduled, Recorded), Command).ShouldBe(Some.Outcome);

    [Fact]
    public void Without_an_id_other_content_is_another_outcome() =>
        RecordOutcome.Identify(Given.Folded<Meeting>(AMeeting.WasScheduled, Recorded), Command with { Status = "draft" }).ShouldBeNull();

    [Fact]
    public void The_id_of_the_caller_names_the_outcome() =>
        RecordOutcome
            .Identify(Given.Folded<Meeting>(AMeeting.WasScheduled, Recorded), Command with { Id = Some.OtherOutcome })
            .ShouldBe(Some.OtherOutcome);

    [Fact]
    public void Only_a_scheduled_or_held_meeting_takes_outcomes() =>
        Record(Command).ShouldOnlyBe(MeetingState.Scheduled, MeetingState.Held);

    private static Func<Meeting, Decision> Record(RecordOutcome command) => meeting => RecordOutcome.Decide(meeting, Some.Outcome, command);
}
