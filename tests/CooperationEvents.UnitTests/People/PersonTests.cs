using CooperationEvents.Kernel;
using CooperationEvents.People;

namespace CooperationEvents.UnitTests.People;

public sealed class PersonTests
{
    [Fact]
    public void A_field_keeps_the_event_that_sealed_it()
    {
        var person = Given.Folded<Person>(
            APerson.WasRegistered,
            new PersonDetailsCorrected(Some.Ana, Given.EventId(1), Protected.Sealed("reason"), Name: Protected.Sealed("name-2"))
        );

        person.Name.ShouldBe(new SealedField(Given.EventId(2), "person_details_corrected", "name", "name-2"));
        person.Email.ShouldBe(new SealedField(Given.EventId(1), "person_registered", "email", "email-1"));
    }

    [Fact]
    public void A_correction_of_the_address_replaces_it_and_leaves_the_name()
    {
        var person = Given.Folded<Person>(
            APerson.WasRegistered,
            new PersonDetailsCorrected(Some.Ana, Given.EventId(1), Protected.Sealed("reason"), Email: Protected.Sealed("email-2"))
        );

        (person.Name?.Ciphertext, person.Email?.Ciphertext).ShouldBe(("name-1", "email-2"));
    }

    [Fact]
    public void Of_an_erased_person_nothing_personal_stays()
    {
        var registered = APerson.WasRegistered with { ExternalReference = Protected.Sealed("reference-1") };
        Given.Folded<Person>(registered).ExternalReference!.Ciphertext.ShouldBe("reference-1");

        var person = Given.Folded<Person>(registered, APerson.AtHome, new PersonErased(Some.Ana));
        (person.Name, person.Email, person.ExternalReference, person.Affiliations[Some.Affiliation].Function).ShouldBe(default);
    }

    [Fact]
    public void A_person_is_like_another_of_the_same_name_or_address_until_restricted()
    {
        Given.Folded<Person>(APerson.WasRegistered).Traits.Select(t => t.Why).ShouldBe(["same name", "same e-mail address"]);
        Given
            .Folded<Person>(APerson.WasRegistered, new PersonRestricted(Some.Ana, true, Protected.Sealed("reason")))
            .Traits.ShouldBeEmpty();
    }

    [Fact]
    public void An_address_that_was_removed_is_gone() =>
        Given
            .Folded<Person>(
                APerson.WasRegistered,
                new PersonDetailsCorrected(Some.Ana, Given.EventId(1), Protected.Sealed("reason"), EmailRemoved: true)
            )
            .Email.ShouldBeNull();

    [Fact]
    public void Plain_text_does_not_enter_the_state() =>
        Given.Folded<Person>(new PersonRegistered(Some.Ana, Protected.Of("Ana Silva"))).Name.ShouldBeNull();

    [Fact]
    public void What_expired_is_gone_from_the_state_and_what_is_given_after_it_stays()
    {
        var registered = new PersonRegistered(Some.Ana, Protected.Sealed("identity.1:name"), Protected.Sealed("contact.1:email"));
        var expired = new PersonFieldsExpired(Some.Ana, [new FieldSalt(FieldClass.Contact, 1)]);
        var corrected = new PersonDetailsCorrected(
            Some.Ana,
            Given.EventId(1),
            Protected.Sealed("texts.1:reason"),
            Email: Protected.Sealed("contact.2:email")
        );

        var person = Given.Folded<Person>(registered, expired);
        (person.Name?.Ciphertext, person.Email).ShouldBe(("identity.1:name", null));
        person.Expired.ShouldBe([KeyValuePair.Create(FieldClass.Contact, 1)]);
        person.Traits.Select(t => t.Field).ShouldBe([Person.NameTrait]);
        Given.Folded<Person>(registered, expired, corrected, expired).Email!.Ciphertext.ShouldBe("contact.2:email");
    }

    [Fact]
    public void What_was_sealed_before_there_were_salts_does_not_expire() =>
        Given
            .Folded<Person>(APerson.WasRegistered, new PersonFieldsExpired(Some.Ana, [new FieldSalt(FieldClass.Contact, 1)]))
            .Email!.Ciphertext.ShouldBe("email-1");
}
