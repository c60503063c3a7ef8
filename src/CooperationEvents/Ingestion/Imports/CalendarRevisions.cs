using System.Text;
using CooperationEvents.Calendars.Incoming;
using CooperationEvents.Privacy;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Ingestion.Imports;

/// <summary>
/// What was imported of each UID and entry of a calendar, and in which revision, so that an older file does not undo a newer one
/// and what a file lacks is seen.
/// </summary>
public sealed class CalendarRevisions(NpgsqlDataSource database, PersonalData personalData)
{
    private const string Columns =
        "uid, entry_id, sequence, last_modified, stamp, own, cancelled, missing_in is not null, first_day, last_day";

    /// <summary>What was imported of the calendar of that system before, as the import of that id sees it.</summary>
    /// <param name="meetings">Looked up as that import sees what is recorded.</param>
    public IImportedCalendar Of(string system, Guid import, MeetingsOfEntries meetings, CancellationToken cancellation) =>
        new Imported(database, system, import, meetings, cancellation);

    /// <inheritdoc cref="CalendarSpellings.Join"/>
    public Task JoinSpellings(string system, CancellationToken cancellation) => CalendarSpellings.Join(database, system, cancellation);

    /// <summary>Keeps the revision of an entry that was taken, and that of its UID where the entry states it.</summary>
    /// <param name="import">The import that took it.</param>
    internal static IEnumerable<NpgsqlBatchCommand> KeepCommands(string system, CalendarEntry entry, Guid import)
    {
        if (entry.WholeUid is { } whole)
            yield return KeepCommand(system, entry.Uid, whole);
        if (entry.Kept is not { } kept)
            yield break;
        yield return Statements.InBatch(
            """
            insert into ingestion.calendar_entry (system, entry_id, uid, sequence, last_modified, stamp, own, cancelled, missing_in,
                first_day, last_day)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            on conflict (system, entry_id) do update set
                sequence = excluded.sequence, last_modified = excluded.last_modified, stamp = excluded.stamp, own = excluded.own,
                cancelled = excluded.cancelled, missing_in = excluded.missing_in,
                first_day = coalesce(excluded.first_day, calendar_entry.first_day),
                last_day = coalesce(excluded.last_day, calendar_entry.last_day)
            """,
            system,
            kept.Id,
            kept.Uid,
            kept.Revision.Sequence,
            OrNull(kept.Revision.LastModified?.ToUniversalTime()),
            OrNull(kept.Revision.Stamp?.ToUniversalTime()),
            kept.Own,
            kept.Cancelled,
            kept.Missing ? import : DBNull.Value,
            OrNull(kept.Days?.First),
            OrNull(kept.Days?.Last)
        );
    }

    /// <summary>Keeps the newest revision of a whole UID.</summary>
    internal static NpgsqlBatchCommand KeepCommand(string system, string uid, ImportedUid whole) =>
        Statements.InBatch(
            """
            insert into ingestion.calendar_uid (system, uid_id, sequence, last_modified, stamp, cancelled) values ($1, $2, $3, $4, $5, $6)
            on conflict (system, uid_id) do update set
                sequence = excluded.sequence, last_modified = excluded.last_modified, stamp = excluded.stamp, cancelled = excluded.cancelled
            """,
            system,
            CalendarEntry.KeyOf(uid),
            whole.Revision!.Sequence,
            OrNull(whole.Revision.LastModified?.ToUniversalTime()),
            OrNull(whole.Revision.Stamp?.ToUniversalTime()),
            whole.Cancelled
        );

    /// <summary>
    /// Keeps whom a revision calls off of an event that is not recorded: addresses by keyed digests, for as long as a report is
    /// kept.
    /// </summary>
    internal static NpgsqlBatchCommand KeepCalledOffCommand(
        string system,
        CalendarEntry entry,
        IEnumerable<(string Address, byte[] Digest)> calledOff
    ) =>
        Statements.InBatch(
            """
            insert into ingestion.calendar_called_off
            select $1, $2, address, $4, $5::timestamptz, $6::timestamptz, now() from unnest($3::bytea[]) address
            on conflict (system, entry_id, address) do update set
                sequence = excluded.sequence, last_modified = excluded.last_modified, stamp = excluded.stamp, kept_at = excluded.kept_at
            """,
            system,
            entry.Id,
            calledOff.Select(d => d.Digest).ToArray(),
            entry.Revision.Sequence,
            OrNull(entry.Revision.LastModified?.ToUniversalTime()),
            OrNull(entry.Revision.Stamp?.ToUniversalTime())
        );

