using CooperationEvents.Kernel;
using Npgsql;

namespace CooperationEvents.Statistics;

/// <summary>A framework as the facts knew it at the question's position.</summary>
internal sealed record KnownFramework(Guid Id, string Name, PartialDate EstablishedOn, IReadOnlyList<string> Parties);

/// <summary>A cell of the figures: the whole, or one value of a dimension.</summary>
internal sealed record Cell(string Dimension, string? Framework, string? Value);

/// <summary>Reads the figures of a question from the facts.</summary>
public sealed class FiguresReader(NpgsqlDataSource database)
{
    /// <summary>
    /// Every counted item is spread over the cells it belongs to; per cell and meeting it is counted once, whatever number
    /// of frameworks it counts in.
    /// </summary>
    private const string Cells = """
        , cell_pair as (
            select distinct c.dimension, c.framework, c.value, p.meeting_id, p.person_id
            from counted p
            cross join lateral (values
                ('total', null::text, null::text),
                ('level', p.framework_id::text, p.level),
                ('year', null, extract(year from p.last_day)::text),
                ('party', p.framework_id::text, p.party),
                ('organisation', null, p.organisation)) c(dimension, framework, value)
        ),
        cell_head as (
            select distinct c.dimension, c.framework, c.value, h.meeting_id, h.organisation_id, h.heads, h.precision
            from heads h
            cross join lateral (values
                ('total', null::text, null::text),
                ('level', h.framework_id::text, h.level),
                ('year', null, extract(year from h.last_day)::text),
                ('party', h.framework_id::text, h.party),
                ('organisation', null, h.organisation)) c(dimension, framework, value)
        ),
        cell_meeting as (
            select c.dimension, c.framework, c.value, m.meeting_id
            from scope m
            cross join lateral (values
                ('total', null::text, null::text),
                ('level', m.framework_id::text, m.level),
                ('year', null, extract(year from m.last_day)::text)) c(dimension, framework, value)
            union select dimension, framework, value, meeting_id from cell_pair
            union select dimension, framework, value, meeting_id from cell_head
        ),
        present as (
            select dimension, framework, value, meeting_id, sum(persons) as persons, sum(firm) as firm, sum(heads) as heads, bool_or(uncertain) as uncertain
            from (
                select dimension, framework, value, meeting_id, 0 as persons, 0 as firm, 0 as heads, false as uncertain from cell_meeting
                union all
                select dimension, framework, value, meeting_id, count(*), 0, 0, false from cell_pair group by 1, 2, 3, 4
                union all
                select dimension, framework, value, meeting_id, 0, sum(case when precision = 'estimated' then 0 else heads end), sum(heads), bool_or(precision <> 'exact')
                from cell_head group by 1, 2, 3, 4
            ) part
            group by 1, 2, 3, 4
        )
        """;

