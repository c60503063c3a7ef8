using CooperationEvents.Kernel;
using CooperationEvents.Organisations;

namespace CooperationEvents.UnitTests.Organisations;

public sealed class RegisterOrganisationTests
{
    private static readonly RegisterOrganisation Command = new(
        "International Organization for Migration",
        "IOM",
        Identifiers: ["https://ror.org/01ejaze43"],
        ExternalReference: new ExternalReference("crm", "42")
    );

    private static readonly OrganisationRegistered Registered = new(
        Some.Iom,
        "International Organization for Migration",
        "IOM",
        ["https://ror.org/01ejaze43"],
        new ExternalReference("crm", "42")
    );

    [Fact]
    public void An_organisation_is_registered() => RegisterOrganisation.Decide(Some.Iom, null, Command).ShouldRecord(Registered);

    [Fact]
    public void Identifiers_that_are_absent_are_none() =>
        RegisterOrganisation
            .Decide(Some.Iom, null, new RegisterOrganisation("IOM", "IOM"))
            .ShouldRecord(new OrganisationRegistered(Some.Iom, "IOM", "IOM", []));

    [Fact]
    public void The_same_again_registers_nothing() => RegisterOrganisation.Decide(Some.Iom, [Registered], Command).ShouldRecordNothing();

    [Fact]
    public void A_default_that_is_spelled_out_is_the_same_content() =>
        RegisterOrganisation
            .Decide(
                Some.Iom,
                [new OrganisationRegistered(Some.Iom, "IOM", "IOM", [])],
                new RegisterOrganisation("IOM", "IOM", Identifiers: [])
            )
            .ShouldRecordNothing();

    [Fact]
    public void The_id_is_left_out_of_the_comparison_where_the_reference_identifies() =>
        RegisterOrganisation.Decide(Some.Iom, [Registered], Command with { Id = Some.Eeas }).ShouldRecordNothing();

    [Fact]
    public void The_same_id_with_other_content_is_refused() =>
        RegisterOrganisation
            .Decide(Some.Iom, [Registered], Command with { ShortName = "OIM" })
            .ShouldBeRefused(KernelProblems.IdInUse, "/shortName");
}
