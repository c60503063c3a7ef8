using Marten;
using Npgsql;

namespace CooperationEvents.Recording;

/// <summary>
/// The accepted answers to requests with an <c>Idempotency-Key</c>, kept for at least 24 hours. Holds status, id and
/// version only; the key and the body are kept as keyed digests. The position is that of the event at that version.
/// </summary>
public sealed class RememberedAnswers(NpgsqlDataSource database, TimeProvider clock)
{
    public static readonly TimeSpan KeptFor = TimeSpan.FromHours(48);

    internal const string Schema = """
        create table if not exists recording.remembered_answer (
            key_digest bytea primary key,
            body_digest bytea not null,
            status smallint not null,
            stream_id uuid not null,
            version bigint not null,
            part_id uuid,
            answered_at timestamptz not null
        );
        create index if not exists remembered_answer_answered_at on recording.remembered_answer (answered_at);
        """;

    /// <summary><paramref name="KeyDigest"/> covers caller, method, path and key; <paramref name="BodyDigest"/> the body.</summary>
    public sealed record Key(byte[] KeyDigest, byte[] BodyDigest);

    /// <summary>The remembered answer, and whether it was given to the same body.</summary>
    internal async Task<(Outcome.Accepted Answer, bool SameBody)?> Find(Key key, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("""
            select a.status, a.stream_id, a.version, e.seq_id, a.part_id, a.body_digest
            from recording.remembered_answer a
            join register.mt_events e on e.stream_id = a.stream_id and e.version = a.version
            where a.key_digest = $1
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = key.KeyDigest });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation))
            return null;
        var answer = new Outcome.Accepted(
            reader.GetInt16(0),
            reader.GetGuid(1),
            reader.GetInt64(2),
            reader.GetInt64(3),
            reader.IsDBNull(4) ? null : reader.GetGuid(4),
            Replayed: true);
        return (answer, reader.GetFieldValue<byte[]>(5).AsSpan().SequenceEqual(key.BodyDigest));
    }

    internal void Remember(IDocumentSession session, Key key, int status, Guid id, long version, Guid? partId) =>
        session.QueueSqlCommand(
            """
            insert into recording.remembered_answer (key_digest, body_digest, status, stream_id, version, part_id, answered_at)
            values (?, ?, ?, ?, ?, ?, ?)
            """,
            key.KeyDigest,
            key.BodyDigest,
            (short)status,
            id,
            version,
            partId is { } part ? part : DBNull.Value,
            clock.GetUtcNow());

    /// <summary>Forgets what is older than <see cref="KeptFor"/>.</summary>
    internal async Task Forget(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("delete from recording.remembered_answer where answered_at < $1");
        command.Parameters.Add(new NpgsqlParameter { Value = clock.GetUtcNow() - KeptFor });
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
