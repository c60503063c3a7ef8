namespace CooperationEvents.Kernel;

/// <summary>What a stream is about. Its text is the name that the history, digests and messages give it; it never changes.</summary>
public sealed class StreamKind
{
    public static readonly StreamKind Organisation = new("organisation");
    public static readonly StreamKind Framework = new("framework");
    public static readonly StreamKind Person = new("person");
    public static readonly StreamKind Meeting = new("meeting");
    public static readonly StreamKind Commitment = new("commitment");
    public static readonly StreamKind Publication = new("publication");
    public static readonly StreamKind Log = new("log");

    private static readonly StreamKind[] All = [Organisation, Framework, Person, Meeting, Commitment, Publication, Log];

    private readonly string _name;

    private StreamKind(string name) => _name = name;

    /// <summary>The kind of that name; null where this version of the service knows none.</summary>
    public static StreamKind? Find(string? name) => Array.Find(All, kind => kind._name == name);

    public override string ToString() => _name;
}
