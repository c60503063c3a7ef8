using System.Collections;
using System.Collections.Immutable;
using CooperationEvents.Kernel;
using CooperationEvents.Meetings;

namespace CooperationEvents.Statistics.Facts;

/// <summary>From which position on something was known, and from which on no longer.</summary>
internal readonly record struct Known(long From, long To)
{
    public bool At(long position) => From <= position && position < To;
}

/// <summary>What was known of a meeting over some positions; its words and organisations as numbers of <see cref="Interner{T}"/>.</summary>
internal sealed record MeetingVersion(
    Known Known,
    bool Held,
    bool Voided,
    string Title,
    DateOnly FirstDay,
    DateOnly LastDay,
    PartialDate Starts,
    PartialDate Ends,
    int? Mode,
    int? Country,
    int[] Hosts,
    int[] CoHosts,
    int[] Areas,
    Guid[] Evidence
)
{
    /// <summary>By definition 1: an end at midnight belongs to the day that begins then.</summary>
    public MeetingVersion WithDayOfEnd => LastDay == Ends.LastDay ? this : this with { LastDay = Ends.LastDay };
}

internal readonly record struct PlacementFact(Known Known, int Framework, int Level, int? Edition);

internal readonly record struct AttendanceFact(Known Known, int Person, int Organisation, AttendeeRole Role, Evidence Evidence);

/// <summary>The events an attendance rests on: mostly one, which needs no list.</summary>
internal readonly record struct Evidence(Guid First, Guid[]? Others)
{
    public IEnumerable<Guid> Events => Others is null ? [First] : [First, .. Others];
}

internal readonly record struct DelegationFact(Known Known, int Organisation, int Heads, CountPrecision Precision, Guid[] Evidence);

/// <summary>Membership is [joined, left).</summary>
internal readonly record struct MembershipFact(Known Known, int Party, DateOnly JoinedOn, DateOnly LeftOn);

internal readonly record struct NameFact(Known Known, string ShortName, string Name, DateOnly ValidFrom);

/// <summary>Whom a person is counted as, and the events that say so.</summary>
internal readonly record struct IdentityFact(Known Known, int CountedAs, Guid[] Evidence);

/// <summary>Who stands in for an organisation from a day on; nobody where it was split without a default.</summary>
internal readonly record struct SuccessionFact(Known Known, int? Follower, DateOnly ValidFrom);

/// <summary>Everything ever known of one meeting; its attendances by organisation and role.</summary>
/// <param name="RecordedFrom">The position of the first attendance recorded, whatever its status; past all positions where there is
/// none.</param>
internal sealed record KnownMeeting(
    Guid Id,
    MeetingVersion[] Versions,
    PlacementFact[] Placements,
    AttendanceFact[] Attendances,
    DelegationFact[] Delegations,
    long RecordedFrom
)
{
    /// <summary>The first of the last days it was ever known to have, by either definition.</summary>
    public DateOnly EarliestLastDay => Versions.Min(v => v.LastDay < v.Ends.LastDay ? v.LastDay : v.Ends.LastDay);

    /// <summary>Whether neither an attendance nor a head count had been recorded by then.</summary>
    public bool IsWithoutAttendance(long position)
    {
        if (RecordedFrom <= position)
            return false;
        foreach (ref readonly var delegation in Delegations.AsSpan())
        {
            if (delegation.Heads > 0 && delegation.Known.At(position))
                return false;
        }

        return true;
    }

    public MeetingVersion? At(long position)
    {
        foreach (var version in Versions)
        {
            if (version.Known.At(position))
                return version;
        }

        return null;
    }
}

/// <summary>A level, party or area of a framework, with the position from which on it was known.</summary>
internal readonly record struct CodeFact(string Code, string Name, long KnownFrom);

/// <summary>A framework as the facts know it; its levels by rank.</summary>
internal sealed record FrameworkFacts(
    Guid Id,
    long KnownFrom,
    string Name,
    PartialDate EstablishedOn,
    IReadOnlyList<CodeFact> Parties,
    IReadOnlyList<CodeFact> Levels,
    IReadOnlyList<CodeFact> Areas
);

