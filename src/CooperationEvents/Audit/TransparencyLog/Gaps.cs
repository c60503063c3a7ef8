using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Audit.TransparencyLog;

/// <summary>
/// Positions below the newest one at which no event was seen. A position is drawn before its event is committed, so a gap
/// may still be filled: it is looked at again until every transaction that was alive at its first sight has ended. Then it
/// stays empty: the transaction that drew it was rolled back.
/// </summary>
internal sealed class Gaps
{
    private readonly List<Gap> _open = [];

    private sealed record Gap(long From, long To, HashSet<string> Alive);

    public int Count => _open.Count;

    /// <summary>The first open position; null where there is none.</summary>
    public long? First => _open.Count == 0 ? null : _open.Min(g => g.From);

    public long[] Starts => [.. _open.Select(g => g.From)];

    public long[] Ends => [.. _open.Select(g => g.To)];

    /// <summary>
    /// Every transaction in this database that has begun and not ended, whether or not it has written: drawing a position needs no
    /// transaction id.
    /// </summary>
    public static async Task<HashSet<string>> Alive(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var alive = await connection.Query(
            """
            select l.virtualtransaction from pg_locks l join pg_stat_activity a using (pid)
            where l.locktype = 'virtualxid' and l.granted and l.mode = 'ExclusiveLock' and a.datname = current_database()
                and l.pid <> pg_backend_pid()
            union all
            select 'prepared ' || transaction from pg_prepared_xacts where database = current_database()
            """,
            [],
            row => row.GetString(0),
            cancellation
        );
        return [.. alive];
    }

    /// <summary>Opens what is missing between positions that were seen, in ascending order, from <paramref name="after"/> on.</summary>
    /// <param name="alive">The transactions alive after the look.</param>
    public void Open(long after, IEnumerable<long> seen, HashSet<string> alive)
    {
        foreach (var position in seen)
        {
            if (position > after + 1)
                _open.Add(new Gap(after + 1, position - 1, alive));
            after = position;
        }
    }

    /// <summary>Takes out what was found, and closes what nobody can fill any more.</summary>
    /// <param name="alive">The transactions alive before the look that found it.</param>
    public void Close(IReadOnlyCollection<long> found, HashSet<string> alive)
    {
        var still = new List<Gap>();
        foreach (var gap in _open)
        {
            if (!gap.Alive.Overlaps(alive))
                continue;
            var from = gap.From;
            foreach (var position in found.Where(p => p >= gap.From && p <= gap.To).Order())
            {
                if (position > from)
                    still.Add(gap with { From = from, To = position - 1 });
                from = position + 1;
            }

            if (from <= gap.To)
                still.Add(gap with { From = from });
        }

        _open.Clear();
        _open.AddRange(still);
    }

    public static bool AnyMissing(long after, IEnumerable<long> seen)
    {
        foreach (var position in seen)
        {
            if (position > after + 1)
                return true;
            after = position;
        }

        return false;
    }
}
