using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.People;

namespace CooperationEvents.UnitTests.People;

public sealed class RegisterPersonTests
{
    private static readonly RegisterPerson Command = new("Ana Silva", Email: "ana@example.eu");

    private static readonly PersonRegistered Registered = new(Some.Ana, Protected.Of("Ana Silva"), Protected.Of("ana@example.eu"));

    [Fact]
    public void A_person_is_registered() => Decide(null, Command).ShouldRecord(Registered);

    [Fact]
    public void A_first_affiliation_has_the_id_of_the_person() =>
        Decide(null, Command with { Affiliation = new FirstAffiliation(Some.DgHome, "Policy officer", "AD 7", Some.Date("2015")) })
            .ShouldRecord(
                Registered,
                new AffiliationStarted(
                    Some.Ana,
                    Some.Ana,
                    Some.DgHome,
                    Protected.Of("Policy officer"),
                    Protected.Of("AD 7"),
                    Some.Date("2015")
                )
            );

    [Fact]
    public void An_external_reference_is_personal_data() =>
        Decide(null, new RegisterPerson("Ana Silva", ExternalReference: new ExternalReference("crm", "7")))
            .ShouldRecord(
                new PersonRegistered(Some.Ana, Protected.Of("Ana Silva"), ExternalReference: Protected.Of("""{"system":"crm","id":"7"}"""))
            );

    [Fact]
    public void The_same_again_registers_nothing() => Decide([Registered], Command).ShouldRecordNothing();

    [Fact]
    public void An_address_in_other_capitals_is_the_same()
    {
        Decide([Registered], Command with { Email = "Ana@Example.EU" }).ShouldRecordNothing();
        Decide([Registered], Command with { Email = "Anna@Example.EU" }).ShouldBeRefused(KernelProblems.IdInUse, "/email");
        Decide(null, Command with { Email = "Ana@Example.EU" }).ShouldRecord(Registered with { Email = Protected.Of("Ana@Example.EU") });
    }

    /// <summary>The history may hold such an address. Who sends it again repeats what is recorded.</summary>
    [Theory]
    [InlineData("mailto:ana@example.eu")]
    [InlineData("<ana@example.eu>")]
    [InlineData("ana@example.eu.")]
    public void An_address_that_is_not_taken_any_more_is_still_repeated(string email)
    {
        ValueList<object> recorded = [Registered with { Email = Protected.Of(email) }];
        var (read, unreadable) = BodyCheck.As<RegisterPerson>(
            System.Text.Json.JsonSerializer.SerializeToElement(new { name = "Ana Silva", email })
        );

        unreadable.ShouldBeNull();
        read.ShouldNotBeNull().ShouldBe(Command with { Email = email });
        Decide(recorded, read).ShouldRecordNothing();
        Decide(recorded, Command).ShouldRecordNothing();
        Decide([Registered], read).ShouldRecordNothing();
        Decide(null, read).ShouldBeRefused(KernelProblems.Invalid, "/email");
        Decide(recorded, read with { Name = "Ana da Silva" }).ShouldBeRefused(KernelProblems.Invalid, "/email");
    }

    [Fact]
    public void The_same_again_with_its_affiliation_registers_nothing() =>
        Decide(
                [Registered, new AffiliationStarted(Some.Ana, Some.Ana, Some.DgHome)],
                Command with
                {
                    Affiliation = new FirstAffiliation(Some.DgHome),
                }
            )
            .ShouldRecordNothing();

    [Fact]
    public void The_id_is_left_out_of_the_comparison_where_the_reference_identifies() =>
        Decide([Registered], Command with { Id = Some.Ben }).ShouldRecordNothing();

    [Fact]
    public void The_same_id_with_another_name_is_refused() =>
        Decide([Registered], Command with { Name = "Ana da Silva" }).ShouldBeRefused(KernelProblems.IdInUse, "/name");

    [Fact]
    public void The_same_id_with_another_affiliation_is_refused() =>
        Decide([Registered], Command with { Affiliation = new FirstAffiliation(Some.DgHome) })
            .ShouldBeRefused(KernelProblems.IdInUse, "/affiliation");

