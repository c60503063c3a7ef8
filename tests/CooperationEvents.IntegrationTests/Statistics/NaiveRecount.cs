using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CooperationEvents.IntegrationTests.Statistics;

/// <summary>
/// The figures counted again, from the stored events and the words of the contract (section 5) alone: one pass over the
/// events, of which <see cref="NaiveMeeting"/> makes meetings, then one over the meetings. It shares nothing with the service, neither code nor SQL nor a type.
/// </summary>
/// <remarks>
/// <para>Where the contract is silent, this is the definition.</para>
/// <para>Who was there in the role of an observer, an interpreter or support is reported as that, whatever the organisation.</para>
/// <para>A guest was there in a role that counts, for an organisation that was not a member on the meeting's first day.</para>
/// <para>A party or an organisation was at a meeting where it had a counted attendance or counted heads.</para>
/// <para>Levels and parties are listed also where nothing happened, years and organisations only where something did.</para>
/// <para>Overall, what counts in any framework of the question counts once, and what counts in one of them is reported in no other
/// way.</para>
/// <para>Of merged persons who were at one meeting and none of whom counts, the pair is reported once: as the first that any of them
/// was of observer, interpreter, support and guest.</para>
/// <para>Where organisations are folded, what went through a split without a default is of the organisation <c>unallocated</c>, which has
/// no name.</para>
/// </remarks>
public sealed partial class NaiveRecount
{
    private static readonly string[] RolesThatCount = ["chair", "head-of-delegation", "delegate", "expert", "speaker", "rapporteur"];

    /// <summary>Meetings as they were after an event, by its id: many questions are about one history.</summary>
    private static readonly ConcurrentDictionary<Guid, Meeting> After = new();

    private readonly List<Framework> _frameworks = [];
    private readonly Dictionary<Guid, Meeting> _meetings = [];
    private readonly Dictionary<Guid, List<(string ShortName, DateOnly From)>> _names = [];
    private readonly Dictionary<Guid, Guid> _merges = [];
    private readonly Dictionary<Guid, (DateOnly On, Guid? Follower)> _successions = [];
    private bool _lineage,
        _first;
    private DateOnly _from;

    private NaiveRecount() { }

    /// <summary>Null where the framework was not established by then.</summary>
    public string? Since { get; private set; }

    public bool Known { get; private set; }

    public Tally Total { get; private set; } = new(false);

    /// <summary>How many meetings end at midnight and are counted on the day before.</summary>
    public int AtMidnight => _meetings.Values.Count(m => LastDayOf(m) < LastDay(m.End));

    public SortedDictionary<string, Tally> Cells { get; } = new(StringComparer.Ordinal);

    /// <summary>Who was there and is not counted, by category, as (meeting, person).</summary>
    public Dictionary<string, HashSet<(Guid Meeting, Guid Person)>> NotCounted { get; } =
        new()
        {
            ["observers"] = [],
            ["interpreters"] = [],
            ["support"] = [],
            ["guests"] = [],
        };

    public int GuestHeads { get; private set; }

    /// <summary>How many attendances more there would be at the meetings without the merges.</summary>
    public int OneByMerges { get; private set; }

    /// <summary>How many persons the longest line of merges has.</summary>
    public int LongestLine => _merges.Keys.Max(p => Line(p).Count());

    /// <param name="history">Events in order; those beyond <paramref name="position"/> are not looked at.</param>
    /// <param name="framework">Null: all together.</param>
    /// <param name="lineage">Whether organisations are folded into those that followed them.</param>
    /// <param name="from">Null: from the beginning.</param>
    /// <param name="first">Whether by definition 1: the day of an end is the last day, and what is not recorded is as nobody.</param>
    public static NaiveRecount Of(
        IEnumerable<StoredEvent> history,
        long position,
        Guid? framework,
        DateOnly asOf,
        bool lineage = false,
        DateOnly? from = null,
        bool first = false
    )
    {
        var recount = new NaiveRecount
        {
            _lineage = lineage,
            _from = from ?? DateOnly.MinValue,
            _first = first,
            Total = new Tally(first),
        };
        var meetings = new Dictionary<Guid, List<StoredEvent>>();
        foreach (var e in history.Where(e => e.Position <= position))
        {
            if (e.Type == "meeting_scheduled")
                meetings[e.Stream] = [];
            if (meetings.TryGetValue(e.Stream, out var events))
                events.Add(e);
            else
                recount.Happened(e.Type, e.Data);
        }

        foreach (var (id, events) in meetings)
            recount._meetings[id] = After.GetOrAdd(events[^1].Id, _ => Meeting.Of(NaiveMeeting.Of(events)!));
        recount.Count(framework, asOf);
        return recount;
    }

