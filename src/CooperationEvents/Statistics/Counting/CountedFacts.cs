using System.Runtime.InteropServices;
using CooperationEvents.Kernel;
using CooperationEvents.Meetings;
using CooperationEvents.Statistics.Facts;

namespace CooperationEvents.Statistics.Counting;

/// <summary>
/// What counts at a meeting under one of its frameworks: people of an organisation in a role, or its heads; or nobody, where nobody counts.
/// Null is not stated: the role of heads, and everything of nobody.
/// </summary>
internal readonly record struct Presence(PlacementFact Placement, int? Party, int? Organisation, AttendeeRole? Role);

/// <summary>
/// The one place that says what counts: which meetings, whose attendance, which heads. Every figure, and every explanation of one, is
/// counted from it.
/// </summary>
internal sealed class CountedFacts
{
    private static readonly AttendeeRole[] Counting =
    [
        AttendeeRole.Chair,
        AttendeeRole.HeadOfDelegation,
        AttendeeRole.Delegate,
        AttendeeRole.Expert,
        AttendeeRole.Speaker,
        AttendeeRole.Rapporteur,
    ];

    private readonly KnownFacts _facts;
    private readonly Question _question;
    private readonly int? _framework;
    private readonly Narrowed _level,
        _party,
        _organisation,
        _area,
        _host,
        _coHost,
        _country,
        _mode,
        _role;

    public CountedFacts(KnownFacts facts, Question question)
    {
        _facts = facts;
        _question = question;
        _framework = question.Framework is { } framework ? facts.Ids.Find(framework) ?? Narrowed.Unknown : null;
        var filter = question.Filter;
        (_level, _party, _area, _country, _mode) = (
            Word(filter.Level),
            Word(filter.Party),
            Word(filter.Area),
            Word(filter.Country),
            Word(filter.Mode)
        );
        (_organisation, _host, _coHost) = (Id(filter.Organisation), Id(filter.Host), Id(filter.CoHost));
        _role = Narrowed.To(filter.Role, role => Array.IndexOf(WordsOfRoles, role));
    }

    /// <summary>Every role in the words of the API, in the order of <see cref="AttendeeRole"/>.</summary>
    public static string[] WordsOfRoles { get; } = [.. Enum.GetValues<AttendeeRole>().Select(Json.Word)];

    /// <summary>Whether an attendance in the role counts.</summary>
    public static bool Counts(AttendeeRole role) => Counting.Contains(role);

    /// <summary>The roles in which an attendance counts.</summary>
    public static IReadOnlyList<string> RolesThatCount { get; } = [.. Counting.Select(r => WordsOfRoles[(int)r])];

    /// <summary>
    /// The meetings of the question, in the order of their last days: held, not voided, last day between from and asOf, placed as asked.
    /// Those that count have rows; from others who does not count is reported. The argument is the same object every time and holds for
    /// that call alone.
    /// </summary>
    /// <param name="from">The first of the last days; null for any.</param>
    /// <param name="before">The day after the last of them; null for any.</param>
    public void Each(Action<CountedMeeting> count, DateOnly? from = null, DateOnly? before = null)
    {
        var held = new List<(KnownMeeting Meeting, MeetingVersion At)>();
        foreach (var meeting in _facts.Under(_question.Framework))
        {
            if (meeting.At(_question.Position) is not { Held: true, Voided: false } known)
                continue;
            var version = _question.ByFirstDefinition ? known.WithDayOfEnd : known;
            var day = version.LastDay;
            if (day <= _question.AsOf && !(day < _question.From) && !(day < from) && !(day >= before))
                held.Add((meeting, version));
        }

        var days = held.ConvertAll(m => m.At.LastDay.DayNumber).ToArray();
        var ordered = held.ToArray();
        Array.Sort(days, ordered);
        var counted = new CountedMeeting();
        foreach (var (meeting, version) in ordered)
        {
            if (Count(meeting, version, counted))
                count(counted);
        }
    }

