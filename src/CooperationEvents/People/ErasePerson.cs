using System.Text.Json;
using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Storage;
using Wolverine.Http;

namespace CooperationEvents.People;

/// <summary>
/// Erases a person and everybody merged with them: the keys of what is personal are destroyed, with every look-up value and
/// remembered answer. What they took part in is counted as before. The reason is kept, sealed, until no backup holds the keys.
/// </summary>
[SealsTexts]
public sealed record ErasePerson(Reference PersonId, [property: Text(1000)] string Reason) : ICommand
{
    public static Decision Decide(Person person) => person.Erased ? Decision.Nothing : Decision.Accept(new PersonErased(person.Id));
}

/// <summary>How far an erasure is.</summary>
/// <param name="Erased">Everybody who is erased by it: the person, and who was merged with them.</param>
/// <param name="FinalOn">The day from which no backup holds the keys.</param>
public sealed record ErasureProgress(ValueList<Guid> Erased, bool Done, DateOnly FinalOn);

public static class ErasePersonEndpoint
{
    /// <summary>How long an answer waits for the last steps; after that it says that they go on.</summary>
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);

    [
        WolverinePost("/v1/people/{personId}/erase", OperationId = "erase-person"),
        Command(Scopes.PrivacyManage, HttpOnly = true, GoesOn = true, Tells = typeof(ErasureProgress))
    ]
    public static CommandRule Post(ErasePerson command, PersonErasure erasure, DatabaseClock clock, HttpContext http)
    {
        var caller = CommandRequest.Of(http).Caller;
        DateTimeOffset? begun = null;
        return new(async work =>
        {
            // A merge that is recorded at the same time could bring in somebody whom this erasure does not know of.
            await work.LockRule(MergePersonEndpoint.Rule);
            return await work.Change<Person>(
                command.PersonId,
                async person =>
                {
                    if (person.Erased)
                        return ErasePerson.Decide(person);
                    begun = await clock.Now(http.RequestAborted);
                    return await erasure.Begin(person.Id, command.Reason, caller, http.RequestAborted) is { } late
                        ? late
                        : ErasePerson.Decide(person);
                },
                evenErased: true
            );
        })
        {
            Afterwards = accepted => Finish(http, erasure, accepted.Id, begun),
        };
    }

    private static async Task<Afterwards> Finish(HttpContext http, PersonErasure erasure, Guid person, DateTimeOffset? begun)
    {
        var (done, state) = await erasure.Finish(person, begun, AnswerTimeout, http.RequestAborted);
        if (!done)
            http.Response.Headers.RetryAfter = "10";
        var told = new ErasureProgress([.. state.People.Order()], done, state.FinalOn);
        return new Afterwards(JsonSerializer.SerializeToNode(told, Json.Options)!.AsObject(), done);
    }
}
