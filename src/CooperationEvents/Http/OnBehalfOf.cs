using CooperationEvents.Authorization;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Recording;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Http;

/// <summary>
/// On whose behalf a caller may say that it acts: somebody whom the register knows, and said by who records what is so of people.
/// </summary>
public sealed class OnBehalfOf(NpgsqlDataSource database, IKnowPrincipals principals, ErasedPeople erased)
{
    private static readonly ProblemType NotAllowed = new("on-behalf-of-not-allowed", 403, "The caller may not act on somebody's behalf");

    /// <summary>
    /// The rule of a command. It refuses where the caller may not name the person or principal. A repeat gets its first answer, also where
    /// that person is erased by then or that principal has ended.
    /// </summary>
    public Func<UnitOfWork, Task<StreamDecision>> Held(Func<UnitOfWork, Task<StreamDecision>> rule, Caller caller, HttpContext http) =>
        caller.OnBehalfOf is not { } named ? rule : async work => await Asked(http, named) is { } problem ? problem : await rule(work);

    /// <summary>Asked once for all commands of a request.</summary>
    private Task<Problem?> Asked(HttpContext http, Guid named)
    {
        if (http.Items[typeof(OnBehalfOf)] is not Task<Problem?> asked)
            http.Items[typeof(OnBehalfOf)] = asked = Refuse(http, named);
        return asked;
    }

    /// <summary>Why the caller may not name them; null where it may.</summary>
    public async Task<Problem?> Refuse(HttpContext http, Guid named)
    {
        if (!http.User.Has(Scopes.PeopleWrite) && !http.User.Has(Scopes.PrivacyManage))
            return NotAllowed.Because($"{CommandHeaders.OnBehalfOf} needs {Scopes.PeopleWrite} or {Scopes.PrivacyManage}.");
        if (erased.Contains(named))
            return KernelProblems.Erased.Because("The person was erased; nothing can be recorded on their behalf any more.");
        return await IsPerson(named, http.RequestAborted) || await principals.Stands(named, http.RequestAborted)
            ? null
            : RecordingProblems.InvalidHeader.Because(
                $"{CommandHeaders.OnBehalfOf} names nobody: there is no person {named}, and no principal that has not ended."
            );
    }

    private async Task<bool> IsPerson(Guid id, CancellationToken cancellation)
    {
        await using var command = database.Statement(
            "select exists (select from register.mt_streams where id = $1 and type = $2)",
            id,
            $"{StreamKind.Person}"
        );
        return await command.ExecuteScalarAsync(cancellation) is true;
    }
}
