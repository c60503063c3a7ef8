using CooperationEvents.Kernel;

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

    /// <param name="look">What external references name, and the kinds of the streams whose ids stand here.</param>
    internal async Task<(KnownIds Ids, Problem? Unknown)> Resolve(
        Func<IReadOnlyList<(string Stream, ExternalReference Reference)>,
            IReadOnlyList<Guid>,
            Task<(Dictionary<(string Stream, ExternalReference Reference), Guid> Ids, Dictionary<Guid, string> Kinds)>> look)
    {
        if (_wanted.Count == 0)
            return (KnownIds.Own, null);
        var (externals, streams) = await look(
            [.. _wanted.Where(w => w.Reference.External is not null).Select(w => (w.Stream, w.Reference.External!)).Distinct()],
            [.. _wanted.Where(w => w.Reference.Id is not null).Select(w => w.Reference.Id!.Value).Distinct()]);

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