    /// <summary>Whether anything of the meeting passes the filter, or is reported of it.</summary>
    private bool Count(KnownMeeting meeting, MeetingVersion version, CountedMeeting counted)
    {
        counted.Begin(meeting, version, !_question.ByFirstDefinition && meeting.IsWithoutAttendance(_question.Position));
        if (_question.Lineage)
            counted.Show(version.Areas, Folded(version.Hosts), Folded(version.CoHosts));
        if (!Passes(counted))
            return false;
        counted.Show(_area.Of(counted.Areas), _host.Of(counted.Hosts), _coHost.Of(counted.CoHosts));
        foreach (ref readonly var placement in meeting.Placements.AsSpan())
        {
            if (
                placement.Known.At(_question.Position)
                && (_framework is null || placement.Framework == _framework)
                && _level.Has(placement.Level)
            )
                counted.Placements.Add(placement);
        }

        if (counted.Placements.Count == 0)
            return false;
        var attendances = meeting.Attendances;
        for (var (i, kind, like) = (0, -1, -1); i < attendances.Length; i++)
        {
            ref readonly var attendance = ref attendances[i];
            if (!attendance.Known.At(_question.Position))
                continue;

            // Those of one organisation and role are next to each other.
            if (like < 0 || attendances[like].Organisation != attendance.Organisation || attendances[like].Role != attendance.Role)
                (kind, like) = (AddKind(counted, attendance.Organisation, attendance.Role), i);
            var person = attendance.Person;
            if (_facts.Identity(person, _question.Position) is { } identity)
            {
                person = identity.CountedAs;
                counted.MergedBy[i] = identity.Evidence;
            }

            counted.Attendances.Add(new CountedAttendance(person, i, kind));
        }

        CountPeople(counted);

        for (var i = 0; i < meeting.Delegations.Length; i++)
        {
            ref readonly var delegation = ref meeting.Delegations[i];
            if (delegation.Heads > 0 && delegation.Known.At(_question.Position))
                counted.Delegations.Add((i, KindOf(counted, delegation.Organisation, null)));
        }

        counted.Nobody = Nobody(counted);
        return counted.Counts || (!_question.ByFirstDefinition && counted.Kinds.Exists(k => k.Reported));
    }

    /// <summary>
    /// Merged persons are one person at a meeting. They count if any of them counts. If none of them counts, they are reported as the first
    /// of these that any of them was: observer, interpreter, support, guest. The party, organisation and role that are asked about are
    /// looked at after that. Where nobody at the meeting was merged, people of one kind are taken together.
    /// </summary>
    private void CountPeople(CountedMeeting counted)
    {
        if (counted.MergedBy.Count == 0)
        {
            CountByKind(counted);
            return;
        }

        counted.Attendances.Sort((a, b) => (a.Person, a.Index).CompareTo((b.Person, b.Index)));
        for (int first = 0, next; first < counted.Attendances.Count; first = next)
        {
            var (person, isCounted, counts) = (counted.Attendances[first].Person, false, false);
            var (reported, reportedAs) = (-1, int.MaxValue);
            for (next = first; next < counted.Attendances.Count && counted.Attendances[next].Person == person; next++)
            {
                var kind = counted.Kinds[counted.Attendances[next].Kind];
                isCounted |= kind.RowCount > 0;
                counts |= kind.Counts;
                var place = PlaceOf(kind.Role!.Value);
                if (place < reportedAs)
                    (reported, reportedAs) = (-1, place);
                if (kind.Reported && place == reportedAs && (reported < 0 || ReportedBefore(counted, next, reported)))
                    reported = next;
            }

            counted.People.Add(new CountedPeople(first, next - first, AreOne: true, isCounted, counts ? -1 : reported));
        }
    }

    private static void CountByKind(CountedMeeting counted)
    {
        for (int first = 0, next; first < counted.Attendances.Count; first = next)
        {
            var kind = counted.Attendances[first].Kind;
            for (next = first + 1; next < counted.Attendances.Count && counted.Attendances[next].Kind == kind; next++) { }

            var (isCounted, reported) = (counted.Kinds[kind].RowCount > 0, counted.Kinds[kind].Reported);
            counted.People.Add(new CountedPeople(first, next - first, AreOne: false, isCounted, reported ? first : -1));
        }
    }

    /// <summary>By which role of several somebody is reported: the first observer, interpreter or support, and last as a guest.</summary>
    private static int PlaceOf(AttendeeRole role) => Counts(role) ? int.MaxValue : (int)role;

    /// <summary>Which of two attendances that are reported as the same comes first.</summary>
    private bool ReportedBefore(CountedMeeting counted, int one, int other)
    {
        return Order(one).CompareTo(Order(other)) < 0;

        (Guid, Guid) Order(int attendance)
        {
            var fact = counted.Meeting.Attendances[counted.Attendances[attendance].Index];
            return (_facts.Ids[fact.Organisation], _facts.Ids[fact.Person]);
        }
    }

