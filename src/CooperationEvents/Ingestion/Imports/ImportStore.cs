using System.Text;
using System.Text.Json;
using CooperationEvents.Files;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Projections;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Ingestion.Imports;

/// <summary>
/// Imports with their files and progress; their reports are in <see cref="ImportReports"/>. Files and reports may hold personal data: they
/// are sealed under a key of the import's own. The file is deleted when the import ends, the report and the key
/// <see cref="ReportKeptFor"/> later.
/// </summary>
public sealed class ImportStore(NpgsqlDataSource database, ServiceSeal seal)
{
    /// <summary>How long the report of an import that has ended can be read.</summary>
    public static readonly TimeSpan ReportKeptFor = TimeSpan.FromDays(90);

    /// <summary>How long a file may take to come in before it counts as broken off.</summary>
    public static readonly TimeSpan UploadTimeout = TimeSpan.FromHours(6);

    internal const string Table = "ingestion.import";

    private const string Columns = """
        id, state, format, mode, dry_run, encoding, mapping, actor, scopes, on_behalf_of, source, correlation, created_at, finished_at,
        bytes, rows, accepted, unchanged, refused, skipped, events, sealed_reason, notes, encoding_basis, position, declared_method
        """;

    public static string KeyOf(Guid import) => $"import/{import}";

    public async Task Create(Import import, CancellationToken cancellation) =>
        await database.Execute(
            """
            insert into ingestion.import (id, state, format, mode, dry_run, encoding, encoding_basis, mapping, actor, scopes,
                on_behalf_of, source, correlation, created_at, declared_method)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
            """,
            [
                import.Id,
                Json.Word(import.State),
                Json.Word(import.Format),
                Json.Word(import.Mode),
                import.DryRun,
                import.Encoding.Name,
                Json.Word(import.Encoding.Basis),
                import.Mapping is null ? DBNull.Value : await seal.Seal(KeyOf(import.Id), import.Mapping, "mapping", cancellation),
                import.Actor,
                import.Scopes.ToArray(),
                import.OnBehalfOf,
                import.Source,
                import.Correlation,
                import.CreatedAt,
                import.DeclaredMethod,
            ],
            cancellation
        );

    public async Task AddPiece(Guid import, int number, ReadOnlyMemory<byte> bytes, CancellationToken cancellation) =>
        await database.Execute(
            "insert into ingestion.import_piece values ($1, $2, $3)",
            [import, number, await seal.Seal(KeyOf(import), bytes, $"piece {number}", cancellation)],
            cancellation
        );

    /// <summary>A piece of the file; null after the last one.</summary>
    public async Task<byte[]?> Piece(Guid import, int number, CancellationToken cancellation)
    {
        var piece = await database.Scalar<byte[]>(
            "select sealed from ingestion.import_piece where import_id = $1 and number = $2",
            [import, number],
            cancellation
        );
        return piece is null ? null : await seal.Open(KeyOf(import), piece, $"piece {number}", cancellation);
    }

    /// <summary>The file is here whole.</summary>
    public Task Queue(Guid import, long bytes, FileEncoding encoding, CancellationToken cancellation) =>
        database.Execute(
            $"update ingestion.import set state = '{Json.Word(ImportState.Queued)}', bytes = $2, encoding = $3, encoding_basis = $4 where "
                + $"id = $1",
            [import, bytes, encoding.Name, Json.Word(encoding.Basis)],
            cancellation
        );

    public async Task<Import?> Find(Guid id, CancellationToken cancellation)
    {
        await using var command = database.Statement($"select {Columns} from ingestion.import where id = $1", id);
        return (await Read(command, cancellation)) is [var import] ? import : null;
    }

    /// <summary>Those whose file is here and that have not ended, oldest first.</summary>
    public async Task<IReadOnlyList<Import>> Open(CancellationToken cancellation)
    {
        await using var command = database.Statement(
            $"""
            select {Columns} from (
                select *, row_number() over (partition by actor order by number) as turn from ingestion.import
                where finished_at is null and state <> '{Json.Word(ImportState.Uploading)}' order by turn, number limit 1000
            ) i order by number
            """
        );
        return await Read(command, cancellation);
    }

    /// <summary>Moves an import into a pass over its rows, from the first on.</summary>
    public Task Begin(Guid id, ImportState from, ImportState pass, CancellationToken cancellation) =>
        database.Execute(
            """
            with emptied as (delete from ingestion.import_refusal where import_id = $1)
            update ingestion.import set state = $3, rows = 0, accepted = 0, unchanged = 0, refused = 0, skipped = 0, events = 0,
                notes = '{}'
            where id = $1 and state = $2
            """,
            [id, Json.Word(from), Json.Word(pass)],
            cancellation
        );

    /// <summary>Those of the records that there are.</summary>
    internal async Task<IReadOnlySet<Guid>> Recorded(IReadOnlyCollection<Guid> records, CancellationToken cancellation) =>
        (
            await database.Query(
                "select id from register.mt_streams where id = any($1)",
                [records.ToArray()],
                row => row.GetGuid(0),
                cancellation
            )
        ).ToHashSet();

