using CooperationEvents.Commitments;
using CooperationEvents.Kernel;

namespace CooperationEvents.UnitTests.Commitments;

public sealed class DropCommitmentTests
{
    [Fact]
    public void A_commitment_is_dropped_once_for_whatever_reason() =>
        ACommitment.With().When(Drop("Others do it")).Then(ACommitment.WasDropped).AndWhen(Drop("No money")).ThenNothing();

    [Fact]
    public void A_fulfilled_one_is_not_dropped() =>
        ACommitment.With(ACommitment.WasFulfilled).When(Drop("Others do it")).ThenRefused(CommitmentProblems.NotOpen);

    [Fact]
    public void It_is_dropped_again_once_it_is_open_again() =>
        ACommitment
            .With(ACommitment.WasDropped, ACommitment.WasReopened)
            .When(Drop("Others do it"))
            .Then(ACommitment.WasDropped)
            .AndNothingWhenRepeated();

    private static Func<Commitment, Decision> Drop(string reason) =>
        commitment => DropCommitment.Decide(commitment, new DropCommitment(Some.Commitment, reason));
}
