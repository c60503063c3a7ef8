using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CooperationEvents.Kernel;
using CooperationEvents.Projections;
using CooperationEvents.Statistics.Counting;
using CooperationEvents.Statistics.Facts;
using CooperationEvents.Storage;
using Npgsql;

namespace CooperationEvents.Statistics.Presentation;

/// <summary>
/// The figures of a question at its position, with the sentence that states them and the events they rest on: how many, and the
/// SHA-256 of their ids in ascending order, each followed by a line feed.
/// </summary>
public sealed record FrozenFigure(string Definition, Figures Figures, string Sentence, int EventCount, string EventsSha256);

/// <summary>An event that changed a figure or what it rests on, and the figure before and after it.</summary>
public sealed record FigureChange(
    long Position,
    Guid EventId,
    string Type,
    DateTimeOffset RecordedAt,
    FrozenFigure Before,
    FrozenFigure After
);

/// <summary>The parties an organisation was ever a member for, and the organisation that stands in for it; null where none does.</summary>
public sealed record OrganisationKin(IReadOnlySet<string> Parties, Guid? ShownAs);

/// <summary>Figures to be stated in public, and which events have changed them since.</summary>
public sealed class FrozenFigures(
    NpgsqlDataSource database,
    FiguresReader figures,
    ReadPosition reading,
    SettledPositions settled,
    TimeProvider clock
)
{
    /// <summary>
    /// The question, resolved to a settled position; or why it cannot be answered, by the members of a body. What is recorded by now is in
    /// the read models then, earlier publications among it.
    /// </summary>
    /// <param name="knownAt">A position or a time; null for one at which all is settled that is recorded by now.</param>
    public async Task<(Question? Question, Problem? Problem)> Ask(Question question, string? knownAt, CancellationToken cancellation)
    {
        var (asked, fault) = AskedPoint.Read(knownAt, clock);
        if (fault is not null)
            return (null, KernelProblems.Invalid.At("/knownAt", fault));
        var (reached, late) = await reading.Reach(Math.Max(asked.Position ?? 0, await reading.Recorded(cancellation)), cancellation);
        if (late is not null)
            return (null, late);
        if (Question.NoDay(question.From, question.Filter, question.AsOf) is var (member, why))
            return (null, KernelProblems.Invalid.At("/" + member, why));
        var (position, unsettled) = await settled.Resolve(asked, reached, cancellation);
        if (unsettled is not null)
            return (null, unsettled);
        var resolved = question with { Position = position, KnownAt = knownAt ?? position.ToString(CultureInfo.InvariantCulture) };
        return await Unknown(resolved, cancellation) is { } unknown ? (null, unknown) : (resolved, null);
    }

    /// <summary>The kin of organisations by their ids, as known to the question.</summary>
    public async Task<IReadOnlyDictionary<Guid, OrganisationKin>> KinOf(
        IEnumerable<Guid> organisations,
        Question question,
        CancellationToken cancellation
    )
    {
        var facts = await figures.Facts(question, cancellation);
        return organisations.Distinct().ToDictionary(o => o, o => KinOf(facts, o, question));
    }

    /// <summary>
    /// By framework, null for all together: the first and the last day on which meetings end that are held, as known at the question's
    /// position; the last of all days, and the first, where there are none.
    /// </summary>
    public async Task<Func<Guid?, (DateOnly First, DateOnly Last)>> DaysOfMeetings(Question question, CancellationToken cancellation)
    {
        var facts = await figures.Facts(question, cancellation);
        var known = new Dictionary<Guid, (DateOnly, DateOnly)>();
        return framework =>
        {
            // Asked for each figure that was ever public.
            if (!known.TryGetValue(framework ?? Guid.Empty, out var days))
                known[framework ?? Guid.Empty] = days = Days(framework);
            return days;
        };

        (DateOnly First, DateOnly Last) Days(Guid? framework)
        {
            var (first, last) = (DateOnly.MaxValue, DateOnly.MinValue);
            foreach (var meeting in facts.Under(framework))
            {
                // An end at midnight is of two days, by one definition and the other.
                if (meeting.At(question.Position) is { Held: true, Voided: false } held)
                    (first, last) = (held.LastDay < first ? held.LastDay : first, held.Ends.LastDay > last ? held.Ends.LastDay : last);
            }

            return (first, last);
        }
    }

    public async Task<FrozenFigure> At(Question question, CancellationToken cancellation)
    {
        var total = (await figures.Count(question, cancellation)).Whole;
        var events = await figures.Evidence(question, cancellation);
        return new FrozenFigure(
            question.Definition,
            total,
            await Sentence.Of(question, total, figures, cancellation),
            events.Count,
            Digest(events)
        );
    }

    /// <summary>The first events after a position, and up to that of the question, that changed its figures or what they rest on.</summary>
    public async Task<IReadOnlyList<FigureChange>> Changes(Question question, long after, int limit, CancellationToken cancellation)
    {
        var moments = await MomentsOf(question, after, cancellation);
        var changes = new List<(long Position, FrozenFigure Before, FrozenFigure After)>();
        await Find(0, moments.Count - 1, await At(question with { Position = after }, cancellation), await At(question, cancellation));
        return await Named(changes, cancellation);

        // Where both ends are equal, nothing between them is looked at: what came and went makes no difference.
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

    private static OrganisationKin KinOf(KnownFacts facts, Guid organisation, Question question)
    {
        if (facts.Ids.Find(organisation) is not { } number)
            return new OrganisationKin(new HashSet<string>(), organisation);
        var parties = facts
            .ReferenceFacts.Memberships.Where(m => m.Key.Organisation == number)
            .SelectMany(m => m.Value)
            .Select(m => facts.Words[m.Party]);
        var shownAs = facts.ShownAs(number, question.AsOf, question.Position);
        return new OrganisationKin(parties.ToHashSet(), shownAs == KnownFacts.Unallocated ? null : facts.Ids[shownAs]);
    }

    private async Task<Problem?> Unknown(Question question, CancellationToken cancellation)
    {
        var frameworks = await figures.Frameworks(question, cancellation);
        if (question.Framework is { } framework && frameworks.Count == 0)
            return KernelProblems.Invalid.At("/framework", $"At position {question.Position} there was no framework {framework}.");

        return KnownValues.Unknown(question, await figures.Facts(question, cancellation)) is { Count: > 0 } unknown
            ? KernelProblems.Invalid.With(unknown)
            : null;
    }

    private static string Digest(IEnumerable<Guid> events) =>
        Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(events.Select(e => $"{e}\n").Order(StringComparer.Ordinal))))
        );

    /// <summary>The positions at which a fact that can count in the question, or is said in its sentence, came or went.</summary>
    private async Task<IReadOnlyList<long>> MomentsOf(Question question, long after, CancellationToken cancellation)
    {
        var facts = await figures.Facts(question, cancellation);
        var moments = new SortedSet<long>();
        foreach (var meeting in facts.Under(question.Framework))
        {
            if (!meeting.Versions.Any(v => v is { Held: true, Voided: false } && v.LastDay <= question.AsOf))
                continue;
            Add(meeting.Versions.Select(v => v.Known));
            Add(meeting.Placements.Select(p => p.Known));
            Add(meeting.Attendances.Select(a => a.Known));
            Add(meeting.Delegations.Select(d => d.Known));
            Add([new Known(meeting.RecordedFrom, long.MaxValue)]);
        }

        var framework = question.Framework is { } id ? facts.Ids.Find(id) : null;
        Add(
            facts
                .ReferenceFacts.Memberships.Where(m => framework is null || m.Key.Framework == framework)
                .SelectMany(m => m.Value)
                .Select(m => m.Known)
        );
        Add(facts.ReferenceFacts.Identities.SelectMany(i => i.Value).Select(i => i.Known));
        Add(facts.ReferenceFacts.Successions.SelectMany(s => s.Value).Select(s => s.Known));
        Add(
            facts
                .FrameworksOf(question)
                .SelectMany(f => f.Levels.Concat(f.Parties).Select(c => c.KnownFrom).Append(f.KnownFrom))
                .Select(from => new Known(from, long.MaxValue))
        );
        if (Uuid.Read(question.Filter.Organisation) is { } asked && facts.Ids.Find(asked) is { } organisation)
            Add(facts.ReferenceFacts.Names.GetValueOrDefault(organisation, []).Select(n => n.Known));
        return [.. moments];

        void Add(IEnumerable<Known> ranges)
        {
            foreach (var known in ranges)
            {
                if (after < known.From && known.From <= question.Position)
                    moments.Add(known.From);
                if (after < known.To && known.To <= question.Position)
                    moments.Add(known.To);
            }
        }
    }

    private async Task<IReadOnlyList<FigureChange>> Named(
        IReadOnlyList<(long Position, FrozenFigure Before, FrozenFigure After)> changes,
        CancellationToken cancellation
    )
    {
        await using var command = database.Statement(
            "select id, type, timestamp from register.mt_events where seq_id = any($1) order by seq_id",
            changes.Select(c => c.Position).ToArray()
        );
        var named = new List<FigureChange>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        foreach (var (position, before, after) in changes)
        {
            await reader.ReadAsync(cancellation);
            named.Add(
                new FigureChange(position, reader.GetGuid(0), reader.GetString(1), reader.GetFieldValue<DateTimeOffset>(2), before, after)
            );
        }

        return named;
    }
}
