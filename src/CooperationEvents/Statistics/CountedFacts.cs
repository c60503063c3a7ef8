using System.Runtime.InteropServices;
using System.Text.Json;
using CooperationEvents.Meetings;

namespace CooperationEvents.Statistics;

/// <summary>
/// What was there at a meeting under one of its frameworks, and counts: people of an organisation in a role, or its heads; or
/// nobody, where nobody counts. What is null is not stated: the role of heads, everything of nobody.
/// </summary>
internal readonly record struct Presence(PlacementFact Placement, int? Party, int? Organisation, AttendeeRole? Role);

/// <summary>The one place that says what counts: which meetings, whose attendance, which heads. Every figure, and every explanation of one, is counted from it.</summary>
internal sealed class CountedFacts
{
    private static readonly AttendeeRole[] Counting =
        [AttendeeRole.Chair, AttendeeRole.HeadOfDelegation, AttendeeRole.Delegate, AttendeeRole.Expert, AttendeeRole.Speaker, AttendeeRole.Rapporteur];

    private readonly Facts _facts;
    private readonly Question _question;
    private readonly int? _framework;
    private readonly bool _lineage;
    private readonly Narrowed _level, _party, _organisation, _area, _host, _coHost, _country, _mode, _role;

    public CountedFacts(Facts facts, Question question)
    {
        _facts = facts;
        _question = question;
        _framework = question.Framework is { } framework ? facts.Ids.Find(framework) ?? Narrowed.Unknown : null;
        var part = question.Part;
        _lineage = part.OrgView == Part.Lineage;
        (_level, _party, _area, _country, _mode) = (Word(part.Level), Word(part.Party), Word(part.Area), Word(part.Country), Word(part.Mode));
        (_organisation, _host, _coHost) = (Id(part.Organisation), Id(part.Host), Id(part.CoHost));
        _role = Narrowed.To(part.Role, role => Array.IndexOf(WordsOfRoles, role));
    }

    /// <summary>Every role in the words of the API, in the order of <see cref="AttendeeRole"/>.</summary>
    public static string[] WordsOfRoles { get; } = [.. Enum.GetValues<AttendeeRole>().Select(r => JsonNamingPolicy.KebabCaseLower.ConvertName(r.ToString()))];

    /// <summary>Whether an attendance in the role counts.</summary>
    public static bool Counts(AttendeeRole role) => Counting.Contains(role);

    /// <summary>The roles in which an attendance counts.</summary>
    public static IReadOnlyList<string> RolesThatCount { get; } = [.. Counting.Select(r => WordsOfRoles[(int)r])];

    /// <summary>
    /// Counts the meetings of the question: held, not voided, last day on or before asOf, placed as asked, with anybody of the
    /// part that is asked about. The argument is the same object every time and holds for that call alone.
    /// </summary>
    public void Each(Action<CountedMeeting> count)
    {
        var counted = new CountedMeeting();
        foreach (var meeting in _facts.Under(_question.Framework))
        {
            if (meeting.At(_question.Position) is { Held: true, Voided: false } version
                && version.LastDay <= _question.AsOf
                && InPart(version = Folded(version))
                && Count(meeting, version, counted))
                count(counted);
        }
    }

    /// <summary>Whether anything of the meeting is in the part that is asked about.</summary>
    private bool Count(KnownMeeting meeting, MeetingVersion version, CountedMeeting counted)
    {
        counted.Begin(meeting, version);
        foreach (ref readonly var placement in meeting.Placements.AsSpan())
        {
            if (placement.Known.At(_question.Position) && (_framework is null || placement.Framework == _framework) && _level.Has(placement.Level))
                counted.Placements.Add(placement);
        }

        if (counted.Placements.Count == 0)
            return false;
        for (var i = 0; i < meeting.Attendances.Length; i++)
        {
            ref readonly var attendance = ref meeting.Attendances[i];
            if (!attendance.Known.At(_question.Position))
                continue;
            var identity = _facts.Identity(attendance.Person, _question.Position);
            counted.Merged |= identity is not null;
            counted.Attendances.Add(new CountedAttendance(
                identity?.CountedAs ?? attendance.Person, i, KindOf(counted, attendance.Organisation, attendance.Role)));
        }

        if (counted.Merged)
            JoinMerged(counted);

        for (var i = 0; i < meeting.Delegations.Length; i++)
        {
            ref readonly var delegation = ref meeting.Delegations[i];
            if (delegation.Heads > 0 && delegation.Known.At(_question.Position))
                counted.Delegations.Add((i, KindOf(counted, delegation.Organisation, null)));
        }

        counted.Nobody = Nobody(counted);
        return counted.Rows.Count > 0;
    }

