using System.Text.Json.Serialization;

namespace CooperationEvents.Statistics.Counting;

/// <summary>
/// How many people were involved. Unnamed people may be people known from elsewhere, so it is an interval: <paramref name="AtMost"/>
/// is null where a counted head count is a minimum or an estimate, and where a counted meeting is without attendance.
/// </summary>
public sealed record StaffInvolved(int Known, int AtLeast, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] int? AtMost)
{
    /// <param name="largest">The largest total of one meeting: its counted persons and its exact and minimum heads.</param>
    /// <param name="unnamed">The counted heads of all meetings.</param>
    /// <param name="isOpen">Whether there may be people who were not counted.</param>
    public static StaffInvolved Of(int known, int largest, int unnamed, bool isOpen) =>
        new(known, Math.Max(known, largest), isOpen ? null : known + unnamed);
}

/// <summary>
/// The figures of one cell: of the whole, or of a level, a year, a party or an organisation. <paramref name="MeetingsWithoutAttendance"/>
/// are those of which neither an attendance nor a head count was recorded; absent by definition 1, which does not tell them apart.
/// </summary>
public sealed record Figures(int MeetingsHeld, int? MeetingsWithoutAttendance, int Attendances, int Unnamed, StaffInvolved Staff)
{
    public static Figures None { get; } = new(0, 0, 0, 0, new StaffInvolved(0, 0, 0));

    /// <summary>As the definition asked about states them.</summary>
    internal Figures By(Question question) => question.ByFirstDefinition ? this with { MeetingsWithoutAttendance = null } : this;
}

/// <summary>Who was there and is not counted: by role, or as a guest of an organisation that was not a member.</summary>
public sealed record NotCounted(int Observers, int Interpreters, int Support, int Guests, int GuestHeads)
{
    public static NotCounted Nobody { get; } = new(0, 0, 0, 0, 0);
}
