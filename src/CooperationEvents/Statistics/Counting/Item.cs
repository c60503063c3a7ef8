using CooperationEvents.Kernel;
using CooperationEvents.Statistics.Facts;

namespace CooperationEvents.Statistics.Counting;

/// <summary>Part of an item behind a figure: a meeting, one of its delegations, or one attendance of a pair or of a person.</summary>
/// <param name="Index">Of the attendance or delegation in its meeting.</param>
/// <param name="Person">Whom an attendance is counted as.</param>
/// <param name="MergedBy">The events by which it is; null where nobody else attended.</param>
internal readonly record struct Item(
    string Kind,
    KnownMeeting Meeting,
    MeetingVersion At,
    int Index,
    int Person = -1,
    Guid[]? MergedBy = null
)
{
    public const string MeetingKind = "meeting";
    public const string AttendanceKind = "attendance";
    public const string DelegationKind = "delegation";
    public const string PersonKind = "person";

    public AttendanceFact Attendance => Meeting.Attendances[Index];

    public DelegationFact Delegation => Meeting.Delegations[Index];

    /// <summary>The ids of the events that made it, the merges of an attendance included.</summary>
    public IEnumerable<Guid> Events =>
        Kind switch
        {
            MeetingKind => At.Evidence,
            DelegationKind => Delegation.Evidence,
            _ => Attendance.Evidence.Events.Concat(MergedBy ?? []),
        };
}

/// <summary>What tells items apart, and their order: kind, day, meeting, person, organisation, role.</summary>
internal readonly struct ItemKey : IComparable<ItemKey>
{
    private readonly (string Kind, DateOnly Day, Guid Meeting) _first;
    private readonly Guid _person,
        _organisation;
    private readonly string _role;

    public ItemKey(KnownFacts facts, Item item)
    {
        _first = item.Kind == Item.PersonKind ? (item.Kind, default, default) : (item.Kind, item.At.LastDay, item.Meeting.Id);
        _person = item.Person < 0 ? default : facts.Ids[item.Person];
        (_organisation, _role) = item.Kind switch
        {
            Item.AttendanceKind => (facts.Ids[item.Attendance.Organisation], CountedFacts.WordsOfRoles[(int)item.Attendance.Role]),
            Item.DelegationKind => (facts.Ids[item.Delegation.Organisation], ""),
            _ => (default, ""),
        };
    }

    /// <summary>Whether both are of one item. The attendances of merged persons are.</summary>
    public bool IsSame(ItemKey other) =>
        _first == other._first && _person == other._person && (_first.Kind != Item.DelegationKind || _organisation == other._organisation);

    public int CompareTo(ItemKey other)
    {
        var order = string.CompareOrdinal(_first.Kind, other._first.Kind);
        if (order == 0)
            order = (_first.Day, _first.Meeting).CompareTo((other._first.Day, other._first.Meeting));
        if (order == 0)
            order = (_person, _organisation).CompareTo((other._person, other._organisation));
        return order != 0 ? order : string.CompareOrdinal(_role, other._role);
    }
}

/// <summary>One item, of which there may be several attendances.</summary>
internal sealed record ItemParts(IReadOnlyList<Item> Parts)
{
    public Explained Written(KnownFacts facts, Question question)
    {
        var item = Parts[0];
        var of = new Explained(
            item.Kind,
            item.Meeting.Id,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            item.At.Title,
            item.At.Starts.ToString(),
            []
        );
        return item.Kind switch
        {
            Item.PersonKind => of with
            {
                MeetingId = null,
                PersonId = facts.Ids[item.Person],
                Title = null,
                Start = null,
                Events = Evidence(),
            },
            Item.AttendanceKind => At(item.Attendance.Organisation) with
            {
                PersonId = facts.Ids[item.Person],
                Role = CountedFacts.WordsOfRoles[(int)item.Attendance.Role],
                Events = Evidence(),
            },
            Item.DelegationKind => At(item.Delegation.Organisation) with
            {
                Heads = item.Delegation.Heads,
                Precision = Json.Word(item.Delegation.Precision),
                Events = [.. item.Delegation.Evidence],
            },
            _ => of with { Events = [.. item.At.Evidence] },
        };

        Explained At(int organisation)
        {
            var names = facts.NamesOf(organisation, question.AsOf, question.Position);
            return of with { OrganisationId = facts.Ids[organisation], ShortName = names?.ShortName, OrganisationName = names?.Name };
        }
    }

    private Kernel.ValueList<Guid> Evidence() => [.. Parts.SelectMany(p => p.Events).Distinct().Order()];
}
