namespace CooperationEvents.Kernel;

/// <summary>An RFC 9457 problem: a stable type, and a detail that tells a person what to change.</summary>
public sealed record Problem(ProblemType Type, string Detail)
{
    /// <summary>The members at fault, by JSON Pointer into the request body.</summary>
    public ValueList<FieldError> Errors { get; init; } = [];

    /// <summary>Seconds after which the same request may succeed.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>The id of the record that the command conflicts with.</summary>
    public Guid? Record { get; init; }

    /// <summary>How much of a pointer stands in the detail; the errors have all of it.</summary>
    private const int LongestPointer = 100;

    /// <summary>Whether the detail repeats what the errors say.</summary>
    private bool IsListed { get; init; }

    internal static Problem Listed(ProblemType type, ValueList<FieldError> errors) =>
        new(type, string.Join(" ", errors.Take(5).Select(e => $"{Characters.Shown(e.Pointer, LongestPointer)}: {e.Detail}")))
        {
            Errors = errors,
            IsListed = true,
        };

    /// <summary>The same problem of a body that stands at <paramref name="pointer"/> of another.</summary>
    public Problem Under(string pointer)
    {
        ValueList<FieldError> moved = [.. Errors.Select(e => e with { Pointer = pointer + e.Pointer })];
        return this with { Errors = moved, Detail = IsListed ? Listed(Type, moved).Detail : Detail };
    }

    /// <summary>The same problem without the errors whose pointers lead nowhere in the body; its detail tells of these in words.</summary>
    public Problem Without(Func<FieldError, bool> leadsNowhere)
    {
        ValueList<FieldError> left = [.. Errors.Where(e => !leadsNowhere(e))];
        if (left.Count == Errors.Count)
            return this;
        var told = string.Join(' ', Errors.Where(leadsNowhere).Select(e => e.Detail).Distinct());
        var detail =
            left.Count == 0 ? told
            : IsListed ? $"{told} {Listed(Type, left).Detail}"
            : Detail;
        return this with { Errors = left, Detail = detail, IsListed = false };
    }
}

/// <summary>One kind of problem. <paramref name="Slug"/> never changes once published: the type is <c>/problems/{slug}</c>.</summary>
public sealed record ProblemType(string Slug, int Status, string Title)
{
    public string Uri => "/problems/" + Slug;

    public Problem Because(string detail) => new(this, detail);

    public Problem At(string pointer, string detail) => new(this, detail) { Errors = [new FieldError(pointer, detail)] };

    public Problem With(IEnumerable<FieldError> errors) => Problem.Listed(this, [.. errors]);

    /// <summary>A conflict with what is recorded: the reason, and every member that differs.</summary>
    public Problem Differing(string detail, ValueList<FieldError> differences) => new(this, detail) { Errors = differences };
}

/// <summary>What is wrong with one member; <paramref name="Pointer"/> is a JSON Pointer (RFC 6901) into the body.</summary>
public sealed record FieldError(string Pointer, string Detail)
{
    /// <summary>What is recorded, as JSON, where the member differs from it.</summary>
    public string? Recorded { get; init; }

    /// <summary>What was sent in its place, as JSON.</summary>
    public string? Sent { get; init; }

    /// <summary>The person whose data the two values are; null where they are not personal. Only who may read names sees them.</summary>
    public Guid? PersonId { get; init; }
}

/// <summary>The problems every concept shares.</summary>
public static class KernelProblems
{
    public static readonly ProblemType Unreadable = new("unreadable", 400, "The request cannot be read");
    public static readonly ProblemType NotFound = new("not-found", 404, "Not found");
    public static readonly ProblemType TooSlow = new("too-slow", 408, "The request did not arrive in time");
    public static readonly ProblemType IdInUse = new("id-in-use", 409, "The id or external reference is in use");
    public static readonly ProblemType Erased = new("erased", 410, "The person was erased");
    public static readonly ProblemType PreconditionFailed = new("precondition-failed", 412, "The resource has changed");
    public static readonly ProblemType TooLarge = new("too-large", 413, "Too large");
    public static readonly ProblemType UnsupportedMediaType = new("unsupported-media-type", 415, "Unsupported media type");
    public static readonly ProblemType Invalid = new("invalid", 422, "The request is readable but invalid");
    public static readonly ProblemType UnknownReference = new("unknown-reference", 422, "The request refers to something unknown");

    /// <summary>What is refused of one caller, while others are served.</summary>
    public static readonly ProblemType TooManyRequests = new("too-many-requests", 429, "The caller asks too much at once");

    public static readonly ProblemType Busy = new("busy", 503, "Not now; try again");
}
