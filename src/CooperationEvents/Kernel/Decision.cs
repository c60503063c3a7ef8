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

    /// <summary>Decides a create command about what stays as it was created.</summary>
    /// <inheritdoc cref="Create(ValueList{object}, ValueList{object}, Problem, Func{object, string}, IEnumerable{object})"/>
    public static Decision Create(ValueList<object>? created, Problem? fault, params IEnumerable<object> events) =>
        Create(created, created, fault, events);

    /// <inheritdoc cref="Create(ValueList{object}, ValueList{object}, Problem, Func{object, string}, IEnumerable{object})"/>
    public static Decision Create(ValueList<object>? created, ValueList<object>? now, Problem? fault, params IEnumerable<object> events) =>
        Create(created, now, fault, static _ => "", events);

    /// <summary>
    /// Decides a create command, in this order. It records nothing where each of its members says what was created, or what is so now, as
    /// far as either can still be read. It is refused for the fault. It is refused where something else was created, and the refusal says
    /// what differs from what is so now. Otherwise it records the events.
    /// </summary>
    /// <param name="created">The events it was created with; null where it is new.</param>
    /// <param name="now">The events that would create it as it is now; null where it is new.</param>
    /// <param name="place">Where in the body stands what an event says; with <c>*</c> for the number of the event among those of its
    /// type. Null where another event says the same.</param>
    public static Decision Create(
        ValueList<object>? created,
        ValueList<object>? now,
        Problem? fault,
        Func<object, string?> place,
        params IEnumerable<object> events
    )
    {
        ValueList<object> wanted = [.. events];
        if (created is null || now is null)
            return fault ?? (Decision)new Accepted(wanted);
        if (created == wanted || Difference.IsEither(created, now, wanted, place))
            return Nothing;
        return fault
            ?? KernelProblems.IdInUse.Differing(
                "This id or external reference was already used to create something with other content. Use another one, or a correction "
                    + "to change what was recorded."
                    + (now == created ? "" : " It was changed since: what differs is named against what is recorded now."),
                Difference.Between(now, wanted, place)
            );
    }

    public static implicit operator Decision(Problem problem) => new Refused(problem);
}
