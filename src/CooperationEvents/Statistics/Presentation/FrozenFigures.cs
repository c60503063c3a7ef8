using System.Collections.Immutable;
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

    /// <summary>
    /// The first events after a position, and up to that of the question, that changed its figures or what they rest on: each of them, also
    /// where a later one took it back. So what is listed never depends on what was recorded since.
    /// </summary>
    public async Task<IReadOnlyList<FigureChange>> Changes(Question question, long after, int limit, CancellationToken cancellation)
    {
        var facts = await figures.Facts(question, cancellation);
        var changes = new List<(long Position, FrozenFigure Before, FrozenFigure After)>();
        var before = await At(question with { Position = after }, cancellation);
        foreach (var (position, of) in MomentsOf(facts, question, after))
        {
            if (changes.Count == limit)
                break;
            var asked = question with { Position = position };

            // To look at one meeting is cheap, to count all of them is not.
            if (
                of is { IsOfAll: false }
                && !of.Meetings.Exists(m => FiguresReader.Differs(facts, m, asked with { Position = position - 1 }, asked))
            )
                continue;
            var behind = await At(asked, cancellation);
            if (behind != before)
                changes.Add((position, before, behind));
            before = behind;
        }

        return await Named(changes, cancellation);
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

    /// <summary>
    /// The positions at which a fact that can count in the question, or is said in its sentence, came or went; and of what that fact was.
    /// </summary>
    private static SortedDictionary<long, Moment> MomentsOf(KnownFacts facts, Question question, long after)
    {
        var moments = new SortedDictionary<long, Moment>();
        var (people, organisations) = (new HashSet<int>(), new HashSet<int>());
        foreach (var meeting in facts.Under(question.Framework))
        {
            if (!meeting.Versions.Any(v => v is { Held: true, Voided: false } && v.LastDay <= question.AsOf))
                continue;
            people.UnionWith(meeting.Attendances.Select(a => a.Person));
            organisations.UnionWith(meeting.Attendances.Select(a => a.Organisation));
            organisations.UnionWith(meeting.Delegations.Select(d => d.Organisation));
            Add(meeting.Versions.Select(v => v.Known), meeting);
            Add(meeting.Placements.Select(p => p.Known), meeting);
            Add(meeting.Attendances.Select(a => a.Known), meeting);
            Add(meeting.Delegations.Select(d => d.Known), meeting);
            Add([new Known(meeting.RecordedFrom, long.MaxValue)], meeting);
        }

        var framework = question.Framework is { } id ? facts.Ids.Find(id) : null;
        Add(
            facts
                .ReferenceFacts.Memberships.Where(m => framework is null || m.Key.Framework == framework)
                .Where(m => organisations.Contains(m.Key.Organisation))
                .SelectMany(m => m.Value)
                .Select(m => m.Known)
        );
        Add(facts.ReferenceFacts.Identities.Where(i => people.Contains(i.Key)).SelectMany(i => i.Value).Select(i => i.Known));
        Add(facts.ReferenceFacts.Successions.SelectMany(s => s.Value).Select(s => s.Known));
        Add(
            facts
                .FrameworksOf(question)
                .SelectMany(f => f.Levels.Concat(f.Parties).Select(c => c.KnownFrom).Append(f.KnownFrom))
                .Select(from => new Known(from, long.MaxValue))
        );
        if (Uuid.Read(question.Filter.Organisation) is { } asked && facts.Ids.Find(asked) is { } organisation)
            Add(facts.ReferenceFacts.Names.GetValueOrDefault(organisation, []).Select(n => n.Known));
        return moments;

        void Add(IEnumerable<Known> ranges, KnownMeeting? meeting = null)
        {
            foreach (var known in ranges)
            {
                foreach (var position in new[] { known.From, known.To })
                {
                    if (after < position && position <= question.Position)
                        moments[position] = moments.GetValueOrDefault(position, Moment.None).And(meeting);
                }
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

    /// <summary>Of what facts were that came or went at a position.</summary>
    /// <param name="IsOfAll">Whether one was that may concern any meeting, such as a membership.</param>
    /// <param name="Meetings">The meetings that the others were of.</param>
    private sealed record Moment(bool IsOfAll, ImmutableList<KnownMeeting> Meetings)
    {
        public static Moment None { get; } = new(false, []);

        /// <param name="meeting">Null for all.</param>
        public Moment And(KnownMeeting? meeting) =>
            meeting is null ? this with { IsOfAll = true }
            : Meetings.Contains(meeting) ? this
            : this with { Meetings = Meetings.Add(meeting) };
    }
}
