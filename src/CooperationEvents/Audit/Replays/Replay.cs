using System.Text.Json.Serialization;
using CooperationEvents.Kernel;

namespace CooperationEvents.Audit.Replays;

/// <summary>How far a replay is. The last three are final.</summary>
public enum ReplayState
{
    Queued,

    /// <summary>Events are read, held against the log, and applied.</summary>
    Running,

    /// <summary>What the events came to is held against the live read models.</summary>
    Comparing,

    /// <summary>Everything was compared; the report says whether anything differs.</summary>
    Completed,

    /// <summary>It could not be ended, and the reason says why; what was found by then is in the report.</summary>
    Failed,
    Cancelled,
}

/// <summary>What is wrong with a row of a read model, or with an event of the history.</summary>
public enum ReplayFindingKind
{
    /// <summary>The live row has other values than the replayed one.</summary>
    Differs,

    /// <summary>The replay made a row that is not there.</summary>
    MissingInLive,

    /// <summary>There is a row that the replay did not make.</summary>
    OnlyInLive,

    /// <summary>The event's entry has another hash than the leaf in the log.</summary>
    EventAltered,

    /// <summary>The log has a leaf of an event that is gone.</summary>
    EventMissing,

    /// <summary>
    /// The history has an event that the log, which has come further, does not know; or one whose position was never given out.
    /// </summary>
    EventExtra,

    /// <summary>The event is marked so that projections do not see it, or its stream is gone.</summary>
    EventHidden,

    /// <summary>A column of the event that its entry does not hold says something of its own.</summary>
    EventAside,

    /// <summary>The row of a stream is not what its events say.</summary>
    StreamDiffers,

    /// <summary>The leaves of the log do not make the root of a checkpoint, or of a full tile.</summary>
    LogDiffers,

    /// <summary>The event cannot be read, or not be applied.</summary>
    EventUnreadable,
}

/// <summary>
/// One column of a row as it is, and as the replay made it, in PostgreSQL's text; of long texts the part where they begin to differ.
/// </summary>
public sealed record ReplayedColumn(
    string Column,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Live,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Replayed
);

/// <summary>
/// One thing a replay found. Of a row: its table, key and the columns that differ. Of an event: its position, its id, the index
/// of its leaf in the log, and what is wrong in words, as of a row that stands beside another of its key.
/// </summary>
public sealed record ReplayFinding(
    ReplayFindingKind Kind,
    string? Table = null,
    IReadOnlyDictionary<string, string>? Key = null,
    ValueList<ReplayedColumn>? Columns = null,
    long? Seq = null,
    Guid? Id = null,
    long? Index = null,
    string? Detail = null
);

/// <summary>A table that was compared: how many rows there are, how many the replay made, and how many findings they gave.</summary>
public sealed record ReplayedTable(string Table, long Live, long Replayed, long Differences);

/// <summary>A replay of the whole history up to a position.</summary>
/// <param name="Events">How many events the history has up to the position; null until they are counted.</param>
/// <param name="PerSecond">Events a second since the node that runs it took it up.</param>
/// <param name="CheckedTo">The position up to which events were held against the log.</param>
/// <param name="ComparedFrom">Every row was compared as it was at a position from here on.</param>
/// <param name="ComparedTo">Every row was compared as it was at a position up to here.</param>
public sealed record Replay(
    Guid Id,
    long Number,
    ReplayState State,
    long Position,
    Guid Actor,
    DateTimeOffset RequestedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? FinishedAt,
    string? Reason,
    long Replayed,
    long? Events,
    long PerSecond,
    long CheckedTo,
    long? ComparedFrom,
    long? ComparedTo,
    long Differences,
    long DamagedEvents,
    IReadOnlyList<ReplayedTable> Tables
);
