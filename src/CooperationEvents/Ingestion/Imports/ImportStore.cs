using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using CooperationEvents.Ingestion.Files;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Reading;
using Npgsql;

namespace CooperationEvents.Ingestion.Imports;

/// <summary>
/// Imports with their files, progress and reports. Files and reports may hold personal data: they are sealed under a key of
/// the import's own. The file goes when the import ends, the report and the key <see cref="ReportKeptFor"/> later.
/// </summary>
public sealed class ImportStore(NpgsqlDataSource database, ServiceSeal seal, TimeProvider clock)
{
    /// <summary>How long the report of an import that has ended can be read.</summary>
    public static readonly TimeSpan ReportKeptFor = TimeSpan.FromDays(90);

    /// <summary>How long a file may take to come in before it counts as broken off.</summary>
    public static readonly TimeSpan UploadTimeout = TimeSpan.FromHours(6);

    /// <summary>What <c>ingestion.advance</c> raises where another run has come further, or the import was cancelled.</summary>
    internal const string MovedOn = "CE001";

    internal const string Schema = """
        create schema if not exists ingestion;
        create table if not exists ingestion.import (
            id uuid primary key,
            number bigint generated always as identity,
            state text not null,
            format text not null,
            mode text not null,
            dry_run boolean not null,
            encoding text not null,
            mapping bytea,
            actor uuid not null,
            scopes text[] not null,
            on_behalf_of uuid,
            source text,
            correlation text not null,
            created_at timestamptz not null,
            finished_at timestamptz,
            bytes bigint not null default 0,
            rows bigint not null default 0,
            accepted bigint not null default 0,
            unchanged bigint not null default 0,
            refused bigint not null default 0,
            skipped bigint not null default 0,
            events bigint not null default 0,
            sealed_reason bytea
        );
        alter table ingestion.import
            drop column if exists reason, add column if not exists sealed_reason bytea,
                add column if not exists notes jsonb not null default '{}',
            add column if not exists encoding_basis text not null default 'content', add column if not exists position bigint;
        create index if not exists import_open on ingestion.import (number) where finished_at is null;
        create table if not exists ingestion.import_piece (
            import_id uuid not null,
            number int not null,
            sealed bytea not null,
            primary key (import_id, number)
        );
        create table if not exists ingestion.import_refusal (
            import_id uuid not null,
            ordinal bigint not null,
            sealed bytea not null,
            primary key (import_id, ordinal)
        );
        create or replace function ingestion.advance(
            of_import uuid, in_state text, at_row bigint, more_rows bigint, more_accepted bigint, more_unchanged bigint,
                more_refused bigint,
            more_skipped bigint, more_events bigint, more_notes jsonb, remarked_ordinals bigint[], remarks_sealed bytea[]) returns void
                language plpgsql as $$
        begin
            update ingestion.import set
                rows = rows + more_rows, accepted = accepted + more_accepted, unchanged = unchanged + more_unchanged,
                refused = refused + more_refused, skipped = skipped + more_skipped, events = events + more_events,
                notes = (
                    select coalesce(jsonb_object_agg(kind, total), '{}')
                    from (select key as kind, sum(value::bigint) as total
                          from (select * from jsonb_each_text(notes) union all select * from jsonb_each_text(more_notes)) as counted
                              group by key) as counts)
            where id = of_import and state = in_state and rows = at_row;
            if not found then
                raise exception 'The import is no longer where this run of it was.' using errcode = 'CE001';
            end if;
            insert into ingestion.import_refusal select of_import, * from unnest(remarked_ordinals, remarks_sealed);
        end $$;
        """;

    internal const string Grants = """
        grant usage on schema ingestion to cooperation_service;
        grant select, insert, update, delete on ingestion.import to cooperation_service;
        grant select, insert, delete on ingestion.import_piece, ingestion.import_refusal to cooperation_service;
        """;

    private const string Columns = """
        id, state, format, mode, dry_run, encoding, mapping, actor, scopes, on_behalf_of, source, correlation, created_at, finished_at,
        bytes, rows, accepted, unchanged, refused, skipped, events, sealed_reason, notes, encoding_basis, position
        """;

    public static string KeyOf(Guid import) => $"import/{import}";

