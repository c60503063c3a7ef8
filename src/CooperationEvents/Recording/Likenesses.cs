using System.Text;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using Marten;
using Npgsql;

namespace CooperationEvents.Recording;

/// <summary>A record that may be the same as another, and why.</summary>
public sealed record PossibleDuplicate(Guid Id, string Why);

/// <summary>
/// By what records are alike, and are found: the keyed digests of their traits, kept in the transaction of the events that
/// give or take them. Nothing is ever concluded from them: they are told, and somebody decides.
/// </summary>
public sealed class Likenesses(NpgsqlDataSource database, PersonalData personalData) : IHoldOfPeople
{
    internal const string Schema = """
        create table if not exists recording.likeness (
            stream_id uuid not null,
            digest bytea not null,
            kind text not null,
            why text,
            number bigint generated always as identity,
            primary key (stream_id, digest)
        );
        create index if not exists likeness_digest on recording.likeness (digest, number);
        create index if not exists likeness_kind on recording.likeness (kind, digest) where why is not null;
        """;

    internal const string Grants = """
        grant usage on schema recording to cooperation_service;
        grant select, insert, delete on recording.likeness to cooperation_service;
        """;

    /// <summary>How many others an answer names for one trait.</summary>
    private const int MostNamed = 10;

    /// <summary>The digest under which records of that kind stand that have this trait.</summary>
    public Task<byte[]> Digest(string kind, string field, string value, CancellationToken cancellation) =>
        personalData.Digest(Encoding.UTF8.GetBytes($"likeness\n{kind}\n{field}\n{value}"), cancellation);

    /// <summary>The digests of the words of a person's name, each once.</summary>
    public async Task<byte[][]> Words(string kind, string field, string name, CancellationToken cancellation)
    {
        var digests = new List<byte[]>();
        foreach (var word in NormalForm.Words(name).Distinct())
            digests.Add(await Digest(kind, WordOf(field), word, cancellation));
        return [.. digests];
    }

    /// <summary>Keeps the traits that streams have after new events, and forgets those they no longer have.</summary>
    /// <param name="under">Opens the sealed fields of what is about to be recorded.</param>
    internal async Task Note(
        IDocumentSession session, PersonalData under, IEnumerable<(LoadedStream Before, LoadedStream After)> changes, CancellationToken cancellation)
    {
        var (gone, come, emptied) = (new List<Row>(), new List<Row>(), new List<Guid>());
        foreach (var (before, after) in changes)
        {
            Trait[] had = [.. Of(before)];
            Trait[] has = [.. Of(after)];
            if (had.SequenceEqual(has))
                continue;
            if (has.Length == 0)
            {
                // What is no longer to be opened need not be, to be forgotten.
                emptied.Add(after.Id);
                continue;
            }

            var were = await Rows(under, before, had, cancellation);
            var are = await Rows(under, after, has, cancellation);
            gone.AddRange(were.Where(row => !are.Contains(row)));
            come.AddRange(are.Where(row => !were.Contains(row)));
        }

        if (emptied.Count > 0)
            session.QueueSqlCommand("delete from recording.likeness where stream_id = any(?)", emptied.ToArray());
        if (gone.Count > 0)
        {
            session.QueueSqlCommand(
                "delete from recording.likeness l using unnest(?, ?) as g (stream_id, digest) where l.stream_id = g.stream_id and l.digest = g.digest",
                gone.Select(r => r.Stream).ToArray(),
                gone.Select(r => r.Digest).ToArray());
        }

        if (come.Count > 0)
        {
            session.QueueSqlCommand(
                "insert into recording.likeness (stream_id, digest, kind, why) select * from unnest(?, ?, ?, ?) on conflict (stream_id, digest) do nothing",
                come.Select(r => r.Stream).ToArray(),
                come.Select(r => r.Digest).ToArray(),
                come.Select(r => r.Kind).ToArray(),
                come.Select(r => r.Why).ToArray());
        }
    }

    /// <summary>
    /// What each of the streams may be the same as: those recorded before it that share a trait, so that a repeated answer is
    /// the first one.
    /// </summary>
    internal async Task<IReadOnlyDictionary<Guid, ValueList<PossibleDuplicate>>> Find(IReadOnlyCollection<Guid> streams, CancellationToken cancellation)
    {
        var found = new Dictionary<Guid, ValueList<PossibleDuplicate>>();
        if (streams.Count == 0)
            return found;
        await using var command = database.CreateCommand("""
            select mine.stream_id, other.stream_id, mine.why
            from recording.likeness mine
            cross join lateral (
                select o.stream_id, o.number from recording.likeness o
                where o.digest = mine.digest and o.number < mine.number and o.why is not null
                order by o.number limit $2
            ) other
            where mine.stream_id = any($1) and mine.why is not null
            order by mine.stream_id, other.number, mine.why
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = streams.ToArray() });
        command.Parameters.Add(new NpgsqlParameter { Value = MostNamed });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var pairs = new List<(Guid Mine, Guid Other, string Why)>();
        while (await reader.ReadAsync(cancellation))
            pairs.Add((reader.GetGuid(0), reader.GetGuid(1), reader.GetString(2)));
        foreach (var mine in pairs.GroupBy(p => p.Mine))
            found[mine.Key] = [.. mine.GroupBy(p => p.Other).Select(o => new PossibleDuplicate(o.Key, string.Join(", ", o.Select(p => p.Why).Distinct().Order(StringComparer.Ordinal))))];
        return found;
    }

    public string Holds => "keyed digests of names, of their words and of e-mail addresses";

    public async Task Forget(IReadOnlyCollection<Guid> people, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("delete from recording.likeness where stream_id = any($1)");
        command.Parameters.Add(new NpgsqlParameter { Value = people.ToArray() });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public async Task<long> Count(IReadOnlyCollection<Guid> people, PersonTexts texts, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("select count(*) from recording.likeness where stream_id = any($1)");
        command.Parameters.Add(new NpgsqlParameter { Value = people.ToArray() });
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private static IEnumerable<Trait> Of(LoadedStream stream) => (stream.State as IHaveTraits)?.Traits ?? [];

    private static string WordOf(string field) => field + "/word";

    private async Task<IReadOnlyCollection<Row>> Rows(PersonalData under, LoadedStream stream, IEnumerable<Trait> traits, CancellationToken cancellation)
    {
        var kind = StreamKinds.Of(stream.StateType);
        var rows = new Dictionary<string, Row>();
        foreach (var trait in traits)
        {
            var text = trait.Plain ?? (trait.Sealed is { } field ? await under.Open(stream.Id, field, cancellation) : null);
            if (text is null)
                continue;
            var values = Trait.Values(trait.Form, text);
            Add(await Digest(kind, trait.Field, values[0], cancellation), trait.Why);
            foreach (var word in values.Skip(1))
                Add(await Digest(kind, WordOf(trait.Field), word, cancellation), null);
        }

        return rows.Values;

        void Add(byte[] digest, string? why) => rows[Convert.ToBase64String(digest)] = new Row(stream.Id, kind, digest, why);
    }

    /// <summary>A trait of a stream, as it is kept; equal by its digest and reason.</summary>
    private sealed record Row(Guid Stream, string Kind, byte[] Digest, string? Why)
    {
        public bool Equals(Row? other) => other is not null && Stream == other.Stream && Why == other.Why && Digest.AsSpan().SequenceEqual(other.Digest);

        public override int GetHashCode() => HashCode.Combine(Stream, Why, Digest[0], Digest[^1]);
    }
}
