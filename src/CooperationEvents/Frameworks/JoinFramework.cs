using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Recording;
using Wolverine.Http;

namespace CooperationEvents.Frameworks;

/// <summary>Makes an organisation a member on the side of a party, from a date on. The evidence is public record.</summary>
public sealed record JoinFramework(
    Reference FrameworkId,
    Reference OrganisationId,
    [property: Text(40)] string Party,
    PartialDate JoinedOn,
    [property: Text(2000)] string? Evidence = null
) : ICommand
{
    public static Decision Decide(Framework framework, Guid organisationId, JoinFramework command)
    {
        if (framework.Parties.All(p => p.Code != command.Party))
            return FrameworkProblems.UnknownParty.At(
                "/party",
                $"The framework's parties are {string.Join(", ", framework.Parties.Select(p => p.Code))}."
            );
        var membership = new Membership(command.Party, command.JoinedOn);
        if (framework.MembershipsOf(organisationId).Any(m => !MembershipRules.IsEmpty(m) && m with { LeftOn = null } == membership))
            return Differs(framework, organisationId, command) is { } other ? other : Decision.Nothing;
        if (MembershipRules.Conflict(framework, organisationId, membership, replaced: null) is { } conflict)
            return conflict.Type == FrameworkProblems.AlreadyMember && WasCorrected(framework, organisationId, command)
                ? Decision.Nothing
                : conflict;
        return Decision.Accept(new MemberJoined(framework.Id, organisationId, command.Party, command.JoinedOn, command.Evidence));
    }

    /// <summary>Whether it joined so, and that was corrected since; a membership that was taken back is recorded no longer.</summary>
    private static bool WasCorrected(Framework framework, Guid organisationId, JoinFramework command) =>
        framework.Joined.Exists(j =>
            (j.OrganisationId, j.Party, j.JoinedOn) == (organisationId, command.Party, command.JoinedOn)
            && (command.Evidence is null || command.Evidence == j.Evidence)
        )
        && !framework
            .MembershipsOf(organisationId)
            .Exists(m => MembershipRules.IsEmpty(m) && (m.Party, m.JoinedOn) == (command.Party, command.JoinedOn));

    /// <summary>Evidence that is not recorded of the membership is not lost in silence; none says nothing.</summary>
    private static Problem? Differs(Framework framework, Guid organisationId, JoinFramework command)
    {
        var recorded = framework.Joined.Where(j => j.OrganisationId == organisationId).Select(j => j.Evidence).ToList();
        return command.Evidence is null || recorded.Contains(command.Evidence)
            ? null
            : FrameworkProblems.AlreadyMember.Differing(
                "It is a member already, by other evidence.",
                [Difference.Of("/evidence", recorded.LastOrDefault(), command.Evidence)]
            );
    }
}

public static class JoinFrameworkEndpoint
{
    [WolverinePost("/v1/frameworks/{frameworkId}/members", OperationId = "join-framework"), Command(Scopes.ActivityWrite)]
    public static CommandRule Post(JoinFramework command) =>
        new(work =>
            work.Change<Framework>(
                command.FrameworkId,
                new References().Add(StreamKind.Organisation, command.OrganisationId, "/organisationId"),
                (framework, ids) => JoinFramework.Decide(framework, ids.Of(StreamKind.Organisation, command.OrganisationId), command)
            )
        );
}
