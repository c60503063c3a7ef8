using System.Globalization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Projections;
using CooperationEvents.Reading;

namespace CooperationEvents.Statistics.Counting;

/// <summary>
/// What is asked of the facts: activity of a framework (null: of all together) up to a day, as known at a position, narrowed by a
/// filter. All that a filter names must hold of one attendance, or one count, under one framework.
/// </summary>
public sealed record Question(Guid? Framework, DateOnly AsOf, long Position)
{
    /// <summary>The versions of the definitions in docs/statistics.md; the newest is followed where none is asked for.</summary>
    public const string NewestDefinition = "2",
        FirstDefinition = "1";

    /// <summary>The value that a filter has for what has no value.</summary>
    public const string NotStated = "not-stated";

    /// <summary>Stands for the organisation of what went through a split without a default, where organisations are folded.</summary>
    public const string Unallocated = "unallocated";

    private const string LineageView = "lineage";

    /// <summary>As it was asked: a time or a position; the newest settled position where it was not.</summary>
    public required string KnownAt { get; init; }

    /// <summary>The version of the definitions that the answer follows.</summary>
    public string Definition { get; init; } = NewestDefinition;

    public bool ByFirstDefinition => Definition == FirstDefinition;

    /// <summary>Meetings whose last day is on or after this one; null from the beginning.</summary>
    public DateOnly? From { get; init; }

    /// <summary>How the answer is written where it is a table; it says nothing of the figures.</summary>
    internal CsvFormat Csv { get; init; } = CsvFormat.Plain;

    public ActivityFilter Filter { get; init; } = ActivityFilter.None;

    /// <summary>
    /// Whether organisations are folded into those that followed them by the day asked about, rather than shown as they were.
    /// </summary>
    public bool Lineage { get; init; }

    /// <summary>
    /// The parameter because of which no day is asked about, and why: one that names days after all that another one names. Null where
    /// days are asked about.
    /// </summary>
    internal static (string Parameter, string Fault)? NoDay(DateOnly? from, ActivityFilter filter, DateOnly asOf)
    {
        var days = new List<(string Name, string Words, DateOnly First, DateOnly Last)>
        {
            ("asOf", $"{asOf:yyyy-MM-dd}", DateOnly.MinValue, asOf),
        };
        if (from is { } first)
            days.Add(("from", $"{first:yyyy-MM-dd}", first, DateOnly.MaxValue));
        if (filter.Until is { } until)
            days.Add(("until", $"{until:yyyy-MM-dd}", DateOnly.MinValue, until));
        if (filter.Year is { } year)
            days.Add(("year", $"{year}", new DateOnly(year, 1, 1), new DateOnly(year, 12, 31)));
        if (filter.Period is { Number: not null } period)
            days.Add(("period", $"{period}", period.FirstDay, period.LastDay));
        foreach (var later in days)
        {
            foreach (var earlier in days)
            {
                if (later.First > earlier.Last)
                    return (
                        later.Name,
                        $"{later.Words} is after '{earlier.Name}', {earlier.Words}, so that no day is in both. Give an earlier "
                            + $"'{later.Name}' or a later '{earlier.Name}'."
                    );
            }
        }

        return null;
    }

    /// <summary>The view of organisations as an answer repeats it; null for organisations as they were.</summary>
    public string? OrgView => Lineage ? LineageView : null;

    /// <summary>The views of organisations that can be asked for; the first where none is.</summary>
    public static IReadOnlyList<string> OrgViews { get; } = ["atMeeting", LineageView];
}

/// <summary>Limits a question to a part of the activity. A member that is null sets no limit.</summary>
public sealed record ActivityFilter
{
    public static ActivityFilter None { get; } = new();

    public string? Level { get; init; }

    public int? Year { get; init; }

    public Period? Period { get; init; }

    /// <summary>The newest last day of meetings. Organisations are folded as of the day asked about all the same.</summary>
    public DateOnly? Until { get; init; }

    public string? Party { get; init; }

    /// <summary>An organisation's id, or <c>not-stated</c>; likewise the hosts.</summary>
    public string? Organisation { get; init; }

    public string? Area { get; init; }

    public string? Host { get; init; }

    public string? CoHost { get; init; }

    public string? Country { get; init; }

    public string? Mode { get; init; }

    public string? Role { get; init; }
}

