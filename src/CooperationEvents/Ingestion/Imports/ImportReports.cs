using System.Text.Json;
using System.Text.Json.Serialization;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Ingestion.Imports;

/// <summary>What the reports of imports say of single rows, sealed under the key of each import.</summary>
public sealed class ImportReports(NpgsqlDataSource database, ServiceSeal seal)
{
    internal async Task<byte[]> Seal(Guid import, long ordinal, IReadOnlyList<RowRemark> remarks, CancellationToken cancellation) =>
        await seal.Seal(
            ImportStore.KeyOf(import),
            JsonSerializer.SerializeToUtf8Bytes(remarks.Select(Remark.Of), Json.Options),
            $"refusal {ordinal}",
            cancellation
        );

    /// <summary>What there is to say of the rows after the one of that ordinal number, in their order, each with its own.</summary>
    public async Task<IReadOnlyList<(long Ordinal, IReadOnlyList<RowRemark> Remarks)>> Of(
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
            var json = await seal.Open(
                ImportStore.KeyOf(import),
                reader.GetFieldValue<byte[]>(1),
                $"refusal {reader.GetInt64(0)}",
                cancellation
            );
            remarks.Add((reader.GetInt64(0), [.. JsonSerializer.Deserialize<Remark[]>(json, Json.Options)!.Select(r => r.Read)]));
        }

        return remarks;
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

        public Guid? PersonId { get; init; }

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
                    PersonId = PersonId,
                    Recorded = IsOfUnknownPerson ? null : Recorded,
                    Sent = IsOfUnknownPerson ? null : Sent,
                };

        /// <summary>
        /// Whether the values are personal and it was not kept whose they are, as in a report from before that was kept: so nobody is shown
        /// them.
        /// </summary>
        private bool IsOfUnknownPerson => PersonId is null && Reason == Difference.OfPersonalData;

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
                    PersonId = refusal.PersonId,
                    Recorded = refusal.Recorded,
                    Sent = refusal.Sent,
                },
                _ => throw new System.Diagnostics.UnreachableException(),
            };
    }
}
