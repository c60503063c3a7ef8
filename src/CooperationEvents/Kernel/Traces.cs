using System.Diagnostics;

namespace CooperationEvents.Kernel;

/// <summary>
/// What the service tells of its own work to whoever traces it, beside what ASP.NET, PostgreSQL, Marten and Wolverine tell of theirs. Names
/// alone: nothing of people. Work that only looks whether there is something to do tells nothing.
/// </summary>
public static class Traces
{
    /// <summary>The name of the source.</summary>
    public const string Name = "CooperationEvents";

    private static readonly ActivitySource Source = new(Name);

    /// <summary>Begins a part of what is under way, or a trace where nothing is; null where nobody traces.</summary>
    public static Activity? Begin(string work) => Source.StartActivity(work);

    /// <summary>
    /// Begins work that others asked for: a part of what asked, where one did; where several did, a trace of its own that is linked to
    /// each. Null where nobody traces.
    /// </summary>
    /// <param name="askedBy">Default for who is not traced.</param>
    public static Activity? Begin(string work, IReadOnlyList<ActivityContext> askedBy) =>
        !Source.HasListeners() ? null
        : askedBy is [var one] ? Source.StartActivity(work, ActivityKind.Internal, one)
        : Source.StartActivity(
            work,
            ActivityKind.Internal,
            default(ActivityContext),
            links: askedBy.Where(one => one != default).Select(one => new ActivityLink(one))
        );
}
