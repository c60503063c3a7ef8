using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Recording;
using Wolverine.Http;

namespace CooperationEvents.Frameworks;

/// <summary>Ends an organisation's membership. It no longer counts on <paramref name="LeftOn"/> itself.</summary>
public sealed record LeaveFramework(Reference FrameworkId, Reference OrganisationId, PartialDate LeftOn) : ICommand
{
    public static Decision Decide(Framework framework, Guid organisationId, LeaveFramework command)
    {
        if (MembershipRules.Find(framework, organisationId, joinedOn: null) is not { } membership)
            return FrameworkProblems.NotMember.At("/organisationId", "The organisation never joined this framework.");
        var others = framework.MembershipsOf(organisationId).Where(m => !MembershipRules.IsEmpty(m));
        if (others.Prepend(membership).Any(m => m.LeftOn == command.LeftOn))
            return Decision.Nothing;
        if (membership.LeftOn is { } leftOn)
        {
            if (framework.Left.Exists(l => (l.OrganisationId, l.LeftOn) == (organisationId, command.LeftOn)))
                return Decision.Nothing;
            return FrameworkProblems.AlreadyLeft.Differing(
                $"It left on {leftOn}. Correct the membership to change that.",
                [Difference.Of("/leftOn", leftOn, command.LeftOn)]
            );
        }

        if (command.LeftOn.FirstDay <= membership.JoinedOn.FirstDay)
            return FrameworkProblems.LeavesBeforeJoining.At("/leftOn", $"It joined on {membership.JoinedOn}; leftOn must be after that.");
        return Decision.Accept(new MemberLeft(framework.Id, organisationId, membership.JoinedOn, command.LeftOn));
    }
}

public static class LeaveFrameworkEndpoint
{
    [WolverinePost("/v1/frameworks/{frameworkId}/members/{organisationId}/leave", OperationId = "leave-framework")]
    [Command(Scopes.ActivityWrite)]
    public static CommandRule Post(LeaveFramework command) =>
        new(work =>
            work.Change<Framework>(
                command.FrameworkId,
                new References().Add(StreamKind.Organisation, command.OrganisationId, "/organisationId"),
                (framework, ids) => LeaveFramework.Decide(framework, ids.Of(StreamKind.Organisation, command.OrganisationId), command)
            )
        );
}
