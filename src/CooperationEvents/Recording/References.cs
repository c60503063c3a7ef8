using CooperationEvents.Kernel;

namespace CooperationEvents.Recording;

/// <summary>The references in one command's body: looked up together, each unknown one reported by its place.</summary>
public sealed class References
{
    private readonly List<(StreamKind Stream, Reference Reference, string Pointer)> _all = [];

    internal IReadOnlyList<(StreamKind Stream, Reference Reference, string Pointer)> All => _all;

    public References Add(StreamKind stream, Reference? reference, string pointer)
    {
        if (reference is not null)
            _all.Add((stream, reference, pointer));
        return this;
    }
}
