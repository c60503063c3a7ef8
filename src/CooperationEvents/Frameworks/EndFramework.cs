using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using Wolverine.Http;

namespace CooperationEvents.Frameworks;

/// <summary>Ends a framework: nothing joins it, and no meeting is placed under it, from that day on.</summary>
public sealed record EndFramework(Reference FrameworkId, PartialDate EndedOn) : ICommand
{
    public static Decision Decide(Framework framework, EndFramework command)
    {
        if (framework.EndedOn == command.EndedOn)
            return Decision.Nothing;
        if (framework.EndedOn is { } endedOn)
        {
            if (framework.Ended.Contains(command.EndedOn))
                return Decision.Nothing;
            return FrameworkProblems.FrameworkEnded.Differing(
                $"It ended on {endedOn}. Correct the end to change that.",
                [Difference.Of("/endedOn", endedOn, command.EndedOn)]
            );
        }

        if (EndsTooEarly(framework, command.EndedOn) is { } tooEarly)
            return tooEarly;
        return Decision.Accept(new FrameworkEnded(framework.Id, command.EndedOn));
    }

    /// <summary>Why a framework cannot end on that date, or null.</summary>
    internal static Problem? EndsTooEarly(Framework framework, PartialDate endedOn) =>
        endedOn.FirstDay < framework.EstablishedOn.FirstDay
            ? KernelProblems.Invalid.At("/endedOn", $"It was established on {framework.EstablishedOn}; endedOn must not be before that.")
            : null;
}

public static class EndFrameworkEndpoint
{
    [WolverinePost("/v1/frameworks/{frameworkId}/end", OperationId = "end-framework"), Command(Scopes.ActivityWrite)]
    public static CommandRule Post(EndFramework command) =>
        new(work => work.Change<Framework>(command.FrameworkId, framework => EndFramework.Decide(framework, command)));
}
