using System.Text;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using Marten;
using Microsoft.Extensions.Caching.Memory;
using Npgsql;

namespace CooperationEvents.Recording;

/// <summary>
/// Which of our ids an external reference names. Kept as keyed digests, since a person's reference is personal data. What
/// was read is kept in memory for at most <see cref="KeptInMemory"/>, so that an erased one is soon gone everywhere.
/// </summary>
public sealed class ExternalReferences(NpgsqlDataSource database, PersonalData personalData) : IHoldOfPeople, IDisposable
{
    public static readonly TimeSpan KeptInMemory = TimeSpan.FromSeconds(60);

    internal const string Schema = """
        create table if not exists recording.external_reference (
            digest bytea primary key,
            stream_id uuid not null
        );
        create index if not exists external_reference_stream on recording.external_reference (stream_id);
        """;

    internal const string Grants = """
        grant usage on schema recording to cooperation_service;
        grant select, insert, delete on recording.external_reference to cooperation_service;
        """;

    /// <summary>A reference to be taken in the transaction of the events that create what it names.</summary>
    internal sealed record Claim(string Stream, ExternalReference Reference, Guid Id);

    private readonly MemoryCache _known = new(new MemoryCacheOptions { SizeLimit = 200_000 });

    /// <summary>The ids of those references that name something.</summary>
    public async Task<IReadOnlyDictionary<(string Stream, ExternalReference Reference), Guid>> Find(
        IReadOnlyList<(string Stream, ExternalReference Reference)> references, CancellationToken cancellation)
    {
        var named = new Dictionary<string, Guid>();
        var digests = new Dictionary<(string Stream, ExternalReference Reference), IReadOnlyList<byte[]>>();
        foreach (var (stream, reference) in references)
            digests[(stream, reference)] = await Digests(stream, reference, cancellation);
        var unknown = new Dictionary<string, byte[]>();
        foreach (var digest in digests.Values.SelectMany(d => d))
        {
            var name = Convert.ToBase64String(digest);
            if (_known.TryGetValue(name, out Guid id))
                named[name] = id;
            else
                unknown[name] = digest;
        }

        if (unknown.Count > 0)
        {
            await using var command = database.CreateCommand("select digest, stream_id from recording.external_reference where digest = any($1)");
            command.Parameters.Add(new NpgsqlParameter { Value = unknown.Values.ToArray() });
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                var name = Convert.ToBase64String(reader.GetFieldValue<byte[]>(0));
                named[name] = _known.Set(
                    name, reader.GetGuid(1), new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = KeptInMemory });
            }
        }

        // What stands under the normal form goes before what an older spelling names.
        var found = new Dictionary<(string, ExternalReference), Guid>();
        foreach (var (wanted, its) in digests)
        {
            if (its.Select(Convert.ToBase64String).FirstOrDefault(named.ContainsKey) is { } name)
                found[wanted] = named[name];
        }

        return found;
    }

    public string Holds => "keyed digests of external references";

    public async Task Forget(IReadOnlyCollection<Guid> people, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("delete from recording.external_reference where stream_id = any($1)");
        command.Parameters.Add(new NpgsqlParameter { Value = people.ToArray() });
        await command.ExecuteNonQueryAsync(cancellation);
        _known.Clear();
    }

    public async Task<long> Count(IReadOnlyCollection<Guid> people, PersonTexts texts, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("select count(*) from recording.external_reference where stream_id = any($1)");
        command.Parameters.Add(new NpgsqlParameter { Value = people.ToArray() });
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    public void Dispose() => _known.Dispose();

    internal async Task Take(IDocumentSession session, Claim claim, CancellationToken cancellation) =>
        session.QueueSqlCommand(
            "insert into recording.external_reference (digest, stream_id) values (?, ?)",
            await Digest(claim.Stream, claim.Reference, cancellation),
            claim.Id);

    /// <summary>Lets a reference that was taken in another spelling be found in its normal form too, unless that names something else.</summary>
    internal async Task TakeAgain(IDocumentSession session, Claim claim, CancellationToken cancellation) =>
        session.QueueSqlCommand(
            "insert into recording.external_reference (digest, stream_id) values (?, ?) on conflict do nothing",
            await Digest(claim.Stream, claim.Reference, cancellation),
            claim.Id);

    /// <summary>The digest of a reference in its normal form.</summary>
    internal Task<byte[]> Digest(string stream, ExternalReference reference, CancellationToken cancellation) =>
        Digest(stream, NormalForm.OfLine(reference.System), NormalForm.OfLine(reference.Id), cancellation);

    /// <summary>All under which the reference may stand: as it was sent too, as references once were kept.</summary>
    public async Task<IReadOnlyList<byte[]>> Digests(string stream, ExternalReference reference, CancellationToken cancellation) =>
        reference.AsSent is { } sent
            ? [await Digest(stream, reference, cancellation), await Digest(stream, sent.System, sent.Id, cancellation)]
            : [await Digest(stream, reference, cancellation)];

    /// <summary>Under the length of the system's name, so that no two references are digested alike, whatever characters they hold.</summary>
    private Task<byte[]> Digest(string stream, string system, string id, CancellationToken cancellation) =>
        personalData.Digest(Encoding.UTF8.GetBytes($"external-reference\n{stream}\n{system.Length}\n{system}\n{id}"), cancellation);
}
