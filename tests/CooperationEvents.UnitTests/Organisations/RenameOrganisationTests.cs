using CooperationEvents.Kernel;
using CooperationEvents.Organisations;

namespace CooperationEvents.UnitTests.Organisations;

public sealed class RenameOrganisationTests
{
    private static readonly PartialDate On = Some.Date("2016-09-19");

    private static readonly OrganisationRegistered Registered = new(Some.Eeas, "External Action", "EAS", []);

    private static readonly Given<Organisation> AnOrganisation = Given.Events<Organisation>(Registered);

    [Fact]
    public void A_new_name_is_recorded_once_with_the_one_it_replaces() =>
        AnOrganisation
            .When(Rename("European External Action Service", "EEAS"))
            .Then(new OrganisationRenamed(Some.Eeas, "European External Action Service", "EEAS", On, "External Action", "EAS"))
            .AndNothingWhenRepeated();

    [Fact]
    public void A_short_name_that_is_absent_stays() =>
        AnOrganisation
            .When(Rename("European External Action Service"))
            .Then(new OrganisationRenamed(Some.Eeas, "European External Action Service", "EAS", On, "External Action", "EAS"))
            .AndNothingWhenRepeated();

    [Fact]
    public void The_name_it_has_already_is_no_rename() => AnOrganisation.When(Rename("External Action")).ThenNothing();

    [Fact]
    public void A_second_rename_replaces_the_first() =>
        AnOrganisation
            .When(Rename("European External Action Service", "EEAS"))
            .Then(new OrganisationRenamed(Some.Eeas, "European External Action Service", "EEAS", On, "External Action", "EAS"))
            .AndWhen(Rename("External Action", "EAS"))
            .Then(new OrganisationRenamed(Some.Eeas, "External Action", "EAS", On, "European External Action Service", "EEAS"));

    [Fact]
    public void A_name_that_others_followed_is_no_rename_when_it_comes_again()
    {
        var renamed = AnOrganisation
            .When(Rename("European External Action Service", "EEAS"))
            .Then(new OrganisationRenamed(Some.Eeas, "European External Action Service", "EEAS", On, "External Action", "EAS"))
            .AndWhen(Rename("Action Service", "AS", "2020"))
            .Then(
                new OrganisationRenamed(Some.Eeas, "Action Service", "AS", Some.Date("2020"), "European External Action Service", "EEAS")
            );

        renamed.AndWhen(Rename("European External Action Service", "EEAS")).ThenNothing();
        renamed.AndWhen(Rename("European External Action Service", null, "2018-01")).ThenNothing();
    }

    [Fact]
    public void A_name_recorded_late_replaces_the_one_of_its_day()
    {
        AnOrganisation
            .When(Rename("European External Action Service", "EEAS"))
            .Then(new OrganisationRenamed(Some.Eeas, "European External Action Service", "EEAS", On, "External Action", "EAS"))
            .AndWhen(Rename("Foreign Action", null, "2012"))
            .Then(new OrganisationRenamed(Some.Eeas, "Foreign Action", "EAS", Some.Date("2012"), "External Action", "EAS"))
            .AndWhen(Rename("European External Action Service", "EEAS"))
            .ThenNothing();
    }

    private static Func<Organisation, Decision> Rename(string name, string? shortName = null, string? on = null) =>
        organisation =>
            RenameOrganisation.Decide(organisation, new RenameOrganisation(Some.Eeas, name, on is null ? On : Some.Date(on), shortName));
}
