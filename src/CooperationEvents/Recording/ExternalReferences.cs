using System.Text;
using System.Text.Json;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Recording;

/// <summary>
/// Which of our ids an external reference names. Kept as keyed digests, since a person's reference is personal data. What
/// was read is kept in memory for at most <see cref="KeptInMemory"/>, so that an erased one is soon gone everywhere.
/// </summary>
public sealed class ExternalReferences(NpgsqlDataSource database, PersonalData personalData, TimeProvider clock) : IHoldOfPeople
{
    public static readonly TimeSpan KeptInMemory = TimeSpan.FromSeconds(60);

    private const int MostKnown = 200_000;

    private readonly RecentlyUsed<string, Guid> _known = new(MostKnown, clock, KeptInMemory);

    /// <summary>What the reference of that digest, as base64, names; null where that is not kept in memory.</summary>
    internal Guid? Known(string digest) => _known.TryFind(digest, out var id) ? id : null;

    internal Guid Keep(string digest, Guid id)
    {
        _known.Keep(digest, id);
        return id;
    }

    internal static NpgsqlBatchCommand FindCommand(IEnumerable<byte[]> digests) =>
        new("select digest, stream_id from recording.external_reference where digest = any($1)")
        {
            Parameters = { new NpgsqlParameter<byte[][]> { TypedValue = [.. digests] } },
        };

    internal static NpgsqlBatchCommand TakeCommand(IReadOnlyCollection<(string Text, byte[] Digest, Guid Id)> taken) =>
        new("insert into recording.external_reference (digest, stream_id) select * from unnest($1::bytea[], $2::uuid[])")
        {
            Parameters =
            {
                new NpgsqlParameter<byte[][]> { TypedValue = [.. taken.Select(t => t.Digest)] },
                new NpgsqlParameter<Guid[]> { TypedValue = [.. taken.Select(t => t.Id)] },
            },
        };

    public string Holds => "keyed digests of external references";

    public async Task Forget(IReadOnlyCollection<Guid> people, CancellationToken cancellation)
    {
        await database.Execute("delete from recording.external_reference where stream_id = any($1)", [people.ToArray()], cancellation);
        _known.Clear();
    }

    public Task ForgetFields(IReadOnlyCollection<ExpiredField> expired, CancellationToken cancellation) =>
        Forget([.. expired.Where(e => e.Salt.Class == FieldClass.Identity).Select(e => e.PersonId).Distinct()], cancellation);

    public Task<long> Count(IReadOnlyCollection<Guid> people, PersonTexts texts, CancellationToken cancellation) =>
        database.Scalar<long>(
            "select count(*) from recording.external_reference where stream_id = any($1)",
            [people.ToArray()],
            cancellation
        );

    /// <summary>
    /// Lets references that were taken in another spelling be found in their normal form too, unless that names something else.
    /// </summary>
    internal static NpgsqlBatchCommand TakeAgainCommand(byte[] digest, Guid id) =>
        new("insert into recording.external_reference (digest, stream_id) values ($1, $2) on conflict do nothing")
        {
            Parameters =
            {
                new NpgsqlParameter<byte[]> { TypedValue = digest },
                new NpgsqlParameter<Guid> { TypedValue = id },
            },
        };

    /// <summary>The reference that something was created with; null where there is none or nobody can read it any more.</summary>
    internal static async Task<ExternalReference?> Of(Recorded creation, PersonalData personalData, CancellationToken cancellation)
    {
        switch (creation.Data.GetType().GetProperty(nameof(ExternalReference))?.GetValue(creation.Data))
        {
            case ExternalReference plain:
                return plain;
            case Protected { Ciphertext: { } ciphertext } when creation.Data is IHoldPersonalData personal:
                var field = new SealedField(creation.Id, creation.Type, "externalReference", ciphertext);
                return await personalData.Open(personal.PersonId, field, cancellation, evenRestricted: true) is { } json
                    ? JsonSerializer.Deserialize<ExternalReference>(json, Json.Options)
                    : null;
            default:
                return null;
        }
    }

    /// <summary>The digest of a reference in its normal form.</summary>
    internal Task<byte[]> Digest(StreamKind stream, ExternalReference reference, CancellationToken cancellation) =>
        Digest(stream, NormalForm.OfLine(reference.System), NormalForm.OfLine(reference.Id), cancellation);

    /// <summary>All under which the reference may stand: as it was sent too, as references once were kept.</summary>
    public async Task<IReadOnlyList<byte[]>> Digests(StreamKind stream, ExternalReference reference, CancellationToken cancellation) =>
        reference.AsSent is { } sent
            ? [await Digest(stream, reference, cancellation), await Digest(stream, sent.System, sent.Id, cancellation)]
            : [await Digest(stream, reference, cancellation)];

    /// <summary>
    /// Under the length of the system's name, so that no two references are digested alike, whatever characters they hold.
    /// </summary>
    private Task<byte[]> Digest(StreamKind stream, string system, string id, CancellationToken cancellation) =>
        personalData.Digest(Encoding.UTF8.GetBytes($"external-reference\n{stream}\n{system.Length}\n{system}\n{id}"), cancellation);
}
