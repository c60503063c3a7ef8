using System.Text;
using System.Text.Json.Serialization;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Recording;

/// <summary>A record that may be the same as another, and why.</summary>
public sealed record PossibleDuplicate(Guid Id, string Why)
{
    /// <summary>Whether the other one is not recorded, but would be before this one, by the same file.</summary>
    [JsonIgnore]
    public bool IsOfDryRun { get; init; }
}

/// <summary>
/// By what records are alike, and are found: the keyed digests of their traits, kept in the transaction of the events that
/// give or take them. Nothing is ever concluded from them: they are told, and somebody decides.
/// </summary>
public sealed class Likenesses(NpgsqlDataSource database, PersonalData personalData, IKnowHidden hidden, TimeProvider clock) : IHoldOfPeople
{
    /// <summary>Nothing may be the same as anything.</summary>
    internal static readonly IReadOnlyDictionary<Guid, ValueList<PossibleDuplicate>> None =
        new Dictionary<Guid, ValueList<PossibleDuplicate>>();

    /// <summary>How many others an answer names for one trait.</summary>
    private const int MostNamed = 10;

    /// <summary>What a dry run decided comes after all that is recorded, and what is pending after that.</summary>
    private const long OfDryRun = 1L << 61;

    private const long Pending = 1L << 62;

    private const string NoteSql = """
        insert into recording.likeness (stream_id, digest, kind, why) select * from unnest($1::uuid[], $2::bytea[], $3::text[], $4::text[])
        on conflict (stream_id, digest) do nothing
        """;

    /// <summary>It sees what is recorded before it, and not the rows that it adds.</summary>
    private const string NoteAndTellSql = $"""
        with noted as ({NoteSql} returning stream_id, digest, why),
        told as (
            insert into recording.told_duplicate (stream_id, other_id, why, number)
            select mine.stream_id, other.stream_id, mine.why, min(other.number)
            from noted mine
            cross join lateral (
                select o.stream_id, o.number from recording.likeness o
                where o.digest = mine.digest and o.why is not null
                order by o.number limit $6
            ) other
            where mine.why is not null and mine.stream_id = any($5)
            group by mine.stream_id, other.stream_id, mine.why
            returning stream_id, other_id, why, number
        )
        select stream_id as mine, other_id as other, why from told order by stream_id, number, why
        """;

    /// <summary>The digest under which records of that kind stand that have this trait.</summary>
    public Task<byte[]> Digest(StreamKind kind, string field, string value, CancellationToken cancellation) =>
        personalData.Digest(Encoding.UTF8.GetBytes($"likeness\n{kind}\n{field}\n{value}"), cancellation);

    /// <summary>
    /// The condition on <c>id</c> that somebody's name has all the words of this one, in the form they are noted in or in the earlier one,
    /// and its parameter.
    /// </summary>
    public async Task<(string Sql, object Digests)> Named(StreamKind kind, string field, string name, CancellationToken cancellation)
    {
        string[] words = [.. NormalForm.Words(name).Distinct()],
            earlier = [.. NormalForm.EarlierWords(name).Distinct()];
        var digests = new List<byte[]>();
        foreach (var word in words.Concat(earlier))
            digests.Add(await Digest(kind, WordOf(field), word, cancellation));
        var isNow = $"word.place <= {words.Length}";
        return (
            $"""
            id in (
                select noted.stream_id
                from unnest(?) with ordinality word (digest, place) join recording.likeness noted on noted.digest = word.digest
                group by noted.stream_id, {isNow}
                having count(*) = case when {isNow} then {words.Length} else {earlier.Length} end)
            """,
            digests.ToArray()
        );
    }

    /// <summary>The digests under which somebody with that e-mail address may stand.</summary>
    public async Task<byte[][]> Mail(StreamKind kind, string field, string address, CancellationToken cancellation)
    {
        var digests = new List<byte[]>();
        foreach (var form in MailAddress.EarlierForms(address))
            digests.Add(await Digest(kind, field, form, cancellation));
        return [.. digests];
    }

