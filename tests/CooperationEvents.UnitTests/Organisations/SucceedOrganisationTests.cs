using CooperationEvents.Kernel;
using CooperationEvents.Organisations;

namespace CooperationEvents.UnitTests.Organisations;

public sealed class SucceedOrganisationTests
{
    private static readonly PartialDate On = Some.Date("2025-02-01");

    private static readonly Given<Organisation> AnOrganisation = Given.Events<Organisation>(
        new OrganisationRegistered(Some.DgHome, "Neighbourhood", "DG NEAR", [])
    );

    [Theory]
    [InlineData(SuccessionKind.Merge)]
    [InlineData(SuccessionKind.Replace)]
    public void What_is_merged_or_replaced_has_one_successor(SuccessionKind kind) =>
        AnOrganisation
            .When(Succeed(kind, [Some.Eeas]))
            .Then(new OrganisationSucceeded(Some.DgHome, kind, On, [Some.Eeas]))
            .AndNothingWhenRepeated();

    [Fact]
    public void A_split_has_several_successors_and_needs_no_default() =>
        AnOrganisation
            .When(Succeed(SuccessionKind.Split, [Some.Eeas, Some.Iom]))
            .Then(new OrganisationSucceeded(Some.DgHome, SuccessionKind.Split, On, [Some.Eeas, Some.Iom]))
            .AndNothingWhenRepeated();

    [Fact]
    public void Another_order_of_the_successors_is_no_other_split() =>
        AnOrganisation
            .And(new OrganisationSucceeded(Some.DgHome, SuccessionKind.Split, On, [Some.Eeas, Some.Iom]))
            .When(Succeed(SuccessionKind.Split, [Some.Iom, Some.Eeas]))
            .ThenNothing();

    [Fact]
    public void A_default_is_one_of_the_successors_of_a_split() =>
        AnOrganisation
            .When(Succeed(SuccessionKind.Split, [Some.Eeas, Some.Iom], Some.Iom))
            .Then(new OrganisationSucceeded(Some.DgHome, SuccessionKind.Split, On, [Some.Eeas, Some.Iom], Some.Iom))
            .AndNothingWhenRepeated();

    [Fact]
    public void Another_organisation_is_no_default() =>
        AnOrganisation
            .When(Succeed(SuccessionKind.Split, [Some.Eeas, Some.Iom], Some.OtherOutcome))
            .ThenRefused(KernelProblems.Invalid, "/default");

    [Fact]
    public void Where_there_is_one_successor_there_is_no_default() =>
        AnOrganisation.When(Succeed(SuccessionKind.Merge, [Some.Eeas], Some.Eeas)).ThenRefused(KernelProblems.Invalid, "/default");

    [Fact]
    public void A_split_into_one_is_no_split() =>
        AnOrganisation.When(Succeed(SuccessionKind.Split, [Some.Eeas])).ThenRefused(KernelProblems.Invalid, "/successors");

    [Theory]
    [InlineData(SuccessionKind.Merge)]
    [InlineData(SuccessionKind.Replace)]
    public void A_merge_into_several_is_no_merge(SuccessionKind kind) =>
        AnOrganisation.When(Succeed(kind, [Some.Eeas, Some.Iom])).ThenRefused(KernelProblems.Invalid, "/successors");

    [Fact]
    public void A_successor_is_named_once() =>
        AnOrganisation.When(Succeed(SuccessionKind.Split, [Some.Eeas, Some.Eeas])).ThenRefused(KernelProblems.Invalid, "/successors/1");

    [Fact]
    public void Nothing_succeeds_itself() =>
        AnOrganisation.When(Succeed(SuccessionKind.Split, [Some.Eeas, Some.DgHome])).ThenRefused(KernelProblems.Invalid, "/successors/1");

    [Fact]
    public void What_was_succeeded_is_not_succeeded_in_another_way() =>
        AnOrganisation
            .And(new OrganisationSucceeded(Some.DgHome, SuccessionKind.Merge, On, [Some.Eeas]))
            .When(Succeed(SuccessionKind.Merge, [Some.Iom]))
            .ThenRefused(OrganisationProblems.AlreadySucceeded, "/successors/0");

    [Fact]
    public void A_line_of_successions_does_not_close_to_a_circle() =>
        AnOrganisation
            .When(organisation =>
                SucceedOrganisation.Decide(
                    organisation,
                    [Some.Eeas],
                    null,
                    new HashSet<Guid> { Some.Eeas, Some.Iom, Some.DgHome },
                    Command(SuccessionKind.Merge, [Some.Eeas], null)
                )
            )
            .ThenRefused(OrganisationProblems.SuccessionInCircle, "/successors");

    private static Func<Organisation, Decision> Succeed(SuccessionKind kind, Guid[] successors, Guid? byDefault = null) =>
        organisation =>
            SucceedOrganisation.Decide(organisation, successors, byDefault, successors.ToHashSet(), Command(kind, successors, byDefault));

    private static SucceedOrganisation Command(SuccessionKind kind, Guid[] successors, Guid? byDefault) =>
        new(Some.DgHome, kind, On, [.. successors.Select(Reference.To)], byDefault is { } id ? Reference.To(id) : null);
}
