using CooperationEvents.Kernel;

namespace CooperationEvents.Frameworks;

[Stored("framework_established")]
public sealed record FrameworkEstablished(
    Guid FrameworkId,
    string Name,
    PartialDate EstablishedOn,
    ValueList<Party> Parties,
    ValueList<Level> Levels,
    ValueList<Area> Areas,
    ExternalReference? ExternalReference = null
);

/// <summary>Membership is [joined, left): joining on a day counts, leaving on that day does not.</summary>
[Stored("member_joined")]
public sealed record MemberJoined(Guid FrameworkId, Guid OrganisationId, string Party, PartialDate JoinedOn, string? Evidence = null);

/// <summary>Ends the membership that began on <paramref name="JoinedOn"/>.</summary>
[Stored("member_left")]
public sealed record MemberLeft(Guid FrameworkId, Guid OrganisationId, PartialDate JoinedOn, PartialDate LeftOn);

/// <summary>
/// Replaces one membership, as it was recorded, by another. A membership left on the day it was joined counts for no day.
/// </summary>
[Stored("membership_corrected")]
public sealed record MembershipCorrected(Guid FrameworkId, Guid OrganisationId, Membership Replaced, Membership Corrected, string Reason);

[Stored("level_added")]
public sealed record LevelAdded(Guid FrameworkId, Level Level);

[Stored("area_added")]
public sealed record AreaAdded(Guid FrameworkId, Area Area);

[Stored("framework_ended"), NoFact]
public sealed record FrameworkEnded(Guid FrameworkId, PartialDate EndedOn);

/// <summary>Replaces the end of a framework, as it was recorded, by another; by none where it did not end.</summary>
[Stored("framework_end_corrected"), NoFact]
public sealed record FrameworkEndCorrected(Guid FrameworkId, PartialDate Replaced, string Reason, PartialDate? Corrected = null);

/// <summary>One of the sides that cooperate, such as EU and IOM.</summary>
public sealed record Party(
    [property: Text(40, Pattern = TextAttribute.Code, Words = TextAttribute.CodeWords)] string Code,
    [property: Text(200)] string Name
);

/// <summary>A level at which meetings take place; rank 1 is the highest.</summary>
public sealed record Level(
    [property: Text(40, Pattern = TextAttribute.Code, Words = TextAttribute.CodeWords)] string Code,
    [property: Text(200)] string Name,
    [property: Bounds(1, 100)] int Rank
);

/// <summary>A topic the cooperation is about.</summary>
public sealed record Area(
    [property: Text(40, Pattern = TextAttribute.Code, Words = TextAttribute.CodeWords)] string Code,
    [property: Text(200)] string Name
);

/// <summary>An organisation's membership on the side of a party; partial dates stand for their first day.</summary>
public sealed record Membership(string Party, PartialDate JoinedOn, PartialDate? LeftOn = null);