    /// <summary>Every figure on a line of its own, in a fixed order.</summary>
    public IReadOnlyList<string> Lines() =>
        [
            $"since {Since}",
            $"total {Total}",
            .. NotCounted.Select(n => $"notCounted {n.Key} {n.Value.Count}"),
            $"notCounted guestHeads {GuestHeads}",
            .. Cells.Select(c => $"{c.Key} {c.Value}"),
        ];

    /// <summary>The same lines, of an answer of the service.</summary>
    public static IReadOnlyList<string> LinesOf(JsonElement answer)
    {
        var notCounted = answer.GetProperty("notCounted");
        var cells = new List<string>();
        foreach (var row in answer.GetProperty("byFramework").EnumerateArray())
            cells.Add($"framework {Text(row, "framework")} {Figures(row)}");
        foreach (var row in answer.GetProperty("byLevel").EnumerateArray())
            cells.Add($"level {Text(row, "framework")} {Text(row, "level")} {Figures(row)}");
        foreach (var row in answer.GetProperty("byParty").EnumerateArray())
            cells.Add($"party {Text(row, "framework")} {Text(row, "party")} {Figures(row)}");
        foreach (var row in answer.GetProperty("byYear").EnumerateArray())
            cells.Add($"year {row.GetProperty("year").GetInt32()} {Figures(row)}");
        foreach (var row in answer.GetProperty("byOrganisation").EnumerateArray())
            cells.Add($"organisation {Text(row, "organisation")} {Text(row, "shortName")} {Figures(row)}");
        cells.Sort(StringComparer.Ordinal);
        return
        [
            $"since {Text(answer, "since")}",
            $"total {Figures(answer)}",
            .. new[] { "observers", "interpreters", "support", "guests", "guestHeads" }.Select(n =>
                $"notCounted {n} {notCounted.GetProperty(n).GetInt32()}"
            ),
            .. cells,
        ];
    }

    public static string Figures(JsonElement row)
    {
        var staff = row.GetProperty("staff");
        return Tally.Text(
            row.GetProperty("meetingsHeld").GetInt32(),
            row.TryGetProperty("meetingsWithoutAttendance", out var without) ? without.GetInt32() : null,
            row.GetProperty("attendances").GetInt32(),
            row.GetProperty("unnamed").GetInt32(),
            staff.GetProperty("known").GetInt32(),
            staff.GetProperty("atLeast").GetInt32(),
            staff.GetProperty("atMost") is { ValueKind: JsonValueKind.Number } most ? most.GetInt32() : null
        );
    }

    private void Happened(string type, JsonElement data)
    {
        switch (type)
        {
            case "organisation_registered":
                _names[Id(data, "organisationId")] = [(Text(data, "shortName"), DateOnly.MinValue)];
                break;
            case "organisation_renamed":
                _names[Id(data, "organisationId")].Add((Text(data, "shortName"), FirstDay(Text(data, "on"))));
                break;
            case "organisation_succeeded":
                _successions[Id(data, "organisationId")] = (
                    FirstDay(Text(data, "on")),
                    Text(data, "kind") == "split"
                        ? data.TryGetProperty("default", out var byDefault)
                            ? byDefault.GetGuid()
                            : null
                        : data.GetProperty("successors").EnumerateArray().Single().GetGuid()
                );
                break;
            case "person_merged":
                _merges.Add(Id(data, "personId"), Id(data, "into"));
                break;
            case "person_unmerged":
                _merges.Remove(Id(data, "personId"));
                break;
            case "framework_established":
                _frameworks.Add(
                    new Framework
                    {
                        Id = Id(data, "frameworkId"),
                        EstablishedOn = Text(data, "establishedOn"),
                        Parties = [.. data.GetProperty("parties").EnumerateArray().Select(p => Text(p, "code"))],
                        Levels = [.. data.GetProperty("levels").EnumerateArray().Select(l => Text(l, "code"))],
                    }
                );
                break;
            case "level_added":
                FrameworkOf(data).Levels.Add(Text(data.GetProperty("level"), "code"));
                break;
            case "member_joined":
                FrameworkOf(data).Members.Add(new Membership(Id(data, "organisationId"), Text(data, "party"), Text(data, "joinedOn"), ""));
                break;
            case "member_left":
            {
                var members = FrameworkOf(data).Members;
                var left = members.FindIndex(m =>
                    m.Organisation == Id(data, "organisationId") && m.JoinedOn == Text(data, "joinedOn") && m.LeftOn.Length == 0
                );
                members[left] = members[left] with { LeftOn = Text(data, "leftOn") };
                break;
            }
            case "membership_corrected":
            {
                var members = FrameworkOf(data).Members;
                members[members.IndexOf(MembershipIn(data, "replaced"))] = MembershipIn(data, "corrected");
                break;
            }
        }
    }

