using System.Globalization;

namespace CooperationEvents.Projections;

/// <summary>
/// The read models as one composite projection: they move forward together, in one transaction, so that one position says
/// how far all of them have come and no two of them can disagree.
/// </summary>
public static class ReadModel
{
    public const string Name = "register";

    /// <summary>The name under which the composite's progress is kept.</summary>
    public const string Shard = Name + ":All";

    public const string Schema = "views";

    /// <summary>A sort key in the order of recording.</summary>
    public static string SortKey(long position) => position.ToString("D19", CultureInfo.InvariantCulture);
}