    /// <summary>What new events change in the traits that streams have.</summary>
    /// <param name="under">Opens the sealed fields of what is about to be recorded.</param>
    internal async Task<Changes> ChangesBy(
        PersonalData under,
        IEnumerable<(LoadedStream Before, LoadedStream After)> changes,
        CancellationToken cancellation
    )
    {
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var (gone, come, emptied) = (new List<Row>(), new List<Row>(), new List<Guid>());
        foreach (var (before, after) in changes)
        {
            Trait[] had = [.. Of(before)?.TraitsFrom(today) ?? []];
            Trait[] has = [.. Of(after)?.TraitsFrom(today) ?? []];
            if (had.SequenceEqual(has))
                continue;
            if (has.Length == 0)
            {
                // What is no longer to be opened need not be, to be forgotten.
                emptied.Add(after.Id);
                continue;
            }

            var (were, all) = await Rows(under, before, had, cancellation);
            var (are, _) = await Rows(under, after, has, cancellation);
            if (!all)
            {
                // Digests of what cannot be opened any more are not known, so that those of the others are noted anew.
                emptied.Add(after.Id);
                come.AddRange(are);
                continue;
            }

            // What it had until a day that has passed since is still noted.
            Trait[] ever = [.. Of(before)?.Traits ?? []];
            var (noted, _) = ever.SequenceEqual(had) ? (were, true) : await Rows(under, before, ever, cancellation);
            var (earlier, _) = await Rows(under, before, ever, cancellation, Trait.EarlierValues);
            gone.AddRange(noted.Union(earlier).Where(row => !are.Contains(row)));

            // What has another earlier form may be noted in that alone.
            come.AddRange(are.Where(row => !were.Contains(row) || !earlier.Contains(row)));
        }

        return new Changes(gone, come, emptied);
    }

