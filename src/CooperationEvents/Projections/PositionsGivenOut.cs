using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Projections;

/// <summary>
/// The positions that were given out: all up to where the sequence of positions stands. A position is drawn before its event is written,
/// so an event beyond them was put there by hand, or the sequence was set back.
/// </summary>
internal static class PositionsGivenOut
{
    /// <summary>The newest of them when it is read, whatever the snapshot: it is behind no event that was given a position.</summary>
    public const string Newest = "(select case when is_called then last_value else last_value - 1 end from register.mt_events_sequence)";

    /// <summary>The newest of them that has an event; 0 where none has. Read models never come to an event beyond.</summary>
    public const string NewestRecorded = $"(select coalesce(max(seq_id), 0) from {EventStore.Schema}.mt_events where seq_id <= {Newest})";

    /// <summary>The events beyond them, as position and id.</summary>
    public const string Beyond = $"select seq_id || ' (id ' || id || ')' from {EventStore.Schema}.mt_events where seq_id > {Newest}";

    /// <summary>How many events there are beyond them.</summary>
    public static Task<long> CountBeyond(NpgsqlDataSource database, CancellationToken cancellation) =>
        database.Scalar<long>($"select count(*) from ({Beyond}) beyond", [], cancellation);
}
