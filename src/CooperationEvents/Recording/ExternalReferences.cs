using System.Text;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using Marten;
using Npgsql;

namespace CooperationEvents.Recording;

/// <summary>Which of our ids an external reference names. Kept as keyed digests, since a person's reference is personal data.</summary>
public sealed class ExternalReferences(NpgsqlDataSource database, PersonalData personalData)
{
    internal const string Schema = """
        create table if not exists recording.external_reference (
            digest bytea primary key,
            stream_id uuid not null
        );
        """;

    /// <summary>A reference to be taken in the transaction of the events that create what it names.</summary>
    internal sealed record Claim(string Stream, ExternalReference Reference, Guid Id);

    public async Task<Guid?> Find(string stream, ExternalReference reference, CancellationToken cancellation)
    {
        var found = await FindMany([(stream, reference)], cancellation);
        return found.Count == 0 ? null : found[(stream, reference)];
    }

    public async Task<IReadOnlyDictionary<(string Stream, ExternalReference Reference), Guid>> FindMany(
        IReadOnlyList<(string Stream, ExternalReference Reference)> references, CancellationToken cancellation)
    {
        var found = new Dictionary<(string, ExternalReference), Guid>();
        if (references.Count == 0)
            return found;
        var digests = new byte[references.Count][];
        for (var i = 0; i < digests.Length; i++)
            digests[i] = await Digest(references[i].Stream, references[i].Reference, cancellation);
        await using var command = database.CreateCommand("select digest, stream_id from recording.external_reference where digest = any($1)");
        command.Parameters.Add(new NpgsqlParameter { Value = digests });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var digest = reader.GetFieldValue<byte[]>(0);
            found[references[Array.FindIndex(digests, d => d.AsSpan().SequenceEqual(digest))]] = reader.GetGuid(1);
        }

        return found;
    }

    internal async Task Take(IDocumentSession session, Claim claim, CancellationToken cancellation) =>
        session.QueueSqlCommand(
            "insert into recording.external_reference (digest, stream_id) values (?, ?)",
            await Digest(claim.Stream, claim.Reference, cancellation),
            claim.Id);

    /// <summary>Under the length of the system's name, so that no two references are digested alike, whatever characters they hold.</summary>
    private Task<byte[]> Digest(string stream, ExternalReference reference, CancellationToken cancellation) =>
        personalData.Digest(Encoding.UTF8.GetBytes($"external-reference\n{stream}\n{reference.System.Length}\n{reference.System}\n{reference.Id}"), cancellation);
}