    /// <summary>
    /// What changes where a stream that may be noted in an earlier form is noted in that of now; nothing where both are one.
    /// </summary>
    internal async Task<Changes> Renewed(PersonalData under, LoadedStream stream, CancellationToken cancellation)
    {
        Trait[] has = [.. Of(stream)?.TraitsFrom(DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime)) ?? []];
        var (are, _) = await Rows(under, stream, has, cancellation);
        var (earlier, _) = await Rows(under, stream, has, cancellation, Trait.EarlierValues);
        return new Changes([.. earlier.Where(row => !are.Contains(row))], [.. are.Where(row => !earlier.Contains(row))], []);
    }

    /// <summary>
    /// Keep the traits that streams come to have, and forget those they no longer have. Of created streams they find what each may be the
    /// same as, those recorded before it that share a trait, and keep that it was told.
    /// </summary>
    internal static IReadOnlyList<NpgsqlBatchCommand> NoteCommands(Changes changes, params IReadOnlyCollection<Guid> created)
    {
        var (gone, come, emptied) = changes;
        var commands = new List<NpgsqlBatchCommand>();
        if (emptied.Count > 0)
        {
            commands.Add(
                new NpgsqlBatchCommand("delete from recording.likeness where stream_id = any($1::uuid[])")
                {
                    Parameters = { new NpgsqlParameter<Guid[]> { TypedValue = [.. emptied] } },
                }
            );
        }

        if (gone.Count > 0)
        {
            commands.Add(
                new NpgsqlBatchCommand(
                    "delete from recording.likeness l using unnest($1::uuid[], $2::bytea[]) as g (stream_id, digest) where l.stream_id = "
                        + "g.stream_id and l.digest = g.digest"
                )
                {
                    Parameters =
                    {
                        new NpgsqlParameter<Guid[]> { TypedValue = [.. gone.Select(r => r.Stream)] },
                        new NpgsqlParameter<byte[][]> { TypedValue = [.. gone.Select(r => r.Digest)] },
                    },
                }
            );
        }

        if (created.Count > 0)
            commands.AddRange(Apart(come).Select(rows => NoteAndTellCommand(rows, created)));
        else if (come.Count > 0)
            commands.Add(NoteCommand(NoteSql, come));
        return commands;
    }

    private static NpgsqlBatchCommand NoteAndTellCommand(IReadOnlyCollection<Row> come, IReadOnlyCollection<Guid> created)
    {
        var command = NoteCommand(NoteAndTellSql, come);
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. created] });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = MostNamed });
        return command;
    }

    private static NpgsqlBatchCommand NoteCommand(string sql, IReadOnlyCollection<Row> come) =>
        new(sql)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid[]> { TypedValue = [.. come.Select(r => r.Stream)] },
                new NpgsqlParameter<byte[][]> { TypedValue = [.. come.Select(r => r.Digest)] },
                new NpgsqlParameter<string[]> { TypedValue = [.. come.Select(r => $"{r.Kind}")] },
                new NpgsqlParameter<string?[]> { TypedValue = [.. come.Select(r => r.Why)] },
            },
        };

    /// <summary>
    /// The rows in their order, in parts in which no two streams are alike: each statement finds those of the parts before it, and none of
    /// its own. Mostly it is one part.
    /// </summary>
    private static IEnumerable<IReadOnlyCollection<Row>> Apart(IReadOnlyList<Row> come)
    {
        var (part, traits) = (new List<Row>(), new HashSet<string>());
        foreach (var rows in come.GroupBy(row => row.Stream))
        {
            var has = rows.Where(row => row.Why is not null).Select(row => row.Text).ToList();
            if (traits.Overlaps(has))
            {
                yield return part;
                part = [];
                traits.Clear();
            }

            part.AddRange(rows);
            traits.UnionWith(has);
        }

        if (part.Count > 0)
            yield return part;
    }

    /// <summary>Reads what was told of streams when they were created.</summary>
    internal static NpgsqlBatchCommand ToldBeforeCommand(IReadOnlyCollection<Guid> streams) =>
        new(
            """
            select stream_id as mine, other_id as other, why from recording.told_duplicate
            where stream_id = any($1) order by stream_id, number, why
            """
        )
        {
            Parameters = { new NpgsqlParameter<Guid[]> { TypedValue = [.. streams] } },
        };

    /// <summary>Keeps what was found by <see cref="Find"/>, as told.</summary>
    internal static NpgsqlBatchCommand ToldCommand(IReadOnlyDictionary<Guid, ValueList<PossibleDuplicate>> found)
    {
        var told = (from mine in found from other in mine.Value select (Mine: mine.Key, Other: other.Id, other.Why)).ToList();
        return new NpgsqlBatchCommand(
            """
            insert into recording.told_duplicate (stream_id, other_id, why, number)
            select * from unnest($1::uuid[], $2::uuid[], $3::text[]) with ordinality
            """
        )
        {
            Parameters =
            {
                new NpgsqlParameter<Guid[]> { TypedValue = [.. told.Select(t => t.Mine)] },
                new NpgsqlParameter<Guid[]> { TypedValue = [.. told.Select(t => t.Other)] },
                new NpgsqlParameter<string[]> { TypedValue = [.. told.Select(t => t.Why)] },
            },
        };
    }

    /// <summary>
    /// What streams that are about to be created may be the same as: those recorded before, in a dry run those it would have
    /// recorded too, and those that come before it in the changes.
    /// </summary>
    internal async Task<IReadOnlyDictionary<Guid, ValueList<PossibleDuplicate>>> Find(
        Changes changes,
        Func<Guid, bool> isCreated,
        Guid? dryRun,
        CancellationToken cancellation
    )
    {
        var come = changes.Come.Where(row => row.Why is not null).ToList();
        if (!come.Exists(row => isCreated(row.Stream)))
            return new Dictionary<Guid, ValueList<PossibleDuplicate>>();
        var before = await Before(changes, dryRun, cancellation);
        var pairs = new List<(Guid Mine, PossibleDuplicate Other, long Number)>();
        foreach (var (row, index) in come.Select((row, index) => (row, index)))
        {
            var others = before.TryGetValue(row.Text, out var known) ? known : before[row.Text] = [];
            if (isCreated(row.Stream))
            {
                pairs.AddRange(
                    others
                        .Take(MostNamed)
                        .Select(o => (row.Stream, new PossibleDuplicate(o.Stream, row.Why!) { IsOfDryRun = o.IsOfDryRun }, o.Number))
                );
            }

            others.Add((row.Stream, Pending + index, dryRun is not null));
        }

        var kinds = come.ToLookup(row => row.Stream, row => row.Kind);
        return await Shown(
            Grouped(pairs.OrderBy(p => p.Number).ThenBy(p => p.Other.Why, StringComparer.Ordinal).Select(p => (p.Mine, p.Other))),
            mine => kinds[mine].FirstOrDefault(),
            cancellation
        );
    }

    /// <summary>Leaves out hidden people, so that nobody learns by trying a name who has it.</summary>
    /// <param name="kindOf">The kind of a record that others were found for; null where it is not known. Only people are like
    /// people.</param>
    internal async Task<IReadOnlyDictionary<Guid, ValueList<PossibleDuplicate>>> Shown(
        IReadOnlyDictionary<Guid, ValueList<PossibleDuplicate>> found,
        Func<Guid, StreamKind?> kindOf,
        CancellationToken cancellation
    )
    {
        if (!found.Keys.Any(MayBePerson) || await hidden.All(cancellation) is not { Count: > 0 } people)
            return found;
        return found.ToDictionary(mine => mine.Key, mine => mine.Value.Where(other => !people.Contains(other.Id)).ToValueList());

        bool MayBePerson(Guid mine) => kindOf(mine) is not { } kind || kind == StreamKind.Person;
    }

    /// <summary>The records of those who are told what they may be the same as.</summary>
    internal static IEnumerable<Guid> Told(IReadOnlyList<DecidedPost> decided) =>
        decided.SelectMany(post => post.Decided).Select(result => (result as CommandResult.Accepted)?.Created).OfType<Guid>().Distinct();

    /// <summary>
    /// Who may be told of. The events are committed: where that cannot be asked nobody is told of, and what was recorded is answered.
    /// </summary>
    internal async Task<IReadOnlyDictionary<Guid, ValueList<PossibleDuplicate>>> Shown(
        IReadOnlyDictionary<Guid, ValueList<PossibleDuplicate>> duplicates,
        Transaction transaction
    )
    {
        try
        {
            return await Shown(duplicates, transaction.KindCreated, CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            return None;
        }
    }

    /// <summary>Those that have the traits already, by the trait's text, in the order in which they were recorded.</summary>
    private async Task<Dictionary<string, List<(Guid Stream, long Number, bool IsOfDryRun)>>> Before(
        Changes changes,
        Guid? dryRun,
        CancellationToken cancellation
    )
    {
        var wanted = changes.Come.Where(r => r.Why is not null).DistinctBy(r => r.Text).Select(r => r.Digest);
        await using var command = database.Statement(
            """
            select wanted.digest, other.stream_id, other.number, other.of_dry_run
            from unnest($1::bytea[]) wanted (digest)
            cross join lateral (
                select o.stream_id, o.number, false as of_dry_run from recording.likeness o
                where o.digest = wanted.digest and o.why is not null and not o.stream_id = any($2)
                    and not exists (
                        select from recording.rehearsed_likeness r
                        where r.rehearsal_id = $3 and r.digest = o.digest and r.stream_id = o.stream_id and r.gone)
                union all
                select r.stream_id, r.number, true from recording.rehearsed_likeness r
                where r.rehearsal_id = $3 and r.digest = wanted.digest and not r.gone and not r.stream_id = any($2)
                order by of_dry_run, number limit $4
            ) other
            order by other.of_dry_run, other.number
            """,
            wanted.ToArray(),
            changes.Emptied.ToArray(),
            dryRun ?? Guid.Empty,
            MostNamed + changes.Gone.Count
        );
        var gone = changes.Gone.Select(row => (row.Text, row.Stream)).ToHashSet();
        var before = new Dictionary<string, List<(Guid, long, bool)>>();
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
        {
            var (text, stream, isDryRun) = (Convert.ToBase64String(rows.GetFieldValue<byte[]>(0)), rows.GetGuid(1), rows.GetBoolean(3));
            if (gone.Contains((text, stream)))
                continue;
            if (!before.TryGetValue(text, out var those))
                before[text] = those = [];
            those.Add((stream, rows.GetInt64(2) + (isDryRun ? OfDryRun : 0), isDryRun));
        }

        return before;
    }

    /// <summary>Whether the result says what records may be the same as.</summary>
    internal static bool AreIn(NpgsqlDataReader result) => result.FieldCount == 3 && result.GetName(0) == "mine";

    /// <summary>What records may be the same as, each pair and reason by itself.</summary>
    internal static async Task Read(NpgsqlDataReader rows, List<(Guid Mine, PossibleDuplicate Other)> pairs, CancellationToken cancellation)
    {
        while (await rows.ReadAsync(cancellation))
            pairs.Add((rows.GetGuid(0), new PossibleDuplicate(rows.GetGuid(1), rows.GetString(2))));
    }

    /// <summary>The others of each record, each of them once, with all its reasons.</summary>
    internal static IReadOnlyDictionary<Guid, ValueList<PossibleDuplicate>> Grouped(
        IEnumerable<(Guid Mine, PossibleDuplicate Other)> pairs
    ) =>
        pairs
            .GroupBy(p => p.Mine, p => p.Other)
            .ToDictionary(
                mine => mine.Key,
                mine =>
                    mine.GroupBy(o => o.Id)
                        .Select(o =>
                            o.Count() == 1
                                ? o.First()
                                : o.First() with
                                {
                                    Why = string.Join(", ", o.Select(p => p.Why).Distinct().Order(StringComparer.Ordinal)),
                                }
                        )
                        .ToValueList()
            );

    public string Holds => "keyed digests of names, of their words and of e-mail addresses, and who was told to be perhaps the same";

    public Task Forget(IReadOnlyCollection<Guid> people, CancellationToken cancellation) =>
        database.Execute(
            """
            with told as (delete from recording.told_duplicate where stream_id = any($1) or other_id = any($1))
            delete from recording.likeness where stream_id = any($1)
            """,
            [people.ToArray()],
            cancellation
        );

    public Task<long> Count(IReadOnlyCollection<Guid> people, PersonTexts texts, CancellationToken cancellation) =>
        database.Scalar<long>(
            """
            select (select count(*) from recording.likeness where stream_id = any($1))
                + (select count(*) from recording.told_duplicate where stream_id = any($1) or other_id = any($1))
            """,
            [people.ToArray()],
            cancellation
        );

    private static IHaveTraits? Of(LoadedStream stream) => stream.State as IHaveTraits;

    private static string WordOf(string field) => field + "/word";

    /// <summary>The rows of the traits, and whether all of them could be opened.</summary>
    private async Task<(IReadOnlyCollection<Row> Rows, bool All)> Rows(
        PersonalData under,
        LoadedStream stream,
        IEnumerable<Trait> traits,
        CancellationToken cancellation,
        Func<TraitForm, string, IReadOnlyList<string>>? valuesOf = null
    )
    {
        var rows = new Dictionary<string, Row>();
        var all = true;
        foreach (var trait in traits)
        {
            var text = trait.Plain ?? (trait.Sealed is { } field ? await under.Open(stream.Id, field, cancellation) : null);
            if (text is null)
            {
                all = false;
                continue;
            }

            var compared = trait.Form == TraitForm.Moment ? Moments.Of(text) : text;
            var values = (valuesOf ?? Trait.Values)(trait.Form, compared);
            if (values.Count == 0)
                continue;
            Add(await Digest(stream.Kind, trait.Field, values[0], cancellation), trait.Why);
            var also = trait.Form == TraitForm.Mail ? trait.Field : WordOf(trait.Field);
            foreach (var other in values.Skip(1))
                Add(await Digest(stream.Kind, also, other, cancellation), null);
        }

        return (rows.Values, all);

        void Add(byte[] digest, string? why)
        {
            var row = new Row(stream.Id, stream.Kind, digest, why);
            rows[row.Text] = row;
        }
    }

    /// <summary>What changes in the traits of streams: those that go, those that come, and the streams that have none any more.</summary>
    internal sealed record Changes(IReadOnlyList<Row> Gone, IReadOnlyList<Row> Come, IReadOnlyList<Guid> Emptied);

    /// <summary>A trait of a stream, as it is kept; equal by its digest and reason.</summary>
    internal sealed record Row(Guid Stream, StreamKind Kind, byte[] Digest, string? Why)
    {
        public string Text { get; } = Convert.ToBase64String(Digest);

        public bool Equals(Row? other) =>
            other is not null && Stream == other.Stream && Why == other.Why && Digest.AsSpan().SequenceEqual(other.Digest);

        public override int GetHashCode() => HashCode.Combine(Stream, Why, Digest[0], Digest[^1]);
    }
}
