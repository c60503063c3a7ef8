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