/// <summary>
/// What is the same for all meetings: frameworks and memberships, names and successions of organisations, and who are one person.
/// </summary>
internal sealed record ReferenceFacts(
    IReadOnlyList<FrameworkFacts> Frameworks,
    IReadOnlyDictionary<(int Framework, int Organisation), MembershipFact[]> Memberships,
    IReadOnlyDictionary<int, NameFact[]> Names,
    IReadOnlyDictionary<int, SuccessionFact[]> Successions,
    IReadOnlyDictionary<int, IdentityFact[]> Identities
)
{
    private readonly Dictionary<Guid, int> _places = Frameworks.Select((f, i) => (f.Id, i)).ToDictionary();

    /// <summary>A bit for each person who has identities; asked for every attendance, where a look into the dictionary is slow.</summary>
    private readonly BitArray _hasIdentities = Bits(Identities.Keys);

    /// <summary>The index of a framework in <see cref="Frameworks"/>.</summary>
    public int PlaceOf(Guid framework) => _places[framework];

    /// <summary>Whom the person was ever counted as; nobody where never as anybody else.</summary>
    public IdentityFact[] IdentitiesOf(int person) => person < _hasIdentities.Length && _hasIdentities[person] ? Identities[person] : [];

    private static BitArray Bits(IEnumerable<int> numbers)
    {
        var bits = new BitArray(numbers.DefaultIfEmpty(-1).Max() + 1);
        foreach (var number in numbers)
            bits[number] = true;
        return bits;
    }
}

/// <summary>
/// The bitemporal facts up to a position, in memory. Nothing in it changes: facts of later positions make another, which shares
/// what they left as it was. It answers for every position up to its own.
/// </summary>
internal sealed class KnownFacts
{
    /// <summary>Stands for the organisation that what went through a split without a default is shown as.</summary>
    public const int Unallocated = -2;

    private readonly KnownMeeting[] _meetings;

    /// <summary>The places in <see cref="_meetings"/> of those that were ever placed under a framework.</summary>
    private readonly Dictionary<int, int[]> _byFramework;

    /// <summary>By framework, the position at which facts of its meetings last changed, where that is after all facts were read.</summary>
    private readonly Dictionary<int, long> _changedAt;

    /// <summary>
    /// The position at which facts that concern all meetings last changed, or all facts were read; and the same of any fact.
    /// </summary>
    private readonly long _agreedAt,
        _lastChangedAt;

    /// <summary>
    /// The earliest last day of meetings that changed up to a position and after the one before it. Days rise with positions: a later
    /// change of an earlier day stands for those before it too.
    /// </summary>
    private readonly ImmutableStack<(long Position, DateOnly Day)> _changes = [];

    public KnownFacts(
        long position,
        Interner<Guid> ids,
        Interner<string> words,
        Interner<Guid> places,
        ReferenceFacts reference,
        IEnumerable<KnownMeeting> meetings
    )
    {
        (Position, _agreedAt, _lastChangedAt) = (position, position, position);
        (Ids, Words, Places, ReferenceFacts) = (ids, words, places, reference);
        (_meetings, _byFramework, _changedAt) = ([], [], []);
        Put(meetings, ref _meetings);
        _changedAt.Clear();
    }

    /// <param name="reference">Null where they are as before.</param>
    /// <param name="changed">The meetings of which something became known, or ceased to be.</param>
    public KnownFacts(long position, KnownFacts before, ReferenceFacts? reference, IReadOnlyCollection<KnownMeeting> changed)
    {
        Position = position;
        (Ids, Words, Places, ReferenceFacts) = (before.Ids, before.Words, before.Places, reference ?? before.ReferenceFacts);
        _agreedAt = reference is null ? before._agreedAt : position;
        _lastChangedAt = reference is null && changed.Count == 0 ? before._lastChangedAt : position;
        (_meetings, _byFramework, _changedAt, _changes) = (before._meetings, before._byFramework, before._changedAt, before._changes);
        if (changed.Count == 0)
            return;
        (_byFramework, _changedAt) = (new(_byFramework), new(_changedAt));
        Put(changed, ref _meetings);
        var day = changed.Min(m => m.EarliestLastDay);
        while (!_changes.IsEmpty && _changes.Peek().Day >= day)
            _changes = _changes.Pop();
        _changes = _changes.Push((position, day));
    }

    public long Position { get; }

    /// <summary>People, organisations and frameworks.</summary>
    public Interner<Guid> Ids { get; }

    /// <summary>Codes of levels, parties, areas, countries and modes.</summary>
    public Interner<string> Words { get; }

