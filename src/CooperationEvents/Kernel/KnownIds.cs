namespace CooperationEvents.Kernel;

/// <summary>What the references of a command name, once looked up. A reference that is an id of ours names itself.</summary>
public sealed class KnownIds(IReadOnlyDictionary<(StreamKind Stream, Reference Reference), Guid> external)
{
    public static KnownIds Own { get; } = new(new Dictionary<(StreamKind, Reference), Guid>());

    public Guid Of(StreamKind stream, Reference reference) => reference.Id ?? external[(stream, reference)];

    public Guid? OfOptional(StreamKind stream, Reference? reference) => reference is null ? null : Of(stream, reference);
}
