using CooperationEvents.Frameworks;
using CooperationEvents.Kernel;

namespace CooperationEvents.UnitTests.Frameworks;

public sealed class LeaveFrameworkTests
{
    [Fact]
    public void A_member_leaves_once() =>
        AFramework.With(AFramework.HomeJoined).When(Leave("2019-12-01")).Then(AFramework.HomeLeft).AndNothingWhenRepeated();

    [Fact]
    public void Who_never_joined_cannot_leave() =>
        AFramework.With().When(Leave("2019-12-01")).ThenRefused(FrameworkProblems.NotMember, "/organisationId");

    [Fact]
    public void Who_left_on_one_day_does_not_leave_on_another() =>
        AFramework
            .With(AFramework.HomeJoined, AFramework.HomeLeft)
            .When(Leave("2020-01-01"))
            .ThenRefused(FrameworkProblems.AlreadyLeft, "/leftOn");

    [Fact]
    public void A_leaving_is_repeated_as_it_was_recorded_first_after_a_correction()
    {
        var corrected = new MembershipCorrected(
            Some.Framework,
            Some.DgHome,
            new Membership("EU", Some.Date("2012-07-17"), Some.Date("2019-12-01")),
            new Membership("EU", Some.Date("2012-07-17"), Some.Date("2020-01-01")),
            "The letter says so"
        );
        var left = AFramework.With(AFramework.HomeJoined, AFramework.HomeLeft, corrected);

        left.When(Leave("2019-12-01")).ThenNothing();
        left.When(Leave("2020-01-01")).ThenNothing();
        left.When(Leave("2019-12-02")).ThenRefused(FrameworkProblems.AlreadyLeft, "/leftOn");
    }

    [Theory]
    [InlineData("2012-07-17")]
    [InlineData("2012-07-16")]
    [InlineData("2012")]
    public void Nobody_leaves_before_the_day_after_joining(string leftOn) =>
        AFramework.With(AFramework.HomeJoined).When(Leave(leftOn)).ThenRefused(FrameworkProblems.LeavesBeforeJoining, "/leftOn");

    [Theory]
    [InlineData("2012-07-18")]
    [InlineData("2012-08")]
    [InlineData("2013")]
    public void A_member_may_leave_from_the_day_after_joining(string leftOn) =>
        AFramework
            .With(AFramework.HomeJoined)
            .When(Leave(leftOn))
            .Then(new MemberLeft(Some.Framework, Some.DgHome, Some.Date("2012-07-17"), Some.Date(leftOn)))
            .AndNothingWhenRepeated();

    [Fact]
    public void Leaving_ends_the_latest_membership()
    {
        var back = new MemberJoined(Some.Framework, Some.DgHome, "EU", Some.Date("2021"));
        AFramework
            .With(AFramework.HomeJoined, AFramework.HomeLeft, back)
            .When(Leave("2022"))
            .Then(new MemberLeft(Some.Framework, Some.DgHome, Some.Date("2021"), Some.Date("2022")))
            .AndNothingWhenRepeated();
    }

    [Fact]
    public void A_leaving_is_known_again_after_the_member_came_back() =>
        AFramework
            .With(AFramework.HomeJoined, AFramework.HomeLeft, new MemberJoined(Some.Framework, Some.DgHome, "EU", Some.Date("2021")))
            .When(Leave("2019-12-01"))
            .ThenNothing();

    [Fact]
    public void A_membership_that_was_taken_back_does_not_stand_in_the_way_of_leaving() =>
        AFramework
            .With(
                new MemberJoined(Some.Framework, Some.DgHome, "EU", Some.Date("2020")),
                new MembershipCorrected(
                    Some.Framework,
                    Some.DgHome,
                    new Membership("EU", Some.Date("2020")),
                    new Membership("EU", Some.Date("2020"), Some.Date("2020")),
                    "It had joined before"
                ),
                AFramework.HomeJoined
            )
            .When(Leave("2019-12-01"))
            .Then(AFramework.HomeLeft);

    [Fact]
    public void A_membership_that_was_taken_back_and_joined_again_on_the_same_day_is_left() =>
        AFramework
            .With(AFramework.HomeJoined, CorrectMembershipTests.TakenBack, AFramework.HomeJoined)
            .When(Leave("2019-12-01"))
            .Then(AFramework.HomeLeft)
            .AndNothingWhenRepeated();

    private static Func<Framework, Decision> Leave(string leftOn) =>
        framework => LeaveFramework.Decide(framework, Some.DgHome, new LeaveFramework(Some.Framework, Some.DgHome, Some.Date(leftOn)));
}
