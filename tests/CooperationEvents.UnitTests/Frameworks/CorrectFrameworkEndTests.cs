using CooperationEvents.Frameworks;
using CooperationEvents.Kernel;

namespace CooperationEvents.UnitTests.Frameworks;

public sealed class CorrectFrameworkEndTests
{
    private static readonly CorrectFrameworkEnd Command = new(Some.Framework, "The agreement was prolonged");

    [Theory]
    [InlineData("2025")]
    [InlineData("2023-12-31")]
    [InlineData("2012-07")]
    public void The_day_is_corrected_and_the_one_that_is_replaced_is_named(string endedOn) =>
        AFramework
            .With(AFramework.Ended)
            .When(Correct(Command with { EndedOn = Some.Date(endedOn) }))
            .Then(new FrameworkEndCorrected(Some.Framework, Some.Date("2024-01-01"), Command.Reason, Some.Date(endedOn)))
            .AndNothingWhenRepeated();

    [Fact]
    public void An_end_is_taken_back() =>
        AFramework
            .With(AFramework.Ended)
            .When(Correct(Command with { NotEnded = true }))
            .Then(new FrameworkEndCorrected(Some.Framework, Some.Date("2024-01-01"), Command.Reason))
            .AndNothingWhenRepeated();

    [Fact]
    public void A_framework_whose_end_was_taken_back_ends_again() =>
        AFramework
            .With(AFramework.Ended, new FrameworkEndCorrected(Some.Framework, Some.Date("2024-01-01"), Command.Reason))
            .When(framework => EndFramework.Decide(framework, new EndFramework(Some.Framework, Some.Date("2026"))))
            .Then(new FrameworkEnded(Some.Framework, Some.Date("2026")));

    [Fact]
    public void The_end_that_is_recorded_is_no_correction() =>
        AFramework.With(AFramework.Ended).When(Correct(Command with { EndedOn = Some.Date("2024-01-01") })).ThenNothing();

    [Fact]
    public void What_did_not_end_has_not_ended() => AFramework.With().When(Correct(Command with { NotEnded = true })).ThenNothing();

    [Fact]
    public void Where_no_end_is_recorded_there_is_none_to_correct() =>
        AFramework.With().When(Correct(Command with { EndedOn = Some.Date("2025") })).ThenRefused(FrameworkProblems.NotEnded);

    [Theory]
    [InlineData("2012-06-30")]
    [InlineData("2012")]
    public void It_does_not_end_before_it_was_established(string endedOn) =>
        AFramework
            .With(AFramework.Ended)
            .When(Correct(Command with { EndedOn = Some.Date(endedOn) }))
            .ThenRefused(KernelProblems.Invalid, "/endedOn");

    [Fact]
    public void A_correction_says_either_the_day_or_that_it_did_not_end()
    {
        AFramework.With(AFramework.Ended).When(Correct(Command)).ThenRefused(KernelProblems.Invalid, "/endedOn");
        AFramework
            .With(AFramework.Ended)
            .When(Correct(Command with { EndedOn = Some.Date("2025"), NotEnded = true }))
            .ThenRefused(KernelProblems.Invalid, "/endedOn");
    }

    private static Func<Framework, Decision> Correct(CorrectFrameworkEnd command) =>
        framework => CorrectFrameworkEnd.Decide(framework, command);
}
