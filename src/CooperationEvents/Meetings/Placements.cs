using CooperationEvents.Frameworks;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Recording;

namespace CooperationEvents.Meetings;

/// <summary>What meetings ask of the frameworks they are placed under, and of everything else a meeting refers to.</summary>
internal static class Placements
{
    public static async Task<IReadOnlyList<PlacementFacts>> Facts(UnitOfWork work, ValueList<Placement> placements)
    {
        var facts = new List<PlacementFacts>();
        foreach (var frameworkId in placements.Select(p => p.FrameworkId).Distinct())
        {
            var framework = await FrameworkDirectory.Details(work, frameworkId);
            facts.Add(new PlacementFacts(framework.Id, framework.Levels, framework.Areas, framework.EndedOn));
        }

        return facts;
    }

    public static References AddMeeting(this References references, MeetingFields meeting)
    {
        for (var i = 0; i < meeting.Frameworks.Count; i++)
            references.Add(StreamKind.Framework, meeting.Frameworks[i].FrameworkId, $"/frameworks/{i}/frameworkId");
        return references.AddHosts(meeting.Hosts ?? []).Add(StreamKind.Meeting, meeting.InMarginsOf, "/inMarginsOf");
    }

    /// <summary>The fields, with the zone under the name that a meeting was created with or has now, where both name one zone.</summary>
    public static T InZoneOf<T>(this T meeting, Created<Meeting>? created)
        where T : MeetingFields =>
        created is null
            ? meeting
            : meeting with
            {
                TimeZone = TimeZones.OrRecorded(
                    TimeZones.OrRecorded(meeting.TimeZone, created.First<MeetingScheduled>().TimeZone),
                    created.Now.Days.TimeZone
                ),
            };

    public static References AddHosts(this References references, ValueList<HostFields> hosts)
    {
        for (var i = 0; i < hosts.Count; i++)
            references
                .Add(StreamKind.Organisation, hosts[i].OrganisationId, $"/hosts/{i}/organisationId")
                .Add(StreamKind.Person, hosts[i].PersonId, $"/hosts/{i}/personId");
        return references;
    }

    public static References AddAttendees<T>(
        this References references,
        ValueList<T> attendees,
        Func<T, Reference> person,
        Func<T, Reference> organisation
    )
    {
        for (var i = 0; i < attendees.Count; i++)
            references
                .Add(StreamKind.Person, person(attendees[i]), $"/attendees/{i}/personId")
                .Add(StreamKind.Organisation, organisation(attendees[i]), $"/attendees/{i}/organisationId");
        return references;
    }
}