    /// <summary>What people of an organisation in a role, or its heads, are in this meeting: one for all of them.</summary>
    private int KindOf(CountedMeeting counted, int organisation, AttendeeRole? role)
    {
        var kinds = CollectionsMarshal.AsSpan(counted.Kinds);
        for (var i = 0; i < kinds.Length; i++)
        {
            if (kinds[i].Organisation == organisation && kinds[i].Role == role)
                return i;
        }

        return AddKind(counted, organisation, role);
    }

    private int AddKind(CountedMeeting counted, int organisation, AttendeeRole? role)
    {
        var shownAs = _question.Lineage ? _facts.ShownAs(organisation, _question.AsOf, _question.Position) : organisation;
        var (member, ofParty, first) = (false, !_party.IsNarrowed, counted.Rows.Count);
        var counts = role is not { } r || Counts(r);
        var parties = PartiesOf(counted, organisation);
        for (var i = 0; i < parties.Length; i++)
        {
            var placement = counted.Placements[i];
            if (parties[i] is not { } party)
                continue;
            member = true;
            ofParty |= _party.Has(party);
            if (!counts)
                continue;
            counted.Somebody |= 1UL << i;
            if (_party.Has(party) && _organisation.Has(shownAs) && _role.Has((int?)role))
                counted.Rows.Add(new Presence(placement, party, shownAs, role));
        }

        var guest = counts && !member;
        ofParty |= !member && _party.Has(null);
        var reported = (!counts || guest) && ofParty && _organisation.Has(shownAs) && _role.Has((int?)role);
        counted.Kinds.Add(new PresenceKind(organisation, role, first, counted.Rows.Count - first, counts && member, reported));
        return counted.Kinds.Count - 1;
    }

    /// <summary>By placement, the party the organisation was a member for; found once for all kinds of an organisation in a row.</summary>
    private ReadOnlySpan<int?> PartiesOf(CountedMeeting counted, int organisation)
    {
        if (counted.PartiesAreOf != organisation)
        {
            counted.PartiesAreOf = organisation;
            counted.Parties.Clear();
            foreach (ref readonly var placement in CollectionsMarshal.AsSpan(counted.Placements))
                counted.Parties.Add(_facts.PartyOf(placement.Framework, organisation, counted.At.FirstDay, _question.Position));
        }

        return CollectionsMarshal.AsSpan(counted.Parties);
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

    private bool Passes(CountedMeeting counted)
    {
        var (filter, version) = (_question.Filter, counted.At);
        return (filter.Year is null || filter.Year == version.LastDay.Year)
            && !(version.LastDay > filter.Until)
            && (filter.Period is not { } period || Period.Of(period.Per, version.Ends, version.LastDay) == period)
            && _area.HasAny(counted.Areas)
            && _host.HasAny(counted.Hosts)
            && _coHost.HasAny(counted.CoHosts)
            && _country.Has(version.Country)
            && _mode.Has(version.Mode);
    }

    private Narrowed Word(string? word) => Narrowed.To(word, w => _facts.Words.Find(w));

    private Narrowed Id(string? id) =>
        Narrowed.To(id, i => i == Question.Unallocated ? KnownFacts.Unallocated : _facts.Ids.Find(Guid.Parse(i)));

    private int[] Folded(int[] organisations) =>
        [.. organisations.Select(o => _facts.ShownAs(o, _question.AsOf, _question.Position)).Distinct()];

    /// <summary>What a filter asks of one dimension: a value, what is not stated, or nothing in particular.</summary>
    private readonly record struct Narrowed(bool IsNarrowed, int? Value)
    {
        /// <summary>No value has this number.</summary>
        public const int Unknown = -1;

        public static Narrowed To(string? value, Func<string, int?> number) =>
            new(value is not null, value is null or Question.NotStated ? null : number(value) ?? Unknown);

        public bool Has(int? value) => !IsNarrowed || value == Value;

        /// <summary>Those of the values that are asked about.</summary>
        public int[] Of(int[] values) =>
            !IsNarrowed ? values
            : Value is { } value && values.Contains(value) ? [value]
            : [];

        public bool HasAny(int[] values) => !IsNarrowed || (Value is { } value ? values.Contains(value) : values.Length == 0);
    }
}

/// <summary>An attendance of a meeting that is being counted.</summary>
/// <param name="Index">Its index in <see cref="KnownMeeting.Attendances"/>.</param>
/// <param name="Kind">The index of its kind in <see cref="CountedMeeting.Kinds"/>.</param>
internal readonly record struct CountedAttendance(int Person, int Index, int Kind);

/// <summary>
/// People at a meeting, by attendances in <see cref="CountedMeeting.Attendances"/>: one person, of several where persons were merged; or
/// all of one kind, each with one attendance.
/// </summary>
/// <param name="AreOne">Whether all the attendances are one person's.</param>
/// <param name="Reported">The first attendance that is reported where none of them counts; -1 where nothing is.</param>
internal readonly record struct CountedPeople(int First, int Count, bool AreOne, bool Counted, int Reported);

/// <summary>
/// What the people of an organisation in a role are, or (without a role) its heads: rows of <see cref="CountedMeeting.Rows"/>, one
/// for each framework they count in; or not counted at all, which is reported where it passes the filter.
/// </summary>
/// <param name="Counts">Whether they count in a framework asked about, before party, organisation and role are looked at.</param>
internal readonly record struct PresenceKind(int Organisation, AttendeeRole? Role, int FirstRow, int RowCount, bool Counts, bool Reported);

/// <summary>One meeting as it is counted.</summary>
internal sealed class CountedMeeting
{
    public KnownMeeting Meeting { get; private set; } = null!;

