using System.Security.Cryptography;
using System.Text;
using CooperationEvents.Calendars.Format;
using CooperationEvents.Kernel;

namespace CooperationEvents.Calendars.Incoming;

/// <summary>
/// What stands in a calendar file, by the ordinal number of its VEVENT and the number of its first line, both from 1; 0 where
/// it is about the whole file, or stands in it nowhere.
/// </summary>
public abstract record CalendarItem(int Row, int Line);

/// <summary>Why a VEVENT cannot be taken; row 0 where it concerns the whole file.</summary>
/// <param name="Field">The property at fault; null where it is the whole component.</param>
public sealed record CalendarFault(int Row, int Line, string? Field, string Reason) : CalendarItem(Row, Line);

/// <summary>What is passed over, and why. <paramref name="Subject"/> is the UID, or the id of an occurrence.</summary>
public sealed record CalendarRemark(int Row, int Line, CalendarRemarkKind Kind, string? Subject, string Reason) : CalendarItem(Row, Line)
{
    /// <summary>What is to be kept of the UID.</summary>
    public ImportedUid? Uid { get; init; }
}

public enum CalendarRemarkKind
{
    /// <summary>A newer revision was imported before, or stands in the same file.</summary>
    Older,

    /// <summary>Earlier files had it, and this one lacks it.</summary>
    Missing,

    /// <summary>Nothing is to be recorded from it.</summary>
    PassedOver,
}

/// <summary>One event of a calendar, or one occurrence of a recurring one, with what the calendar says of it now.</summary>
public sealed record CalendarEntry(int Row, int Line) : CalendarItem(Row, Line)
{
    /// <summary>The longest id an external reference has.</summary>
    private const int LongestId = 200;

    /// <summary>The id of the meeting's external reference.</summary>
    public required string Id { get; init; }

    /// <summary>In normal form.</summary>
    public required string Uid { get; init; }

    /// <summary>The UID as the file spells it; null where the entry stands in none.</summary>
    public string? SentUid { get; init; }

    /// <summary>The start that the occurrence has by the rule: a UTC time <c>20260204T080000Z</c>, or a day <c>20260204</c>.</summary>
    public string? RecurrenceId { get; init; }

    public CalendarRevision Revision { get; init; } = new(0);

    /// <summary>Whether its file states the calendar as it is now, and is no message about single events.</summary>
    public bool StatesCalendar { get; init; }

    /// <summary>Whether the calendar states it of this occurrence alone, and not of its series.</summary>
    public bool Own { get; init; }

    /// <summary>Whether the calendar says that it does not take place.</summary>
    public bool Cancelled { get; init; }

    /// <summary>Whether its STATUS is none that an event has: whether it takes place stays as it was.</summary>
    public bool LeavesState { get; init; }

    /// <summary>Whether a file that is complete lacks it; it is cancelled then.</summary>
    public bool Missing { get; init; }

    /// <summary>Whether it says nothing but that its attendees are no longer expected.</summary>
    public bool Uninvites { get; init; }

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

    /// <summary>The attendees that are no persons with a mail address, each with what it is.</summary>
    public ValueList<string> PassedOver { get; init; } = [];

    /// <summary>What was imported of it last; null where nothing was.</summary>
    public ImportedEntry? Before { get; init; }

    /// <summary>What is to be kept of the UID once the entry is taken; null where it says nothing of the whole UID.</summary>
    public ImportedUid? WholeUid { get; init; }

    /// <summary>What is to be kept of it once it is taken; null where it says nothing of the entry itself.</summary>
    public ImportedEntry? Kept =>
        this is { Uninvites: true, Own: false }
            ? null
            : new ImportedEntry(
                Uid,
                Id,
                Revision,
                Own,
                Missing || Uninvites || LeavesState ? Before?.Cancelled == true : Cancelled,
                Missing || LeavesState && Before?.Missing == true
            )
            {
                Days = (Cancelled || Uninvites ? Before?.Days : null) ?? Days ?? Before?.Days,
            };

    private (DateOnly First, DateOnly Last)? Days => Start is { } start && End is { } end ? (start.FirstDay, end.LastDayFrom(start)) : null;

    /// <summary>
    /// UID, with RECURRENCE-ID where there is one. In place of a UID that is too long for a reference, or that is also the id of an
    /// occurrence of another, stands its SHA-256.
    /// </summary>
    internal static string IdOf(string uid, string? recurrenceId) =>
        (recurrenceId is null ? IsOccurrence(uid) : uid.Length + recurrenceId.Length + 1 > LongestId)
            ? HashedIdOf(uid, recurrenceId)
            : KeyOf(uid) + (recurrenceId is null ? "" : "/" + recurrenceId);

    internal static string HashedIdOf(string uid, string? recurrenceId) =>
        "sha256:"
        + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(uid)))
        + (recurrenceId is null ? "" : "/" + recurrenceId);

    /// <summary>Under what a whole UID is kept.</summary>
    internal static string KeyOf(string uid) => uid.Length <= LongestId ? uid : HashedIdOf(uid, null);

    private static bool IsOccurrence(string uid) =>
        uid.LastIndexOf('/') is > 0 and var at && CalendarTime.Read(uid[(at + 1)..]) is not null;

    /// <summary>The id as the file spells the UID: what was recorded before there was a normal form may stand under it.</summary>
    internal string SentId => SentUid is null || SentUid == Uid ? Id : IdOf(SentUid, RecurrenceId);

    /// <summary>The RECURRENCE-ID in such an id; null where it is that of a whole UID.</summary>
    internal static string? RecurrenceIdOf(string uid, string id)
    {
        var at = id.LastIndexOf('/');
        return id == uid || id == IdOf(uid, null) || at < 0 || CalendarTime.Read(id[(at + 1)..]) is null ? null : id[(at + 1)..];
    }
}

/// <summary>
/// How new what a calendar says is: by SEQUENCE, within one by LAST-MODIFIED, and where that is absent in either or equal
/// by DTSTAMP.
/// </summary>
public sealed record CalendarRevision(int Sequence, DateTimeOffset? LastModified = null, DateTimeOffset? Stamp = null)
{
    public bool IsBefore(CalendarRevision other)
    {
        if (Sequence != other.Sequence)
            return Sequence < other.Sequence;
        return LastModified is { } mine && other.LastModified is { } theirs && mine != theirs ? mine < theirs : Stamp < other.Stamp;
    }

    /// <summary>Whether the event itself was changed since, and not only sent or exported again.</summary>
    public bool ChangedSince(CalendarRevision other) =>
        Sequence > other.Sequence || Sequence == other.Sequence && LastModified > other.LastModified;
}

/// <summary>An attendee. <paramref name="Address"/> is the mail address in its normal form.</summary>
public sealed record CalendarAttendee(
    string Address,
    string? Name = null,
    CalendarRole Role = CalendarRole.Required,
    Participation Participation = Participation.NeedsAction
);

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
