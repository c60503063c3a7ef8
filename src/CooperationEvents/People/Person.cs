using System.Collections.Immutable;
using CooperationEvents.Kernel;

namespace CooperationEvents.People;

/// <summary>A member of staff. What the state holds of personal data is sealed.</summary>
public sealed record Person(
    Guid Id,
    SealedField? Name,
    SealedField? Email,
    Guid NamedBy,
    ImmutableDictionary<Guid, Affiliation> Affiliations,
    Guid? MergedInto = null
) : IState<Person>, IHaveTraits, ICanBeErased, IHaveExpiredFields
{
    public const string NameTrait = "name";
    public const string EmailTrait = "email";

    public static StreamKind Stream => StreamKind.Person;

    public SealedField? ExternalReference { get; init; }

    /// <summary>
    /// Name and e-mail address. By those of a merged person it is only found: whose it is has been decided. One that is restricted
    /// is not found by what is hidden.
    /// </summary>
    public IEnumerable<Trait> Traits =>
        Restricted
            ? []
            : new[]
            {
                new Trait(NameTrait, MergedInto is null ? "same name" : null, TraitForm.PersonName, null, Name),
                new Trait(EmailTrait, MergedInto is null ? "same e-mail address" : null, TraitForm.Mail, null, Email),
            }.Where(t => t.Sealed is not null);

    /// <summary>Whether what is personal is hidden from everybody.</summary>
    public bool Restricted { get; init; }

    public bool Erased { get; init; }

    /// <inheritdoc/>
    public ImmutableDictionary<FieldClass, int> Expired { get; init; } = ImmutableDictionary<FieldClass, int>.Empty;

    IReadOnlyDictionary<FieldClass, int> IHaveExpiredFields.Expired => Expired;

    public static Person? Fold(Person? state, Recorded recorded) =>
        recorded.Data switch
        {
            PersonRegistered e => new Person(
                e.PersonId,
                SealedField.Of(recorded, "name", e.Name),
                SealedField.Of(recorded, "email", e.Email),
                recorded.Id,
                ImmutableDictionary<Guid, Affiliation>.Empty
            )
            {
                ExternalReference = SealedField.Of(recorded, "externalReference", e.ExternalReference),
            },
            PersonDetailsCorrected e => state! with
            {
                Name = SealedField.Of(recorded, "name", e.Name) ?? state.Name,
                Email = e.EmailRemoved ? null : SealedField.Of(recorded, "email", e.Email) ?? state.Email,
                NamedBy = recorded.Id,
            },
            AffiliationStarted e => state! with
            {
                Affiliations = state.Affiliations.Add(
                    e.AffiliationId,
                    new Affiliation(
                        e.OrganisationId,
                        SealedField.Of(recorded, "function", e.Function),
                        SealedField.Of(recorded, "grade", e.Grade),
                        e.From,
                        Until: null
                    )
                ),
            },
            AffiliationEnded e => state! with
            {
                Affiliations = state.Affiliations.SetItem(e.AffiliationId, state.Affiliations[e.AffiliationId] with { Until = e.Until }),
            },
            PersonMerged e => state! with { MergedInto = e.Into },
            PersonUnmerged => state! with { MergedInto = null },
            PersonRestricted e => state! with { Restricted = e.Restricted },
            PersonFieldsExpired e => state!.Without(e.Expired),
            PersonErased => state! with
            {
                Name = null,
                Email = null,
                ExternalReference = null,
                Affiliations = state.Affiliations.ToImmutableDictionary(a => a.Key, a => a.Value with { Function = null, Grade = null }),
                Erased = true,
            },
            _ => state,
        };

    /// <summary>
    /// By what expired nobody is found any more. Function and grade stay, sealed, so that it is known of a repeat that they were given.
    /// </summary>
    private Person Without(ValueList<FieldSalt> salts)
    {
        return this with
        {
            Name = Kept(Name),
            Email = Kept(Email),
            ExternalReference = Kept(ExternalReference),
            Expired = Expired.SetItems(
                salts
                    .GroupBy(s => s.Class, s => s.Number)
                    .Select(s => KeyValuePair.Create(s.Key, s.Append(Expired.GetValueOrDefault(s.Key)).Max()))
            ),
        };

        SealedField? Kept(SealedField? field) => field?.Salt() is { } salt && salt.IsAmong(salts) ? null : field;
    }
}

/// <summary>That a person works for an organisation, in a function, from and until when.</summary>
public sealed record Affiliation(Guid OrganisationId, SealedField? Function, SealedField? Grade, PartialDate? From, PartialDate? Until);
