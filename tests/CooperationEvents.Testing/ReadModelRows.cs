namespace CooperationEvents.Testing;

/// <summary>What the read models hold, to be compared with what they hold once they are made again.</summary>
public static class ReadModelRows
{
    /// <summary>Waits until the read models hold the newest event, and that is noted.</summary>
    public static Task<TimeSpan> SettledPositionNoted(this TestDatabase database) =>
        Wait.Until("the newest position to be noted as settled", () => database.Scalar<bool>(
                """
                select coalesce((select max(position) from recording.settled_position), 0) = last_seq_id
                    and last_seq_id >= (select max(seq_id) from register.mt_events)
                from register.mt_event_progression where name = 'register:All'
                """
            ));

    /// <summary>
    /// Every row of the read models, and what is known of how far they have come, by table; without when a row was written.
    /// </summary>
    public static async Task<SortedDictionary<string, IReadOnlyList<string>>> ReadModels(this TestDatabase database)
    {
        var dump = new SortedDictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        var tables = await database.Rows(
            "select table_schema || '.' || table_name from information_schema.tables where table_schema in ('facts', 'views') and "
                + "table_type = 'BASE TABLE'"
        );
        foreach (var table in tables.Select(t => (string)t[0]!))
            dump[table] = await Rows($"select (to_jsonb(t) - 'mt_last_modified')::text as row from {table} t order by row");

        // What Marten notes of gaps in the sequence is of the moment.
        dump["progress"] = await Rows(
            "select name || ' ' || last_seq_id from register.mt_event_progression where name = 'HighWaterMark' or name not like "
                + "'HighWater%' order by 1"
        );
        dump["settled"] = await Rows("select position || ' ' || noted_at from recording.settled_position order by position");
        return dump;

        async Task<IReadOnlyList<string>> Rows(string sql) => [.. (await database.Rows(sql)).Select(r => (string)r[0]!)];
    }
}
