using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using CooperationEvents.Calendars.Format;
using CooperationEvents.Calendars.Outgoing;
using CooperationEvents.Meetings;

namespace CooperationEvents.Calendars.Incoming;

/// <summary>
/// Reads an iCalendar file (RFC 5545) as a sequence of entries, remarks and faults. It goes over the file twice: first to see
/// which UIDs stand in it more than once; then it reads one VEVENT at a time, and keeps until the end what recurs or speaks of
/// the same as others.
/// </summary>
public static class CalendarReader
{
    /// <inheritdoc cref="ContentLines.Longest"/>
    public const int LongestLine = ContentLines.Longest;

    /// <summary>How many VEVENTs of one file may recur, or share their UID with others.</summary>
    public const int MostRecurring = 10_000;

    /// <summary>Of so many entries that a file lacks it is looked up together whose they are.</summary>
    private const int LookedUpTogether = 500;

    /// <param name="stream">Can be set back to its first byte.</param>
    /// <param name="imported">
    /// Where given, what is older than what was imported is passed over, an occurrence that was moved keeps the id it was imported
    /// under (by the day it has in the series), and one that the series no longer has is cancelled.
    /// </param>
    /// <param name="method">METHOD by the media type of the file, in capitals; null where that says none.</param>
    /// <returns>Malformed input gives a <see cref="CalendarFault"/>, never an exception.</returns>
    public static async IAsyncEnumerable<CalendarItem> Read(
        Stream stream,
        CalendarMapping mapping,
        IImportedCalendar? imported = null,
        string? method = null,
        [EnumeratorCancellation] CancellationToken cancellation = default
    )
    {
        var zones = new TimeZoneNames(mapping.TimeZones);
        var methods = new CalendarMethods(method);
        var contents = await Contents.Of(EventComponents.Read(ContentLines.Read(stream, cancellation), zones, methods, cancellation));
        stream.Position = 0;
        var kept = new Dictionary<string, UidReconciliation>();
        var age = new FileAge();
        var count = 0;
        await foreach (var part in EventComponents.Read(ContentLines.Read(stream, cancellation), zones, methods, cancellation))
        {
            if (part is not EventComponent component)
            {
                yield return (CalendarItem)part;
                continue;
            }

            var (read, refused) = EventReading.Read(component, mapping, zones);
            if ((read?.Entry.Uid ?? refused!.Uid) is not { } uid || refused is not null && !contents.Repeats(uid))
            {
                yield return refused!.Fault;
            }
            else if (read is { Recurs: false, Recurrence: null } && !contents.Repeats(uid))
            {
                var single = new UidReconciliation(uid, mapping, await Imported(uid), contents.Holds);
                single.Add(read);
                foreach (var item in age.Known(single))
                    yield return item;
            }
            else if (++count > MostRecurring)
            {
                yield return new CalendarFault(
                    component.Row,
                    component.Line,
                    null,
                    $"More than {MostRecurring} events of the file recur, change an occurrence or share their UID; split it."
                );
            }
            else
            {
                if (!kept.TryGetValue(uid, out var stated))
                    kept.Add(uid, stated = new UidReconciliation(uid, mapping, await Imported(uid), contents.Holds));
                if (read is not null)
                    stated.Add(read);
                else
                    stated.Add(refused!);
            }
        }

        foreach (var stated in kept.Values)
        {
            foreach (var item in age.Known(stated))
                yield return item;
        }

        foreach (var entry in age.Waiting)
            yield return age.IsOlder ? LackedSince(entry) : entry;
        if (imported is null || mapping.Window is not { } window || !contents.IsWholeCalendar || !methods.StateCalendars)
            yield break;
        await foreach (
            var lacked in imported.Live(window).Where(e => !contents.Holds(e.Uid)).Chunk(LookedUpTogether).WithCancellation(cancellation)
        )
        {
            // What this import found missing before it was continued is not asked about again: it would count other rows.
            var meetings = await imported.OfMapping(mapping, [.. lacked.Where(e => !e.Missing)]);
            foreach (var entry in lacked)
            {
                var meeting = meetings.GetValueOrDefault(entry.Id);
                if (!entry.Missing && (meeting is null || StandsByItsId(meeting.Id)))
                    continue;
                yield return WhyItStays(meeting) is { } why
                    ? new CalendarRemark(0, 0, CalendarRemarkKind.Missing, entry.Id, why)
                    : UidReconciliation.MissingEntry(entry);
            }
        }

        // What was missing once is not cancelled again. Where its meeting is to come again, somebody here has decided so.
        await foreach (
            var lacked in imported.Lacked(window).Where(e => !contents.Holds(e.Uid)).Chunk(LookedUpTogether).WithCancellation(cancellation)
        )
        {
            var meetings = await imported.OfMapping(mapping, lacked);
            foreach (var entry in lacked)
            {
                if (meetings.GetValueOrDefault(entry.Id) is { IsToCome: true } meeting && !StandsByItsId(meeting.Id))
                    yield return new CalendarRemark(0, 0, CalendarRemarkKind.Missing, entry.Id, WhyItStaysAgain(meeting));
            }
        }

        string WhyItStaysAgain(MeetingOfEntry meeting) =>
            age.IsOlder || meeting.LeftWindow
                ? WhyItStays(meeting)!
                : "It does not stand in this file, nor in an earlier one, and is to come here again. It stays. Cancel it here if it does "
                    + "not take place.";

        // Null where it does not stay.
        string? WhyItStays(MeetingOfEntry? meeting) =>
            age.IsOlder ? "It does not stand in this file, which is older than what was imported before. It stays."
            : meeting is { LeftWindow: true }
                ? "It does not stand in this file, and was moved out of the window here. It stays. Cancel it here if it does not take "
                    + "place."
            : !mapping.Complete
                ? "It is recorded from earlier files, lies in the window, and does not stand in this one. "
                    + (AsItIs(meeting) ?? "Cancel it here if it does not take place, or say in the mapping that files are complete.")
            : contents.IsDoubtful
                ? "It does not stand in this file, which is complete, but an event whose UID cannot be read may be it. "
                    + (AsItIs(meeting) ?? "It stays. Mend that UID, or cancel it here if it does not take place.")
            : null;

        // Null where it is to come.
        static string? AsItIs(MeetingOfEntry? meeting) =>
            meeting switch
            {
                { Voided: true } => "The meeting was voided, and stays so.",
                { State: MeetingState.Held } => "The meeting was held, and stays.",
                { IsToCome: false, Id: not null } => "The meeting does not take place here either.",
                _ => null,
            };

        // Calendars that the register writes name a meeting by its id.
        bool StandsByItsId(Guid? meeting) => meeting is { } id && contents.Holds(WrittenMeeting.Uid(id));

        async Task<ImportedUid> Imported(string uid) => imported is null ? ImportedUid.None : await imported.Of(uid);
    }

