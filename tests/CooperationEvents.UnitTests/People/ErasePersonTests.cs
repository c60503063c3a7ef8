using CooperationEvents.People;

namespace CooperationEvents.UnitTests.People;

public sealed class ErasePersonTests
{
    [Fact]
    public void A_person_is_erased_once() =>
        APerson.With().When(ErasePerson.Decide).Then(new PersonErased(Some.Ana)).AndNothingWhenRepeated();
}
