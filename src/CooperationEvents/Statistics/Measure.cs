using CooperationEvents.Meetings;

namespace CooperationEvents.Statistics;

/// <summary>An item behind a figure, before it is written out: a meeting, one of its attendances or delegations, or a person.</summary>
/// <param name="Index">Of the attendance or delegation in its meeting; of a person, one of its attendances.</param>
internal readonly record struct Item(string Kind, KnownMeeting? Meeting, MeetingVersion? At, int Index)
{
    public const string MeetingKind = "meeting";
    public const string AttendanceKind = "attendance";
    public const string DelegationKind = "delegation";
    public const string PersonKind = "person";

    /// <summary>Whom the attendance counts for: the person at the end of the line of merges.</summary>
    public int Person(Facts facts, Question question)
    {
        var person = Meeting!.Attendances[Index].Person;
        return facts.Identity(person, question.Position)?.CountedAs ?? person;
    }

    /// <summary>The ids of the events that made it: of merged persons at one meeting all their attendances, and the merges.</summary>
    public IEnumerable<Guid> Events(Facts facts, Question question)
    {
        if (Kind == MeetingKind)
            return At!.Evidence;
        if (Kind == DelegationKind)
            return Meeting!.Delegations[Index].Evidence;
        if (!facts.IsMerged(Meeting!.Attendances[Index].Person))
            return Meeting.Attendances[Index].Evidence;
        var person = Person(facts, question);
        return Meeting.Attendances
            .Select(a => (Attendance: a, Identity: facts.Identity(a.Person, question.Position)))
            .Where(a => a.Attendance.Known.At(question.Position) && (a.Identity?.CountedAs ?? a.Attendance.Person) == person)
            .SelectMany(a => (IEnumerable<Guid>)[.. a.Attendance.Evidence, .. a.Identity?.Evidence ?? []])
            .Distinct().Order();
    }
}

/// <summary>A figure that can be taken apart: what is counted of a meeting, and how the figure is read off the cells.</summary>
/// <param name="Items">Adds the items of one meeting; a person is added at each meeting, and is one item.</param>
internal sealed record Measure(string Name, Action<CountedMeeting, ICollection<Item>> Items, Func<Figures, NotCounted, int?> Figure)
{
    public static IReadOnlyList<Measure> All { get; } =
    [
        new("meetingsHeld", (m, items) => items.Add(new Item(Item.MeetingKind, m.Meeting, m.At, 0)), (f, _) => f.MeetingsHeld),
        new("attendances", Pairs, (f, _) => f.Attendances),
        new("unnamed", (m, items) => Delegations(m, items, _ => true), (f, _) => f.Unnamed),
        new("staff.known", Persons, (f, _) => f.Staff.Known),
        new("staff.atLeast", Persons, (f, _) => f.Staff.AtLeast),
        new("staff.atMost", Everybody, (f, _) => f.Staff.AtMost),
        new("notCounted.observers", (m, items) => Reported(m, items, r => r == AttendeeRole.Observer), (_, n) => n.Observers),
        new("notCounted.interpreters", (m, items) => Reported(m, items, r => r == AttendeeRole.Interpreter), (_, n) => n.Interpreters),
        new("notCounted.support", (m, items) => Reported(m, items, r => r == AttendeeRole.Support), (_, n) => n.Support),
        new("notCounted.guests", (m, items) => Reported(m, items, CountedFacts.Counts), (_, n) => n.Guests),
        new("notCounted.guestHeads", GuestHeads, (_, n) => n.GuestHeads),
    ];

    /// <summary>The people of one meeting, where they are more than all the persons known.</summary>
    public static Measure LargestMeeting(Measure atLeast, Guid meetingId) => atLeast with
    {
        Items = (m, items) =>
        {
            if (m.Meeting.Id != meetingId)
                return;
            Pairs(m, items);
            Delegations(m, items, precision => precision != CountPrecision.Estimated);
        },
    };

    private static void Persons(CountedMeeting m, ICollection<Item> items)
    {
        foreach (var attendance in m.Attendances.Where(a => m.Kinds[a.Kind].RowCount > 0))
            items.Add(new Item(Item.PersonKind, m.Meeting, m.At, attendance.Index));
    }

    private static void Everybody(CountedMeeting m, ICollection<Item> items)
    {
        Persons(m, items);
        Delegations(m, items, _ => true);
    }

    private static void Pairs(CountedMeeting m, ICollection<Item> items)
    {
        foreach (var attendance in m.Attendances.Where(a => m.Kinds[a.Kind].RowCount > 0))
            items.Add(new Item(Item.AttendanceKind, m.Meeting, m.At, attendance.Index));
    }

    private static void Delegations(CountedMeeting m, ICollection<Item> items, Func<CountPrecision, bool> which)
    {
        foreach (var (index, kind) in m.Delegations)
        {
            if (m.Kinds[kind].RowCount > 0 && which(m.Meeting.Delegations[index].Precision))
                items.Add(new Item(Item.DelegationKind, m.Meeting, m.At, index));
        }
    }

    private static void Reported(CountedMeeting m, ICollection<Item> items, Func<AttendeeRole, bool> which)
    {
        foreach (var attendance in m.Attendances)
        {
            if (m.Kinds[attendance.Kind] is { Reported: true, Role: { } role } && which(role))
                items.Add(new Item(Item.AttendanceKind, m.Meeting, m.At, attendance.Index));
        }
    }

    private static void GuestHeads(CountedMeeting m, ICollection<Item> items)
    {
        foreach (var (index, kind) in m.Delegations.Where(d => m.Kinds[d.Kind].Reported))
            items.Add(new Item(Item.DelegationKind, m.Meeting, m.At, index));
    }
}
