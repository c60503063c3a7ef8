using CooperationEvents.Frameworks;
using CooperationEvents.Kernel;

namespace CooperationEvents.UnitTests.Frameworks;

public sealed class EstablishFrameworkTests
{
    private static readonly EstablishFramework Command = new(
        AFramework.WasEstablished.Name,
        AFramework.WasEstablished.EstablishedOn,
        AFramework.WasEstablished.Parties,
        AFramework.WasEstablished.Levels,
        Areas: AFramework.WasEstablished.Areas
    );

    [Fact]
    public void A_framework_is_established() =>
        EstablishFramework.Decide(Some.Framework, null, Command).ShouldRecord(AFramework.WasEstablished);

    [Fact]
    public void The_same_again_establishes_nothing() =>
        EstablishFramework.Decide(Some.Framework, [AFramework.WasEstablished], Command).ShouldRecordNothing();

    [Fact]
    public void The_same_again_in_another_order_establishes_nothing() =>
        EstablishFramework
            .Decide(
                Some.Framework,
                [AFramework.WasEstablished],
                Command with
                {
                    Parties = [.. Command.Parties.Reverse()],
                    Levels = [.. Command.Levels.Reverse()],
                    Areas = [.. Command.Areas!.Reverse()],
                }
            )
            .ShouldRecordNothing();

    [Fact]
    public void Areas_that_are_absent_are_none() =>
        EstablishFramework
            .Decide(Some.Framework, [AFramework.WasEstablished with { Areas = [] }], Command with { Areas = null })
            .ShouldRecordNothing();

    [Fact]
    public void The_same_id_with_other_content_is_refused() =>
        EstablishFramework
            .Decide(Some.Framework, [AFramework.WasEstablished], Command with { EstablishedOn = Some.Date("2012") })
            .ShouldBeRefused(KernelProblems.IdInUse, "/establishedOn");

    [Fact]
    public void Every_code_and_rank_that_is_repeated_is_named() =>
        EstablishFramework
            .Decide(
                Some.Framework,
                null,
                Command with
                {
                    Parties = [new Party("EU", "European Union"), new Party("EU", "Union")],
                    Levels =
                    [
                        new Level("experts", "Experts", 1),
                        new Level("experts", "Technical experts", 2),
                        new Level("officials", "Officials", 1),
                    ],
                    Areas = [new Area("visa", "Visa"), new Area("returns", "Returns"), new Area("visa", "Visas")],
                }
            )
            .ShouldBeRefused(KernelProblems.Invalid, "/parties/1/code", "/levels/1/code", "/levels/2/rank", "/areas/2/code");
}
