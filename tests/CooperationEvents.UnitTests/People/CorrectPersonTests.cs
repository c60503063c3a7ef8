using CooperationEvents.Kernel;
using CooperationEvents.People;

namespace CooperationEvents.UnitTests.People;

public sealed class CorrectPersonTests
{
    private static readonly PersonDetails Known = new("Ana Silva", "ana@example.eu");

    private static readonly CorrectPerson Command = new(Some.Ana, "Married");

    [Fact]
    public void A_name_is_corrected_and_what_is_absent_stays() =>
        Correct(Known, Command with { Name = "Ana Costa" })
            .Then(new PersonDetailsCorrected(Some.Ana, Given.EventId(1), Protected.Of("Married"), Name: Protected.Of("Ana Costa")));

    [Fact]
    public void An_address_is_corrected_and_what_is_the_same_is_left_out() =>
        Correct(Known, Command with { Name = "Ana Silva", Email = "ana.silva@example.eu" })
            .Then(
                new PersonDetailsCorrected(Some.Ana, Given.EventId(1), Protected.Of("Married"), Email: Protected.Of("ana.silva@example.eu"))
            );

    [Fact]
    public void An_address_is_removed() =>
        Correct(Known, Command with { RemoveEmail = true })
            .Then(new PersonDetailsCorrected(Some.Ana, Given.EventId(1), Protected.Of("Married"), EmailRemoved: true));

    [Fact]
    public void A_correction_names_the_one_before() =>
        APerson
            .With(new PersonDetailsCorrected(Some.Ana, Given.EventId(1), Protected.Sealed("reason"), Name: Protected.Sealed("name-2")))
            .When(person => CorrectPerson.Decide(person, Known, null, Command with { Name = "Ana Costa" }))
            .Then(new PersonDetailsCorrected(Some.Ana, Given.EventId(2), Protected.Of("Married"), Name: Protected.Of("Ana Costa")));

    [Fact]
    public void What_is_so_already_is_no_correction() =>
        Correct(Known, Command with { Name = "Ana Silva", Email = "ana@example.eu" }).ThenNothing();

    /// <summary>The history may hold such an address. Who sends it again repeats what is recorded.</summary>
    [Fact]
    public void An_address_that_is_not_taken_any_more_is_still_repeated()
    {
        var command = Command with { Email = "mailto:ana@example.eu" };

        Correct(Known with { Email = command.Email }, command).ThenNothing();
        Correct(Known, command).ThenRefused(KernelProblems.Invalid, "/email");
        Correct(Known with { Email = command.Email }, Command with { Email = "ana@example.eu" })
            .Then(new PersonDetailsCorrected(Some.Ana, Given.EventId(1), Protected.Of("Married"), Email: Protected.Of("ana@example.eu")));
    }

    [Fact]
    public void An_address_that_is_not_there_is_not_removed() =>
        Correct(Known with { Email = null }, Command with { RemoveEmail = true }).ThenNothing();

    [Fact]
    public void Another_address_and_none_contradict_each_other() =>
        Correct(Known, Command with { Email = "ana@example.eu", RemoveEmail = true }).ThenRefused(KernelProblems.Invalid, "/removeEmail");

    [Fact]
    public void A_correction_of_nothing_is_refused() => Correct(Known, Command).ThenRefused(KernelProblems.Invalid);

    private static When<Person> Correct(PersonDetails known, CorrectPerson command) =>
        APerson.With().When(person => CorrectPerson.Decide(person, known, null, command));
}