    /// <summary>Those of an entry's attendees whom a newer revision called off before the event was recorded.</summary>
    public async Task<IReadOnlySet<string>> CalledOff(string system, CalendarEntry entry, CancellationToken cancellation)
    {
        var found = new HashSet<string>();
        if (entry.Attendees.Count == 0)
            return found;
        var addresses = (await Digests(system, entry, cancellation)).ToLookup(d => Convert.ToBase64String(d.Digest), d => d.Address);
        await using var command = database.Statement(
            "select sequence, last_modified, stamp, address from ingestion.calendar_called_off where system = $1 and entry_id = any($2)",
            system,
            new[] { entry.Id, CalendarEntry.IdOf(entry.Uid, null) }
        );
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
        {
            if (entry.Revision.IsBefore(Revision(rows, 0)))
                found.UnionWith(addresses[Convert.ToBase64String(rows.GetFieldValue<byte[]>(3))]);
        }

        return found;
    }

    /// <summary>The addresses of an entry's attendees, each once, with the digest under which it is kept.</summary>
    internal async Task<IReadOnlyList<(string Address, byte[] Digest)>> Digests(
        string system,
        CalendarEntry entry,
        CancellationToken cancellation
    )
    {
        var digests = new List<(string, byte[])>(entry.Attendees.Count);
        foreach (var address in entry.Attendees.Select(a => a.Address).Distinct())
        {
            var text = $"called-off\n{system.Length}\n{system}\n{entry.Uid.Length}\n{entry.Uid}\n{address}";
            digests.Add((address, await personalData.Digest(Encoding.UTF8.GetBytes(text), cancellation)));
        }

        return digests;
    }

    private static object OrNull<T>(T? value)
        where T : struct => value is { } given ? given : DBNull.Value;

    internal static CalendarRevision Revision(NpgsqlDataReader reader, int first) =>
        new(
            reader.GetInt32(first),
            reader.IsDBNull(first + 1) ? null : reader.GetFieldValue<DateTimeOffset>(first + 1),
            reader.IsDBNull(first + 2) ? null : reader.GetFieldValue<DateTimeOffset>(first + 2)
        );

    private static ImportedEntry Entry(NpgsqlDataReader reader) =>
        new(reader.GetString(0), reader.GetString(1), Revision(reader, 2), reader.GetBoolean(5), reader.GetBoolean(6), reader.GetBoolean(7))
        {
            Days = reader.IsDBNull(8) ? null : (reader.GetFieldValue<DateOnly>(8), reader.GetFieldValue<DateOnly>(9)),
        };

    private sealed class Imported(
        NpgsqlDataSource database,
        string system,
        Guid import,
        MeetingsOfEntries meetings,
        CancellationToken cancellation
    ) : IImportedCalendar
    {
        public Task<IReadOnlyDictionary<string, MeetingOfEntry>> OfMapping(CalendarMapping mapping, IReadOnlyList<ImportedEntry> entries) =>
            meetings(mapping, entries);

        public async Task<ImportedUid> Of(string uid)
        {
            var entries = await database.Query(
                $"select {Columns} from ingestion.calendar_entry where system = $1 and md5(uid) = md5($2) and uid = $2 order by "
                    + $"entry_id",
                [system, uid],
                Entry,
                cancellation
            );

            await using var ofUid = database.Statement(
                "select sequence, last_modified, stamp, cancelled from ingestion.calendar_uid where system = $1 and uid_id = $2",
                system,
                CalendarEntry.KeyOf(uid)
            );
            await using var whole = await ofUid.ExecuteReaderAsync(cancellation);
            if (await whole.ReadAsync(cancellation))
                return new ImportedUid(Revision(whole, 0), whole.GetBoolean(3), entries);

            // A UID of which nothing is kept has the newest revision of its entries.
            var newest = entries
                .Where(e => !e.Own)
                .Aggregate((CalendarRevision?)null, (last, e) => last is null || last.IsBefore(e.Revision) ? e.Revision : last);
            return new ImportedUid(newest, false, entries);
        }

        public IAsyncEnumerable<ImportedEntry> Live(CalendarWindow window) => InWindow(window, "(missing_in is null or missing_in = $2)");

        public IAsyncEnumerable<ImportedEntry> Lacked(CalendarWindow window) => InWindow(window, "missing_in <> $2");

        private async IAsyncEnumerable<ImportedEntry> InWindow(CalendarWindow window, string isWanted)
        {
            var entries = await database.Query(
                $"""
                select {Columns} from ingestion.calendar_entry
                where system = $1 and not cancelled and {isWanted} and (first_day is null or last_day >= $3 and first_day <= $4)
                order by entry_id
                """,
                [system, import, window.First, window.Last],
                Entry,
                cancellation
            );

            foreach (var entry in entries)
                yield return entry;
        }
    }
}