    public async Task Create(Import import, CancellationToken cancellation)
    {
        await using var command = database.Statement(
            """
            insert into ingestion.import (id, state, format, mode, dry_run, encoding, encoding_basis, mapping, actor, scopes,
                on_behalf_of, source, correlation, created_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
            """,
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
            import.OnBehalfOf is { } onBehalfOf ? onBehalfOf : DBNull.Value,
            import.Source is { } source ? source : DBNull.Value,
            import.Correlation,
            import.CreatedAt
        );
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public async Task AddPiece(Guid import, int number, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        await using var command = database.Statement(
            "insert into ingestion.import_piece values ($1, $2, $3)",
            import,
            number,
            await seal.Seal(KeyOf(import), bytes, $"piece {number}", cancellation)
        );
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>A piece of the file; null behind the last one.</summary>
    public async Task<byte[]?> Piece(Guid import, int number, CancellationToken cancellation)
    {
        await using var command = database.Statement(
            "select sealed from ingestion.import_piece where import_id = $1 and number = $2",
            import,
            number
        );
        return await command.ExecuteScalarAsync(cancellation) is byte[] piece
            ? await seal.Open(KeyOf(import), piece, $"piece {number}", cancellation)
            : null;
    }

    /// <summary>The file is here whole.</summary>
    public async Task Queue(Guid import, long bytes, FileEncoding encoding, CancellationToken cancellation)
    {
        await using var command = database.Statement(
            $"update ingestion.import set state = '{Json.Word(ImportState.Queued)}', bytes = $2, encoding = $3, encoding_basis = $4 where "
                + $"id = $1",
            import,
            bytes,
            encoding.Name,
            Json.Word(encoding.Basis)
        );
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public async Task<Import?> Find(Guid id, CancellationToken cancellation)
    {
        await using var command = database.Statement($"select {Columns} from ingestion.import where id = $1", id);
        return (await Read(command, cancellation)) is [var import] ? import : null;
    }

    /// <summary>Those whose file is here and that have not ended, oldest first.</summary>
    public async Task<IReadOnlyList<Import>> Open(CancellationToken cancellation)
    {
        await using var command = database.Statement(
            $"select {Columns} from ingestion.import where finished_at is null and state <> '{Json.Word(ImportState.Uploading)}' order by "
                + $"number limit 1000"
        );
        return await Read(command, cancellation);
    }

    /// <summary>Moves an import into a pass over its rows, from the first on.</summary>
    public async Task Begin(Guid id, ImportState from, ImportState pass, CancellationToken cancellation)
    {
        await using var command = database.Statement(
            """
            with emptied as (delete from ingestion.import_refusal where import_id = $1)
            update ingestion.import set state = $3, rows = 0, accepted = 0, unchanged = 0, refused = 0, skipped = 0, events = 0,
                notes = '{}'
            where id = $1 and state = $2
            """,
            id,
            Json.Word(from),
            Json.Word(pass)
        );
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>
    /// The statement that notes progress; it fails with <see cref="MovedOn"/> where the import is not in that state and at that row.
    /// </summary>
    internal static NpgsqlBatchCommand AdvanceCommand(Progress progress) =>
        Statements.InBatch("select ingestion.advance($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $11, $12)", progress.Parameters());

    /// <summary>Notes progress, and keeps the rest with it.</summary>
    internal async Task Advance(Progress progress, IEnumerable<NpgsqlBatchCommand> with, CancellationToken cancellation)
    {
        await using var batch = database.CreateBatch();
        foreach (var statement in with)
            batch.BatchCommands.Add(statement);
        batch.BatchCommands.Add(AdvanceCommand(progress));
        await batch.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>
    /// Ends an import, unless it has ended already; its file is deleted. Of one that was to be recorded whole and was not, no
    /// row counts as accepted.
    /// </summary>
    /// <param name="position">The position of the newest event behind what it accepted; where that is not known, the newest of all.</param>
    public async Task<bool> End(Guid id, ImportState state, string? reason, long? position, CancellationToken cancellation)
    {
        var sealedReason = reason is null ? DBNull.Value : (object)await seal.Seal(KeyOf(id), reason, "reason", cancellation);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var recorded = await Run(
            """
            with found as (select id, state, dry_run from ingestion.import where id = $1 and finished_at is null for update),
            ended as (
                update ingestion.import i set
                    state = $2, sealed_reason = $3, finished_at = $4,
                    accepted = case when found.undone then 0 else accepted end,
                    unchanged = case when found.undone then 0 else unchanged end,
                    events = case when found.undone then 0 else events end,
                    notes = case when found.undone then '{}' else notes end
                from (select id, state, state = 'deciding' and (not dry_run or $2 = 'refused') as undone from found) found
                    where i.id = found.id
                returning i.id, found.state = 'appending' and i.accepted > 0 as recorded
            ),
            emptied as (delete from ingestion.import_piece where import_id in (select id from ended))
            select recorded from ended
            """,
            id,
            Json.Word(state),
            sealedReason,
            clock.GetUtcNow()
        );

        // What is recorded by now is looked for once the import's own last transaction is over.
        if (recorded is true)
        {
            await Run(
                "update ingestion.import set position = coalesce($2, (select max(seq_id) from register.mt_events)) where id = $1",
                id,
                position is { } known ? known : new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bigint }
            );
        }

        await transaction.CommitAsync(cancellation);
        return recorded is not null;

        async Task<object?> Run(string sql, params object[] parameters)
        {
            await using var command = new NpgsqlCommand(sql, connection, transaction);
            foreach (var parameter in parameters)
                command.Parameters.Add(parameter as NpgsqlParameter ?? new NpgsqlParameter { Value = parameter });
            return await command.ExecuteScalarAsync(cancellation);
        }
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

    internal async Task<byte[]> SealRemarks(Guid import, long ordinal, IReadOnlyList<RowRemark> remarks, CancellationToken cancellation) =>
        await seal.Seal(
            KeyOf(import),
            JsonSerializer.SerializeToUtf8Bytes(remarks.Select(Remark.Of), Json.Options),
            $"refusal {ordinal}",
            cancellation
        );

    /// <summary>What there is to say of the rows behind the one of that ordinal number, in their order, each with its own.</summary>
    public async Task<IReadOnlyList<(long Ordinal, IReadOnlyList<RowRemark> Remarks)>> Remarks(
        Guid import,
        long after,
        int rows,
        CancellationToken cancellation
    )
    {
        await using var command = database.Statement(
            "select ordinal, sealed from ingestion.import_refusal where import_id = $1 and ordinal > $2 order by ordinal limit $3",
            import,
            after,
            rows
        );
        var remarks = new List<(long, IReadOnlyList<RowRemark>)>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var json = await seal.Open(KeyOf(import), reader.GetFieldValue<byte[]>(1), $"refusal {reader.GetInt64(0)}", cancellation);
            remarks.Add((reader.GetInt64(0), [.. JsonSerializer.Deserialize<Remark[]>(json, Json.Options)!.Select(r => r.Read)]));
        }

        return remarks;
    }

    /// <summary>Deletes an import and everything of it.</summary>
    public async Task Delete(Guid id, CancellationToken cancellation)
    {
        await using var command = database.Statement(
            """
            with pieces as (delete from ingestion.import_piece where import_id = $1),
                 refusals as (delete from ingestion.import_refusal where import_id = $1)
            delete from ingestion.import where id = $1
            """,
            id
        );
        await command.ExecuteNonQueryAsync(cancellation);
        await seal.Destroy(KeyOf(id), cancellation);
    }

    /// <summary>Deletes what is old: reports of ended imports, whom calendars called off, and files that never came in whole.</summary>
    public async Task Forget(CancellationToken cancellation)
    {
        await using (
            var calledOff = database.Statement(
                "delete from ingestion.calendar_called_off where kept_at < $1",
                clock.GetUtcNow() - ReportKeptFor
            )
        )
            await calledOff.ExecuteNonQueryAsync(cancellation);
        await using var command = database.Statement(
            $"select id from ingestion.import where finished_at < $1 or (state = '{Json.Word(ImportState.Uploading)}' and created_at < $2)",
            clock.GetUtcNow() - ReportKeptFor,
            clock.GetUtcNow() - UploadTimeout
        );
        var old = new List<Guid>();
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
                old.Add(reader.GetGuid(0));
        }

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
                    reader.IsDBNull(24) ? null : reader.GetInt64(24)
                )
            );
        }

        return imports;
    }