/// <summary>Reads questions from queries.</summary>
public sealed class Questions(Reader reader, SettledPositions settled, FiguresReader figures, TimeProvider clock)
{
    /// <summary>The parameters that every statistic takes.</summary>
    public static IReadOnlyList<string> Parameters { get; } =
    [
        "framework",
        "figures:from",
        "asOf",
        "knownAt",
        "definition",
        "level",
        "year",
        "period",
        "per",
        "until",
        "party",
        "counted:organisation",
        "area",
        "host",
        "coHost",
        "country",
        "mode",
        "role",
        "orgView",
        .. CsvFormat.Parameters,
    ];

    /// <summary>The question, resolved to a settled position that the facts have reached; or why it cannot be answered.</summary>
    /// <param name="more">Reads the parameters an endpoint takes beside those of a question.</param>
    public async Task<(Question? Question, IResult? Refused)> Read(HttpContext http, Action<QueryParameters>? more = null)
    {
        var query = new QueryParameters(http.Request.Query);
        var framework = query.Id("framework");
        var asOf = query.LastDay("asOf") ?? reader.Today;
        var from = query.FirstDay("from");
        var definition = query.OneOf("definition", Question.NewestDefinition, Question.FirstDefinition);
        var knownAt = query.Text("knownAt");
        var csv = CsvFormat.Read(query);
        var lineage = query.OneOf("orgView", [.. Question.OrgViews]) == Question.OrgViews[1];
        var filter = ReadFilter(query, lineage);
        if (Question.NoDay(from, filter, asOf) is var (parameter, why))
            query.Refuse(parameter, why);
        more?.Invoke(query);

        var (asked, fault) = AskedPoint.Read(knownAt, clock);
        if (fault is not null)
            query.Refuse("knownAt", fault);
        var (reached, refused) = await reader.Begin(http, query);
        if (refused is not null)
            return (null, refused);
        var (resolved, unsettled) = await settled.Resolve(asked, reached, http.RequestAborted);
        if (unsettled is not null)
            return (null, ProblemResult.Of(unsettled));
        var question = new Question(framework, asOf, resolved)
        {
            KnownAt = knownAt ?? resolved.ToString(CultureInfo.InvariantCulture),
            Definition = definition ?? Question.NewestDefinition,
            From = from,
            Csv = csv,
            Filter = filter,
            Lineage = lineage,
        };
        if (framework is not null && await figures.Frameworks(question, http.RequestAborted) is [])
            return (
                null,
                ProblemResult.Of(KernelProblems.Invalid.At("/framework", $"At position {resolved} there is no framework {framework}."))
            );
        return KnownValues.Unknown(question, await figures.Facts(question, http.RequestAborted)) is { Count: > 0 } unknown
            ? (null, ProblemResult.Of(KernelProblems.Invalid.With(unknown)))
            : (question, null);
    }

    /// <summary>The length of the periods of a series; of years where it is not said.</summary>
    internal static Per? ReadPer(QueryParameters query) => query.Word<Per>("per");

    private static ActivityFilter ReadFilter(QueryParameters query, bool lineage)
    {
        var per = ReadPer(query);
        Period? period = null;
        if (query.Text("period") is { } text)
        {
            period = Period.Parse(text, per);
            if (period is null)
                query.Refuse(
                    "period",
                    "Must be a year (2018), a quarter (2018-Q2) or a month (2018-04) of the length in 'per'; or unplaced, with a quarter "
                        + "or a month in 'per'."
                );
        }

        return new ActivityFilter
        {
            Level = query.Text("level"),
            Year = query.Number("year", 1000, 9999),
            Period = period,
            Until = query.LastDay("until"),
            Party = query.Text("party"),
            Organisation = Organisation(query, "organisation", lineage),
            Area = query.Text("area"),
            Host = Organisation(query, "host", lineage),
            CoHost = Organisation(query, "coHost", lineage),
            Country = query.Text("country"),
            Mode = query.OneOf("mode", [.. Dimension.Modes, Question.NotStated]),
            Role = query.OneOf("role", [.. CountedFacts.RolesThatCount, Question.NotStated]),
        };
    }

    private static string? Organisation(QueryParameters query, string name, bool lineage)
    {
        var text = query.Text(name);
        if (text is null or Question.NotStated || (lineage && text == Question.Unallocated))
            return text;
        if (Uuid.Read(text) is { } id)
            return id.ToString();
        query.Refuse(name, $"Must be a UUID, or {Question.NotStated}.");
        return null;
    }
}
