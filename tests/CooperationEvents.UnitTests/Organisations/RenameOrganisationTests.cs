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

    private static Func<Organisation, Decision> Rename(string name, string? shortName = null) =>
        organisation => RenameOrganisation.Decide(organisation, new RenameOrganisation(Some.Eeas, name, On, shortName));
}