    /// <summary>Notes progress, and keeps the rest with it.</summary>
    internal async Task Advance(ImportProgress progress, IEnumerable<NpgsqlBatchCommand> with, CancellationToken cancellation)
    {
        await using var batch = database.CreateBatch();
        foreach (var statement in with)
            batch.BatchCommands.Add(statement);
        batch.BatchCommands.Add(progress.Command());
        await batch.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>
    /// Ends an import, unless it has ended already; its file is deleted. Of one that was to be recorded whole and was not, no
    /// row counts as accepted; its notes say what would be, and are counted.
    /// </summary>
    /// <param name="position">The position of the newest event behind what it accepted; where that is not known, the newest of all.</param>
    public async Task<bool> End(Guid id, ImportState state, string? reason, long? position, CancellationToken cancellation)
    {
        var sealedReason = reason is null ? null : await seal.Seal(KeyOf(id), reason, "reason", cancellation);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var recorded = await connection.Scalar<bool?>(
            """
            with found as (select id, state, dry_run from ingestion.import where id = $1 and finished_at is null for update),
            ended as (
                update ingestion.import i set
                    state = $2, sealed_reason = $3, finished_at = now(),
                    accepted = case when found.undone then 0 else accepted end,
                    unchanged = case when found.undone then 0 else unchanged end,
                    events = case when found.undone then 0 else events end
                from (select id, state, state = 'deciding' and (not dry_run or $2 = 'refused') as undone from found) found
                    where i.id = found.id
                returning i.id, found.state = 'appending' and i.accepted > 0 as recorded
            ),
            emptied as (delete from ingestion.import_piece where import_id in (select id from ended))
            select recorded from ended
            """,
            [id, Json.Word(state), sealedReason],
            cancellation
        );

        // What is recorded by now is looked for once the import's own last transaction is over.
        if (recorded is true)
        {
            await connection.Execute(
                $"update ingestion.import set position = coalesce($2, {PositionsGivenOut.NewestRecorded}) where id = $1",
                [id, position],
                cancellation
            );
        }

        await transaction.CommitAsync(cancellation);
        return recorded is not null;
    }

    /// <summary>How many imports that have not ended were posted before this one, and how many bytes their files have.</summary>
    public async Task<ImportsAhead> Ahead(Guid id, CancellationToken cancellation)
    {
        await using var command = database.Statement(
            $"""
            select count(*), coalesce(sum(bytes), 0)::bigint from ingestion.import
            where finished_at is null and state <> '{Json.Word(ImportState.Uploading)}'
                and number < (select number from ingestion.import where id = $1)
            """,
            id
        );
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return new ImportsAhead(reader.GetInt64(0), reader.GetInt64(1));
    }

    /// <summary>Deletes an import and everything of it.</summary>
    public async Task Delete(Guid id, CancellationToken cancellation)
    {
        await database.Execute(
            """
            with pieces as (delete from ingestion.import_piece where import_id = $1),
                 refusals as (delete from ingestion.import_refusal where import_id = $1)
            delete from ingestion.import where id = $1
            """,
            [id],
            cancellation
        );
        await seal.Destroy(KeyOf(id), cancellation);
    }

    /// <summary>Deletes what is old: reports of ended imports, whom calendars called off, and files that never came in whole.</summary>
    public async Task Forget(CancellationToken cancellation)
    {
        await database.Execute("delete from ingestion.calendar_called_off where kept_at < now() - $1", [ReportKeptFor], cancellation);
        var old = await database.Query(
            $"""
            select id from ingestion.import where finished_at < now() - $1
                or (state = '{Json.Word(ImportState.Uploading)}' and created_at < now() - $2)
            """,
            [ReportKeptFor, UploadTimeout],
            row => row.GetGuid(0),
            cancellation
        );
        foreach (var id in old)
            await Delete(id, cancellation);
    }

    private async Task<IReadOnlyList<Import>> Read(NpgsqlCommand command, CancellationToken cancellation)
    {
        var imports = new List<Import>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var id = reader.GetGuid(0);
            imports.Add(
                new Import(
                    id,
                    Parse<ImportState>(reader.GetString(1)),
                    Parse<ImportFormat>(reader.GetString(2)),
                    Parse<ImportMode>(reader.GetString(3)),
                    reader.GetBoolean(4),
                    new FileEncoding(reader.GetString(5), Parse<EncodingBasis>(reader.GetString(23))),
                    reader.IsDBNull(6)
                        ? null
                        : Encoding.UTF8.GetString(await seal.Open(KeyOf(id), reader.GetFieldValue<byte[]>(6), "mapping", cancellation)),
                    reader.GetGuid(7),
                    reader.GetFieldValue<string[]>(8),
                    reader.IsDBNull(9) ? null : reader.GetGuid(9),
                    reader.IsDBNull(10) ? null : reader.GetString(10),
                    reader.GetString(11),
                    reader.GetFieldValue<DateTimeOffset>(12),
                    reader.IsDBNull(13) ? null : reader.GetFieldValue<DateTimeOffset>(13),
                    reader.GetInt64(14),
                    new ImportCounts(
                        reader.GetInt64(15),
                        reader.GetInt64(16),
                        reader.GetInt64(17),
                        reader.GetInt64(18),
                        reader.GetInt64(19),
                        reader.GetInt64(20),
                        JsonSerializer.Deserialize<NoteCounts>(reader.GetString(22), Json.Options)!
                    ),
                    reader.IsDBNull(21)
                        ? null
                        : Encoding.UTF8.GetString(await seal.Open(KeyOf(id), reader.GetFieldValue<byte[]>(21), "reason", cancellation)),
                    reader.IsDBNull(24) ? null : reader.GetInt64(24),
                    reader.IsDBNull(25) ? null : reader.GetString(25)
                )
            );
        }

        return imports;
    }

    private static T Parse<T>(string word)
        where T : struct, Enum => Enum.Parse<T>(word, ignoreCase: true);
}