    private static T Parse<T>(string word)
        where T : struct, Enum => Enum.Parse<T>(word, ignoreCase: true);

    /// <summary>How much further a pass has come, from row <paramref name="At"/> of it on.</summary>
    internal sealed record Progress(
        Guid Import,
        ImportState State,
        long At,
        ImportCounts More,
        IReadOnlyList<(long Ordinal, byte[] Sealed)> Remarks
    )
    {
        public object[] Parameters() =>
            [
                Import,
                Json.Word(State),
                At,
                More.Rows,
                More.Accepted,
                More.Unchanged,
                More.Refused,
                More.Skipped,
                More.Events,
                JsonSerializer.Serialize(More.Notes, Json.Options),
                Remarks.Select(r => r.Ordinal).ToArray(),
                Remarks.Select(r => r.Sealed).ToArray(),
            ];
    }

    /// <summary>A remark as it is kept: a refusal has a type, a note a kind.</summary>
    private sealed record Remark(
        long Row,
        string Reason,
        string? Type = null,
        string? Field = null,
        NoteKind? Kind = null,
        string? Subject = null
    )
    {
        public Guid? Record { get; init; }

        public string? Recorded { get; init; }

        public string? Sent { get; init; }

        public ValueList<RowDuplicate>? PossibleDuplicates { get; init; }

        [JsonIgnore]
        public RowRemark Read =>
            Kind is { } kind
                ? new RowNote(Row, kind, Reason, Subject)
                {
                    Record = Record,
                    PossibleDuplicates = PossibleDuplicates,
                    Field = Field,
                }
                : new RowRefusal(Row, Type!, Reason, Field)
                {
                    Record = Record,
                    Recorded = Recorded,
                    Sent = Sent,
                };

        public static Remark Of(RowRemark remark) =>
            remark switch
            {
                RowNote note => new Remark(note.Row, note.Reason, Field: note.Field, Kind: note.Kind, Subject: note.Subject)
                {
                    Record = note.Record,
                    PossibleDuplicates = note.PossibleDuplicates,
                },
                RowRefusal refusal => new Remark(refusal.Row, refusal.Reason, refusal.Type, refusal.Field)
                {
                    Record = refusal.Record,
                    Recorded = refusal.Recorded,
                    Sent = refusal.Sent,
                },
                _ => throw new System.Diagnostics.UnreachableException(),
            };
    }
}
