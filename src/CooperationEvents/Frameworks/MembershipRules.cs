using CooperationEvents.Kernel;

namespace CooperationEvents.Frameworks;

/// <summary>What holds for every membership, however it came about.</summary>
internal static class MembershipRules
{
    /// <summary>Why the membership cannot stand beside the organisation's others, or null.</summary>
    public static Problem? Conflict(Framework framework, Guid organisationId, Membership membership, Membership? replaced)
    {
        if (membership.LeftOn is { } leftOn && leftOn.FirstDay < membership.JoinedOn.FirstDay)
            return FrameworkProblems.LeavesBeforeJoining.At(
                "/leftOn",
                $"It joined on {membership.JoinedOn}; leftOn must not be before that."
            );
        if (
            framework.EndedOn is { } endedOn
            && membership.JoinedOn.FirstDay >= endedOn.FirstDay
            && !IsEmpty(membership)
            && membership.JoinedOn != replaced?.JoinedOn
        )
            return FrameworkProblems.FrameworkEnded.At("/joinedOn", $"The framework ended on {endedOn}.");
        var other = framework.MembershipsOf(organisationId).Where(m => m != replaced).FirstOrDefault(m => Overlap(m, membership));
        return other is null
            ? null
            : FrameworkProblems.AlreadyMember.Differing(
                $"It is a member for {other.Party} from {other.JoinedOn} {(other.LeftOn is { } until ? $"until {until}" : "on")}; "
                    + $"memberships must not overlap.",
                Differing(other, membership)
            );
    }

    /// <summary>In what they differ, party and day. Two that differ in neither overlap by their day.</summary>
    private static ValueList<FieldError> Differing(Membership other, Membership membership)
    {
        var party = other.Party == membership.Party ? null : Difference.Of("/party", other.Party, membership.Party);
        var day =
            party is not null && other.JoinedOn == membership.JoinedOn
                ? null
                : Difference.Of("/joinedOn", other.JoinedOn, membership.JoinedOn);
        return [.. new[] { party, day }.OfType<FieldError>()];
    }

    /// <summary>
    /// The membership that began on that date, or the latest one where no date is given. One that was taken back is meant
    /// only where there is no other.
    /// </summary>
    public static Membership? Find(Framework framework, Guid organisationId, PartialDate? joinedOn)
    {
        var meant = framework.MembershipsOf(organisationId).Where(m => joinedOn is null || m.JoinedOn == joinedOn).ToList();
        return meant.LastOrDefault(m => !IsEmpty(m)) ?? meant.LastOrDefault();
    }

    private static bool Overlap(Membership a, Membership b) =>
        !IsEmpty(a) && !IsEmpty(b) && StartsBeforeEndOf(a, b) && StartsBeforeEndOf(b, a);

    private static bool StartsBeforeEndOf(Membership a, Membership b) => b.LeftOn is not { } end || a.JoinedOn.FirstDay < end.FirstDay;

    /// <summary>Whether it was taken back: left on the day it was joined.</summary>
    public static bool IsEmpty(Membership m) => m.LeftOn is { } end && end.FirstDay == m.JoinedOn.FirstDay;
}
