namespace CooperationEvents.Kernel;

/// <summary>What the references of a command name, once looked up. A reference that is an id of ours names itself.</summary>
public sealed class KnownIds(IReadOnlyDictionary<(string Stream, Reference Reference), Guid> external)
{
    public static KnownIds Own { get; } = new(new Dictionary<(string, Reference), Guid>());

    public Guid Of(string stream, Reference reference) => reference.Id ?? external[(stream, reference)];

    public Guid? OfOptional(string stream, Reference? reference) => reference is null ? null : Of(stream, reference);
}
