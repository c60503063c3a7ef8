using CooperationEvents.Frameworks;
using CooperationEvents.Kernel;

namespace CooperationEvents.UnitTests.Frameworks;

public sealed class AddAreaTests
{
    [Fact]
    public void An_area_is_added_once() =>
        AFramework
            .With()
            .When(Add("counter-trafficking", "Counter-trafficking"))
            .Then(new AreaAdded(Some.Framework, new Area("counter-trafficking", "Counter-trafficking")))
            .AndNothingWhenRepeated();

    [Fact]
    public void An_area_the_framework_was_established_with_is_there_already() =>
        AFramework.With().When(Add("resettlement", "Resettlement")).ThenNothing();

    [Fact]
    public void A_code_names_one_area() =>
        AFramework.With().When(Add("resettlement", "Relocation")).ThenRefused(FrameworkProblems.CodeInUse, "/name");

    private static Func<Framework, Decision> Add(string code, string name) =>
        framework => AddArea.Decide(framework, new AddArea(Some.Framework, code, name));
}
