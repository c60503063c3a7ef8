using CooperationEvents.Kernel;
using CooperationEvents.People;

namespace CooperationEvents.UnitTests.People;

public sealed class UnmergePersonTests
{
    private static readonly Func<Person, Decision> Unmerge = person =>
        UnmergePerson.Decide(person, new UnmergePerson(Some.Ana, "Two colleagues of one name"));

    [Fact]
    public void A_merge_is_taken_back_once_naming_whom_it_was_into() =>
        APerson
            .With(new PersonMerged(Some.Ana, Some.Ben, Protected.Sealed("reason-1")))
            .When(Unmerge)
            .Then(new PersonUnmerged(Some.Ana, Some.Ben, Protected.Of("Two colleagues of one name")))
            .AndNothingWhenRepeated();

    [Fact]
    public void Who_is_not_merged_stands_alone_already() => APerson.With().When(Unmerge).ThenNothing();
}
