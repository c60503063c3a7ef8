using CooperationEvents.Kernel;

namespace CooperationEvents.Recording;

/// <summary>The references in one command's body: looked up together, each unknown one reported by its place.</summary>
public sealed class References
{
    private readonly List<(StreamKind Stream, Reference Reference, string Pointer)> _wanted = [];

    public References Add(StreamKind stream, Reference? reference, string pointer)
    {
        if (reference is not null)
            _wanted.Add((stream, reference, pointer));
        return this;
    }

    /// <param name="look">What external references name, and the kinds of the streams whose ids stand here.</param>
    /// <param name="erased">Whether somebody of that kind, known by an id or named by others so, was erased.</param>
    internal async Task<(KnownIds Ids, Problem? Problem)> Resolve(
        Func<
            IReadOnlyList<(StreamKind Stream, ExternalReference Reference)>,
            IReadOnlyList<Guid>,
            Task<(Dictionary<(StreamKind Stream, ExternalReference Reference), Guid> Ids, Dictionary<Guid, StreamKind> Kinds)>
        > look,
        Func<StreamKind, Guid?, ExternalReference?, Task<bool>> erased
    )
    {
        if (_wanted.Count == 0)
            return (KnownIds.Own, null);
        var (externals, streams) = await look(
            [.. _wanted.Where(w => w.Reference.External is not null).Select(w => (w.Stream, w.Reference.External!)).Distinct()],
            [.. _wanted.Where(w => w.Reference.Id is not null).Select(w => w.Reference.Id!.Value).Distinct()]
        );

        var known = new Dictionary<(StreamKind, Reference), Guid>();
        var errors = new List<FieldError>();
        var gone = new List<FieldError>();
        foreach (var (stream, reference, pointer) in _wanted)
        {
            var found =
                reference.External is { } external && externals.TryGetValue((stream, external), out var theirs) ? theirs : reference.Id;
            if (await erased(stream, found, reference.External))
                gone.Add(new FieldError(pointer, $"This {stream} was erased; nothing can be recorded about them any more."));
            else if (reference.Id is { } id && streams.GetValueOrDefault(id) == stream)
                continue;
            else if (reference.External is not null && found is { } namedId)
                known[(stream, reference)] = namedId;
            else
                errors.Add(new FieldError(pointer, $"There is no {stream} {reference}."));
        }

        // Whoever is gone stays gone, while what is unknown may yet be recorded.
        return (
            new KnownIds(known),
            (gone, errors) switch
            {
                ({ Count: > 0 }, _) => KernelProblems.Erased.With(gone),
                (_, { Count: > 0 }) => KernelProblems.UnknownReference.With(errors),
                _ => null,
            }
        );
    }
}
