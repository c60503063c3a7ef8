using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using Npgsql;

namespace CooperationEvents.Recording;

/// <summary>
/// What commands of one transaction are decided on: what is read, and what is <see cref="Uncommitted"/>.
/// </summary>
internal sealed class Transaction(NpgsqlDataSource database, Reads reads, PersonalData personalData, bool isRehearsed)
{
    public Reads Reads => reads;

    public Uncommitted Uncommitted { get; } = new();

    public PersonalData PersonalData => personalData;

    /// <summary>
    /// Whether what is changed is taken as this node keeps it in memory, and a reference that is not kept there for a new one. Where
    /// that is wrong the commit fails.
    /// </summary>
    public bool TrustsMemory { get; init; }

    /// <summary>The same, on which nothing is decided yet.</summary>
    public Transaction WithoutUncommitted() => new(database, reads, personalData, isRehearsed) { TrustsMemory = TrustsMemory };

    public async Task<LoadedStream> Load<T>(Guid id, CancellationToken cancellation)
        where T : class, IState<T> => Changed<T>(id) ?? await reads.Stream<T>(id, cancellation);

    public async Task<IEnumerable<LoadedStream>> LoadMany<T>(IReadOnlyCollection<Guid> ids, CancellationToken cancellation)
        where T : class, IState<T>
    {
        List<LoadedStream> changed = [.. ids.Select(Changed<T>).OfType<LoadedStream>()];
        return changed.Concat(await reads.Streams<T>([.. ids.Except(changed.Select(s => s.Id))], cancellation));
    }

    /// <summary>A stream that there is, as it is known without a question; null where it is not.</summary>
    public LoadedStream? Kept<T>(Guid id)
        where T : class, IState<T> => Changed<T>(id) ?? reads.Kept<T>(id);

    /// <summary>What an external reference names, as it is known without a question; null where it is not.</summary>
    public async Task<Guid?> Kept(StreamKind stream, ExternalReference reference, CancellationToken cancellation) =>
        Uncommitted.Find(stream, reference) ?? await reads.Kept(stream, reference, cancellation);

    /// <summary>Locks a rule, unless this transaction has it; streams are read anew from then on.</summary>
    public async Task LockRule(string rule, CancellationToken cancellation)
    {
        if (isRehearsed || Uncommitted.Locks.Any(t => t.Rule == rule))
            return;
        Uncommitted.Locks.Add(await RuleLocks.Next(database, rule, cancellation));
        reads.ForgetStreams();
    }

    /// <summary>What external references name, and the kinds of streams; those that there are not are left out.</summary>
    public async Task<(Dictionary<(StreamKind Stream, ExternalReference Reference), Guid> Ids, Dictionary<Guid, StreamKind> Kinds)> Known(
        IReadOnlyList<(StreamKind Stream, ExternalReference Reference)> references,
        IReadOnlyList<Guid> ids,
        CancellationToken cancellation
    )
    {
        var (named, kinds) = await reads.Known(
            [.. references.Where(r => Uncommitted.Find(r.Stream, r.Reference) is null)],
            [.. ids.Where(id => Uncommitted.Created(id) is null)],
            cancellation
        );
        foreach (var (stream, reference) in references.Where(r => !named.ContainsKey(r)))
        {
            if (Uncommitted.Find(stream, reference) is { } id)
                named[(stream, reference)] = id;
        }

        foreach (var id in ids)
        {
            if (Uncommitted.Created(id) is { } kind)
                kinds[id] = kind;
        }

        return (named, kinds);
    }

    private LoadedStream? Changed<T>(Guid id)
        where T : class, IState<T> => Uncommitted.Find(id) is { } changed && changed.StateType == typeof(T) ? changed : null;
}
