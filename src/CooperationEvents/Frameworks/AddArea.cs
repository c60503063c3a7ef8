using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using Wolverine.Http;

namespace CooperationEvents.Frameworks;

/// <summary>Adds an area (a topic). Codes are never used twice in a framework. The name is public record.</summary>
public sealed record AddArea(
    Reference FrameworkId,
    [property: Text(40, Pattern = TextAttribute.Code, Words = TextAttribute.CodeWords)] string Code,
    [property: Text(200)] string Name
) : ICommand
{
    public static Decision Decide(Framework framework, AddArea command)
    {
        var area = new Area(command.Code, command.Name);
        if (framework.Areas.Contains(area))
            return Decision.Nothing;
        if (framework.Areas.FirstOrDefault(a => a.Code == area.Code) is { } other)
            return FrameworkProblems.CodeInUse.Differing(
                $"The framework has another area with the code {area.Code}.",
                Difference.Between(other, area)
            );
        return Decision.Accept(new AreaAdded(framework.Id, area));
    }
}

public static class AddAreaEndpoint
{
    [WolverinePost("/v1/frameworks/{frameworkId}/areas", OperationId = "add-area"), Command(Scopes.ActivityWrite)]
    public static CommandRule Post(AddArea command) =>
        new(work => work.Change<Framework>(command.FrameworkId, framework => AddArea.Decide(framework, command)));
}
