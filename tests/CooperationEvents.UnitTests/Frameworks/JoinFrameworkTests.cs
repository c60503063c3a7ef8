using CooperationEvents.Frameworks;
using CooperationEvents.Kernel;

namespace CooperationEvents.UnitTests.Frameworks;

public sealed class JoinFrameworkTests
{
    [Fact]
    public void An_organisation_joins_on_the_side_of_a_party_once() =>
        AFramework.With().When(Join("EU", "2012-07-17", "Exchange of letters")).Then(AFramework.HomeJoined).AndNothingWhenRepeated();

    [Fact]
    public void A_party_the_framework_does_not_have_is_refused() =>
        AFramework.With().When(Join("UN", "2012-07-17")).ThenRefused(FrameworkProblems.UnknownParty, "/party");

    [Theory]
    [InlineData("EU", "2015", "/joinedOn")]
    [InlineData("EU", "2010", "/joinedOn")]
    [InlineData("IOM", "2012-07-17", "/party")]
    [InlineData("IOM", "2013", "/party", "/joinedOn")]
    public void A_member_cannot_join_beside_its_own_membership(string party, string joinedOn, params string[] differs) =>
        AFramework.With(AFramework.HomeJoined).When(Join(party, joinedOn)).ThenRefused(FrameworkProblems.AlreadyMember, differs);

    [Fact]
    public void A_repeat_with_other_evidence_is_refused_and_one_without_evidence_is_none()
    {
        var member = AFramework.With(AFramework.HomeJoined);
        member.When(Join("EU", "2012-07-17", "Another letter")).ThenRefused(FrameworkProblems.AlreadyMember, "/evidence");
        member.When(Join("EU", "2012-07-17")).ThenNothing();
    }

    [Fact]
    public void A_joining_is_repeated_as_it_was_recorded_first_after_a_correction()
    {
        var corrected = new MembershipCorrected(
            Some.Framework,
            Some.DgHome,
            new Membership("EU", Some.Date("2012-07-17")),
            new Membership("IOM", Some.Date("2012-07-02")),
            "The letter says so"
        );
        var member = AFramework.With(AFramework.HomeJoined, corrected);

        member.When(Join("EU", "2012-07-17")).ThenNothing();
        member.When(Join("EU", "2012-07-17", "Exchange of letters")).ThenNothing();
        member.When(Join("IOM", "2012-07-02")).ThenNothing();
        member.When(Join("EU", "2012-07-17", "Another letter")).ThenRefused(FrameworkProblems.AlreadyMember, "/party", "/joinedOn");
        member.When(Join("EU", "2012-07-16")).ThenRefused(FrameworkProblems.AlreadyMember, "/party", "/joinedOn");
    }

    [Fact]
    public void A_joining_that_was_taken_back_is_no_repeat_beside_another_membership() =>
        AFramework
            .With(
                AFramework.HomeJoined,
                CorrectMembershipTests.TakenBack,
                new MemberJoined(Some.Framework, Some.DgHome, "IOM", Some.Date("2012-07-02"))
            )
            .When(Join("EU", "2012-07-17"))
            .ThenRefused(FrameworkProblems.AlreadyMember, "/party", "/joinedOn");

    [Fact]
    public void Who_left_may_join_again_on_the_day_of_leaving() =>
        AFramework
            .With(AFramework.HomeJoined, AFramework.HomeLeft)
            .When(Join("IOM", "2019-12-01"))
            .Then(new MemberJoined(Some.Framework, Some.DgHome, "IOM", Some.Date("2019-12-01")))
            .AndNothingWhenRepeated();

    [Fact]
    public void Who_left_cannot_join_again_on_the_day_before() =>
        AFramework
            .With(AFramework.HomeJoined, AFramework.HomeLeft)
            .When(Join("IOM", "2019-11-30"))
            .ThenRefused(FrameworkProblems.AlreadyMember, "/party", "/joinedOn");

    [Theory]
    [InlineData("2024-01-01")]
    [InlineData("2024")]
    [InlineData("2025-06")]
    public void Nobody_joins_from_the_end_of_the_framework_on(string joinedOn) =>
        AFramework.With(AFramework.Ended).When(Join("EU", joinedOn)).ThenRefused(FrameworkProblems.FrameworkEnded, "/joinedOn");

    [Theory]
    [InlineData("2023-12-31")]
    [InlineData("2023")]
    public void Joining_before_the_end_of_the_framework_may_be_recorded_after_it(string joinedOn) =>
        AFramework
            .With(AFramework.Ended)
            .When(Join("EU", joinedOn))
            .Then(new MemberJoined(Some.Framework, Some.DgHome, "EU", Some.Date(joinedOn)))
            .AndNothingWhenRepeated();

    [Fact]
    public void Another_organisation_joins_beside_it() =>
        AFramework
            .With(AFramework.HomeJoined)
            .When(framework =>
                JoinFramework.Decide(framework, Some.Iom, new JoinFramework(Some.Framework, Some.Iom, "IOM", Some.Date("2012-07")))
            )
            .Then(new MemberJoined(Some.Framework, Some.Iom, "IOM", Some.Date("2012-07")));

    [Fact]
    public void A_membership_that_was_taken_back_can_be_joined_again() =>
        AFramework
            .With(AFramework.HomeJoined, CorrectMembershipTests.TakenBack)
            .When(Join("EU", "2012-07-17"))
            .Then(new MemberJoined(Some.Framework, Some.DgHome, "EU", Some.Date("2012-07-17")))
            .AndNothingWhenRepeated();

    [Fact]
    public void A_membership_that_was_taken_back_does_not_stand_in_the_way_of_an_earlier_one() =>
        AFramework
            .With(AFramework.HomeJoined, CorrectMembershipTests.TakenBack)
            .When(Join("IOM", "2012-07-02"))
            .Then(new MemberJoined(Some.Framework, Some.DgHome, "IOM", Some.Date("2012-07-02")))
            .AndNothingWhenRepeated();

    private static Func<Framework, Decision> Join(string party, string joinedOn, string? evidence = null) =>
        framework =>
            JoinFramework.Decide(
                framework,
                Some.DgHome,
                new JoinFramework(Some.Framework, Some.DgHome, party, Some.Date(joinedOn), evidence)
            );
}