    internal async Task<IReadOnlyList<KnownFramework>> Frameworks(Question question, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"""
            select framework_id, name, established_on, parties from {FactTables.Framework}
            where known_from <= @position and (@framework::uuid is null or framework_id = @framework)
            order by known_from
            """);
        CountedFacts.Bind(command, question);
        return await Rows(command, r => new KnownFramework(
            r.GetGuid(0), r.GetString(1), PartialDate.Parse(r.GetString(2)), r.GetFieldValue<string[]>(3)), cancellation);
    }

    /// <summary>The figures of every cell that has any meeting.</summary>
    internal async Task<IReadOnlyDictionary<Cell, Figures>> Figures(Question question, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"""
            {CountedFacts.With}
            {Cells}
            select p.dimension, p.framework, p.value, count(*)::int, sum(p.persons)::int, sum(p.heads)::int, max(p.persons + p.firm)::int, bool_or(p.uncertain),
                   coalesce((select count(distinct c.person_id) from cell_pair c
                             where c.dimension = p.dimension and c.framework is not distinct from p.framework and c.value is not distinct from p.value), 0)::int
            from present p
            group by 1, 2, 3
            """);
        CountedFacts.Bind(command, question);
        var rows = await Rows(command, r => (
            new Cell(r.GetString(0), Text(r, 1), Text(r, 2)),
            new Figures(r.GetInt32(3), r.GetInt32(4), r.GetInt32(5), StaffInvolved.Of(r.GetInt32(8), r.GetInt32(6), r.GetInt32(5), r.GetBoolean(7)))), cancellation);
        return rows.ToDictionary(r => r.Item1, r => r.Item2);
    }

    internal async Task<NotCounted> NotCounted(Question question, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"""
            {CountedFacts.With}
            select category, count(distinct (meeting_id, person_id))::int from uncounted group by 1
            union all
            select 'heads', coalesce(sum(heads), 0)::int from guest_heads
            """);
        CountedFacts.Bind(command, question);
        var counts = (await Rows(command, r => (Category: r.GetString(0), Count: r.GetInt32(1)), cancellation)).ToDictionary(r => r.Category, r => r.Count);
        return new NotCounted(Of("observers"), Of("interpreters"), Of("support"), Of("guests"), Of("heads"));

        int Of(string category) => counts.GetValueOrDefault(category);
    }

    /// <summary>The levels of the frameworks asked about, by rank.</summary>
    internal async Task<IReadOnlyList<(Guid Framework, string Code)>> Levels(Question question, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"""
            select l.framework_id, l.code from {FactTables.Level} l join {FactTables.Framework} f using (framework_id)
            where l.known_from <= @position and (@framework::uuid is null or l.framework_id = @framework)
            order by f.known_from, l.rank
            """);
        CountedFacts.Bind(command, question);
        return await Rows(command, r => (r.GetGuid(0), r.GetString(1)), cancellation);
    }

    /// <summary>The short name each organisation had on the day asked about, as known at the position asked.</summary>
    internal async Task<IReadOnlyDictionary<string, string>> ShortNames(Question question, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"""
            select distinct on (organisation_id) organisation_id, short_name from {FactTables.OrganisationName}
            where known_from <= @position and valid_from <= @asOf
            order by organisation_id, valid_from desc, known_from desc
            """);
        CountedFacts.Bind(command, question);
        return (await Rows(command, r => (r.GetGuid(0).ToString(), r.GetString(1)), cancellation)).ToDictionary(r => r.Item1, r => r.Item2);
    }

    internal async Task<IReadOnlyList<Explained>> Explain(Question question, Measure measure, int skip, int take, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"""
            {CountedFacts.With}
            {Cells}
            select kind, meeting_id, person_id, organisation_id, role, heads, precision, title, starts, evidence
            from ({measure.Items}) item
            order by kind, last_day, meeting_id, person_id, organisation_id
            offset {skip} limit {take}
            """);
        CountedFacts.Bind(command, question);
        return await Rows(command, r => new Explained(
            r.GetString(0),
            Id(r, 1),
            Id(r, 2),
            Id(r, 3),
            Text(r, 4),
            r.IsDBNull(5) ? null : r.GetInt32(5),
            Text(r, 6),
            Text(r, 7),
            Text(r, 8),
            [.. r.GetFieldValue<Guid[]>(9)]), cancellation);
    }

    /// <summary>The meeting whose people are the most, the first of them where several are.</summary>
    internal async Task<Guid?> LargestMeeting(Question question, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"""
            {CountedFacts.With}
            {Cells}
            select p.meeting_id from present p join meeting m using (meeting_id)
            where p.dimension = 'total' order by p.persons + p.firm desc, m.last_day, p.meeting_id limit 1
            """);
        CountedFacts.Bind(command, question);
        return await command.ExecuteScalarAsync(cancellation) as Guid?;
    }

    private static async Task<IReadOnlyList<T>> Rows<T>(NpgsqlCommand command, Func<NpgsqlDataReader, T> read, CancellationToken cancellation)
    {
        var rows = new List<T>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            rows.Add(read(reader));
        return rows;
    }

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static Guid? Id(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetGuid(column);
}
