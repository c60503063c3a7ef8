using CooperationEvents.Commitments;
using CooperationEvents.Kernel;

namespace CooperationEvents.UnitTests.Commitments;

public sealed class ReportProgressTests
{
    private static readonly ReportProgress Command = new(Some.Commitment, Some.Date("2018-11"), "A pilot runs", "https://example.eu/pilot");

    private static readonly CommitmentProgressReported Reported = new(
        Some.Commitment,
        Some.Date("2018-11"),
        "A pilot runs",
        "https://example.eu/pilot"
    );

    [Fact]
    public void Progress_is_reported_once() => ACommitment.With().When(Report(Command)).Then(Reported).AndNothingWhenRepeated();

    [Fact]
    public void Another_day_note_or_evidence_is_another_report()
    {
        var day = Report(Command with { On = Some.Date("2018-11-02") });
        var note = Report(Command with { Note = "It grows" });
        var evidence = Report(Command with { Evidence = null });
        ACommitment
            .With(Reported)
            .When(day)
            .Then(Reported with { On = Some.Date("2018-11-02") })
            .AndWhen(note)
            .Then(Reported with { Note = "It grows" })
            .AndWhen(evidence)
            .Then(Reported with { Evidence = null })
            .AndNothingWhenRepeated();
    }

    [Fact]
    public void It_needs_an_open_one() => Report(Command).ShouldNeedAnOpenOne();

    [Fact]
    public void What_was_reported_before_it_was_closed_is_reported_still() =>
        ACommitment.With(Reported, ACommitment.WasFulfilled).When(Report(Command)).ThenNothing();

    [Theory]
    [InlineData("2018-11-20", true)]
    [InlineData("2018-11", true)]
    [InlineData("2018", true)]
    [InlineData("2018-11-20T23:59", true)]
    [InlineData("2018-11-21", false)]
    [InlineData("2018-12", false)]
    [InlineData("2019", false)]
    public void Nothing_is_reported_on_a_day_to_come(string on, bool reported)
    {
        var when = ACommitment.With().When(Report(Command with { On = Some.Date(on) }));
        if (reported)
            when.Then(Reported with { On = Some.Date(on) });
        else
            when.ThenRefused(CommitmentProblems.OnADayToCome, "/on");
    }

    private static Func<Commitment, Decision> Report(ReportProgress command) =>
        commitment => ReportProgress.Decide(commitment, ACommitment.Today, command);
}
