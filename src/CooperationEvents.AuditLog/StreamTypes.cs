using System.Collections.Frozen;

namespace CooperationEvents.AuditLog;

/// <summary>Which stream an event type belongs to, as docs/events.json lists them, and the tombstones that failed saves leave.</summary>
public static class StreamTypes
{
    /// <summary>Type and stream type of what a failed save leaves: no event, without data, in no order of versions.</summary>
    public const string Tombstone = "tombstone";

    private static readonly FrozenDictionary<string, string> Streams = new Dictionary<string, string[]>
    {
        ["organisation"] = ["organisation_registered", "organisation_renamed", "organisation_succeeded"],
        ["framework"] =
        [
            "framework_established",
            "member_joined",
            "member_left",
            "membership_corrected",
            "level_added",
            "area_added",
            "framework_ended",
            "framework_end_corrected",
        ],
        ["person"] =
        [
            "person_registered",
            "person_details_corrected",
            "affiliation_started",
            "affiliation_ended",
            "person_merged",
            "person_unmerged",
            "person_restricted",
            "person_fields_expired",
            "person_erased",
        ],
        ["meeting"] =
        [
            "meeting_scheduled",
            "meeting_rescheduled",
            "meeting_relocated",
            "hosts_changed",
            "agenda_set",
            "meeting_postponed",
            "meeting_cancelled",
            "meeting_held",
            "meeting_did_not_take_place",
            "meeting_corrected",
            "meeting_voided",
            "meeting_reinstated",
            "attendance_registered",
            "registration_withdrawn",
            "attendance_recorded",
            "attendance_corrected",
            "delegation_counted",
            "delegation_corrected",
            "outcome_recorded",
            "outcome_corrected",
            "document_linked",
            "document_corrected",
        ],
        ["commitment"] =
        [
            "commitment_made",
            "commitment_corrected",
            "commitment_progress_reported",
            "commitment_reviewed",
            "commitment_due_date_changed",
            "commitment_fulfilled",
            "commitment_dropped",
            "commitment_reopened",
        ],
        ["publication"] = ["figure_published", "figure_withdrawn"],
        ["log"] = [Succession.EventType, JournalSeal.EventType],
        [Tombstone] = [Tombstone],
    }
        .SelectMany(s => s.Value.Select(type => (type, s.Key)))
        .ToFrozenDictionary(p => p.type, p => p.Key);

    /// <summary>Every event type, with its stream type.</summary>
    public static IReadOnlyDictionary<string, string> All => Streams;

    /// <summary>The stream type of an event type; null where the type is unknown.</summary>
    public static string? Of(string type) => Streams.GetValueOrDefault(type);
}
