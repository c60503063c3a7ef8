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
    public void Languages_that_there_are_none_of_are_refused_unless_they_were_recorded()
    {
        var command = Command with
        {
            Text = new Dictionary<string, string>
            {
                ["en"] = "Agreed",
                ["french"] = "Accord",
                ["xx"] = "?",
            },
        };

        AMeeting.With().When(Record(command)).ThenRefused(KernelProblems.Invalid, "/text/french", "/text/xx");
        AMeeting
            .With(Recorded with { Text = [.. command.Text.Select(t => new LanguageText(t.Key, t.Value))] })
            .When(Record(command))
            .ThenNothing();
    }

    [Fact]
    public void The_capitals_of_a_language_make_no_other_outcome()
    {
        var capitals = Command with
        {
            Text = new Dictionary<string, string> { ["FR"] = "Accord", ["EN"] = "Agreed" },
        };

        AMeeting.With(Recorded).When(Record(capitals)).ThenNothing();
        RecordOutcome.Identify(Given.Folded<Meeting>(AMeeting.WasScheduled, Recorded), capitals).ShouldBe(Some.Outcome);
        AMeeting
            .With(Recorded)
            .When(
                Record(
                    Command with
                    {
                        Text = new Dictionary<string, string> { ["FR"] = "Accords", ["en"] = "Agreed" },
                    }
                )
            )
            .ThenRefused(KernelProblems.IdInUse, "/text/FR");
    }

    [Fact]
    public void One_language_twice_is_not_another_in_its_place() =>
        AMeeting
            .With(Recorded)
            .When(
                Record(
                    Command with
                    {
                        Text = new Dictionary<string, string> { ["fr"] = "Accord", ["FR"] = "Accord" },
                    }
                )
            )
            .ThenRefused(KernelProblems.Invalid, "/text/fr");

    [Fact]
    public void What_was_recorded_in_one_language_twice_is_the_same_again()
    {
        var twice = Command with
        {
            Text = new Dictionary<string, string> { ["fr"] = "Accord", ["FR"] = "Accords" },
        };
        ValueList<LanguageText> text = [new LanguageText("FR", "Accords"), new LanguageText("fr", "Accord")];

        AMeeting.With(Recorded with { Text = text }).When(Record(twice)).ThenNothing();
    }

    [Fact]
    public void A_language_is_given_once() =>
        AMeeting
            .With()
            .When(
                Record(
                    Command with
                    {
                        Text = new Dictionary<string, string> { ["fr"] = "Accord", ["FR"] = "Accord" },
                    }
                )
            )
            .ThenRefused(KernelProblems.Invalid, "/text/fr");

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
            .ThenRefused(KernelProblems.IdInUse, "/text/de", "/text/fr", "/status");

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
