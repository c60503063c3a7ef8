using CooperationEvents.Kernel;
using CooperationEvents.People;

namespace CooperationEvents.UnitTests.People;

public sealed class EndAffiliationTests
{
    [Theory]
    [InlineData("2015-03-01")]
    [InlineData("2015")]
    [InlineData("2020-06-30")]
    public void An_affiliation_ends_once_on_or_after_its_first_day(string until) =>
        APerson
            .With(APerson.AtHome)
            .When(End(until))
            .Then(new AffiliationEnded(Some.Ana, Some.Affiliation, Some.Date(until)))
            .AndNothingWhenRepeated();

    [Theory]
    [InlineData("2015-02-28")]
    [InlineData("2014")]
    public void It_does_not_end_before_it_starts(string until) =>
        APerson.With(APerson.AtHome).When(End(until)).ThenRefused(PersonProblems.EndsBeforeStart, "/until");

    [Fact]
    public void One_whose_start_is_unknown_ends_on_any_day() =>
        APerson
            .With(APerson.AtHome with { From = null })
            .When(End("1999"))
            .Then(new AffiliationEnded(Some.Ana, Some.Affiliation, Some.Date("1999")));

    [Fact]
    public void What_ended_on_one_day_does_not_end_on_another() =>
        APerson
            .With(APerson.AtHome, new AffiliationEnded(Some.Ana, Some.Affiliation, Some.Date("2020")))
            .When(End("2021"))
            .ThenRefused(PersonProblems.AffiliationEnded, "/until");

    [Fact]
    public void One_that_never_started_does_not_end() =>
        APerson.With().When(End("2020")).ThenRefused(PersonProblems.AffiliationNotFound, "/affiliationId");

    private static Func<Person, Decision> End(string until) =>
        person => EndAffiliation.Decide(person, new EndAffiliation(Some.Ana, Some.Affiliation, Some.Date(until)));
}
