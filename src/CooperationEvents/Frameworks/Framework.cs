using System.Collections.Immutable;
using CooperationEvents.Kernel;

namespace CooperationEvents.Frameworks;

/// <summary>The agreement that people cooperate under. Memberships of an organisation stand in the order they were joined.</summary>
/// <param name="Joined">Each time that a member ever joined, by which a repeat is told.</param>
/// <param name="Left">Each time that a member ever left, likewise.</param>
/// <param name="Ended">Each day on which it was recorded to end, likewise.</param>
public sealed record Framework(
    Guid Id,
    string Name,
    PartialDate EstablishedOn,
    ValueList<Party> Parties,
    ValueList<Level> Levels,
    ValueList<Area> Areas,
    ImmutableDictionary<Guid, ImmutableList<Membership>> Members,
    ImmutableList<MemberJoined> Joined,
    ImmutableList<MemberLeft> Left,
    ImmutableList<PartialDate> Ended,
    PartialDate? EndedOn = null
) : IState<Framework>
{
    public static StreamKind Stream => StreamKind.Framework;

    public static Framework? Fold(Framework? state, Recorded recorded) =>
        recorded.Data switch
        {
            FrameworkEstablished e => new Framework(
                e.FrameworkId,
                e.Name,
                e.EstablishedOn,
                e.Parties,
                e.Levels,
                e.Areas,
                ImmutableDictionary<Guid, ImmutableList<Membership>>.Empty,
                [],
                [],
                []
            ),
            MemberJoined e => state!.Replace(e.OrganisationId, null, new Membership(e.Party, e.JoinedOn)) with
            {
                Joined = state.Joined.Add(e),
            },
            MemberLeft e => state!.MembershipsOf(e.OrganisationId).Single(m => m.JoinedOn == e.JoinedOn && m.LeftOn is null) is var left
                ? state.Replace(e.OrganisationId, left, left with { LeftOn = e.LeftOn }) with
                {
                    Left = state.Left.Add(e),
                }
                : state,
            MembershipCorrected e => state!.Replace(e.OrganisationId, e.Replaced, e.Corrected),
            LevelAdded e => state! with { Levels = [.. state.Levels, e.Level] },
            AreaAdded e => state! with { Areas = [.. state.Areas, e.Area] },
            FrameworkEnded e => state! with { EndedOn = e.EndedOn, Ended = state.Ended.Add(e.EndedOn) },
            FrameworkEndCorrected e => state! with { EndedOn = e.Corrected },
            _ => state,
        };

    public ImmutableList<Membership> MembershipsOf(Guid organisationId) => Members.GetValueOrDefault(organisationId, []);

    private Framework Replace(Guid organisationId, Membership? replaced, Membership by)
    {
        var memberships = MembershipsOf(organisationId);
        if (replaced is not null)
            memberships = memberships.Remove(replaced);
        return this with { Members = Members.SetItem(organisationId, [.. memberships.Add(by).OrderBy(m => m.JoinedOn.FirstDay)]) };
    }
}
