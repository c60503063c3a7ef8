using System.Text;
using System.Text.Json;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Recording;

/// <summary>The <c>Idempotency-Key</c> of a request, with whose it is and for what; and what is asked: as keyed digests.</summary>
public sealed record IdempotentRequest(byte[] Key, byte[] Content);

/// <summary>
/// What was made under an <c>Idempotency-Key</c> by requests that record no event: subscriptions, replays, keys of access. It is known
/// for as long as anything is kept of what was made; that a subscription was made and deleted is kept. Of commands
/// <see cref="IdempotencyStore"/> remembers the answers.
/// </summary>
public sealed class IdempotentRequests(NpgsqlDataSource database, PersonalData digests)
{
    /// <summary>
    /// Follows an <c>insert</c> that is named <c>made</c> and returns an <c>id</c>: the request is noted with what it made, or neither is
    /// there. <c>$1</c> and <c>$2</c> are <see cref="Parameters"/>.
    /// </summary>
    public const string Noted = """
        noted as (
            insert into recording.idempotent_request (key_digest, request_digest, made_id)
            select $1::bytea, $2::bytea, id from made where $1::bytea is not null
        )
        """;

    /// <summary>Those of a statement with <see cref="Noted"/>, before its own.</summary>
    public static IEnumerable<object?> Parameters(IdempotentRequest? request) => [request?.Key, request?.Content];

    /// <summary>Whether a statement with <see cref="Noted"/> failed because another request made something under the same key.</summary>
    public static bool IsTaken(PostgresException error) =>
        error is { SqlState: PostgresErrorCodes.UniqueViolation, TableName: "idempotent_request" };

    /// <summary>Runs a statement with <see cref="Noted"/> that says whether it made something; false too where the key is taken.</summary>
    public static async Task<bool> IsMade(NpgsqlCommand insert, CancellationToken cancellation)
    {
        try
        {
            return await insert.ExecuteScalarAsync(cancellation) is true;
        }
        catch (PostgresException error) when (IsTaken(error))
        {
            return false;
        }
    }

    /// <summary>Null where there is no key.</summary>
    /// <param name="kind">What is made.</param>
    public async Task<IdempotentRequest?> Of(string kind, Guid caller, string? key, object asked, CancellationToken cancellation) =>
        key is null
            ? null
            : new IdempotentRequest(
                await digests.Digest(Encoding.UTF8.GetBytes($"{kind}\n{caller}\n{key}"), cancellation),
                await Content(asked, cancellation)
            );

    public Task<byte[]> Content(object asked, CancellationToken cancellation) =>
        digests.Digest(JsonSerializer.SerializeToUtf8Bytes(asked, asked.GetType(), Json.Options), cancellation);

    /// <summary>What a request under the same key made, and whether it asked the same; null where there was none.</summary>
    public async Task<(Guid Id, bool IsSame)?> Made(IdempotentRequest? request, CancellationToken cancellation)
    {
        if (request is null)
            return null;
        await using var command = database.Statement(
            "select made_id, request_digest = $2 from recording.idempotent_request where key_digest = $1",
            request.Key,
            request.Content
        );
        await using var row = await command.ExecuteReaderAsync(cancellation);
        return await row.ReadAsync(cancellation) ? (row.GetGuid(0), row.GetBoolean(1)) : null;
    }
}
