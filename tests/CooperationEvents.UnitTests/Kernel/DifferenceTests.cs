using CooperationEvents.Kernel;
using CooperationEvents.Meetings;
using CooperationEvents.Organisations;
using CooperationEvents.People;
using CooperationEvents.UnitTests.Meetings;

namespace CooperationEvents.UnitTests.Kernel;

public sealed class DifferenceTests
{
    private static readonly OrganisationRegistered Registered = new(
        Some.Iom,
        "International Organization for Migration",
        "IOM",
        ["urn:x:1"],
        new ExternalReference("crm", "42")
    );

    [Fact]
    public void Every_member_that_differs_is_named_with_both_values()
    {
        var differences = Difference.Between(
            Registered,
            Registered with
            {
                ShortName = "OIM",
                Identifiers = ["urn:x:1", "urn:x:2"],
                ExternalReference = null,
            }
        );

        differences
            .Select(d => (d.Pointer, d.Recorded, d.Sent))
            .ShouldBe([
                ("/shortName", "\"IOM\"", "\"OIM\""),
                ("/identifiers/1", "null", "\"urn:x:2\""),
                ("/externalReference", """{"system":"crm","id":"42"}""", "null"),
            ]);
        differences.ShouldAllBe(d => d.PersonId == null);
    }

    [Fact]
    public void Texts_and_references_differ_by_their_normal_form_alone() =>
        Difference
            .Between(
                Registered with
                {
                    Name = "Mu\u0308ller ",
                    ExternalReference = new ExternalReference("crm", "42\u200b"),
                },
                Registered with
                {
                    Name = "M\u00fcller",
                }
            )
            .ShouldBeEmpty();

    [Fact]
    public void Personal_values_are_marked_and_stand_in_no_detail()
    {
        var differences = Difference.Between(
            new PersonRegistered(Some.Ana, Protected.Of("Ana Silva"), null, Protected.Of("""{"system":"crm","id":"7"}""")),
            new PersonRegistered(
                Some.Ana,
                Protected.Of("Ana Costa"),
                Protected.Of("ana@example.eu"),
                Protected.Of("""{"system":"crm","id":"8"}""")
            )
        );

        differences.Select(d => d.Pointer).ShouldBe(["/name", "/email", "/externalReference/id"]);
        differences.ShouldAllBe(d => d.PersonId == Some.Ana && d.Detail == "This differs from what is recorded.");
        differences[0].Recorded.ShouldBe("\"Ana Silva\"");
    }

    [Fact]
    public void What_was_recorded_in_an_older_spelling_of_a_personal_reference_is_the_same() =>
        Difference
            .Between(
                new PersonRegistered(Some.Ana, Protected.Of("Ana"), null, Protected.Of("""{"system":"crm","id":"7 "}""")),
                new PersonRegistered(Some.Ana, Protected.Of("Ana"), null, Protected.Of("""{"system":"crm","id":"7"}"""))
            )
            .ShouldBeEmpty();

    [Fact]
    public void Members_of_lists_are_named_by_their_place()
    {
        var recorded = AMeeting.WasScheduled;
        var sent = recorded with { Frameworks = [recorded.Frameworks[0] with { Level = "other", Edition = 3 }] };

        Difference.Between(recorded, sent).Select(d => d.Pointer).ShouldBe(["/frameworks/0/level", "/frameworks/0/edition"]);
    }

    [Fact]
    public void The_order_of_a_list_is_no_difference()
    {
        var recorded = Registered with { Identifiers = ["urn:x:1", "urn:x:2", "urn:x:2", "urn:x:\u00fc"] };

        Difference.Between(recorded, recorded with { Identifiers = ["urn:x:u\u0308", "urn:x:2", "urn:x:1", "urn:x:2"] }).ShouldBeEmpty();
        Difference
            .Between(recorded, recorded with { Identifiers = ["urn:x:2", "urn:x:1", "urn:x:1", "urn:x:\u00fc"] })
            .Select(d => (d.Pointer, d.Recorded, d.Sent))
            .ShouldBe([("/identifiers/2", "\"urn:x:2\"", "\"urn:x:1\"")]);
    }

    [Fact]
    public void In_another_order_an_item_is_held_to_the_one_it_is_most_like()
    {
        ValueList<Placement> recorded = [new(Some.Framework, "senior-officials", 5), new(Some.OtherFramework, "experts")];
        ValueList<Placement> sent = [new(Some.OtherFramework, "experts", 2), new(Some.Framework, "senior-officials", 6)];

        Difference
            .Between(AMeeting.WasScheduled with { Frameworks = recorded }, AMeeting.WasScheduled with { Frameworks = sent })
            .Select(d => (d.Pointer, d.Recorded, d.Sent))
            .ShouldBe([("/frameworks/0/edition", "null", "2"), ("/frameworks/1/edition", "5", "6")]);
    }

    [Fact]
    public void Many_items_that_all_differ_are_held_to_each_other_by_their_places()
    {
        ValueList<string> Numbered(string name) => [.. Enumerable.Range(1, 1_000).Select(i => $"urn:{name}:{i}")];

        Difference
            .Between(Registered with { Identifiers = Numbered("x") }, Registered with { Identifiers = Numbered("y") })
            .Count.ShouldBe(50);
    }

    [Fact]
    public void A_long_value_is_cut()
    {
        var difference = Difference.Between(Registered, Registered with { Name = new string('x', 100_000) }).ShouldHaveSingleItem();

        difference.Sent!.Length.ShouldBeLessThan(300);
        difference.Detail.Length.ShouldBeLessThan(600);
    }

    [Fact]
    public void A_problem_moved_to_another_place_keeps_its_words_its_record_and_its_values()
    {
        var problem = KernelProblems.IdInUse.Differing("In use.", [Difference.Of("/name", "a", "b")]) with { Record = Some.Iom };

        var moved = problem.Under("/data");

        moved.ShouldBe(problem with { Errors = [problem.Errors[0] with { Pointer = "/data/name" }] });
        KernelProblems.Invalid.At("/name", "No.").Under("/data").Errors.Single().Pointer.ShouldBe("/data/name");
        KernelProblems.Invalid.With([new FieldError("/name", "No.")]).Under("/data").Detail.ShouldBe("/data/name: No.");
    }
}
