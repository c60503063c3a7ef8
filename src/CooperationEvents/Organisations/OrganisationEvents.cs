using CooperationEvents.Kernel;

namespace CooperationEvents.Organisations;

[Stored("organisation_registered", "organisation")]
public sealed record OrganisationRegistered(
    Guid OrganisationId, string Name, string ShortName, ValueList<string> Identifiers, ExternalReference? ExternalReference = null);

/// <summary>A new name alone: the organisation stays what it is. <paramref name="On"/> is when the name began.</summary>
[Stored("organisation_renamed", "organisation")]
public sealed record OrganisationRenamed(
    Guid OrganisationId, string Name, string ShortName, PartialDate On, string ReplacedName, string ReplacedShortName);
