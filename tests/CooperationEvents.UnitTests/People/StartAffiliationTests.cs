using CooperationEvents.Kernel;
using CooperationEvents.People;

namespace CooperationEvents.UnitTests.People;

public sealed class StartAffiliationTests
{
    private static readonly StartAffiliation Command = new(
        Some.Ana,
        Some.DgHome,
        Some.Affiliation,
        "Policy officer",
        "AD 7",
        Some.Date("2015-03")
    );

    private static readonly AffiliationDetails Known = new(Some.Affiliation, Some.DgHome, "Policy officer", "AD 7", Some.Date("2015-03"));

    [Fact]
    public void An_affiliation_starts() =>
        APerson
            .With()
            .When(Start(null, Command))
            .Then(
                new AffiliationStarted(
                    Some.Ana,
                    Some.Affiliation,
                    Some.DgHome,
                    Protected.Of("Policy officer"),
                    Protected.Of("AD 7"),
                    Some.Date("2015-03")
                )
            );

    [Fact]
    public void Function_grade_and_date_may_be_unknown() =>
        APerson
            .With()
            .When(Start(null, new StartAffiliation(Some.Ana, Some.DgHome)))
            .Then(new AffiliationStarted(Some.Ana, Some.Affiliation, Some.DgHome));

    [Fact]
    public void The_same_again_starts_nothing() => APerson.With(APerson.AtHome).When(Start(Known, Command)).ThenNothing();

    [Fact]
    public void The_same_again_starts_nothing_after_its_end() =>
        APerson
            .With(APerson.AtHome, new AffiliationEnded(Some.Ana, Some.Affiliation, Some.Date("2016")))
            .When(Start(Known, Command))
            .ThenNothing();

    [Fact]
    public void The_same_id_with_other_content_is_refused()
    {
        Refused(Command with { Grade = "AD 8" }, "/grade");
        Refused(Command with { Function = "Head of unit" }, "/function");
        Refused(Command with { From = null }, "/from");

        static void Refused(StartAffiliation command, string pointer) =>
            APerson.With(APerson.AtHome).When(Start(Known, command)).ThenRefused(KernelProblems.IdInUse, pointer);
    }

    [Fact]
    public void The_id_of_the_caller_names_the_affiliation() =>
        StartAffiliation.Identify(Some.DgHome, [Known], Command with { Id = Some.Ben }).ShouldBe(Some.Ben);

    [Fact]
    public void Without_an_id_the_same_content_names_it() =>
        StartAffiliation
            .Identify(Some.DgHome, [Known with { AffiliationId = Some.Ana, Grade = "AD 8" }, Known], Command with { Id = null })
            .ShouldBe(Some.Affiliation);

    [Theory]
    [InlineData("AD 8")]
    [InlineData(null)]
    public void Other_content_is_another_affiliation(string? grade) =>
        StartAffiliation.Identify(Some.DgHome, [Known], Command with { Id = null, Grade = grade }).ShouldBeNull();

    [Fact]
    public void Another_organisation_is_another_affiliation() =>
        StartAffiliation.Identify(Some.Eeas, [Known], Command with { Id = null }).ShouldBeNull();

    [Fact]
    public void What_cannot_be_read_any_more_is_not_compared_where_the_id_says_which_it_is()
    {
        APerson.With(APerson.AtHome).When(Start(Known with { Function = null, FunctionIsUnread = true }, Command)).ThenNothing();
        APerson.With(APerson.AtHome).When(Start(Known with { Grade = null, GradeIsUnread = true }, Command)).ThenNothing();
    }

    [Fact]
    public void Only_what_can_be_read_is_told_to_differ()
    {
        APerson
            .With(APerson.AtHome)
            .When(Start(Known with { Function = null, FunctionIsUnread = true }, Command with { Grade = "AD 8" }))
            .ThenRefused(KernelProblems.IdInUse, "/grade");
        APerson
            .With(APerson.AtHome)
            .When(Start(Known with { Grade = null, GradeIsUnread = true }, Command with { Function = "Head of unit" }))
            .ThenRefused(KernelProblems.IdInUse, "/function");
    }

    [Fact]
    public void What_cannot_be_read_any_more_names_no_affiliation() =>
        StartAffiliation
            .Identify(Some.DgHome, [Known with { Function = null, FunctionIsUnread = true }], Command with { Id = null })
            .ShouldBeNull();

    private static Func<Person, Decision> Start(AffiliationDetails? known, StartAffiliation command) =>
        person => StartAffiliation.Decide(person, Some.Affiliation, Some.DgHome, known is null ? [] : [known], command);
}
