using CooperationEvents.Kernel;

namespace CooperationEvents.Publications;

/// <summary>
/// A figure was stated in public. <paramref name="Question"/> is as it was asked; <paramref name="AsOf"/> and <paramref name="Position"/>
/// are what it was resolved to, and the figure, its sentence and its evidence are those of that day and position.
/// </summary>
[Stored("figure_published"), NoFact]
public sealed record FigurePublished(
    Guid PublicationId,
    PublishedQuestion Question,
    DateOnly AsOf,
    long Position,
    string Definition,
    PublishedFigure Figure,
    string Sentence,
    PublishedEvidence Evidence,
    ExternalReference? ExternalReference = null
);

/// <summary>The statement is no longer made. It stays in the history, with what it rested on.</summary>
[Stored("figure_withdrawn"), NoFact]
public sealed record FigureWithdrawn(Guid PublicationId, string Reason);

/// <summary>What was asked; what is absent was left to its default.</summary>
public sealed record PublishedQuestion(
    Guid? Framework = null,
    PartialDate? AsOf = null,
    string? KnownAt = null,
    string? Level = null,
    int? Year = null,
    string? Party = null,
    Guid? Organisation = null,
    string? OrgView = null,
    PartialDate? From = null
);

/// <summary>
/// The figures of the question. <paramref name="StaffAtMost"/> is absent where it is not known;
/// <paramref name="MeetingsWithoutAttendance"/> is absent by definition 1, which does not tell them apart.
/// </summary>
public sealed record PublishedFigure(
    int MeetingsHeld,
    int Attendances,
    int Unnamed,
    int StaffKnown,
    int StaffAtLeast,
    int? StaffAtMost = null,
    int? MeetingsWithoutAttendance = null
);

/// <summary>
/// The events the figure rests on: how many, and the SHA-256, in lower-case hexadecimal, of their ids in ascending order,
/// each in lower case and followed by a line feed.
/// </summary>
public sealed record PublishedEvidence(int Count, string Sha256);
