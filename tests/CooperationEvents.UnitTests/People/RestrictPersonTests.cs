using CooperationEvents.Kernel;
using CooperationEvents.People;

namespace CooperationEvents.UnitTests.People;

public sealed class RestrictPersonTests
{
    private static readonly PersonRestricted Hidden = new(Some.Ana, true, Protected.Of("She objects"));
    private static readonly PersonRestricted Shown = new(Some.Ana, false, Protected.Of("She objects"));

    [Fact]
    public void A_person_is_restricted_once() => APerson.With().When(Restrict(true)).Then(Hidden).AndNothingWhenRepeated();

    [Fact]
    public void A_restriction_is_lifted_once() => APerson.With(Hidden).When(Restrict(false)).Then(Shown).AndNothingWhenRepeated();

    [Fact]
    public void Nothing_is_lifted_of_who_is_not_restricted() => APerson.With().When(Restrict(false)).ThenNothing();

    private static Func<Person, Decision> Restrict(bool restricted) =>
        person => RestrictPerson.Decide(person, new RestrictPerson(Some.Ana, "She objects", restricted));
}
