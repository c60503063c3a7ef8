using CooperationEvents.Commitments;
using CooperationEvents.Kernel;

namespace CooperationEvents.UnitTests.Commitments;

public sealed class CommitmentAnswerTests
{
    /// <summary>What a view keeps for lists, and no caller is shown.</summary>
    private static readonly string[] Inner = [nameof(CommitmentView.DueDay), nameof(CommitmentView.SortKey)];

    private static readonly CommitmentView View = new()
    {
        Id = Some.Commitment,
        FrameworkId = Some.Framework,
        Text = "Share forecasts",
        Owners = [Some.Iom],
        DueOn = Some.Date("2018"),
        DueDay = Some.Day("2018-12-31"),
        Status = "open",
    };

    [Fact]
    public void What_a_view_has_is_answered() =>
        Members(typeof(CommitmentView))
            .Except(Members(typeof(CommitmentAnswer)))
            .Except(Inner)
            .ShouldBeEmpty("Answer it in GetCommitment, or list it as inner.");

    [Fact]
    public void What_is_open_is_overdue_from_the_day_after_it_was_due()
    {
        View.IsOverdue(Some.Day("2018-12-31")).ShouldBeFalse();
        View.IsOverdue(Some.Day("2019-01-01")).ShouldBeTrue();
        (View with { Status = Json.Word(CommitmentStatus.Fulfilled) }).IsOverdue(Some.Day("2019-01-01")).ShouldBeFalse();
        (View with { Status = Json.Word(CommitmentStatus.Dropped) }).IsOverdue(Some.Day("2019-01-01")).ShouldBeFalse();
        (View with { DueOn = null, DueDay = null }).IsOverdue(Some.Day("2019-01-01")).ShouldBeFalse();
    }

    private static IEnumerable<string> Members(Type type) =>
        type.GetProperties(System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.Instance).Select(p => p.Name);
}
