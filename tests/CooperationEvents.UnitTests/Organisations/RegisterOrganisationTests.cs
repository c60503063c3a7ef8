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

    private static readonly OrganisationRenamed Renamed = new(
        Some.Iom,
        "UN Migration",
        "UNM",
        Some.Date("2016-09-19"),
        Registered.Name,
        Registered.ShortName
    );

    [Fact]
    public void An_organisation_is_registered() => Decide(Command).ShouldRecord(Registered);

    [Fact]
    public void Identifiers_that_are_absent_are_none() =>
        Decide(new RegisterOrganisation("IOM", "IOM")).ShouldRecord(new OrganisationRegistered(Some.Iom, "IOM", "IOM", []));

    [Fact]
    public void The_same_again_registers_nothing() => Decide(Command, [Registered]).ShouldRecordNothing();

    [Fact]
    public void A_default_that_is_spelled_out_is_the_same_content() =>
        Decide(new RegisterOrganisation("IOM", "IOM", Identifiers: []), [new OrganisationRegistered(Some.Iom, "IOM", "IOM", [])])
            .ShouldRecordNothing();

    [Fact]
    public void The_id_is_left_out_of_the_comparison_where_the_reference_identifies() =>
        Decide(Command with { Id = Some.Eeas }, [Registered]).ShouldRecordNothing();

    [Fact]
    public void The_same_id_with_other_content_is_refused() =>
        Decide(Command with { ShortName = "OIM" }, [Registered]).ShouldBeRefused(KernelProblems.IdInUse, "/shortName");

    [Fact]
    public void The_name_of_today_registers_nothing_and_neither_does_the_first()
    {
        Decide(Command with { Name = "UN Migration", ShortName = "UNM" }, [Registered], Renamed).ShouldRecordNothing();
        Decide(Command, [Registered], Renamed).ShouldRecordNothing();
    }

    [Fact]
    public void What_is_neither_its_first_nor_its_present_name_is_held_against_the_present_one()
    {
        var problem = Decide(Command with { Name = "Migration", ShortName = "UNM" }, [Registered], Renamed)
            .ShouldBeOfType<Decision.Refused>()
            .Problem;

        problem.Errors.ShouldHaveSingleItem().ShouldBe(Difference.Of("/name", "UN Migration", "Migration"));
        Decide(Command with { ShortName = "UNM" }, [Registered], Renamed).ShouldRecordNothing();
        problem.Detail.ShouldContain("recorded now");
    }

    [Fact]
    public void A_name_of_days_to_come_is_not_so_yet() =>
        Decide(Command with { Name = "UN Migration", ShortName = "UNM" }, [Registered], Renamed with { On = Some.Date("2031") })
            .ShouldBeRefused(KernelProblems.IdInUse, "/name", "/shortName");

    private static Decision Decide(RegisterOrganisation command, ValueList<object>? created = null, params IEnumerable<object> since) =>
        RegisterOrganisation.Decide(
            Some.Iom,
            created is null ? null : Given.Created<Organisation>(created, since),
            Some.Day("2026-11-29"),
            command
        );
}