    private void Count(Guid? asked, DateOnly asOf)
    {
        var frameworks = _frameworks.Where(f => asked is null || f.Id == asked).ToList();
        Known = frameworks.Count > 0;
        Since = frameworks.Select(f => f.EstablishedOn).MinBy(FirstDay);
        foreach (var framework in frameworks)
        {
            Cell($"framework {framework.Id}");
            foreach (var level in framework.Levels)
                Cell($"level {framework.Id} {level}");
            foreach (var party in framework.Parties)
                Cell($"party {framework.Id} {party}");
        }

        foreach (var (id, meeting) in _meetings)
        {
            var first = LastDay(meeting.Start);
            var last = LastDayOf(meeting);
            var placements = meeting.Placements.Where(p => asked is null || p.Framework == asked).ToList();
            if (meeting.State != "held" || last > asOf || last < _from || placements.Count == 0)
                continue;

            var year = Cell($"year {last.Year}");
            Total.Held(id, IsWithoutAttendance(meeting));
            year.Held(id, IsWithoutAttendance(meeting));
            foreach (var placement in placements)
            {
                Cell($"framework {placement.Framework}").Held(id, IsWithoutAttendance(meeting));
                Cell($"level {placement.Framework} {placement.Level}").Held(id, IsWithoutAttendance(meeting));
            }

            var uncounted = new List<(Guid Person, int Rank)>();
            foreach (var (recorded, attendance) in meeting.Attendances.Where(a => a.Value.Status == "attended"))
            {
                var person = Merged(recorded);
                var counted = false;
                foreach (var placement in placements)
                {
                    if (
                        RolesThatCount.Contains(attendance.Role)
                        && PartyOf(attendance.Organisation, placement.Framework, first) is { } party
                    )
                    {
                        counted = true;
                        foreach (var cell in CellsOf(placement, party, attendance.Organisation, year, asOf))
                            cell.Attended(id, person);
                    }
                }

                if (counted)
                    continue;
                uncounted.Add(
                    (
                        person,
                        attendance.Role switch
                        {
                            "observer" => 0,
                            "interpreter" => 1,
                            "support" => 2,
                            _ => 3,
                        }
                    )
                );
            }

            OneByMerges += meeting.Attendances.Count - meeting.Attendances.Keys.Select(Merged).Distinct().Count();
            foreach (var pair in uncounted.GroupBy(u => u.Person))
            {
                if (!Total.Attendances.Contains((id, pair.Key)))
                    NotCounted.ElementAt(pair.Min(u => u.Rank)).Value.Add((id, pair.Key));
            }

            foreach (var (organisation, heads) in meeting.Delegations.Where(d => d.Value.Count > 0))
            {
                var counted = false;
                foreach (var placement in placements)
                {
                    if (PartyOf(organisation, placement.Framework, first) is { } party)
                    {
                        counted = true;
                        foreach (var cell in CellsOf(placement, party, organisation, year, asOf))
                            cell.Present(id, organisation, heads.Count, heads.Precision);
                    }
                }

                if (!counted)
                    GuestHeads += heads.Count;
            }
        }
    }

