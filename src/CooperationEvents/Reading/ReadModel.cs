using System.Globalization;
using CooperationEvents.Kernel;

namespace CooperationEvents.Reading;

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

    /// <summary>The event types of one kind of stream: a read model of that stream is offered no others.</summary>
    public static IEnumerable<Type> EventsOf(string stream) =>
        StoredAttribute.In(typeof(ReadModel).Assembly).Where(e => e.Stored.Stream == stream).Select(e => e.Type);

    /// <summary>Every event type of the service. What Marten itself may leave in the history (tombstones) is none of them.</summary>
    public static IEnumerable<Type> Events() => StoredAttribute.In(typeof(ReadModel).Assembly).Select(e => e.Type);
}
