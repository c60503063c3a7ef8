using System.Text;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using Microsoft.Extensions.Caching.Memory;
using Npgsql;

namespace CooperationEvents.Recording;

/// <summary>
/// Which of our ids an external reference names. Kept as keyed digests, since a person's reference is personal data. What
/// was read is kept in memory for at most <see cref="KeptInMemory"/>, so that an erased one is soon gone everywhere.
/// </summary>
public sealed class ExternalReferences(PersonalData personalData) : IDisposable
{
    public static readonly TimeSpan KeptInMemory = TimeSpan.FromSeconds(60);

    internal const string Schema = """
        create table if not exists recording.external_reference (
            digest bytea primary key,
            stream_id uuid not null
        );
        """;

    internal const string Grants = """
        grant usage on schema recording to cooperation_service;
        grant select, insert on recording.external_reference to cooperation_service;
        """;

    /// <summary>A reference to be taken in the transaction of the events that create what it names.</summary>
    internal sealed record Claim(string Stream, ExternalReference Reference, Guid Id);

    private readonly MemoryCache _known = new(new MemoryCacheOptions { SizeLimit = 200_000 });

    /// <summary>What the reference of that digest, as base64, names; null where that is not kept in memory.</summary>
    internal Guid? Known(string digest) => _known.TryGetValue(digest, out Guid id) ? id : null;

    internal Guid Keep(string digest, Guid id) =>
        _known.Set(digest, id, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = KeptInMemory });

    internal static NpgsqlBatchCommand FindCommand(IEnumerable<byte[]> digests) =>
        new("select digest, stream_id from recording.external_reference where digest = any($1)")
        {
            Parameters = { new NpgsqlParameter<byte[][]> { TypedValue = [.. digests] } },
        };

    internal static NpgsqlBatchCommand TakeCommand(IReadOnlyCollection<(byte[] Digest, Guid Id)> claims) =>
        new("insert into recording.external_reference (digest, stream_id) select * from unnest($1::bytea[], $2::uuid[])")
        {
            Parameters =
            {
                new NpgsqlParameter<byte[][]> { TypedValue = [.. claims.Select(c => c.Digest)] },
                new NpgsqlParameter<Guid[]> { TypedValue = [.. claims.Select(c => c.Id)] },
            },
        };

    public void Dispose() => _known.Dispose();

    /// <summary>Under the length of the system's name, so that no two references are digested alike, whatever characters they hold.</summary>
    internal Task<byte[]> Digest(string stream, ExternalReference reference, CancellationToken cancellation) =>
        personalData.Digest(Encoding.UTF8.GetBytes($"external-reference\n{stream}\n{reference.System.Length}\n{reference.System}\n{reference.Id}"), cancellation);
}
