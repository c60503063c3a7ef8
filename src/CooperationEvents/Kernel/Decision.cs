namespace CooperationEvents.Kernel;

/// <summary>
/// What a rule says to a command: the events that follow from it (none where it repeats what is already so), or why it is refused.
/// </summary>
public abstract record Decision
{
    private Decision() { }

    /// <summary>The command stands; <paramref name="Events"/> are appended in this order.</summary>
    public sealed record Accepted(ValueList<object> Events) : Decision;

    /// <summary>The command is refused; nothing is appended.</summary>
    public sealed record Refused(Problem Problem) : Decision;

    /// <summary>The command repeats what is already so.</summary>
    public static Decision Nothing { get; } = new Accepted([]);

    public static Decision Accept(params IEnumerable<object> events) => new Accepted([.. events]);

    /// <summary>
    /// Decides a create command, in this order. It records nothing where what was created is the same, as far as it can still be read;
    /// later changes do not matter. It is refused for the fault. It is refused where something else was created, and the refusal
    /// says what differs. Otherwise it records the events.
    /// </summary>
    public static Decision Create(ValueList<object>? created, Problem? fault, params IEnumerable<object> events) =>
        Create(created, fault, static _ => "", events);

    /// <inheritdoc cref="Create(ValueList{object}, Problem, IEnumerable{object})"/>
    /// <param name="place">Where in the body stands what an event says; with <c>*</c> for the number of the event among those of its
    /// type. Null where another event says the same.</param>
    public static Decision Create(
        ValueList<object>? created,
        Problem? fault,
        Func<object, string?> place,
        params IEnumerable<object> events
    )
    {
        ValueList<object> wanted = [.. events];
        if (created == wanted)
            return Nothing;
        var differences = created is null ? [] : Difference.Between(created, wanted, place);
        if (created is not null && differences.Count == 0)
            return Nothing;
        if (fault is not null)
            return fault;
        return created is null
            ? new Accepted(wanted)
            : KernelProblems.IdInUse.Differing(
                "This id or external reference was already used to create something with other content. Use another one, or a correction "
                    + "to change what was recorded.",
                differences
            );
    }

    public static implicit operator Decision(Problem problem) => new Refused(problem);

    public static Decision FromProblem(Problem problem) => problem;
}
