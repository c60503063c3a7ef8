using CooperationEvents.Frameworks;
using CooperationEvents.Kernel;

namespace CooperationEvents.UnitTests.Frameworks;

public sealed class CorrectMembershipTests
{
    public static readonly MembershipCorrected TakenBack = new(
        Some.Framework,
        Some.DgHome,
        new Membership("EU", Some.Date("2012-07-17")),
        new Membership("EU", Some.Date("2012-07-17"), Some.Date("2012-07-17")),
        "Never joined"
    );

    private static readonly Membership Recorded = new("EU", Some.Date("2012-07-17"));

    private static readonly CorrectMembership Command = new(Some.Framework, Some.DgHome, "Protocol");

    [Fact]
    public void What_is_absent_stays_and_what_is_replaced_is_named() =>
        AFramework
            .With(AFramework.HomeJoined)
            .When(Correct(Command with { JoinedOn = Some.Date("2013-01") }))
            .Then(new MembershipCorrected(Some.Framework, Some.DgHome, Recorded, new Membership("EU", Some.Date("2013-01")), "Protocol"))
            .AndNothingWhenRepeated();

    [Fact]
    public void A_leaving_stays_where_the_joining_is_corrected() =>
        AFramework
            .With(AFramework.HomeJoined, AFramework.HomeLeft)
            .When(Correct(Command with { JoinedOn = Some.Date("2013-01") }))
            .Then(
                new MembershipCorrected(
                    Some.Framework,
                    Some.DgHome,
                    Recorded with
                    {
                        LeftOn = Some.Date("2019-12-01"),
                    },
                    new Membership("EU", Some.Date("2013-01"), Some.Date("2019-12-01")),
                    "Protocol"
                )
            )
            .AndNothingWhenRepeated();

    [Fact]
    public void The_party_is_corrected() =>
        AFramework
            .With(AFramework.HomeJoined)
            .When(Correct(Command with { Party = "IOM" }))
            .Then(new MembershipCorrected(Some.Framework, Some.DgHome, Recorded, Recorded with { Party = "IOM" }, "Protocol"))
            .AndNothingWhenRepeated();

    [Fact]
    public void A_leaving_is_taken_back() =>
        AFramework
            .With(AFramework.HomeJoined, AFramework.HomeLeft)
            .When(Correct(Command with { StillMember = true }))
            .Then(
                new MembershipCorrected(
                    Some.Framework,
                    Some.DgHome,
                    Recorded with
                    {
                        LeftOn = Some.Date("2019-12-01"),
                    },
                    Recorded,
                    "Protocol"
                )
            )
            .AndNothingWhenRepeated();

    [Fact]
    public void A_whole_membership_is_taken_back() =>
        AFramework
            .With(AFramework.HomeJoined)
            .When(Correct(Command with { LeftOn = Some.Date("2012-07-17"), Reason = "Never joined" }))
            .Then(TakenBack)
            .AndNothingWhenRepeated();

    [Fact]
    public void The_membership_is_named_by_the_day_it_began() =>
        AFramework
            .With(AFramework.HomeJoined, AFramework.HomeLeft, new MemberJoined(Some.Framework, Some.DgHome, "EU", Some.Date("2021")))
            .When(Correct(Command with { Replaces = Some.Date("2012-07-17"), LeftOn = Some.Date("2020-01-01") }))
            .Then(
                new MembershipCorrected(
                    Some.Framework,
                    Some.DgHome,
                    Recorded with
                    {
                        LeftOn = Some.Date("2019-12-01"),
                    },
                    Recorded with
                    {
                        LeftOn = Some.Date("2020-01-01"),
                    },
                    "Protocol"
                )
            )
            .AndNothingWhenRepeated();

    [Fact]
    public void Moving_the_day_it_began_is_recorded_once() =>
        AFramework
            .With(AFramework.HomeJoined)
            .When(Correct(Command with { Replaces = Some.Date("2012-07-17"), JoinedOn = Some.Date("2013") }))
            .Then(new MembershipCorrected(Some.Framework, Some.DgHome, Recorded, new Membership("EU", Some.Date("2013")), "Protocol"))
            .AndNothingWhenRepeated();

    [Fact]
    public void What_is_so_already_is_no_correction() =>
        AFramework
            .With(AFramework.HomeJoined)
            .When(Correct(Command with { JoinedOn = Some.Date("2012-07-17"), Party = "EU" }))
            .ThenNothing();

    [Fact]
    public void Left_and_still_member_contradict_each_other() =>
        AFramework
            .With(AFramework.HomeJoined)
            .When(Correct(Command with { LeftOn = Some.Date("2019"), StillMember = true }))
            .ThenRefused(KernelProblems.Invalid, "/stillMember");