    /// <summary>Of merged persons at one meeting makes one pair: counted wherever any of them is, and reported only where none counts.</summary>
    private static void JoinMerged(CountedMeeting counted)
    {
        foreach (var person in counted.Attendances.GroupBy(a => a.Person).Where(p => p.Count() > 1).ToList())
        {
            PresenceKind[] kinds = [.. person.Select(a => counted.Kinds[a.Kind])];
            var first = counted.Rows.Count;
            foreach (var kind in kinds)
                counted.Rows.AddRange(counted.Rows.GetRange(kind.FirstRow, kind.RowCount));
            var counts = kinds.Any(k => k.Counts);
            var reported = kinds.Where(k => k.Reported).Select(k => k.Role!.Value).OrderBy(Reporting).Cast<AttendeeRole?>().FirstOrDefault();
            var leading = person.OrderByDescending(a => counted.Kinds[a.Kind].RowCount > 0)
                .ThenBy(a => counted.Kinds[a.Kind].Role is { } role ? Reporting(role) : 0).First();
            counted.Kinds.Add(new PresenceKind(PresenceKind.Joined, reported, first, counted.Rows.Count - first, counts, !counts && reported is not null));
            counted.Attendances.RemoveAll(a => a.Person == person.Key);
            counted.Attendances.Add(new CountedAttendance(person.Key, leading.Index, counted.Kinds.Count - 1));
        }
    }

    /// <summary>As what a pair is reported that is several things: an observer first, then an interpreter, support, and a guest.</summary>
    private static int Reporting(AttendeeRole role) => role switch
    {
        AttendeeRole.Observer => 0,
        AttendeeRole.Interpreter => 1,
        AttendeeRole.Support => 2,
        _ => 3,
    };

    /// <summary>What people of an organisation in a role, or its heads, are in this meeting: one for all of them.</summary>
    private int KindOf(CountedMeeting counted, int organisation, AttendeeRole? role)
    {
        var kinds = CollectionsMarshal.AsSpan(counted.Kinds);
        for (var i = 0; i < kinds.Length; i++)
        {
            if (kinds[i].Organisation == organisation && kinds[i].Role == role)
                return i;
        }

        var shown = Shown(organisation);
        var (member, ofParty, first) = (false, !_party.IsNarrowed, counted.Rows.Count);
        var counts = role is not { } r || Counts(r);
        for (var i = 0; i < counted.Placements.Count; i++)
        {
            var placement = counted.Placements[i];
            if (_facts.PartyOf(placement.Framework, organisation, counted.At.FirstDay, _question.Position) is not { } party)
                continue;
            member = true;
            ofParty |= _party.Has(party);
            if (!counts)
                continue;
            counted.Somebody |= 1UL << i;
            if (_party.Has(party) && _organisation.Has(shown) && _role.Has((int?)role))
                counted.Rows.Add(new Presence(placement, party, shown, role));
        }

        var guest = counts && !member;
        ofParty |= !member && _party.Has(null);
        var reported = (!counts || guest) && ofParty && _organisation.Has(shown) && _role.Has((int?)role);
        counted.Kinds.Add(new PresenceKind(organisation, role, first, counted.Rows.Count - first, counts && member, reported));
        return counted.Kinds.Count - 1;
    }

    /// <summary>The frameworks of the meeting under which nobody counts, where that is not left out.</summary>
    private (int First, int Count) Nobody(CountedMeeting counted)
    {
        var first = counted.Rows.Count;
        if (!_party.Has(null) || !_organisation.Has(null) || !_role.Has(null))
            return (first, 0);
        for (var i = 0; i < counted.Placements.Count; i++)
        {
            if ((counted.Somebody >> i & 1) == 0)
                counted.Rows.Add(new Presence(counted.Placements[i], null, null, null));
        }

        return (first, counted.Rows.Count - first);
    }

