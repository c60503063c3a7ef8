using CooperationEvents.Kernel;
using CooperationEvents.Meetings;

namespace CooperationEvents.UnitTests.Meetings;

public sealed class ChangeHostsTests
{
    private static readonly ChangeHosts Command = new(
        Some.Meeting,
        [new HostFields(Some.Iom, Some.Ben, HostRole.CoHost, "IOM"), new HostFields(Some.Eeas)]
    );

    [Fact]
    public void The_hosts_are_replaced_once() =>
        AMeeting
            .With()
            .When(Change(Command))
            .Then(new HostsChanged(Some.Meeting, [new Host(Some.Iom, Some.Ben, HostRole.CoHost, "IOM"), new Host(Some.Eeas)]))
            .AndNothingWhenRepeated();

    [Fact]
    public void A_meeting_may_have_no_host() =>
        AMeeting.With().When(Change(new ChangeHosts(Some.Meeting, []))).Then(new HostsChanged(Some.Meeting, [])).AndNothingWhenRepeated();

    [Fact]
    public void The_hosts_it_has_already_are_no_change() =>
        AMeeting.With().When(Change(new ChangeHosts(Some.Meeting, [new HostFields(Some.DgHome)]))).ThenNothing();

    [Fact]
    public void Another_order_of_the_hosts_is_no_change() =>
        AMeeting
            .With(new HostsChanged(Some.Meeting, [new Host(Some.Iom), new Host(Some.Eeas)]))
            .When(Change(new ChangeHosts(Some.Meeting, [new HostFields(Some.Eeas), new HostFields(Some.Iom)])))
            .ThenNothing();

    [Fact]
    public void An_organisation_is_named_once_in_a_role()
    {
        ThenRefused([new HostFields(Some.Eeas), new HostFields(Some.Iom), new HostFields(Some.Iom)], "/hosts/2");
        ThenRefused([new HostFields(Some.Iom, OnBehalfOf: "IOM"), new HostFields(Some.Iom)], "/hosts/1");
        ThenRefused([new HostFields(Some.Iom, Some.Ben), new HostFields(Some.Iom)], "/hosts/1");
        ThenRefused([new HostFields(Some.Iom, Some.Ben), new HostFields(Some.Iom, Some.Ben)], "/hosts/1");

        static void ThenRefused(ValueList<HostFields> hosts, string pointer) =>
            AMeeting.With().When(Change(new ChangeHosts(Some.Meeting, hosts))).ThenRefused(KernelProblems.Invalid, pointer);
    }

    [Fact]
    public void An_organisation_may_have_two_roles_and_several_people_in_one()
    {
        ValueList<Host> hosts =
        [
            new Host(Some.Iom),
            new Host(Some.Iom, Role: HostRole.Opener),
            new Host(Some.Eeas, Some.Ana, HostRole.Chair),
            new Host(Some.Eeas, Some.Ben, HostRole.Chair),
            new Host(Some.DgHome, OnBehalfOf: "EU"),
            new Host(Some.DgHome, OnBehalfOf: "IOM"),
        ];
        AMeeting
            .With()
            .When(
                Change(
                    new ChangeHosts(
                        Some.Meeting,
                        [.. hosts.Select(h => new HostFields(h.OrganisationId, h.PersonId is { } p ? p : null, h.Role, h.OnBehalfOf))]
                    )
                )
            )
            .Then(new HostsChanged(Some.Meeting, hosts));
    }

    [Fact]
    public void What_was_recorded_twice_before_may_be_said_again()
    {
        var twice = new HostsChanged(Some.Meeting, [new Host(Some.Iom), new Host(Some.Iom)]);
        AMeeting
            .With(twice)
            .When(Change(new ChangeHosts(Some.Meeting, [new HostFields(Some.Iom), new HostFields(Some.Iom)])))
            .ThenNothing();
    }

    [Fact]
    public void A_cancelled_meeting_and_one_that_did_not_take_place_have_no_hosts_to_change() =>
        Change(Command).ShouldOnlyBe(MeetingState.Scheduled, MeetingState.Postponed, MeetingState.Held);

    private static Func<Meeting, Decision> Change(ChangeHosts command) => meeting => ChangeHosts.Decide(meeting, KnownIds.Own, command);
}
