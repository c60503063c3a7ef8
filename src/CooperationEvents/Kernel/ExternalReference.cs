namespace CooperationEvents.Kernel;

/// <summary>
/// How another system names one of its records: unique within <paramref name="System"/> and the kind of thing named. Two are
/// equal that are written alike, whatever their spelling.
/// </summary>
public sealed record ExternalReference([property: Text(100)] string System, [property: Text(200)] string Id)
{
    /// <summary>As it was sent, where that is not the normal form: what was recorded before there was one may stand under it.</summary>
    internal (string System, string Id)? AsSent { get; private init; }

    /// <summary>The reference that another system sent, in its normal form.</summary>
    public static ExternalReference Sent(string system, string id)
    {
        var normal = new ExternalReference(NormalForm.OfLine(system), NormalForm.OfLine(id));
        return normal.System == system && normal.Id == id ? normal : normal with { AsSent = (system, id) };
    }

    public bool Equals(ExternalReference? other) =>
        other is not null
        && NormalForm.OfLine(System) == NormalForm.OfLine(other.System)
        && NormalForm.OfLine(Id) == NormalForm.OfLine(other.Id);

    public override int GetHashCode() => HashCode.Combine(NormalForm.OfLine(System), NormalForm.OfLine(Id));
}
