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
}
