using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using Marten;

namespace CooperationEvents.Recording;

/// <summary>
/// What commands of one transaction are decided on: the history, in a rehearsal what it came to so far, and what is
/// <see cref="Pending"/>. Each stream is read once.
/// </summary>
internal sealed class Transaction(
    IDocumentSession session,
    ExternalReferences externalReferences,
    StreamKinds kinds,
    PersonalData personalData,
    Rehearsal? rehearsal) : IAsyncDisposable
{
    public IDocumentSession Session => session;

    public PersonalData PersonalData => personalData;

    public required Pending Pending { get; init; }

    /// <param name="anew">Whether it is to be read again, once its turn has come, though it was read before.</param>
    public async Task<LoadedStream> Load<T>(Guid id, CancellationToken cancellation, bool anew = false)
        where T : class, IState<T>
    {
        if (!anew && Pending.Find(id) is { } read && read.StateType == typeof(T))
            return read;
        var stream = LoadedStream.Of<T>(id, await session.Events.FetchStreamAsync(id, token: cancellation));
        if (rehearsal is not null)
            stream = stream.With(await rehearsal.Events(session, id, cancellation));
        Pending.Keep(stream);
        return stream;
    }

    /// <summary>Takes the next turn at a rule, unless this transaction has it; what was read before is read anew.</summary>
    public async Task TakeTurn(string rule, CancellationToken cancellation)
    {
        if (rehearsal is not null || Pending.Turns.Any(t => t.Rule == rule))
            return;
        Pending.Turns.Add(await RuleTurns.Next(session, rule, cancellation));
        Pending.ForgetRead();
    }

    /// <summary>The ids of those references that name something.</summary>
    public async Task<IReadOnlyDictionary<(string Stream, ExternalReference Reference), Guid>> Named(
        IReadOnlyList<(string Stream, ExternalReference Reference)> references, CancellationToken cancellation)
    {
        var found = new Dictionary<(string, ExternalReference), Guid>(await externalReferences.Find(
            [.. references.Where(r => Pending.Find(r.Stream, r.Reference) is null)], cancellation));
        foreach (var (stream, reference) in references.Where(r => !found.ContainsKey(r)))
        {
            if ((Pending.Find(stream, reference) ?? (rehearsal is null ? null : await rehearsal.Find(stream, reference, cancellation))) is { } id)
                found[(stream, reference)] = id;
        }

        return found;
    }

    /// <summary>The kinds of those streams that exist.</summary>
    public async Task<IReadOnlyDictionary<Guid, string>> Kinds(IReadOnlyList<Guid> ids, CancellationToken cancellation)
    {
        var found = ids.Where(id => Pending.Created(id) is not null).ToDictionary(id => id, id => Pending.Created(id)!);
        foreach (var (id, kind) in await kinds.Find([.. ids.Where(id => !found.ContainsKey(id))], cancellation))
            found[id] = kind;
        if (rehearsal is not null && ids.Where(id => !found.ContainsKey(id)).ToList() is { Count: > 0 } missing)
        {
            foreach (var (id, kind) in await rehearsal.Kinds(missing, cancellation))
                found[id] = kind;
        }

        return found;
    }

    public ValueTask DisposeAsync() => session.DisposeAsync();
}
