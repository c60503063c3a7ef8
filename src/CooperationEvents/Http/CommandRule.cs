using CooperationEvents.Kernel;
using CooperationEvents.Recording;

namespace CooperationEvents.Http;

/// <summary>
/// What an endpoint answers a command with: the rule that decides it. As a result it has the decision recorded and writes
/// the answer. Elsewhere (events, files) the same rule decides without HTTP.
/// </summary>
public sealed record CommandRule : IResult
{
    private CommandRule(Func<UnitOfWork, Task<StreamDecision>> decide) => Decide = decide;

    /// <summary>Decides in a unit of work. It is run once per attempt and depends on nothing else that changes.</summary>
    internal Func<UnitOfWork, Task<StreamDecision>> Decide { get; }

    /// <summary>What is still to be done once the decision is recorded; null where that is nothing.</summary>
    internal Func<CommandResult.Accepted, Task<Afterwards>>? Afterwards { get; init; }

    /// <summary>A rule that reads for itself what it needs.</summary>
    public static CommandRule By(Func<UnitOfWork, Task<StreamDecision>> decide) => new(decide);

    /// <summary>A rule about something that exists.</summary>
    public static CommandRule Change<T>(Reference reference, Func<T, Decision> decide)
        where T : class, IState<T> => new(work => work.Change(reference, decide));

    /// <inheritdoc cref="Change{T}(Reference, Func{T, Decision})"/>
    public static CommandRule Change<T>(Reference reference, Func<T, UnitOfWork, Task<Decision>> decide)
        where T : class, IState<T> => new(work => work.Change<T>(reference, state => decide(state, work)));

    /// <summary>
    /// A rule about something new: it is given the id, and what was created under it before, null where nothing was.
    /// </summary>
    public static CommandRule Create<T>(Guid? id, ExternalReference? external, Func<Guid, Created<T>?, Decision> decide)
        where T : class, IState<T> => new(work => work.Create<T>(id, external, decide));

    /// <summary>The start of a rule that needs what these references name; an unknown one is refused.</summary>
    public static Resolving Resolve(References references) => new(references);

    public Task ExecuteAsync(HttpContext httpContext) =>
        httpContext.RequestServices.GetRequiredService<CommandEndpoint>().Answer(this, httpContext);

    /// <summary>References that are looked up before a rule decides.</summary>
    public sealed class Resolving(References references)
    {
        public CommandRule Change<T>(Reference reference, Func<T, KnownIds, Decision> decide)
            where T : class, IState<T> => Change<T>(reference, (state, ids, _) => Task.FromResult(decide(state, ids)));

        public CommandRule Change<T>(Reference reference, Func<T, KnownIds, UnitOfWork, Task<Decision>> decide)
            where T : class, IState<T> =>
            By(async work =>
            {
                var (ids, unknown) = await work.Resolve(references);
                return unknown ?? await work.Change<T>(reference, state => decide(state, ids, work));
            });
    }
}

/// <summary>
/// What was done after a command was recorded: the members it adds to the answer, and whether all of it is over (else 202).
/// </summary>
public sealed record Afterwards(System.Text.Json.Nodes.JsonObject Members, bool Done);
