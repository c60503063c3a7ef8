using CooperationEvents.Meetings;

namespace CooperationEvents.Statistics.Counting;

/// <summary>A figure that can be taken apart: what is counted of a meeting, and how the figure is read off the cells.</summary>
/// <param name="Items">Adds the items of one meeting; a pair or a person is added with each of its attendances.</param>
internal sealed record Measure(string Name, Action<CountedMeeting, ICollection<Item>> Items, Func<Figures, NotCounted, int?> Figure)
{
    public static IReadOnlyList<Measure> All { get; } =
    [
        new("meetingsHeld", (m, items) => Meetings(m, items, m.Counts), (f, _) => f.MeetingsHeld),
        new(
            "meetingsWithoutAttendance",
            (m, items) => Meetings(m, items, m.Counts && m.WithoutAttendance),
            (f, _) => f.MeetingsWithoutAttendance
        ),
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
    public static Measure LargestMeeting(Measure atLeast, Guid meetingId) =>
        atLeast with
        {
            Items = (m, items) =>
            {
                if (m.Meeting.Id != meetingId)
                    return;
                Pairs(m, items);
                Delegations(m, items, precision => precision != CountPrecision.Estimated);
            },
        };

    private static void Meetings(CountedMeeting m, ICollection<Item> items, bool isOne)
    {
        if (isOne)
            items.Add(new Item(Item.MeetingKind, m.Meeting, m.At, 0));
    }

    private static void Persons(CountedMeeting m, ICollection<Item> items) => Attendances(m, Item.PersonKind, items);

    private static void Pairs(CountedMeeting m, ICollection<Item> items) => Attendances(m, Item.AttendanceKind, items);

    private static void Attendances(CountedMeeting m, string kind, ICollection<Item> items)
    {
        foreach (var attendance in m.Attendances)
        {
            if (m.Kinds[attendance.Kind].RowCount > 0)
                items.Add(
                    new Item(kind, m.Meeting, m.At, attendance.Index, attendance.Person, m.MergedBy.GetValueOrDefault(attendance.Index))
                );
        }
    }

    private static void Everybody(CountedMeeting m, ICollection<Item> items)
    {
        Persons(m, items);
        Delegations(m, items, _ => true);
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
        foreach (var people in m.People)
        {
            foreach (var reported in m.ReportedOf(people))
            {
                if (!which(m.Kinds[reported.Kind].Role!.Value))
                    continue;
                items.Add(
                    new Item(
                        Item.AttendanceKind,
                        m.Meeting,
                        m.At,
                        reported.Index,
                        reported.Person,
                        m.MergedBy.GetValueOrDefault(reported.Index)
                    )
                );
            }
        }
    }

    private static void GuestHeads(CountedMeeting m, ICollection<Item> items)
    {
        foreach (var (index, kind) in m.Delegations.Where(d => m.Kinds[d.Kind].Reported))
            items.Add(new Item(Item.DelegationKind, m.Meeting, m.At, index));
    }
}
