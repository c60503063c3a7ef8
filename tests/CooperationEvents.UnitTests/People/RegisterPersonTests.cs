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
        var (read, unreadable) = JsonBody.As<RegisterPerson>(
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

    private static Decision Decide(ValueList<object>? created, RegisterPerson command) =>
        RegisterPerson.Decide(Some.Ana, created, command.Affiliation?.OrganisationId.Id, command);
}
