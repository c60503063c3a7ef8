using CooperationEvents.Frameworks;
using CooperationEvents.Kernel;

namespace CooperationEvents.UnitTests.Frameworks;

public sealed class AddLevelTests
{
    [Fact]
    public void A_level_is_added_once() =>
        AFramework
            .With()
            .When(Add("technical-experts", "Technical experts", 3))
            .Then(new LevelAdded(Some.Framework, new Level("technical-experts", "Technical experts", 3)))
            .AndNothingWhenRepeated();

    [Fact]
    public void A_level_the_framework_was_established_with_is_there_already() =>
        AFramework.With().When(Add("senior-officials", "Senior officials", 1)).ThenNothing();

    [Fact]
    public void A_code_names_one_level() =>
        AFramework.With().When(Add("senior-officials", "Directors-general", 9)).ThenRefused(FrameworkProblems.CodeInUse, "/name", "/rank");

    [Fact]
    public void A_rank_belongs_to_one_level() =>
        AFramework.With().When(Add("directors", "Directors", 2)).ThenRefused(FrameworkProblems.CodeInUse, "/rank");

    private static Func<Framework, Decision> Add(string code, string name, int rank) =>
        framework => AddLevel.Decide(framework, new AddLevel(Some.Framework, code, name, rank));
}