    public MeetingVersion At { get; private set; } = null!;

    /// <summary>Whether it is one of the meetings held that pass the filter.</summary>
    public bool Counts => Rows.Count > 0;

    /// <summary>Whether neither an attendance nor a head count was recorded of it.</summary>
    public bool WithoutAttendance { get; private set; }

    public List<PlacementFact> Placements { get; } = [];

    /// <summary>The organisation that <see cref="Parties"/> are of; null for none yet.</summary>
    public int? PartiesAreOf { get; set; }

    /// <summary>By placement, the party that an organisation was a member for; null where it was no member.</summary>
    public List<int?> Parties { get; } = [];

    /// <summary>What was there and passes the filter.</summary>
    public List<Presence> Rows { get; } = [];

    public List<PresenceKind> Kinds { get; } = [];

    /// <summary>Everybody who attended, whether they count or not.</summary>
    public List<CountedAttendance> Attendances { get; } = [];

    /// <summary>By attendance of the meeting, the events by which the one who attended is counted as another person.</summary>
    public Dictionary<int, Guid[]> MergedBy { get; } = [];

    public List<CountedPeople> People { get; } = [];

    public List<(int Index, int Kind)> Delegations { get; } = [];

    /// <summary>Its areas; where one is asked about, that one.</summary>
    public int[] Areas { get; private set; } = [];

    /// <summary>The organisations that hosted, as they are shown; where one is asked about, that one. Likewise the co-hosts.</summary>
    public int[] Hosts { get; private set; } = [];

    public int[] CoHosts { get; private set; } = [];

    /// <summary>The rows of nobody.</summary>
    public (int First, int Count) Nobody { get; set; }

    /// <summary>A bit for each placement under which anybody counts, whether it passes the filter or not.</summary>
    public ulong Somebody { get; set; }

    public ReadOnlySpan<CountedAttendance> AttendancesOf(CountedPeople people) =>
        CollectionsMarshal.AsSpan(Attendances).Slice(people.First, people.Count);

    /// <summary>The attendances that are reported: one of a person, each of people of one kind.</summary>
    public ReadOnlySpan<CountedAttendance> ReportedOf(CountedPeople people) =>
        people.Reported < 0 ? [] : CollectionsMarshal.AsSpan(Attendances).Slice(people.Reported, people.AreOne ? 1 : people.Count);

    public ReadOnlySpan<Presence> RowsOf(int kind) => CollectionsMarshal.AsSpan(Rows).Slice(Kinds[kind].FirstRow, Kinds[kind].RowCount);

    public void Begin(KnownMeeting meeting, MeetingVersion at, bool withoutAttendance)
    {
        (Meeting, At, WithoutAttendance) = (meeting, at, withoutAttendance);
        Placements.Clear();
        Rows.Clear();
        Kinds.Clear();
        Attendances.Clear();
        MergedBy.Clear();
        People.Clear();
        Delegations.Clear();
        Show(at.Areas, at.Hosts, at.CoHosts);
        (Nobody, Somebody, PartiesAreOf) = ((0, 0), 0, null);
    }

    public void Show(int[] areas, int[] hosts, int[] coHosts) => (Areas, Hosts, CoHosts) = (areas, hosts, coHosts);
}
