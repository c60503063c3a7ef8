using System.Globalization;
using CooperationEvents.Kernel;
using CooperationEvents.Reading;
using Npgsql;

namespace CooperationEvents.Statistics;

/// <summary>
/// The figures of a question at its position, with the sentence that states them and the events they rest on: how many, and the
/// SHA-256 of their ids in ascending order, each followed by a line feed.
/// </summary>
public sealed record FrozenFigure(string Definition, Figures Figures, string Sentence, int EventCount, string EventsSha256);

/// <summary>An event that changed a figure or what it rests on, and the figure before and after it.</summary>
public sealed record FigureChange(long Position, Guid EventId, string Type, DateTimeOffset RecordedAt, FrozenFigure Before, FrozenFigure After);

/// <summary>Figures to be stated in public, and which events have changed them since.</summary>
public sealed class FrozenFigures(
    NpgsqlDataSource database, FiguresReader figures, Questions questions, ReadPosition reading, SettledPositions settled)
{
    /// <summary>The positions at which a fact that can count in the question came or went.</summary>
    private static readonly string Moments = $"""
        with placed as (
            select distinct m.meeting_id
            from {FactTables.Meeting} m
            join {FactTables.Placement} p on p.meeting_id = m.meeting_id and (@framework::uuid is null or p.framework_id = @framework)
            where m.held and not m.voided and m.last_day <= @asOf
        ),
        fact as (
            select m.known_from, m.known_to from {FactTables.Meeting} m join placed using (meeting_id)
            union select p.known_from, p.known_to from {FactTables.Placement} p join placed using (meeting_id)
            union select a.known_from, a.known_to from {FactTables.Attendance} a join placed using (meeting_id)
            union select d.known_from, d.known_to from {FactTables.Delegation} d join placed using (meeting_id)
            union select s.known_from, s.known_to from {FactTables.Membership} s where @framework::uuid is null or s.framework_id = @framework
            union select s.known_from, s.known_to from {FactTables.Succession} s where @lineage
            union select i.known_from, i.known_to from {FactTables.PersonIdentity} i
                  where exists (select 1 from {FactTables.Attendance} a join placed using (meeting_id) where a.person_id = i.person_id)
        )
        select distinct moment from fact cross join lateral (values (known_from), (known_to)) at (moment)
        where moment > @after and moment <= @position order by moment
        """;

    /// <summary>The question, resolved to a settled position; or why it cannot be answered, by the members of a body.</summary>
    /// <param name="knownAt">A position or a time; null for the newest settled position.</param>
    public async Task<(Question? Question, Problem? Refused)> Ask(Question question, string? knownAt, CancellationToken cancellation)
    {
        var (asked, time, fault) = questions.ReadKnownAt(knownAt);
        if (fault is not null)
            return (null, KernelProblems.Invalid.At("/knownAt", fault));
        var (reached, late) = await reading.Reach(asked ?? 0, cancellation);
        if (late is not null)
            return (null, late);
        var position = time is { } at ? await settled.At(at, cancellation) : asked ?? reached;
        var resolved = question with { Position = position, KnownAt = knownAt ?? position.ToString(CultureInfo.InvariantCulture) };
        return await Unknown(resolved, newest: knownAt is null, cancellation) is { } unknown ? (null, unknown) : (resolved, null);
    }

    public async Task<FrozenFigure> At(Question question, CancellationToken cancellation)
    {
        var frameworks = await figures.Frameworks(question, cancellation);
        var total = (await figures.Figures(question, cancellation)).GetValueOrDefault(new Cell("total", null, null), Figures.None);
        var (count, sha256) = await Evidence(question, cancellation);
        return new FrozenFigure(Question.Definition, total, Sentence.Of(
            frameworks.Count == 0 ? null : frameworks.Select(f => f.EstablishedOn).MinBy(d => d.FirstDay),
            await Staff(question, frameworks, cancellation),
            total,
            question.Level,
            question.Year), count, sha256);
    }

    /// <summary>The newest position a figure can be of.</summary>
    public Task<long> Newest(CancellationToken cancellation) => reading.Current(cancellation);

    /// <summary>The first events after a position, and up to that of the question, that changed its figures or what they rest on.</summary>
    public async Task<IReadOnlyList<FigureChange>> Changes(Question question, long after, int limit, CancellationToken cancellation)
    {
        var moments = await MomentsOf(question, after, cancellation);
        var changes = new List<(long Position, FrozenFigure Before, FrozenFigure After)>();
        await Find(0, moments.Count - 1, await At(question with { Position = after }, cancellation), await At(question, cancellation));
        return await Named(changes, cancellation);

        // A stretch with the same at both ends is passed over: what came and went within it makes no difference.
        async Task Find(int first, int last, FrozenFigure before, FrozenFigure behind)
        {
            if (first > last || before == behind || changes.Count >= limit)
                return;
            if (first == last)
            {
                changes.Add((moments[first], before, behind));
                return;
            }

            var middle = (first + last) / 2;
            var between = await At(question with { Position = moments[middle] }, cancellation);
            await Find(first, middle, before, between);
            await Find(middle + 1, last, between, behind);
        }
    }

    private async Task<Problem?> Unknown(Question question, bool newest, CancellationToken cancellation)
    {
        var frameworks = await figures.Frameworks(question, cancellation);
        if (question.Framework is { } framework && frameworks.Count == 0)
        {
            // What was just established may not be settled yet.
            return newest
                ? KernelProblems.Busy.Because($"The framework {framework} is not in the read models yet. Send the request again.") with { RetryAfter = 1 }
                : KernelProblems.Invalid.At("/framework", $"At position {question.Position} there was no framework {framework}.");
        }

        if (question.Level is { } level && (await figures.Levels(question, cancellation)).All(l => l.Code != level))
            return KernelProblems.Invalid.At("/level", $"At position {question.Position} there was no level {level}.");
        if (question.Party is { } party && frameworks.All(f => !f.Parties.Contains(party)))
            return KernelProblems.Invalid.At("/party", $"At position {question.Position} there was no party {party}.");
        return null;
    }

    private async Task<IReadOnlyList<string>> Staff(Question question, IReadOnlyList<KnownFramework> frameworks, CancellationToken cancellation)
    {
        if (question.Organisation is { } organisation)
            return [(await figures.ShortNames(question, cancellation)).GetValueOrDefault(organisation, organisation)];
        return question.Party is { } party ? [party] : [.. frameworks.SelectMany(f => f.Parties).Distinct()];
    }

    private async Task<(int Count, string Sha256)> Evidence(Question question, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"""
            {CountedFacts.With}
            select count(*)::int, encode(sha256(convert_to(coalesce(string_agg(id::text || chr(10), '' order by id), ''), 'UTF8')), 'hex')
            from (
                select unnest(evidence) from scope
                union select unnest(evidence) from counted
                union select unnest(evidence) from heads
            ) event (id)
            """);
        CountedFacts.Bind(command, question);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return (reader.GetInt32(0), reader.GetString(1));
    }

    private async Task<IReadOnlyList<long>> MomentsOf(Question question, long after, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(Moments);
        CountedFacts.Bind(command, question);
        command.Parameters.AddWithValue("after", after);
        var moments = new List<long>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            moments.Add(reader.GetInt64(0));
        return moments;
    }

    private async Task<IReadOnlyList<FigureChange>> Named(
        IReadOnlyList<(long Position, FrozenFigure Before, FrozenFigure After)> changes, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("select id, type, timestamp from register.mt_events where seq_id = any($1) order by seq_id");
        command.Parameters.Add(new NpgsqlParameter { Value = changes.Select(c => c.Position).ToArray() });
        var named = new List<FigureChange>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        foreach (var (position, before, after) in changes)
        {
            await reader.ReadAsync(cancellation);
            named.Add(new FigureChange(position, reader.GetGuid(0), reader.GetString(1), reader.GetFieldValue<DateTimeOffset>(2), before, after));
        }

        return named;
    }
}
