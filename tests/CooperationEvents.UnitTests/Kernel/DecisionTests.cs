using CooperationEvents.Frameworks;
using CooperationEvents.Kernel;
using CooperationEvents.Organisations;

namespace CooperationEvents.UnitTests.Kernel;

public sealed class DecisionTests
{
    private static readonly Reference One = Some.Meeting;
    private static readonly Reference Other = Some.OtherMeeting;

    [Fact]
    public void What_does_not_exist_is_created() => Decision.Create(null, fault: null, One, Other).ShouldRecord(One, Other);

    [Fact]
    public void What_was_created_with_the_same_events_is_not_created_again() =>
        Decision.Create([One, Other], fault: null, Reference.To(Some.Meeting), Reference.To(Some.OtherMeeting)).ShouldRecordNothing();

    [Fact]
    public void What_was_created_with_other_more_or_fewer_events_is_refused()
    {
        Decision.Create([One], fault: null, Other).ShouldBeRefused(KernelProblems.IdInUse, "");
        Decision.Create([One], fault: null, One, Other).ShouldBeRefused(KernelProblems.IdInUse, "");
        Decision.Create([One, Other], fault: null, One).ShouldBeRefused(KernelProblems.IdInUse, "");
        Decision.Create([One, One], fault: null, One, Other).ShouldBeRefused(KernelProblems.IdInUse, "");
    }

    [Fact]
    public void What_was_created_with_the_same_events_in_another_order_is_not_created_again() =>
        Decision.Create([One, Other], fault: null, Other, One).ShouldRecordNothing();

    [Fact]
    public void A_fault_refuses_what_is_new_and_not_the_repetition_of_what_was_created()
    {
        var fault = KernelProblems.Invalid.At("/title", "Say what it is called.");
        Decision.Create(null, fault, One).ShouldBeRefused(KernelProblems.Invalid, "/title");
        Decision.Create([One], fault, One).ShouldRecordNothing();
    }

    [Fact]
    public void What_is_so_now_is_not_created_again_and_what_is_neither_is_held_against_it()
    {
        var (first, now) = (new Level("a", "First", 1), new Level("a", "Now", 2));

        Decision.Create([first], [now], fault: null, [first]).ShouldRecordNothing();
        Decision.Create([first], [now], fault: null, [now]).ShouldRecordNothing();
        Decision.Create([first], [now], fault: null, [now with { Name = "Else" }]).ShouldBeRefused(KernelProblems.IdInUse, "/name");
        Decision
            .Create([first], [now], fault: null, [first with { Name = "Else" }])
            .ShouldBeRefused(KernelProblems.IdInUse, "/name", "/rank");
    }

    [Fact]
    public void What_is_in_part_as_it_was_created_and_in_part_as_it_is_now_is_not_created_again()
    {
        var (first, now) = (new Level("a", "First", 1), new Level("a", "Now", 2));

        Decision.Create([first], [now], fault: null, [now with { Name = "First" }]).ShouldRecordNothing();
        Decision.Create([first], [now], fault: null, [first with { Name = "Now" }]).ShouldRecordNothing();
    }

    /// <summary>A list is one member: of two that were so, no third is made.</summary>
    [Fact]
    public void A_list_made_of_parts_of_two_is_neither()
    {
        var first = new OrganisationRegistered(Some.Iom, "First", "F", ["urn:x:1"]);
        var now = first with { Name = "Now", Identifiers = ["urn:x:2"] };

        Decision.Create([first], [now], fault: null, [now with { Identifiers = ["urn:x:1"] }]).ShouldRecordNothing();
        Decision
            .Create([first], [now], fault: null, [now with { Identifiers = ["urn:x:1", "urn:x:2"] }])
            .ShouldBeRefused(KernelProblems.IdInUse, "/identifiers/0");
    }

    [Fact]
    public void A_problem_is_a_refusal()
    {
        Decision decision = KernelProblems.Invalid.At("/title", "Say what it is called.");
        decision.ShouldBeRefused(KernelProblems.Invalid, "/title");
    }

    [Fact]
    public void Decisions_compare_by_value()
    {
        Decision.Accept(One).ShouldBe(Decision.Accept(Reference.To(Some.Meeting)));
        Decision.Accept().ShouldBe(Decision.Nothing);
        Decision.Accept(One).ShouldNotBe(Decision.Nothing);
    }
}