    private Tally[] CellsOf(Placement placement, string party, Guid organisation, Tally year, DateOnly asOf) =>
        [
            Total,
            year,
            Cell($"framework {placement.Framework}"),
            Cell($"level {placement.Framework} {placement.Level}"),
            Cell($"party {placement.Framework} {party}"),
            Cell(OrganisationCell(organisation, asOf)),
        ];

    /// <summary>The person at the end of the line of merges.</summary>
    private Guid Merged(Guid person) => Line(person).Last();

    private IEnumerable<Guid> Line(Guid person)
    {
        yield return person;
        while (_merges.TryGetValue(person, out person))
            yield return person;
    }

    private string OrganisationCell(Guid organisation, DateOnly asOf) =>
        ShownAs(organisation, asOf) is { } shown ? $"organisation {shown} {NameOf(shown, asOf)}" : "organisation unallocated ";

    /// <summary>
    /// The organisation, or where organisations are folded the one that stands in for it; null for none that could be named.
    /// </summary>
    private Guid? ShownAs(Guid organisation, DateOnly asOf)
    {
        while (_lineage && _successions.TryGetValue(organisation, out var succession) && succession.On <= asOf)
        {
            if (succession.Follower is not { } follower)
                return null;
            organisation = follower;
        }

        return organisation;
    }

    private Tally Cell(string key)
    {
        if (!Cells.TryGetValue(key, out var tally))
            Cells[key] = tally = new Tally(_first);
        return tally;
    }

    /// <summary>The day of the end; of an end at midnight the day before, where that is not before the first day.</summary>
    private DateOnly LastDayOf(Meeting meeting)
    {
        var end = LastDay(meeting.End);
        var isMidnight =
            meeting.End.EndsWith("T00:00", StringComparison.Ordinal) || meeting.End.EndsWith("T00:00:00", StringComparison.Ordinal);
        return isMidnight && end > LastDay(meeting.Start) && !_first ? end.AddDays(-1) : end;
    }

    /// <summary>Whether nobody recorded who was there: no attendance of any status, and no heads.</summary>
    private static bool IsWithoutAttendance(Meeting meeting) =>
        meeting.Attendances.Count == 0 && meeting.Delegations.Values.All(d => d.Count == 0);

    /// <summary>The party an organisation was a member for on that day, or null. Joining on it counts, leaving on it does not.</summary>
    private string? PartyOf(Guid organisation, Guid framework, DateOnly day)
    {
        foreach (var member in _frameworks.Single(f => f.Id == framework).Members.Where(m => m.Organisation == organisation))
        {
            if (FirstDay(member.JoinedOn) <= day && (member.LeftOn.Length == 0 || day < FirstDay(member.LeftOn)))
                return member.Party;
        }

        return null;
    }

    /// <summary>The short name it had on the day; of two names from the same day the one recorded later.</summary>
    private string NameOf(Guid organisation, DateOnly day)
    {
        var name = _names[organisation][0];
        foreach (var next in _names[organisation].Skip(1))
        {
            if (next.From <= day && next.From >= name.From)
                name = next;
        }

        return name.ShortName;
    }

    private Framework FrameworkOf(JsonElement data) => _frameworks.Single(f => f.Id == Id(data, "frameworkId"));

    private static Membership MembershipIn(JsonElement data, string member)
    {
        var membership = data.GetProperty(member);
        return new Membership(
            Id(data, "organisationId"),
            Text(membership, "party"),
            Text(membership, "joinedOn"),
            Text(membership, "leftOn")
        );
    }

    private static Guid Id(JsonElement data, string member) => data.GetProperty(member).GetGuid();

    /// <summary>The text of a member; empty where it is absent or null.</summary>
    private static string Text(JsonElement data, string member) =>
        data.TryGetProperty(member, out var value) && value.ValueKind != JsonValueKind.Null ? value.GetString()! : "";

    private static DateOnly FirstDay(string date) =>
        DateOnly.ParseExact(
            date.Length switch
            {
                4 => date + "-01-01",
                7 => date + "-01",
                _ => date[..10],
            },
            "yyyy-MM-dd",
            CultureInfo.InvariantCulture
        );

    private static DateOnly LastDay(string date) =>
        date.Length switch
        {
            4 => FirstDay(date).AddYears(1).AddDays(-1),
            7 => FirstDay(date).AddMonths(1).AddDays(-1),
            _ => FirstDay(date),
        };

