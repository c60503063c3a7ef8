using CooperationEvents.Frameworks;
using CooperationEvents.Kernel;

namespace CooperationEvents.UnitTests.Frameworks;

public sealed class EndFrameworkTests
{
    [Theory]
    [InlineData("2024-01-01")]
    [InlineData("2012-07-01")]
    [InlineData("2012-07")]
    public void A_framework_ends_once_on_or_after_the_first_day_it_was_established(string endedOn) =>
        AFramework.With().When(End(endedOn)).Then(new FrameworkEnded(Some.Framework, Some.Date(endedOn))).AndNothingWhenRepeated();

    [Theory]
    [InlineData("2012-06-30")]
    [InlineData("2012")]
    public void It_does_not_end_before_it_was_established(string endedOn) =>
        AFramework.With().When(End(endedOn)).ThenRefused(KernelProblems.Invalid, "/endedOn");

    [Fact]
    public void What_ended_on_one_day_does_not_end_on_another() =>
        AFramework.With(AFramework.Ended).When(End("2024-01-02")).ThenRefused(FrameworkProblems.FrameworkEnded, "/endedOn");

    [Fact]
    public void An_end_is_repeated_as_it_was_recorded_first_after_a_correction()
    {
        var ended = AFramework.With(
            AFramework.Ended,
            new FrameworkEndCorrected(Some.Framework, Some.Date("2024-01-01"), "The letter says so", Some.Date("2025-01-01"))
        );

        ended.When(End("2024-01-01")).ThenNothing();
        ended.When(End("2025-01-01")).ThenNothing();
        ended.When(End("2024-01-02")).ThenRefused(FrameworkProblems.FrameworkEnded, "/endedOn");
    }

    private static Func<Framework, Decision> End(string endedOn) =>
        framework => EndFramework.Decide(framework, new EndFramework(Some.Framework, Some.Date(endedOn)));
}