    [Fact]
    public void What_cannot_be_read_any_more_is_not_compared()
    {
        var unread = Registered with { Email = Protected.Sealed("contact.1:AAAA") };

        Decide([unread], Command).ShouldRecordNothing();
        Decide([unread], Command with { Email = null }).ShouldRecordNothing();
        Decide([unread], Command with { Name = "Ana da Silva" }).ShouldBeRefused(KernelProblems.IdInUse, "/name");
    }

    [Fact]
    public void What_is_so_by_now_registers_nothing_and_neither_does_what_was_first()
    {
        ValueList<object> now = [Registered with { Name = Protected.Of("Ana da Silva"), Email = Protected.Of("ANA.SILVA@example.eu") }];
        var command = Command with { Name = "Ana da Silva", Email = "ana.silva@example.eu" };

        Decide([Registered], command, now).ShouldRecordNothing();
        Decide([Registered], Command, now).ShouldRecordNothing();
        Decide([Registered], command with { Email = Command.Email }, now).ShouldRecordNothing();
        Decide([Registered], command with { Email = "a@example.eu" }, now).ShouldBeRefused(KernelProblems.IdInUse, "/email");
        Decide([Registered], Command with { Name = "Anna" }, now).ShouldBeRefused(KernelProblems.IdInUse, "/name", "/email");
    }

    [Fact]
    public void An_address_that_was_removed_is_not_so_any_more()
    {
        ValueList<object> now = [Registered with { Email = null }];

        Decide([Registered], Command with { Email = null }, now).ShouldRecordNothing();
        Decide([Registered], Command, now).ShouldRecordNothing();
    }

    [Fact]
    public void An_affiliation_of_the_person_is_so_and_those_that_are_not_sent_are_not_compared()
    {
        var renamed = Registered with { Name = Protected.Of("Ana da Silva") };
        var home = new AffiliationStarted(Some.Ana, Some.Ana, Some.DgHome, Protected.Of("Policy officer"));
        var eeas = new AffiliationStarted(Some.Ana, Some.Affiliation, Some.Eeas, Protected.Of("Adviser"), From: Some.Date("2020"));
        var left = new AffiliationEnded(Some.Ana, Some.Ana, Some.Date("2020"));
        var command = Command with { Name = "Ana da Silva" };
        var atHome = command with { Affiliation = new FirstAffiliation(Some.DgHome, "Policy officer") };
        var atEeas = command with { Affiliation = new FirstAffiliation(Some.Eeas, "Adviser", From: Some.Date("2020")) };

        foreach (var now in new ValueList<object>[] { [renamed, home, eeas], [renamed, home, left, eeas] })
        {
            Decide([Registered, home], atHome, now).ShouldRecordNothing();
            Decide([Registered, home], atEeas, now).ShouldRecordNothing();
            Decide(
                    [Registered, home],
                    atEeas with
                    {
                        Affiliation = new FirstAffiliation(Some.Iom, "Adviser", From: Some.Date("2020")),
                    },
                    now
                )
                .ShouldBeRefused(KernelProblems.IdInUse, "/affiliation/organisationId");
        }

        Decide([Registered, home], command, [renamed, home, eeas]).ShouldBeRefused(KernelProblems.IdInUse, "/affiliation");
        Decide([Registered, home], command, [renamed, home, left, eeas]).ShouldRecordNothing();
        Decide([Registered], command, [renamed, eeas]).ShouldRecordNothing();
    }

    [Fact]
    public void What_expired_of_a_corrected_person_is_not_compared()
    {
        var unread = Registered with { Email = Protected.Sealed("contact.1:AAAA") };
        ValueList<object> now = [unread with { Name = Protected.Of("Ana da Silva") }];

        Decide([unread], Command with { Name = "Ana da Silva" }, now).ShouldRecordNothing();
        Decide([unread], Command with { Name = "Anna" }, now).ShouldBeRefused(KernelProblems.IdInUse, "/name");
    }

    /// <param name="now">The person as they are now; as they were registered where it is absent.</param>
    private static Decision Decide(ValueList<object>? created, RegisterPerson command, ValueList<object>? now = null) =>
        RegisterPerson.Decide(Some.Ana, created, now ?? created, command.Affiliation?.OrganisationId.Id, command);
}
