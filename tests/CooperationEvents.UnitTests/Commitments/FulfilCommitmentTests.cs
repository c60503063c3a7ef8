using CooperationEvents.Commitments;
using CooperationEvents.Kernel;

namespace CooperationEvents.UnitTests.Commitments;

public sealed class FulfilCommitmentTests
{
    private static readonly FulfilCommitment Command = new(Some.Commitment, Some.Date("2018-11-01"), "https://example.eu/forecasts");

    [Fact]
    public void A_commitment_is_fulfilled_once() =>
        ACommitment.With().When(Fulfil(Command)).Then(ACommitment.WasFulfilled).AndNothingWhenRepeated();

    [Fact]
    public void It_is_not_fulfilled_in_another_way()
    {
        ACommitment
            .With(ACommitment.WasFulfilled)
            .When(Fulfil(Command with { On = Some.Date("2018-11") }))
            .ThenRefused(CommitmentProblems.AlreadyFulfilled, "/on");
        ACommitment
            .With(ACommitment.WasFulfilled)
            .When(Fulfil(Command with { Evidence = null }))
            .ThenRefused(CommitmentProblems.AlreadyFulfilled, "/evidence");
    }

    [Fact]
    public void It_is_fulfilled_again_once_it_is_open_again() =>
        ACommitment
            .With(ACommitment.WasFulfilled, ACommitment.WasReopened)
            .When(Fulfil(Command))
            .Then(ACommitment.WasFulfilled)
            .AndNothingWhenRepeated();

    [Fact]
    public void A_dropped_one_is_not_fulfilled() =>
        ACommitment.With(ACommitment.WasDropped).When(Fulfil(Command)).ThenRefused(CommitmentProblems.NotOpen);

    [Fact]
    public void Nothing_is_fulfilled_on_a_day_to_come()
    {
        ACommitment
            .With()
            .When(Fulfil(Command with { On = Some.Date("2018-11-20") }))
            .Then(ACommitment.WasFulfilled with { On = Some.Date("2018-11-20") });
        ACommitment.With().When(Fulfil(Command with { On = Some.Date("2018-11-21") })).ThenRefused(CommitmentProblems.OnADayToCome, "/on");
    }

    private static Func<Commitment, Decision> Fulfil(FulfilCommitment command) =>
        commitment => FulfilCommitment.Decide(commitment, ACommitment.Today, command);
}
