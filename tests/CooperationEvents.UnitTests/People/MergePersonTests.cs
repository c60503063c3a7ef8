using CooperationEvents.Kernel;
using CooperationEvents.People;

namespace CooperationEvents.UnitTests.People;

public sealed class MergePersonTests
{
    private static readonly PersonMerged IntoBen = new(Some.Ana, Some.Ben, Protected.Sealed("reason-1"));

    [Fact]
    public void A_person_is_merged_into_another_with_a_reason_that_is_personal_data() =>
        APerson
            .With()
            .When(Merge(Some.Ben))
            .Then(new PersonMerged(Some.Ana, Some.Ben, Protected.Of("The same mailbox")))
            .AndNothingWhenRepeated();

    [Fact]
    public void The_other_may_be_merged_already_and_the_link_names_whom_the_command_named() =>
        APerson.With().When(Merge(Some.Ben, Some.Cem)).Then(new PersonMerged(Some.Ana, Some.Ben, Protected.Of("The same mailbox")));

    [Fact]
    public void The_same_again_merges_nothing_also_when_the_other_was_merged_since() =>
        APerson.With(IntoBen).When(Merge(Some.Ben, Some.Cem)).ThenNothing();

    [Fact]
    public void Nobody_is_merged_into_himself() =>
        APerson.With().When(Merge(Some.Ana)).ThenRefused(PersonProblems.MergedIntoItself, "/into");

    [Fact]
    public void Who_is_merged_is_not_merged_into_another() =>
        APerson.With(IntoBen).When(Merge(Some.Cem)).ThenRefused(PersonProblems.AlreadyMerged, "/into");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_line_does_not_close_to_a_circle(bool byWayOfAnother) =>
        APerson
            .With()
            .When(byWayOfAnother ? Merge(Some.Ben, Some.Cem, Some.Ana) : Merge(Some.Ben, Some.Ana))
            .ThenRefused(PersonProblems.MergeInCircle, "/into");

    [Fact]
    public void Once_unmerged_a_person_may_be_merged_into_another() =>
        APerson
            .With(IntoBen, new PersonUnmerged(Some.Ana, Some.Ben, Protected.Sealed("reason-2")))
            .When(Merge(Some.Cem))
            .Then(new PersonMerged(Some.Ana, Some.Cem, Protected.Of("The same mailbox")));

    private static Func<Person, Decision> Merge(params Guid[] line) =>
        person => MergePerson.Decide(person, line, new MergePerson(Some.Ana, line[0], "The same mailbox"));
}
