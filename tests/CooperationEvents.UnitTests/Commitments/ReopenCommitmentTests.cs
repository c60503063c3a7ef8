using CooperationEvents.Commitments;
using CooperationEvents.Kernel;

namespace CooperationEvents.UnitTests.Commitments;

public sealed class ReopenCommitmentTests
{
    private static readonly Func<Commitment, Decision> Reopen = commitment =>
        ReopenCommitment.Decide(commitment, new ReopenCommitment(Some.Commitment, "They stopped"));

    [Fact]
    public void A_fulfilled_one_and_a_dropped_one_are_opened_again_once()
    {
        ACommitment.With(ACommitment.WasFulfilled).When(Reopen).Then(ACommitment.WasReopened).AndNothingWhenRepeated();
        ACommitment.With(ACommitment.WasDropped).When(Reopen).Then(ACommitment.WasReopened).AndNothingWhenRepeated();
    }

    [Fact]
    public void An_open_one_is_open_already() => ACommitment.With().When(Reopen).ThenNothing();
}