    private static CalendarRemark LackedSince(CalendarEntry entry) =>
        new(
            entry.Row,
            entry.Line,
            CalendarRemarkKind.Older,
            entry.Id,
            "A file lacked it or called it off since, and this file is older than what was imported before. It stays as it is."
        );

    /// <summary>
    /// Whether a file is older than what was imported before: it states something older, and nothing newer. What it would take up again,
    /// and states no newer, waits until that is known.
    /// </summary>
    private sealed class FileAge
    {
        private bool _statesOlder;
        private bool _statesNewer;

        public bool IsOlder => _statesOlder && !_statesNewer;

        /// <summary>At most <see cref="MostRecurring"/>.</summary>
        public List<CalendarEntry> Waiting { get; } = [];

        /// <summary>What need not wait of a UID.</summary>
        public IEnumerable<CalendarItem> Known(UidReconciliation uid)
        {
            foreach (var item in uid.Items())
            {
                if (item is CalendarEntry entry && TakesUpAgain(entry) && Waiting.Count < MostRecurring)
                    Waiting.Add(entry);
                else
                    yield return item;
            }

            _statesOlder |= uid.Age < 0;
            _statesNewer |= uid.Age > 0;
        }

        private static bool TakesUpAgain(CalendarEntry entry) =>
            entry is { Cancelled: false, Uninvites: false, Before: { } before }
            && (before.Missing || before.Cancelled)
            && !before.Revision.IsBefore(entry.Revision);
    }

    /// <summary>Which UIDs a file holds, and whether it holds all there are.</summary>
    private sealed class Contents
    {
        private readonly HashSet<UInt128> _once = [];
        private readonly HashSet<UInt128> _more = [];

        /// <summary>Whether it has its end, and states a calendar: messages of single events state no more than these.</summary>
        public bool IsWholeCalendar { get; private set; } = true;

        /// <summary>Whether an event in it may be any, since its UID cannot be read.</summary>
        public bool IsDoubtful { get; private set; }

        public static async Task<Contents> Of(IAsyncEnumerable<object> parts)
        {
            var contents = new Contents();
            await foreach (var part in parts)
                contents.See(part);
            return contents;
        }

        public bool Holds(string uid) => _once.Contains(Key(uid));

        public bool Repeats(string uid) => _more.Contains(Key(uid));

        private void See(object part)
        {
            if (part is CalendarFault)
                IsWholeCalendar = false;
            if (part is not EventComponent component)
                return;
            IsWholeCalendar &= component.StatesCalendar;
            if (component.Uid is not { Length: > 0 } uid)
                IsDoubtful = true;
            else if (!_once.Add(Key(uid)))
                _more.Add(Key(uid));
        }

        /// <summary>An id of a meeting is the same in capitals.</summary>
        private static UInt128 Key(string uid) =>
            BinaryPrimitives.ReadUInt128BigEndian(
                SHA256.HashData(Encoding.UTF8.GetBytes(WrittenMeeting.IdOf(uid) is { } id ? WrittenMeeting.Uid(id) : uid))
            );
    }
}
