using CooperationEvents.Kernel;

namespace CooperationEvents.Statistics.Counting;

/// <summary>
/// One item: a meeting, an attendance (a pair of person and meeting), a person, or a delegation, with the events that made it.
/// </summary>
public sealed record Explained(
    string Kind,
    Guid? MeetingId,
    Guid? PersonId,
    Guid? OrganisationId,
    string? ShortName,
    string? OrganisationName,
    string? Role,
    int? Heads,
    string? Precision,
    string? Title,
    string? Start,
    ValueList<Guid> Events
);
