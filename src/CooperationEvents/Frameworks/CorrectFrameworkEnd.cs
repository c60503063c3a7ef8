using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using Wolverine.Http;

namespace CooperationEvents.Frameworks;

/// <summary>
/// Corrects the end of a framework: the day, or with <paramref name="NotEnded"/> that it did not end at all. Memberships and meetings
/// stay as they are recorded. The reason is public record.
/// </summary>
public sealed record CorrectFrameworkEnd(
    Reference FrameworkId,
    [property: Text(1000)] string Reason,
    PartialDate? EndedOn = null,
    bool NotEnded = false
) : ICommand
{
    public static Decision Decide(Framework framework, CorrectFrameworkEnd command)
    {
        if (command.EndedOn is null != command.NotEnded)
            return KernelProblems.Invalid.At("/endedOn", "Give endedOn, or notEnded where it did not end; one of them.");
        if (framework.EndedOn == command.EndedOn)
            return Decision.Nothing;
        if (framework.EndedOn is not { } endedOn)
            return FrameworkProblems.NotEnded.Because("No end of this framework is recorded. End it instead.");
        if (command.EndedOn is { } corrected && EndFramework.EndsTooEarly(framework, corrected) is { } tooEarly)
            return tooEarly;
        return Decision.Accept(new FrameworkEndCorrected(framework.Id, endedOn, command.Reason, command.EndedOn));
    }
}

public static class CorrectFrameworkEndEndpoint
{
    [WolverinePost("/v1/frameworks/{frameworkId}/end/correct", OperationId = "correct-framework-end"), Command(Scopes.ActivityWrite)]
    public static CommandRule Post(CorrectFrameworkEnd command) =>
        new(work => work.Change<Framework>(command.FrameworkId, framework => CorrectFrameworkEnd.Decide(framework, command)));
}