    public ReferenceFacts ReferenceFacts { get; }

    /// <summary>Meetings; each keeps its place.</summary>
    private Interner<Guid> Places { get; }

    /// <summary>The meetings that were ever placed under the framework; all where it is null.</summary>
    public IEnumerable<KnownMeeting> Under(Guid? framework) =>
        framework is not { } id ? _meetings
        : Ids.Find(id) is { } number && _byFramework.TryGetValue(number, out var places) ? places.Select(p => _meetings[p])
        : [];

    /// <summary>
    /// The position, no later than this one, at which something that can count in the framework (null: in any) last changed as far as is
    /// known: every figure there is what it is here.
    /// </summary>
    public long SameAs(Guid? framework, long position)
    {
        var changedAt = framework is not { } id
            ? _lastChangedAt
            : Math.Max(_agreedAt, Ids.Find(id) is { } number ? _changedAt.GetValueOrDefault(number) : 0);
        return Math.Min(position, changedAt);
    }

    /// <summary>
    /// The earliest last day of meetings of which something changed after a position, up to that of these facts; null where something that
    /// concerns all meetings did, or no meeting.
    /// </summary>
    public DateOnly? EarliestChangeSince(long position)
    {
        DateOnly? day = null;
        if (_agreedAt <= position)
        {
            foreach (var change in _changes.TakeWhile(c => c.Position > position))
                day = change.Day;
        }

        return day;
    }

    /// <summary>The party the organisation was a member for on that day; null where it was no member.</summary>
    public int? PartyOf(int framework, int organisation, DateOnly day, long position)
    {
        if (!ReferenceFacts.Memberships.TryGetValue((framework, organisation), out var memberships))
            return null;
        foreach (var membership in memberships)
        {
            if (membership.Known.At(position) && membership.JoinedOn <= day && day < membership.LeftOn)
                return membership.Party;
        }

        return null;
    }

    /// <summary>The person that this one is counted as; null where it is counted as itself.</summary>
    public IdentityFact? Identity(int person, long position)
    {
        foreach (var identity in ReferenceFacts.IdentitiesOf(person))
        {
            if (identity.Known.At(position))
                return identity;
        }

        return null;
    }

    /// <summary>
    /// The organisation that stands in for this one on the day, at the end of the line of successions; itself where none does.
    /// </summary>
    public int ShownAs(int organisation, DateOnly day, long position)
    {
        while (
            ReferenceFacts.Successions.GetValueOrDefault(organisation, []).Where(s => s.Known.At(position) && s.ValidFrom <= day).ToArray()
                is [var succession, ..]
        )
        {
            if (succession.Follower is not { } follower)
                return Unallocated;
            organisation = follower;
        }

        return organisation;
    }

    /// <summary>The names it had on the day; of two from the same day, the one recorded later.</summary>
    public NameFact? NamesOf(int organisation, DateOnly day, long position)
    {
        NameFact? found = null;
        foreach (var name in ReferenceFacts.Names.GetValueOrDefault(organisation, []))
        {
            if (
                name.Known.From <= position
                && name.ValidFrom <= day
                && (found is not { } best || (name.ValidFrom, name.Known.From).CompareTo((best.ValidFrom, best.Known.From)) > 0)
            )
                found = name;
        }

        return found;
    }

    /// <summary>A copy with these meetings in their places; others go on reading the one before.</summary>
    private void Put(IEnumerable<KnownMeeting> changed, ref KnownMeeting[] meetings)
    {
        var placed = new Dictionary<int, List<int>>();
        var copy = new List<KnownMeeting>(meetings);
        foreach (var meeting in changed)
        {
            var place = Places.Of(meeting.Id);
            var before = place < copy.Count ? copy[place] : null;
            if (before is null)
                copy.Add(meeting);
            else
                copy[place] = meeting;
            foreach (var framework in meeting.Placements.Select(p => p.Framework).Distinct())
            {
                _changedAt[framework] = Position;
                if (before is not null && Array.Exists(before.Placements, p => p.Framework == framework))
                    continue;
                if (!placed.TryGetValue(framework, out var places))
                    placed[framework] = places = [];
                places.Add(place);
            }
        }

        meetings = [.. copy];
        foreach (var (framework, places) in placed)
            _byFramework[framework] = [.. _byFramework.GetValueOrDefault(framework, []), .. places];
    }
}
