using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using Wolverine.Http;

namespace CooperationEvents.Frameworks;

/// <summary>Adds a level. Codes and ranks are never used twice in a framework. The name is public record.</summary>
public sealed record AddLevel(
    Reference FrameworkId,
    [property: Text(40, Pattern = TextAttribute.Code, Words = TextAttribute.CodeWords)] string Code,
    [property: Text(200)] string Name,
    [property: Bounds(1, 100)] int Rank
) : ICommand
{
    public static Decision Decide(Framework framework, AddLevel command)
    {
        var level = new Level(command.Code, command.Name, command.Rank);
        if (framework.Levels.Contains(level))
            return Decision.Nothing;
        if (framework.Levels.FirstOrDefault(l => l.Code == level.Code) is { } other)
            return FrameworkProblems.CodeInUse.Differing(
                $"The framework has another level with the code {level.Code}.",
                Difference.Between(other, level)
            );
        if (framework.Levels.FirstOrDefault(l => l.Rank == level.Rank) is { } same)
            return FrameworkProblems.CodeInUse.At("/rank", $"Rank {level.Rank} is that of the level {same.Code}.");
        return Decision.Accept(new LevelAdded(framework.Id, level));
    }
}

public static class AddLevelEndpoint
{
    [WolverinePost("/v1/frameworks/{frameworkId}/levels", OperationId = "add-level"), Command(Scopes.ActivityWrite)]
    public static CommandRule Post(AddLevel command) =>
        new(work => work.Change<Framework>(command.FrameworkId, framework => AddLevel.Decide(framework, command)));
}
