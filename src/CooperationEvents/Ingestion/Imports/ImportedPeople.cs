using System.Security.Cryptography;
using System.Text;
using CooperationEvents.Files;
using CooperationEvents.Privacy;
using CooperationEvents.Recording;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Ingestion.Imports;

/// <summary>
/// What imports hold of persons: the file while it is read, the mapping, and the report. All of it is sealed under a key of the
/// import's own, so that no index leads to a person. An erased person is found by the words that name them, and in a report by the id.
/// </summary>
public sealed class ImportedPeople(NpgsqlDataSource database, ImportStore store, ServiceSeal seal) : IHoldOfPeople
{
    private const string Reason =
        "Somebody this file names was erased while it was read. Take them out of it and post it again; what was recorded stays recorded.";

    /// <summary>An import has the time at which the transaction that ends it began: so much earlier than its end at the most.</summary>
    private static readonly TimeSpan LongestEnd = TimeSpan.FromMinutes(10);

    public string Holds => "files, mappings and reports of imports";

    /// <summary>
    /// Takes the rows out of reports that name the persons, by their ids too, forgets mappings that name them, and ends imports whose file
    /// does.
    /// </summary>
    public async Task ForgetTexts(IReadOnlyCollection<Guid> people, PersonTexts texts, CancellationToken cancellation)
    {
        foreach (var found in await Find(people, texts, null, cancellation))
        {
            if (found.InFile)
                await store.End(found.Import, ImportState.Cancelled, Reason, null, cancellation);
            await database.Execute(
                """
                with rows as (delete from ingestion.import_refusal where import_id = $1 and ordinal = any($2))
                update ingestion.import set mapping = case when $3 and finished_at is not null then null else mapping end,
                    sealed_reason = case when $4 then null else sealed_reason end where id = $1
                """,
                [found.Import, found.Rows.ToArray(), found.InMapping, found.InReason],
                cancellation
            );
            if (found.InFile)
                await seal.Destroy(DryRun.KeyName(found.Import), cancellation);
        }
    }

    /// <summary>
    /// Takes the rows out of reports that name the persons by their ids, as in conflict or as possible duplicates. An import that
    /// ended before the search began has been searched, and its report does not change any more.
    /// </summary>
    public async Task Forget(IReadOnlyCollection<Guid> people, DateTimeOffset? searchedFrom, CancellationToken cancellation)
    {
        foreach (var found in await Find(people, new PersonTexts([]), searchedFrom - LongestEnd, cancellation))
        {
            await database.Execute(
                "delete from ingestion.import_refusal where import_id = $1 and ordinal = any($2)",
                [found.Import, found.Rows.ToArray()],
                cancellation
            );
        }
    }

    public async Task<long> Count(IReadOnlyCollection<Guid> people, PersonTexts texts, CancellationToken cancellation) =>
        (await Find(people, texts, null, cancellation)).Sum(f =>
            f.Rows.Count + (f.InFile ? 1 : 0) + (f.InMapping ? 1 : 0) + (f.InReason ? 1 : 0)
        );

    /// <summary>What names the persons by these texts, and in reports by their ids too.</summary>
    /// <param name="since">Leaves out imports that ended before; null leaves none out.</param>
    private async Task<IReadOnlyList<Found>> Find(
        IReadOnlyCollection<Guid> people,
        PersonTexts texts,
        DateTimeOffset? since,
        CancellationToken cancellation
    )
    {
        var found = new List<Found>();
        var reported = new PersonTexts([.. texts.Words, .. people.Select(person => $"{person}")]);
        if (reported.Words.Count == 0)
            return found;
        await using var select = database.Statement(
            """
            select id, encoding, mapping, sealed_reason, finished_at is null from ingestion.import
            where finished_at is null or finished_at >= coalesce($1::timestamptz, '-infinity') order by number
            """,
            since
        );
        var imports = new List<(Guid Id, string Encoding, byte[]? Mapping, byte[]? Reason, bool Open)>();
        await using (var row = await select.ExecuteReaderAsync(cancellation))
        {
            while (await row.ReadAsync(cancellation))
            {
                imports.Add(
                    (
                        row.GetGuid(0),
                        row.GetString(1),
                        row.IsDBNull(2) ? null : row.GetFieldValue<byte[]>(2),
                        row.IsDBNull(3) ? null : row.GetFieldValue<byte[]>(3),
                        row.GetBoolean(4)
                    )
                );
            }
        }

        foreach (var (id, encoding, mapping, reason, open) in imports)
        {
            try
            {
                var inMapping =
                    mapping is not null
                    && texts.AreIn(Encoding.UTF8.GetString(await seal.Open(ImportStore.KeyOf(id), mapping, "mapping", cancellation)));
                var inReason =
                    reason is not null
                    && texts.AreIn(Encoding.UTF8.GetString(await seal.Open(ImportStore.KeyOf(id), reason, "reason", cancellation)));
                var rows = await Rows(id, reported, cancellation);
                var inFile = open && (inMapping || await IsInFile(id, encoding, texts, cancellation));
                if (inMapping || inReason || inFile || rows.Count > 0)
                    found.Add(new Found(id, inFile, inMapping, inReason, rows));
            }
            catch (CryptographicException)
            {
                // Its key was destroyed meanwhile, and with it everything it held.
            }
        }

        return found;
    }

    private async Task<IReadOnlyList<long>> Rows(Guid import, PersonTexts texts, CancellationToken cancellation)
    {
        await using var select = database.Statement("select ordinal, sealed from ingestion.import_refusal where import_id = $1", import);
        var rows = new List<long>();
        await using var row = await select.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
        {
            var text = await seal.Open(ImportStore.KeyOf(import), row.GetFieldValue<byte[]>(1), $"refusal {row.GetInt64(0)}", cancellation);
            if (texts.AreIn(Encoding.UTF8.GetString(text)))
                rows.Add(row.GetInt64(0));
        }

        return rows;
    }

    /// <summary>
    /// Whether the file names the person. A word may lie across two pieces: the end of each is looked at again with the next.
    /// </summary>
    private async Task<bool> IsInFile(Guid import, string encoding, PersonTexts texts, CancellationToken cancellation)
    {
        var encodingOfFile = FileTextStream.Find(encoding) ?? Encoding.UTF8;
        byte[] rest = [];
        for (var number = 0; await store.Piece(import, number, cancellation) is { } piece; number++)
        {
            byte[] part = [.. rest, .. piece];
            if (texts.AreIn(part, encodingOfFile))
                return true;

            // From a multiple of four octets, so that characters of a fixed width stay whole.
            rest = part[(Math.Max(0, part.Length - texts.Reach) & ~3)..];
        }

        return false;
    }

    private sealed record Found(Guid Import, bool InFile, bool InMapping, bool InReason, IReadOnlyList<long> Rows);
}
