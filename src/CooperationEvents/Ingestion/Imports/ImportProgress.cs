using System.Text.Json;
using CooperationEvents.Kernel;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Ingestion.Imports;

/// <summary>How much further a pass has come, from row <paramref name="At"/> of it on.</summary>
internal sealed record ImportProgress(
    Guid Import,
    ImportState State,
    long At,
    ImportCounts More,
    IReadOnlyList<(long Ordinal, byte[] Sealed)> Remarks
)
{
    /// <summary>
    /// The statement that notes it; it fails with <see cref="ImportTables.MovedOn"/> where the import is not in that state and at that row.
    /// </summary>
    public NpgsqlBatchCommand Command() =>
        Statements.InBatch(
            "select ingestion.advance($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $11, $12)",
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
            Remarks.Select(r => r.Sealed).ToArray()
        );
}
