namespace CooperationEvents.Kernel;

/// <summary>What a rule says to a command: the events that follow from it (none where it repeats what is already so), or why it is refused.</summary>
public abstract record Decision
{
    private Decision()
    {
    }

    /// <summary>The command stands; <paramref name="Events"/> are appended in this order.</summary>
    public sealed record Accepted(ValueList<object> Events) : Decision;

    /// <summary>The command is refused; nothing is appended.</summary>
    public sealed record Refused(Problem Problem) : Decision;

    /// <summary>The command repeats what is already so.</summary>
    public static Decision Nothing { get; } = new Accepted([]);

    public static Decision Accept(params IEnumerable<object> events) => new Accepted([.. events]);

    /// <summary>
    /// A create command: <paramref name="events"/> where nothing of that identity exists, nothing where they equal the
    /// events it was created with, and a refusal where they differ.
    /// </summary>
    public static Decision Create(ValueList<object>? created, params IEnumerable<object> events)
    {
        ValueList<object> wanted = [.. events];
        return created switch
        {
            null => new Accepted(wanted),
            _ when created == wanted => Nothing,
            _ => KernelProblems.IdInUse.Because(
                "This id or external reference was already used to create something with other content. Use another one, or a correction to change what was recorded."),
        };
    }

    public static implicit operator Decision(Problem problem) => new Refused(problem);

    public static Decision FromProblem(Problem problem) => problem;
}
