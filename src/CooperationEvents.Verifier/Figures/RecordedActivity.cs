using System.Text.Json;
using CooperationEvents.AuditLog;

namespace CooperationEvents.Verifier.Figures;

/// <summary>
/// What the entries say took place, as far as figures are made of it: one pass over the events in the order of their positions. It
/// follows docs/statistics.md and shares no code with the service.
/// </summary>
internal sealed class RecordedActivity
{
    private static readonly HashSet<string> OfMeetings =
    [
        "meeting_scheduled",
        "meeting_rescheduled",
        "meeting_relocated",
        "hosts_changed",
        "meeting_held",
        "meeting_corrected",
        "meeting_voided",
        "meeting_reinstated",
    ];

    public List<Framework> Frameworks { get; } = [];

    public Dictionary<Guid, Meeting> Meetings { get; } = [];

    public Dictionary<Guid, List<(string ShortName, DateOnly From)>> Names { get; } = [];

    /// <summary>Of a person who is another: that one, and the event that says so.</summary>
    public Dictionary<Guid, (Guid Into, Guid Event)> Merges { get; } = [];

    /// <summary>Of an organisation that others follow: from when, and by which; null where none stands for it.</summary>
    public Dictionary<Guid, (DateOnly On, Guid? Follower)> Successions { get; } = [];

    /// <summary>Whether an event of that type says anything about figures.</summary>
    public static bool Concerns(string type) =>
        type
            is "organisation_registered"
                or "organisation_renamed"
                or "organisation_succeeded"
                or "person_merged"
                or "person_unmerged"
                or "framework_established"
                or "level_added"
                or "member_joined"
                or "member_left"
                or "membership_corrected"
                or "meeting_postponed"
                or "meeting_cancelled"
                or "meeting_did_not_take_place"
                or "attendance_recorded"
                or "attendance_corrected"
                or "delegation_counted"
                or "delegation_corrected"
        || OfMeetings.Contains(type);

    /// <exception cref="InvalidDataException">The event speaks of what there is not.</exception>
    public void Happened(Guid id, string type, string json)
    {
        try
        {
            using var data = Members.Data(json);
            Apply(id, type, data.RootElement);
            if (OfMeetings.Contains(type))
                Meeting(data.RootElement).Events.Add(id);
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new InvalidDataException($"the {type} {id} does not follow from what came before it: {JsonFault.Words(e)}", e);
        }
    }

    private void Apply(Guid id, string type, JsonElement data)
    {
        switch (type)
        {
            case "organisation_registered":
                Names[data.Id("organisationId")] = [(data.Text("shortName"), DateOnly.MinValue)];
                break;
            case "organisation_renamed":
                Names[data.Id("organisationId")].Add((data.Text("shortName"), Day.First(data.Date("on"))));
                break;
            case "organisation_succeeded":
                Successions[data.Id("organisationId")] = (Day.First(data.Date("on")), Follower(data));
                RefuseCircle(data.Id("organisationId"), o => Successions.TryGetValue(o, out var next) ? next.Follower : null);
                break;
            case "person_merged":
                Merges[data.Id("personId")] = (data.Id("into"), id);
                RefuseCircle(data.Id("personId"), p => Merges.TryGetValue(p, out var next) ? next.Into : null);
                break;
            case "person_unmerged":
                if (!Merges.Remove(data.Id("personId")))
                    throw new KeyNotFoundException();
                break;
            case "framework_established":
                if (Frameworks.Exists(f => f.Id == data.Id("frameworkId")))
                    throw new InvalidOperationException("it is of a framework that there is already");
                Frameworks.Add(
                    new Framework(
                        data.Id("frameworkId"),
                        data.Date("establishedOn"),
                        [.. data.GetProperty("parties").EnumerateArray().Select(p => p.Text("code"))]
                    )
                );
                foreach (var level in data.GetProperty("levels").EnumerateArray())
                    Frameworks[^1].Levels[level.Text("code")] = level.Text("name");
                break;
            case "level_added":
                Of(data).Levels[data.GetProperty("level").Text("code")] = data.GetProperty("level").Text("name");
                break;
            case "member_joined":
                Of(data).Members.Add(new Membership(data.Id("organisationId"), data.Text("party"), data.Date("joinedOn"), ""));
                break;
            case "member_left":
            {
                var members = Of(data).Members;
                var left = members.FindIndex(m =>
                    m.Organisation == data.Id("organisationId") && m.JoinedOn == data.Text("joinedOn") && m.LeftOn.Length == 0
                );
                members[left] = members[left] with { LeftOn = data.Date("leftOn") };
                break;
            }
            case "membership_corrected":
            {
                var members = Of(data).Members;
                members[members.IndexOf(Membership(data, "replaced"))] = Membership(data, "corrected");
                break;
            }
            case "meeting_scheduled":
                Meetings.Add(
                    data.Id("meetingId"),
                    new Meeting(data.Id("meetingId"))
                    {
                        Start = data.Date("start"),
                        End = data.Date("end"),
                        Placements = Placements(data),
                    }
                );
                break;
            case "meeting_rescheduled":
                (Meeting(data).State, Meeting(data).Start, Meeting(data).End) = ("scheduled", data.Date("start"), data.Date("end"));
                break;
            case "meeting_postponed" or "meeting_cancelled" or "meeting_did_not_take_place":
                Meeting(data).State = type;
                break;
            case "meeting_held":
                (Meeting(data).State, Meeting(data).Start, Meeting(data).End) = (
                    Figures.Meeting.Held,
                    data.Date("heldFrom"),
                    data.Date("heldTo")
                );
                break;
            case "meeting_corrected":
                Correct(Meeting(data), data.GetProperty("corrected"));
                break;
            case "meeting_voided":
                Meeting(data).IsVoided = true;
                break;
            case "meeting_reinstated":
                Meeting(data).IsVoided = false;
                break;
            case "attendance_recorded":
                Meeting(data).Attended(data.Id("personId"), id, data, isCorrection: false);
                break;
            case "attendance_corrected":
                Meeting(data).Attended(data.Id("personId"), id, data.GetProperty("corrected"), isCorrection: true);
                break;
            case "delegation_counted":
                Meeting(data).Counted(data.Id("organisationId"), id, data);
                break;
            case "delegation_corrected":
                Meeting(data).Counted(data.Id("organisationId"), id, data.GetProperty("corrected"));
                break;
        }
    }

