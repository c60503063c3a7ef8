using CooperationEvents.Kernel;
using Marten;

namespace CooperationEvents.Recording;

/// <summary>The references in one command's body: looked up together, each unknown one reported by its place.</summary>
public sealed class References
{
    private readonly List<(string Stream, Reference Reference, string Pointer)> _wanted = [];

    public References Add(string stream, Reference? reference, string pointer)
    {
        if (reference is not null)
            _wanted.Add((stream, reference, pointer));
        return this;
    }

    internal async Task<(KnownIds Ids, Problem? Unknown)> Resolve(
        IQuerySession session, ExternalReferences externalReferences, CancellationToken cancellation)
    {
        var externals = await externalReferences.FindMany(
            [.. _wanted.Where(w => w.Reference.External is not null).Select(w => (w.Stream, w.Reference.External!)).Distinct()],
            cancellation);
        var ids = _wanted.Where(w => w.Reference.Id is not null).Select(w => w.Reference.Id!.Value).Distinct().ToArray();
        var streams = ids.Length == 0
            ? []
            : (await session.AdvancedSql.QueryAsync<Guid, string>(
                "select row(id), row(type) from register.mt_streams where id = any(?)", cancellation, ids))
                .ToDictionary(row => row.Item1, row => row.Item2);

        var known = new Dictionary<(string, Reference), Guid>();
        var errors = new List<FieldError>();
        foreach (var (stream, reference, pointer) in _wanted)
        {
            if (reference.Id is { } id && streams.GetValueOrDefault(id) == stream)
                continue;
            if (reference.External is { } external && externals.TryGetValue((stream, external), out var found))
                known[(stream, reference)] = found;
            else
                errors.Add(new FieldError(pointer, $"There is no {stream} {reference}."));
        }

        return (new KnownIds(known), errors.Count == 0 ? null : KernelProblems.UnknownReference.With(errors));
    }
}
