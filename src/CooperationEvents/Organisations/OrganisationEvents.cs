using CooperationEvents.Kernel;

namespace CooperationEvents.Organisations;

[Stored("organisation_registered")]
public sealed record OrganisationRegistered(
    Guid OrganisationId,
    string Name,
    string ShortName,
    ValueList<string> Identifiers,
    ExternalReference? ExternalReference = null
);

/// <summary>A new name alone: the organisation stays what it is. <paramref name="On"/> is when the name began.</summary>
[Stored("organisation_renamed")]
public sealed record OrganisationRenamed(
    Guid OrganisationId,
    string Name,
    string ShortName,
    PartialDate On,
    string ReplacedName,
    string ReplacedShortName
);

/// <summary>How one organisation follows another: it took it in, it is one of several parts, or it stands in its place.</summary>
public enum SuccessionKind
{
    Merge,
    Split,
    Replace,
}

/// <summary>
/// From <paramref name="On"/> on the successors stand in its place; <paramref name="Default"/> takes what is told of the whole of a split.
/// </summary>
[Stored("organisation_succeeded")]
public sealed record OrganisationSucceeded(
    Guid OrganisationId,
    SuccessionKind Kind,
    PartialDate On,
    ValueList<Guid> Successors,
    Guid? Default = null
);