    /// <summary>A line that came back to where it begins would have no end.</summary>
    private static void RefuseCircle(Guid first, Func<Guid, Guid?> next)
    {
        for (var one = next(first); one is { } id; one = next(id))
        {
            if (id == first)
                throw new InvalidOperationException($"it leads from {first} back to it");
        }
    }

    private static Guid? Follower(JsonElement data)
    {
        if (data.Text("kind") != "split")
            return data.GetProperty("successors").EnumerateArray().Single().AsId();
        return data.TryGetProperty("default", out var byDefault) && byDefault.ValueKind == JsonValueKind.String ? byDefault.AsId() : null;
    }

    private static void Correct(Meeting meeting, JsonElement corrected)
    {
        if (corrected.TryGetProperty("state", out _))
            meeting.State = corrected.Text("state") == "held" ? Figures.Meeting.Held : corrected.Text("state");
        if (corrected.TryGetProperty("start", out _))
            meeting.Start = corrected.Date("start");
        if (corrected.TryGetProperty("end", out _))
            meeting.End = corrected.Date("end");
        if (corrected.TryGetProperty("frameworks", out _))
            meeting.Placements = Placements(corrected);
    }

    private static Membership Membership(JsonElement data, string member)
    {
        var membership = data.GetProperty(member);
        return new Membership(
            data.Id("organisationId"),
            membership.Text("party"),
            membership.Date("joinedOn"),
            membership.OptionalDate("leftOn")
        );
    }

    private static List<(Guid Framework, string Level)> Placements(JsonElement data) =>
        [.. data.GetProperty("frameworks").EnumerateArray().Select(p => (p.Id("frameworkId"), p.Text("level")))];

    private Framework Of(JsonElement data) => Frameworks.Single(f => f.Id == data.Id("frameworkId"));

    private Meeting Meeting(JsonElement data) => Meetings[data.Id("meetingId")];
}

/// <summary>A framework with its parties in their order, its levels by code, and its members.</summary>
internal sealed record Framework(Guid Id, string EstablishedOn, IReadOnlyList<string> Parties)
{
    public Dictionary<string, string> Levels { get; } = [];

    public List<Membership> Members { get; } = [];

    /// <summary>
    /// The party an organisation was a member for on that day; null where it was none. Joining on it counts, leaving on it does not.
    /// </summary>
    public string? PartyOf(Guid organisation, DateOnly day) =>
        Members
            .Find(m =>
                m.Organisation == organisation && Day.First(m.JoinedOn) <= day && (m.LeftOn.Length == 0 || day < Day.First(m.LeftOn))
            )
            ?.Party;
}

/// <param name="LeftOn">Empty where it is still a member.</param>
internal sealed record Membership(Guid Organisation, string Party, string JoinedOn, string LeftOn);

internal sealed class Meeting(Guid id)
{
    public const string Held = "held";

    public Guid Id { get; } = id;

    public string State { get; set; } = "scheduled";

    public bool IsVoided { get; set; }

    public required string Start { get; set; }

    public required string End { get; set; }

    public required List<(Guid Framework, string Level)> Placements { get; set; }

    /// <summary>The events that say that and when it was held, and under what.</summary>
    public List<Guid> Events { get; } = [];

    public Dictionary<Guid, Attendance> Attendances { get; } = [];

    public Dictionary<Guid, Delegation> Delegations { get; } = [];

    /// <summary>Whether neither an attendance nor a head count above 0 is recorded.</summary>
    public bool IsWithoutAttendance => Attendances.Count == 0 && Delegations.Values.All(d => d.Count == 0);

    public void Attended(Guid person, Guid id, JsonElement data, bool isCorrection)
    {
        var before = Attendances.GetValueOrDefault(person);
        var status = data.Text("status");

        // The evidence goes back to the event by which it became attended.
        IReadOnlyList<Guid> events =
            isCorrection && before is { Status: Attendance.Attended } && status == Attendance.Attended ? [.. before.Events, id] : [id];
        Attendances[person] = new Attendance(data.Id("organisationId"), data.Text("role"), status, events);
    }

    public void Counted(Guid organisation, Guid id, JsonElement data) =>
        Delegations[organisation] = new Delegation(
            data.GetProperty("count").GetInt32(),
            data.Text("precision"),
            [.. Delegations.GetValueOrDefault(organisation)?.Events ?? [], id]
        );
}

internal sealed record Attendance(Guid Organisation, string Role, string Status, IReadOnlyList<Guid> Events)
{
    public const string Attended = "attended";

    private static readonly HashSet<string> RolesThatCount = ["chair", "head-of-delegation", "delegate", "expert", "speaker", "rapporteur"];

    public bool Counts => Status == Attended && RolesThatCount.Contains(Role);
}

internal sealed record Delegation(int Count, string Precision, IReadOnlyList<Guid> Events);