    [Fact]
    public void Who_is_no_member_any_more_left_on_a_day()
    {
        var joined = AFramework.With(AFramework.HomeJoined);

        joined.When(Correct(Command with { StillMember = false })).ThenRefused(KernelProblems.Invalid, "/stillMember");
        joined.When(Correct(Command with { StillMember = false, Party = "IOM" })).ThenRefused(KernelProblems.Invalid, "/stillMember");
        joined
            .When(Correct(Command with { StillMember = false, LeftOn = Some.Date("2012-07-17"), Reason = "Never joined" }))
            .Then(TakenBack)
            .AndNothingWhenRepeated();
    }

    [Fact]
    public void A_correction_says_what_is_to_be_corrected() =>
        AFramework
            .With(AFramework.HomeJoined)
            .When(Correct(Command with { Replaces = Some.Date("2012-07-17") }))
            .ThenRefused(KernelProblems.Invalid);

    [Fact]
    public void A_party_the_framework_does_not_have_is_refused() =>
        AFramework
            .With(AFramework.HomeJoined)
            .When(Correct(Command with { Party = "UN" }))
            .ThenRefused(FrameworkProblems.UnknownParty, "/party");

    [Fact]
    public void Who_never_joined_has_nothing_to_correct() =>
        AFramework.With().When(Correct(Command with { Party = "EU" })).ThenRefused(FrameworkProblems.NotMember, "/organisationId");

    [Fact]
    public void A_membership_that_began_on_no_such_day_cannot_be_corrected() =>
        AFramework
            .With(AFramework.HomeJoined)
            .When(Correct(Command with { Replaces = Some.Date("2012-07"), Party = "IOM" }))
            .ThenRefused(FrameworkProblems.NotMember, "/replaces");

    [Fact]
    public void A_move_that_was_made_already_is_nothing_only_where_all_else_is_so_too() =>
        AFramework
            .With(AFramework.HomeJoined)
            .When(Correct(Command with { Replaces = Some.Date("2012-07"), JoinedOn = Some.Date("2012-07-17"), Party = "IOM" }))
            .ThenRefused(FrameworkProblems.NotMember, "/replaces");

    [Fact]
    public void A_membership_does_not_end_before_it_begins() =>
        AFramework
            .With(AFramework.HomeJoined)
            .When(Correct(Command with { LeftOn = Some.Date("2012-07-16") }))
            .ThenRefused(FrameworkProblems.LeavesBeforeJoining, "/leftOn");

    [Fact]
    public void A_correction_does_not_make_memberships_overlap() =>
        AFramework
            .With(AFramework.HomeJoined, AFramework.HomeLeft, new MemberJoined(Some.Framework, Some.DgHome, "EU", Some.Date("2021")))
            .When(Correct(Command with { JoinedOn = Some.Date("2019-11-30") }))
            .ThenRefused(FrameworkProblems.AlreadyMember, "/joinedOn");

    [Fact]
    public void A_correction_may_let_memberships_touch() =>
        AFramework
            .With(AFramework.HomeJoined, AFramework.HomeLeft, new MemberJoined(Some.Framework, Some.DgHome, "EU", Some.Date("2021")))
            .When(Correct(Command with { JoinedOn = Some.Date("2019-12-01") }))
            .Then(
                new MembershipCorrected(
                    Some.Framework,
                    Some.DgHome,
                    new Membership("EU", Some.Date("2021")),
                    new Membership("EU", Some.Date("2019-12-01")),
                    "Protocol"
                )
            )
            .AndNothingWhenRepeated();

    [Fact]
    public void A_correction_does_not_move_a_membership_past_the_end_of_the_framework() =>
        AFramework
            .With(AFramework.HomeJoined, AFramework.Ended)
            .When(Correct(Command with { JoinedOn = Some.Date("2024-01-01") }))
            .ThenRefused(FrameworkProblems.FrameworkEnded, "/joinedOn");

    [Fact]
    public void A_membership_that_began_after_the_end_of_the_framework_can_be_taken_back() =>
        AFramework
            .With(AFramework.HomeJoined, new FrameworkEnded(Some.Framework, Some.Date("2012-07-02")))
            .When(Correct(Command with { LeftOn = Some.Date("2012-07-17"), Reason = "Never joined" }))
            .Then(TakenBack);

    [Fact]
    public void The_party_of_a_membership_that_began_after_the_end_of_the_framework_is_corrected() =>
        AFramework
            .With(AFramework.HomeJoined, new FrameworkEnded(Some.Framework, Some.Date("2012-07-02")))
            .When(Correct(Command with { Party = "IOM" }))
            .Then(new MembershipCorrected(Some.Framework, Some.DgHome, Recorded, Recorded with { Party = "IOM" }, "Protocol"))
            .AndNothingWhenRepeated();

    private static Func<Framework, Decision> Correct(CorrectMembership command) =>
        framework => CorrectMembership.Decide(framework, Some.DgHome, command);
}