    /// <summary>What was counted in one cell.</summary>
    public sealed class Tally(bool isByFirst)
    {
        private readonly HashSet<Guid> _without = [];
        private readonly Dictionary<(Guid Meeting, Guid Organisation), (int Count, string Precision)> _heads = [];

        public HashSet<Guid> Meetings { get; } = [];

        public HashSet<(Guid Meeting, Guid Person)> Attendances { get; } = [];

        public IEnumerable<Guid> Persons => Attendances.Select(a => a.Person).Distinct();

        public int Unnamed => _heads.Values.Sum(h => h.Count);

        /// <summary>Null where the definition does not tell them.</summary>
        public int? WithoutAttendance => isByFirst ? null : _without.Count;

        public void Held(Guid meeting, bool isWithoutAttendance)
        {
            Meetings.Add(meeting);
            if (isWithoutAttendance)
                _without.Add(meeting);
        }

        public void Attended(Guid meeting, Guid person)
        {
            Meetings.Add(meeting);
            Attendances.Add((meeting, person));
        }

        public void Present(Guid meeting, Guid organisation, int count, string precision)
        {
            Meetings.Add(meeting);
            _heads[(meeting, organisation)] = (count, precision);
        }

        public override string ToString()
        {
            var known = Persons.Count();
            var atLeast = known;
            foreach (var meeting in Meetings)
            {
                var present =
                    Attendances.Count(a => a.Meeting == meeting)
                    + _heads.Where(h => h.Key.Meeting == meeting && h.Value.Precision != "estimated").Sum(h => h.Value.Count);
                atLeast = Math.Max(atLeast, present);
            }

            var isOpen = WithoutAttendance > 0 || _heads.Values.Any(h => h.Precision != "exact");
            return Text(Meetings.Count, WithoutAttendance, Attendances.Count, Unnamed, known, atLeast, isOpen ? null : known + Unnamed);
        }

        public static string Text(int meetings, int? without, int attendances, int unnamed, int known, int atLeast, int? atMost) =>
            $"meetings {meetings} without {without} attendances {attendances} unnamed {unnamed} staff {known} "
            + $"{atLeast}..{atMost?.ToString(CultureInfo.InvariantCulture) ?? "?"}";
    }

    private sealed class Framework
    {
        public required Guid Id { get; init; }

        public required string EstablishedOn { get; init; }

        public required List<string> Parties { get; init; }

        public required List<string> Levels { get; init; }

        public List<Membership> Members { get; } = [];
    }

    /// <summary>What is counted of a meeting. Where its state is <c>held</c>, it is not voided.</summary>
    private sealed record Meeting(
        string State,
        string Start,
        string End,
        List<Placement> Placements,
        string Mode,
        string Country,
        List<(Guid Organisation, string Role)> Hosts,
        List<string> Topics,
        Dictionary<Guid, Attendance> Attendances,
        Dictionary<Guid, (int Count, string Precision)> Delegations
    )
    {
        public static Meeting Of(JsonObject answer)
        {
            var meeting = JsonSerializer.SerializeToElement(answer);
            return new Meeting(
                Text(meeting, "state"),
                Text(meeting, "start"),
                Text(meeting, "end"),
                [.. All("frameworks").Select(p => new Placement(Id(p, "frameworkId"), Text(p, "level")))],
                Text(meeting, "mode"),
                Text(meeting, "country"),
                [.. All("hosts").Select(h => (Id(h, "organisationId"), Text(h, "role")))],
                [.. All("topics").Select(t => t.GetString()!).Distinct()],
                All("attendances")
                    .ToDictionary(a => Id(a, "personId"), a => new Attendance(Id(a, "organisationId"), Text(a, "role"), Text(a, "status"))),
                All("delegations")
                    .ToDictionary(d => Id(d, "organisationId"), d => (d.GetProperty("count").GetInt32(), Text(d, "precision")))
            );

            IEnumerable<JsonElement> All(string list) => meeting.GetProperty(list).EnumerateArray();
        }
    }

    /// <param name="LeftOn">Empty where it is still a member.</param>
    private sealed record Membership(Guid Organisation, string Party, string JoinedOn, string LeftOn);

    private sealed record Placement(Guid Framework, string Level);

    private sealed record Attendance(Guid Organisation, string Role, string Status);
}