    private bool InPart(MeetingVersion version)
    {
        var part = _question.Part;
        return (part.Year is null || part.Year == version.LastDay.Year)
            && (part.Period is not { } period || Period.Of(period.Per, version.Ends) == period)
            && _area.HasAny(version.Areas)
            && _host.HasAny(version.Hosts)
            && _coHost.HasAny(version.CoHosts)
            && _country.Has(version.Country)
            && _mode.Has(version.Mode);
    }

    /// <summary>An organisation as the question sees it.</summary>
    private int Shown(int organisation) => _lineage ? _facts.FollowerOf(organisation, _question.AsOf, _question.Position) : organisation;

    private MeetingVersion Folded(MeetingVersion version) => _lineage && (version.Hosts.Length > 0 || version.CoHosts.Length > 0)
        ? version with { Hosts = [.. version.Hosts.Select(Shown).Distinct()], CoHosts = [.. version.CoHosts.Select(Shown).Distinct()] }
        : version;

    private Narrowed Word(string? word) => Narrowed.To(word, w => _facts.Words.Find(w));

    private Narrowed Id(string? id) => Narrowed.To(id, i => i == Part.Unallocated ? Facts.Unallocated : _facts.Ids.Find(Guid.Parse(i)));

    /// <summary>One value that is asked about, or what is not stated; or nothing in particular.</summary>
    private readonly record struct Narrowed(bool IsNarrowed, int? Value)
    {
        /// <summary>No value has this number.</summary>
        public const int Unknown = -1;

        public static Narrowed To(string? value, Func<string, int?> number) =>
            new(value is not null, value is null or Question.NotStated ? null : number(value) ?? Unknown);

        public bool Has(int? value) => !IsNarrowed || value == Value;

        public bool HasAny(int[] values) => !IsNarrowed || (Value is { } value ? values.Contains(value) : values.Length == 0);
    }
}

/// <summary>An attendance of a meeting that is being counted.</summary>
/// <param name="Person">At the end of the line of merges.</param>
/// <param name="Index">Its index in <see cref="KnownMeeting.Attendances"/>.</param>
/// <param name="Kind">The index of its kind in <see cref="CountedMeeting.Kinds"/>.</param>
internal readonly record struct CountedAttendance(int Person, int Index, int Kind);

/// <summary>
/// What the people of an organisation in a role are, or (without a role) its heads: rows of <see cref="CountedMeeting.Rows"/>, one
/// for each framework they count in; or not counted at all, which is reported where the part asked about includes it.
/// </summary>
/// <param name="Counts">Whether they count in any framework of the question, be it in the part or not.</param>
internal readonly record struct PresenceKind(int Organisation, AttendeeRole? Role, int FirstRow, int RowCount, bool Counts, bool Reported)
{
    /// <summary>In place of the organisation, where merged persons were there for several or in several roles.</summary>
    public const int Joined = -3;
}

/// <summary>One meeting as it is counted.</summary>
internal sealed class CountedMeeting
{
    public KnownMeeting Meeting { get; private set; } = null!;

    public MeetingVersion At { get; private set; } = null!;

    public List<PlacementFact> Placements { get; } = [];

    /// <summary>What was there of the part that is asked about.</summary>
    public List<Presence> Rows { get; } = [];

    public List<PresenceKind> Kinds { get; } = [];

    /// <summary>Everybody who attended, whether they count or not.</summary>
    public List<CountedAttendance> Attendances { get; } = [];

    public List<(int Index, int Kind)> Delegations { get; } = [];

    /// <summary>The rows of nobody.</summary>
    public (int First, int Count) Nobody { get; set; }

    /// <summary>A bit for each placement under which anybody counts, in the part or not.</summary>
    public ulong Somebody { get; set; }

    /// <summary>Whether a merged person attended.</summary>
    public bool Merged { get; set; }

    public ReadOnlySpan<Presence> RowsOf(int kind) => CollectionsMarshal.AsSpan(Rows).Slice(Kinds[kind].FirstRow, Kinds[kind].RowCount);

    public void Begin(KnownMeeting meeting, MeetingVersion at)
    {
        Meeting = meeting;
        At = at;
        Placements.Clear();
        Rows.Clear();
        Kinds.Clear();
        Attendances.Clear();
        Delegations.Clear();
        (Nobody, Somebody, Merged) = ((0, 0), 0, false);
    }
}
