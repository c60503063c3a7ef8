using System.Security.Cryptography;
using System.Text;
using CooperationEvents.Kernel;

namespace CooperationEvents.Ingestion.Calendar;

/// <summary>What stands in a calendar file, by the ordinal number of its VEVENT and the number of its first line, both from 1.</summary>
public abstract record CalendarItem(int Row, int Line);

/// <summary>Why a VEVENT cannot be taken; row 0 where it concerns the whole file.</summary>
/// <param name="Field">The property at fault; null where it is the whole component.</param>
public sealed record CalendarFault(int Row, int Line, string? Field, string Reason) : CalendarItem(Row, Line);

/// <summary>One event of a calendar, or one occurrence of a recurring one, with what the calendar says of it now.</summary>
public sealed record CalendarEntry(int Row, int Line) : CalendarItem(Row, Line)
{
    /// <summary>The longest id an external reference has.</summary>
    private const int LongestId = 200;

    /// <summary>The id of the meeting's external reference.</summary>
    public required string Id { get; init; }

    public required string Uid { get; init; }

    /// <summary>The start that the occurrence has by the rule: a UTC time <c>20260204T080000Z</c>, or a day <c>20260204</c>.</summary>
    public string? RecurrenceId { get; init; }

    public CalendarRevision Revision { get; init; } = new(0);

    /// <summary>Whether the calendar says that it does not take place.</summary>
    public bool Cancelled { get; init; }

    /// <summary>Absent only where the entry is cancelled.</summary>
    public string? Title { get; init; }

    /// <summary>A day, or a local time in <see cref="TimeZone"/>; absent only where the entry is cancelled.</summary>
    public PartialDate? Start { get; init; }

    /// <summary>The last day, included, or the local time at which it ends.</summary>
    public PartialDate? End { get; init; }

    /// <summary>IANA; absent where start and end are days.</summary>
    public string? TimeZone { get; init; }

    public string? Location { get; init; }

    public ValueList<string> Categories { get; init; } = [];

    public ValueList<CalendarAttendee> Attendees { get; init; } = [];

    /// <summary>UID, with RECURRENCE-ID where there is one; of a UID too long for a reference its SHA-256.</summary>
    internal static string IdOf(string uid, string? recurrenceId)
    {
        var rest = recurrenceId is null ? "" : "/" + recurrenceId;
        return uid.Length + rest.Length <= LongestId ? uid + rest : $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(uid)))}{rest}";
    }
}

/// <summary>How new what a calendar says of an event is: by SEQUENCE, and within one by LAST-MODIFIED.</summary>
public sealed record CalendarRevision(int Sequence, DateTimeOffset? LastModified = null)
{
    public bool IsBefore(CalendarRevision other) =>
        Sequence < other.Sequence || Sequence == other.Sequence && LastModified < other.LastModified;
}

/// <summary>An attendee. <paramref name="Address"/> is the mail address in lower case.</summary>
public sealed record CalendarAttendee(string Address, string? Name = null, CalendarRole Role = CalendarRole.Required, Participation Participation = Participation.NeedsAction);

/// <summary>ROLE of an attendee.</summary>
public enum CalendarRole
{
    Required,
    Optional,
    Chair,
    NonParticipant,
}

/// <summary>PARTSTAT of an attendee.</summary>
public enum Participation
{
    NeedsAction,
    Accepted,
    Declined,
    Tentative,
    Delegated,
}
