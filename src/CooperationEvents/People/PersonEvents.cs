using CooperationEvents.Kernel;

namespace CooperationEvents.People;

/// <summary>The external reference is sealed as the JSON of an <see cref="Kernel.ExternalReference"/>.</summary>
[Stored("person_registered")]
public sealed record PersonRegistered(Guid PersonId, Protected Name, Protected? Email = null, Protected? ExternalReference = null)
    : IHoldPersonalData
{
    public IHoldPersonalData WithPersonalFields(Func<string, Protected, Protected> change) =>
        this with
        {
            Name = change("name", Name),
            Email = Email is null ? null : change("email", Email),
            ExternalReference = ExternalReference is null ? null : change("externalReference", ExternalReference),
        };
}

/// <summary>Replaces what the event <paramref name="Replaces"/> said; a field that is absent stays.</summary>
[Stored("person_details_corrected"), NoFact]
public sealed record PersonDetailsCorrected(
    Guid PersonId,
    Guid Replaces,
    Protected Reason,
    Protected? Name = null,
    Protected? Email = null,
    bool EmailRemoved = false
) : IHoldPersonalData
{
    public IHoldPersonalData WithPersonalFields(Func<string, Protected, Protected> change) =>
        this with
        {
            Reason = change("reason", Reason),
            Name = Name is null ? null : change("name", Name),
            Email = Email is null ? null : change("email", Email),
        };
}

[Stored("affiliation_started"), NoFact]
public sealed record AffiliationStarted(
    Guid PersonId,
    Guid AffiliationId,
    Guid OrganisationId,
    Protected? Function = null,
    Protected? Grade = null,
    PartialDate? From = null
) : IHoldPersonalData
{
    public IHoldPersonalData WithPersonalFields(Func<string, Protected, Protected> change) =>
        this with
        {
            Function = Function is null ? null : change("function", Function),
            Grade = Grade is null ? null : change("grade", Grade),
        };
}

[Stored("affiliation_ended"), NoFact]
public sealed record AffiliationEnded(Guid PersonId, Guid AffiliationId, PartialDate Until);

/// <summary>The person and <paramref name="Into"/> are one, from this event's position on, whatever day is asked about.</summary>
[Stored("person_merged")]
public sealed record PersonMerged(Guid PersonId, Guid Into, Protected Reason) : IHoldPersonalData
{
    public IHoldPersonalData WithPersonalFields(Func<string, Protected, Protected> change) =>
        this with
        {
            Reason = change("reason", Reason),
        };
}

/// <summary>Takes back that the person and <paramref name="ReplacedInto"/> are one.</summary>
[Stored("person_unmerged")]
public sealed record PersonUnmerged(Guid PersonId, Guid ReplacedInto, Protected Reason) : IHoldPersonalData
{
    public IHoldPersonalData WithPersonalFields(Func<string, Protected, Protected> change) =>
        this with
        {
            Reason = change("reason", Reason),
        };
}

/// <summary>
/// Hides what is personal of the person from everybody, or shows it again. What the person takes part in is counted as before.
/// </summary>
[Stored("person_restricted"), NoFact]
public sealed record PersonRestricted(Guid PersonId, bool Restricted, Protected Reason) : IHoldPersonalData
{
    public IHoldPersonalData WithPersonalFields(Func<string, Protected, Protected> change) =>
        this with
        {
            Reason = change("reason", Reason),
        };
}

/// <summary>What was personal of the person is gone for good: no key opens it any more. Counts stay what they were.</summary>
[Stored("person_erased"), NoFact]
public sealed record PersonErased(Guid PersonId);

/// <summary>
/// Fields of the person have been kept as long as the rules of retention say: what these salts sealed is gone for good. What is given
/// after that is recorded anew.
/// </summary>
[Stored("person_fields_expired"), NoFact]
public sealed record PersonFieldsExpired(Guid PersonId, ValueList<FieldSalt> Expired);
