using CooperationEvents.Calendars.Format;
using CooperationEvents.Calendars.Incoming;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Ingestion.Imports;

/// <summary>What is kept of a calendar under UIDs in other spellings than their normal form.</summary>
internal static class CalendarSpellings
{
    private const string OfEntry = "sequence, last_modified, stamp, own, cancelled, missing_in, first_day, last_day";
    private const string OfUid = "sequence, last_modified, stamp, cancelled";

    /// <summary>Brings it under the normal form. Of what is one then the newest stays.</summary>
    public static async Task Join(NpgsqlDataSource database, string system, CancellationToken cancellation)
    {
        var entries = await Spelled(database, "select uid, entry_id from ingestion.calendar_entry", "uid", system, cancellation);
        var uids = await Spelled(database, "select uid_id, uid_id from ingestion.calendar_uid", "uid_id", system, cancellation);
        foreach (var (uid, id) in entries)
        {
            var normal = CalendarWords.Uid(uid);
            var to = id == uid ? normal : CalendarEntry.IdOf(normal, CalendarEntry.RecurrenceIdOf(uid, id));
            await Move(
                database,
                $"""
                insert into ingestion.calendar_entry (system, entry_id, uid, {OfEntry})
                select system, $3, $4, {OfEntry} from ingestion.calendar_entry where system = $1 and entry_id = $2
                """,
                "ingestion.calendar_entry where system = $1 and entry_id = $2",
                [system, id, to, normal],
                cancellation
            );
        }

        foreach (var uid in entries.Concat(uids).Select(u => u.Uid).Distinct())
        {
            await Move(
                database,
                $"""
                insert into ingestion.calendar_uid (system, uid_id, {OfUid})
                select system, $3, {OfUid} from ingestion.calendar_uid where system = $1 and uid_id = $2
                """,
                "ingestion.calendar_uid where system = $1 and uid_id = $2",
                [system, CalendarEntry.KeyOf(uid), CalendarEntry.KeyOf(CalendarWords.Uid(uid))],
                cancellation
            );
        }
    }

    private static async Task<IReadOnlyList<(string Uid, string Id)>> Spelled(
        NpgsqlDataSource database,
        string select,
        string uid,
        string system,
        CancellationToken cancellation
    )
    {
        // A text of ASCII without a backslash has one spelling, and those are nearly all.
        var found = await database.Query(
            $"{select} where system = $1 and (octet_length({uid}) > length({uid}) or strpos({uid}, '\\') > 0) order by 2",
            [system],
            row => (Uid: row.GetString(0), Id: row.GetString(1)),
            cancellation
        );

        return [.. found.Where(f => CalendarWords.Uid(f.Uid) != f.Uid)];
    }

    /// <param name="insert">Copies the row of key <c>$2</c> to the key <c>$3</c>.</param>
    /// <param name="row">The row of key <c>$2</c>.</param>
    private static async Task Move(
        NpgsqlDataSource database,
        string insert,
        string row,
        string[] parameters,
        CancellationToken cancellation
    )
    {
        string[] source = [parameters[0], parameters[1]];
        string[] target = [parameters[0], parameters[2]];
        var (from, to) = (await Revision(database, row, source, cancellation), await Revision(database, row, target, cancellation));
        if (from is null)
            return;
        await using var batch = database.CreateBatch();
        if (to is null || to.IsBefore(from))
        {
            batch.BatchCommands.Add(Statements.InBatch($"delete from {row}", target));
            batch.BatchCommands.Add(Statements.InBatch(insert, parameters));
        }

        batch.BatchCommands.Add(Statements.InBatch($"delete from {row}", source));
        await batch.ExecuteNonQueryAsync(cancellation);
    }

    private static async Task<CalendarRevision?> Revision(
        NpgsqlDataSource database,
        string row,
        string[] parameters,
        CancellationToken cancellation
    )
    {
        await using var command = database.Statement($"select sequence, last_modified, stamp from {row}", parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? CalendarRevisions.Revision(reader, 0) : null;
    }
}
