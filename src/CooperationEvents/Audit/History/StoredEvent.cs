using System.Globalization;
using CooperationEvents.AuditLog;
using CooperationEvents.Kernel;
using Npgsql;

namespace CooperationEvents.Audit.History;

/// <summary>
/// One event as the database holds it: the members of its entry in the log. <paramref name="Data"/> is PostgreSQL's text of the data.
/// </summary>
public sealed record StoredEvent(
    long Seq,
    Guid Id,
    Guid Stream,
    long Version,
    string Type,
    DateTime At,
    string? Actor,
    string? OnBehalfOf,
    string? Source,
    string? Correlation,
    string? Causation,
    string Data
)
{
    public const string Table = "register.mt_events";

    /// <summary>How many columns <see cref="Columns"/> are.</summary>
    public const int Count = 13;

    /// <summary>
    /// The columns of <see cref="Read"/>, of the events under the alias <c>e</c>. An event whose stream was taken away is of none, and is
    /// not what its leaf says.
    /// </summary>
    public static string Columns { get; } =
        $$"""
            e.seq_id, e.id, coalesce(e.stream_id, '00000000-0000-0000-0000-000000000000'), e.version, e.type, e.timestamp, e.user_name,
            e.headers ->> 'onBehalfOf', e.headers ->> 'source', e.correlation_id, e.causation_id, e.data::text,
            case when e.type <> all('{{{string.Join(',', StreamTypes.All.Keys)}}}')
                then (select s.type from register.mt_streams s where s.id = e.stream_id limit 1) end
            """;

    /// <summary>The hash that the log has for it; null where it has none yet, or was not read.</summary>
    public Digest? Leaf { get; init; }

    /// <summary>
    /// What the row of its stream says that this is, of an event whose type this version does not know: a kind that it may not know either.
    /// No entry holds that row, so it counts only where the leaf agrees.
    /// </summary>
    public string? SaidStreamType { get; init; }

    /// <summary>Whether the event is no longer the one that the log has.</summary>
    public bool IsAltered
    {
        get
        {
            if (Leaf is not { } leaf)
                return false;
            try
            {
                return LeafHash() != leaf;
            }
            catch (UnsequenceableException)
            {
                return true;
            }
        }
    }

    /// <summary>The kind of stream the type belongs to; null for a type nobody knows.</summary>
    public string? StreamType => StreamTypes.Of(Type);

    /// <summary>The recorded time as the entry writes it.</summary>
    public string AtText => At.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    /// <param name="first">Where <see cref="Columns"/> begin in the row.</param>
    /// <exception cref="InvalidCastException">The row lacks what every event has.</exception>
    public static StoredEvent Read(NpgsqlDataReader row, int first = 0)
    {
        return new StoredEvent(
            row.GetInt64(first),
            row.GetGuid(first + 1),
            row.GetGuid(first + 2),
            row.GetInt64(first + 3),
            row.GetString(first + 4),
            row.GetDateTime(first + 5),
            Text(6),
            Text(7),
            Text(8),
            Text(9),
            Text(10),
            row.GetString(first + 11)
        )
        {
            SaidStreamType = Text(12),
        };

        string? Text(int column) => row.IsDBNull(first + column) ? null : row.GetString(first + column);
    }

    /// <summary>
    /// The bytes of its entry, made anew from what the database holds now. The kind of stream of a type that only a newer version knows is
    /// the one by which they are what the log has.
    /// </summary>
    /// <exception cref="UnsequenceableException">The event has no entry: its type is unknown, it is too large, or a value has no form in
    /// the log.</exception>
    public byte[] ToLeaf() => OfEntry(entry => entry.ToBytes());

    /// <summary>The hash of these bytes.</summary>
    /// <inheritdoc cref="ToLeaf" path="/exception"/>
    public Digest LeafHash() => OfEntry(entry => entry.LeafHash());

    private T OfEntry<T>(Func<Entry, T> made)
    {
        try
        {
            return StreamType is { } known ? made(EntryIn(known))
                : Leaf is { } leaf && PossibleStreamTypes().Select(EntryIn).FirstOrDefault(Is(leaf)) is { } signed ? made(signed)
                : throw new UnsequenceableException(Seq, Id, NewerVersionException.Of(Type, Seq)!.Message) { IsNewer = true };
        }
        catch (Exception e) when (e is ArgumentException or EntryTooLargeException)
        {
            throw new UnsequenceableException(Seq, Id, e.Message);
        }
    }

    private IEnumerable<string> PossibleStreamTypes() => StreamTypes.All.Values.Distinct().Concat(SaidStreamType is { } said ? [said] : []);

    private static Func<Entry, bool> Is(Digest leaf) => entry => entry.LeafHash() == leaf;

    private Entry EntryIn(string streamType) =>
        new(Seq, Id, Stream, streamType, Version, Type, At, Actor, OnBehalfOf, Source, Correlation, Causation, Data);
}

/// <summary>An event that cannot be an entry of the log.</summary>
public sealed class UnsequenceableException(long seq, Guid id, string why)
    : Exception($"Event {id} at position {seq} cannot be an entry of the log: {why}")
{
    /// <summary>The position of the event.</summary>
    public long Seq => seq;

    /// <summary>Whether only this version cannot make the entry.</summary>
    public bool IsNewer { get; init; }
}
