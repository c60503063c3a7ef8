using CooperationEvents.Kernel;

namespace CooperationEvents.Frameworks;

/// <summary>Ends a framework: nothing joins it, and no meeting is placed under it, from that day on.</summary>
public sealed record EndFramework(Reference FrameworkId, PartialDate EndedOn) : ICommand
{
    public static Decision Decide(Framework framework, EndFramework command)
    {
        if (framework.EndedOn == command.EndedOn)
            return Decision.Nothing;
        if (framework.EndedOn is { } endedOn)
            return FrameworkProblems.FrameworkEnded.Because($"It ended on {endedOn}.");
        if (command.EndedOn.FirstDay < framework.EstablishedOn.FirstDay)
            return KernelProblems.Invalid.At("/endedOn", $"It was established on {framework.EstablishedOn}; endedOn must not be before that.");
        return Decision.Accept(new FrameworkEnded(framework.Id, command.EndedOn));
    }
}
