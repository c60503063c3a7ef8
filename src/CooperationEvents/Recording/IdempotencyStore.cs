using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Recording;

/// <summary>
/// The accepted answers to requests under a key of the caller's. Holds status, id and version only; the key and the content
/// are kept as keyed digests. The position is that of the event at that version.
/// </summary>
public sealed class IdempotencyStore(NpgsqlDataSource database) : IHoldOfPeople
{
    /// <summary>How long an answer is remembered that is not remembered for ever.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromHours(48);

    /// <summary>
    /// <paramref name="KeyDigest"/> covers whose key it is and for what; <paramref name="BodyDigest"/> what was asked under it.
    /// <paramref name="Reused"/> refuses the key with other content.
    /// </summary>
    public sealed record Key(byte[] KeyDigest, byte[] BodyDigest, Problem Reused, bool ForEver = false)
    {
        internal string Text { get; } = Convert.ToBase64String(KeyDigest);

        /// <summary>What is answered to this key, where an answer to it is remembered.</summary>
        internal CommandResult Repeat(Remembered before) =>
            before.IsContentForgotten || before.BodyDigest.AsSpan().SequenceEqual(BodyDigest) ? before.Answer.Again() : Reused;
    }

    public string Holds => "remembered answers, with keyed digests of what was asked";

    /// <summary>
    /// That a key was used stays where a repeat would record the person anew: it may name nobody. Any other repeat names the person.
    /// </summary>
    public Task Forget(IReadOnlyCollection<Guid> people, CancellationToken cancellation) =>
        database.Execute(
            """
            with gone as (delete from recording.remembered_answer where stream_id = any($1) and not for_ever and status <> 201)
            update recording.remembered_answer set body_digest = '' where stream_id = any($1) and (for_ever or status = 201)
            """,
            [people.ToArray()],
            cancellation
        );

    /// <summary>What is not remembered for ever goes by itself.</summary>
    public Task ForgetFields(IReadOnlyCollection<ExpiredField> expired, CancellationToken cancellation) =>
        database.Execute(
            "update recording.remembered_answer set body_digest = '' where stream_id = any($1) and for_ever and body_digest <> ''",
            [expired.Select(e => e.PersonId).Distinct().ToArray()],
            cancellation
        );

    public Task<long> Count(IReadOnlyCollection<Guid> people, PersonTexts texts, CancellationToken cancellation) =>
        database.Scalar<long>(
            "select count(*) from recording.remembered_answer where stream_id = any($1) and body_digest <> ''",
            [people.ToArray()],
            cancellation
        );

    /// <summary>An accepted answer, and the digest of what was asked.</summary>
    internal sealed record Remembered(CommandResult.Accepted Answer, byte[] BodyDigest)
    {
        /// <summary>Whether what was asked is forgotten, since it held what was erased or has expired.</summary>
        public bool IsContentForgotten => BodyDigest.Length == 0;
    }

    /// <summary>Asks for the remembered answers to those of the keys that have one.</summary>
    internal static NpgsqlBatchCommand FindCommand(IEnumerable<Key> keys) =>
        new(
            """
            select a.key_digest, a.status, a.stream_id, a.version, e.seq_id, a.part_id, a.body_digest
            from recording.remembered_answer a
            join register.mt_events e on e.stream_id = a.stream_id and e.version = a.version
            where a.key_digest = any($1)
            """
        )
        {
            Parameters = { new NpgsqlParameter<byte[][]> { TypedValue = [.. keys.Select(k => k.KeyDigest)] } },
        };

    /// <summary>What <see cref="FindCommand"/> found, by the key's text.</summary>
    internal static async Task<IReadOnlyDictionary<string, Remembered>> Read(NpgsqlDataReader rows, CancellationToken cancellation)
    {
        var found = new Dictionary<string, Remembered>();
        while (await rows.ReadAsync(cancellation))
        {
            var answer = new CommandResult.Accepted(
                rows.GetInt16(1),
                rows.GetGuid(2),
                rows.GetInt64(3),
                rows.GetInt64(4),
                rows.IsDBNull(5) ? null : rows.GetGuid(5)
            );
            found[Convert.ToBase64String(rows.GetFieldValue<byte[]>(0))] = new Remembered(answer, rows.GetFieldValue<byte[]>(6));
        }

        return found;
    }

    internal static NpgsqlBatchCommand RememberCommand(IReadOnlyCollection<(Key Key, CommandResult.Accepted Answer)> answers) =>
        new(
            """
            insert into recording.remembered_answer (key_digest, body_digest, status, stream_id, version, part_id, answered_at, for_ever)
            select key, body, status, stream, version, part, now(), for_ever
            from unnest($1::bytea[], $2::bytea[], $3::smallint[], $4::uuid[], $5::bigint[], $6::uuid[], $7::boolean[])
                answer (key, body, status, stream, version, part, for_ever)
            """
        )
        {
            Parameters =
            {
                new NpgsqlParameter<byte[][]> { TypedValue = [.. answers.Select(a => a.Key.KeyDigest)] },
                new NpgsqlParameter<byte[][]> { TypedValue = [.. answers.Select(a => a.Key.BodyDigest)] },
                new NpgsqlParameter<short[]> { TypedValue = [.. answers.Select(a => (short)a.Answer.Status)] },
                new NpgsqlParameter<Guid[]> { TypedValue = [.. answers.Select(a => a.Answer.Id)] },
                new NpgsqlParameter<long[]> { TypedValue = [.. answers.Select(a => a.Answer.Version)] },
                new NpgsqlParameter<Guid?[]> { TypedValue = [.. answers.Select(a => a.Answer.PartId)] },
                new NpgsqlParameter<bool[]> { TypedValue = [.. answers.Select(a => a.Key.ForEver)] },
            },
        };

    /// <summary>Forgets what is older than <see cref="KeptFor"/>.</summary>
    internal Task Forget(CancellationToken cancellation) =>
        database.Execute(
            "delete from recording.remembered_answer where not for_ever and answered_at < now() - $1",
            [KeptFor],
            cancellation
        );
}
