using CooperationEvents.Commitments;
using CooperationEvents.Kernel;

namespace CooperationEvents.UnitTests.Commitments;

public sealed class ChangeDueDateTests
{
    private static readonly Func<Commitment, Decision> ToJune = Change("2019-06");

    private static readonly CommitmentDueDateChanged Changed = new(Some.Commitment, Some.Date("2019-06"), "More rivers", Some.Date("2018"));

    [Fact]
    public void Another_due_date_is_recorded_once() => ACommitment.With().When(ToJune).Then(Changed).AndNothingWhenRepeated();

    [Fact]
    public void A_first_due_date_replaces_none() =>
        Given
            .Events<Commitment>(ACommitment.WasMade with { DueOn = null })
            .When(ToJune)
            .Then(Changed with { ReplacedDueOn = null })
            .AndNothingWhenRepeated();

    [Fact]
    public void How_finely_it_is_known_is_a_change() =>
        ACommitment
            .With()
            .When(Change("2018-12-31"))
            .Then(new CommitmentDueDateChanged(Some.Commitment, Some.Date("2018-12-31"), "More rivers", Some.Date("2018")));

    [Fact]
    public void The_same_due_date_is_no_change_even_of_a_closed_one()
    {
        ACommitment.With().When(Change("2018")).ThenNothing();
        ACommitment.With(ACommitment.WasFulfilled).When(Change("2018")).ThenNothing();
    }

    [Fact]
    public void It_needs_an_open_one() => ToJune.ShouldNeedAnOpenOne();

    private static Func<Commitment, Decision> Change(string dueOn) =>
        commitment => ChangeDueDate.Decide(commitment, new ChangeDueDate(Some.Commitment, Some.Date(dueOn), "More rivers"));
}
