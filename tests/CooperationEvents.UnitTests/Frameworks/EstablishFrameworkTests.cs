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
        EstablishFramework.Decide(Some.Framework, Given.Created<Framework>([AFramework.WasEstablished]), Command).ShouldRecordNothing();

    [Fact]
    public void The_same_again_in_another_order_establishes_nothing() =>
        EstablishFramework
            .Decide(
                Some.Framework,
                Given.Created<Framework>([AFramework.WasEstablished]),
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
            .Decide(
                Some.Framework,
                Given.Created<Framework>([AFramework.WasEstablished with { Areas = [] }]),
                Command with
                {
                    Areas = null,
                }
            )
            .ShouldRecordNothing();

    [Fact]
    public void The_same_id_with_other_content_is_refused() =>
        EstablishFramework
            .Decide(
                Some.Framework,
                Given.Created<Framework>([AFramework.WasEstablished]),
                Command with
                {
                    EstablishedOn = Some.Date("2012"),
                }
            )
            .ShouldBeRefused(KernelProblems.IdInUse, "/establishedOn");

    [Fact]
    public void Levels_and_areas_that_were_added_since_establish_nothing_when_they_are_listed()
    {
        var (experts, visa) = (new Level("experts", "Experts", 3), new Area("visa", "Visa"));
        var framework = Given.Created<Framework>(
            [AFramework.WasEstablished],
            new LevelAdded(Some.Framework, experts),
            new LevelAdded(Some.Framework, new Level("ministers", "Ministers", 4)),
            new AreaAdded(Some.Framework, visa)
        );
        var now = Command with { Levels = [.. Command.Levels, experts], Areas = [.. Command.Areas!, visa] };

        EstablishFramework.Decide(Some.Framework, framework, now).ShouldRecordNothing();
        EstablishFramework.Decide(Some.Framework, framework, Command with { Levels = now.Levels }).ShouldRecordNothing();
        EstablishFramework.Decide(Some.Framework, framework, Command).ShouldRecordNothing();
        EstablishFramework
            .Decide(Some.Framework, framework, now with { Levels = [.. Command.Levels, experts with { Name = "Technical experts" }] })
            .ShouldBeRefused(KernelProblems.IdInUse, "/levels/2/name");
        EstablishFramework
            .Decide(Some.Framework, framework, now with { Levels = [experts] })
            .ShouldBeRefused(KernelProblems.IdInUse, "/levels/1", "/levels/2");
    }

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
