using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Recording;
using Wolverine.Http;

namespace CooperationEvents.Frameworks;

/// <summary>
/// Corrects a membership: the one that began on <paramref name="Replaces"/>, or the latest. What is absent stays;
/// <paramref name="StillMember"/> takes back a leaving. A <paramref name="LeftOn"/> equal to joinedOn takes back the whole membership.
/// The reason is public record.
/// </summary>
public sealed record CorrectMembership(
    Reference FrameworkId,
    Reference OrganisationId,
    [property: Text(1000)] string Reason,
    PartialDate? Replaces = null,
    [property: Text(40)] string? Party = null,
    PartialDate? JoinedOn = null,
    PartialDate? LeftOn = null,
    bool? StillMember = null
) : ICommand
{
    public static Decision Decide(Framework framework, Guid organisationId, CorrectMembership command)
    {
        if (command is { StillMember: true, LeftOn: not null })
            return KernelProblems.Invalid.At("/stillMember", "Give leftOn or stillMember, not both.");
        if (command is { StillMember: false, LeftOn: null })
            return KernelProblems.Invalid.At("/stillMember", "Say in leftOn on which day it left; stillMember: true takes back a leaving.");
        if (
            Correction.NothingGiven(
                ("party", command.Party),
                ("joinedOn", command.JoinedOn),
                ("leftOn", command.LeftOn),
                ("stillMember", command.StillMember)
            ) is
            { } nothing
        )
            return nothing;
        if (command.Party is { } party && framework.Parties.All(p => p.Code != party))
            return FrameworkProblems.UnknownParty.At(
                "/party",
                $"The framework's parties are {string.Join(", ", framework.Parties.Select(p => p.Code))}."
            );
        if (MembershipRules.Find(framework, organisationId, command.Replaces) is not { } replaced)
        {
            if (
                command.JoinedOn is { } moved
                && MembershipRules.Find(framework, organisationId, moved) is { } already
                && command.Applied(already) == already
            )
                return Decision.Nothing;
            return command.Replaces is { } joined
                ? FrameworkProblems.NotMember.At("/replaces", $"The organisation has no membership that began on {joined}.")
                : FrameworkProblems.NotMember.At("/organisationId", "The organisation never joined this framework.");
        }

        var corrected = command.Applied(replaced);
        if (corrected == replaced)
            return Decision.Nothing;
        if (MembershipRules.Conflict(framework, organisationId, corrected, replaced) is { } conflict)
            return conflict;
        return Decision.Accept(new MembershipCorrected(framework.Id, organisationId, replaced, corrected, command.Reason));
    }

    private Membership Applied(Membership to) =>
        new(Party ?? to.Party, JoinedOn ?? to.JoinedOn, StillMember == true ? null : LeftOn ?? to.LeftOn);
}

public static class CorrectMembershipEndpoint
{
    [WolverinePost("/v1/frameworks/{frameworkId}/members/{organisationId}/correct", OperationId = "correct-membership")]
    [Command(Scopes.ActivityWrite)]
    public static CommandRule Post(CorrectMembership command) =>
        new(work =>
            work.Change<Framework>(
                command.FrameworkId,
                new References().Add(StreamKind.Organisation, command.OrganisationId, "/organisationId"),
                (framework, ids) => CorrectMembership.Decide(framework, ids.Of(StreamKind.Organisation, command.OrganisationId), command)
            )
        );
}
