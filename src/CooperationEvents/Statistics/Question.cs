using System.Globalization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Reading;

namespace CooperationEvents.Statistics;

/// <summary>
/// What is asked of the facts: activity of a framework (null: of all together) up to a day, as known at a position; and
/// which part of it, where not the whole.
/// </summary>
public sealed record Question(Guid? Framework, DateOnly AsOf, long Position)
{
    /// <summary>The version of the definitions in docs/statistics.md that answers follow.</summary>
    public const string Definition = "1";

    /// <summary>As it was asked: a time or a position; the newest settled position where it was not.</summary>
    public required string KnownAt { get; init; }

    public string? Level { get; init; }

    public int? Year { get; init; }

    public string? Party { get; init; }

    /// <summary>An organisation's id; where organisations are folded, also <see cref="CountedFacts.Unallocated"/>.</summary>
    public string? Organisation { get; init; }

    /// <summary>Whether organisations are folded into those that followed them by the day asked about, rather than shown as they were.</summary>
    public bool Lineage { get; init; }
}

/// <summary>Reads questions from queries.</summary>
public sealed class Questions(Reader reader, SettledPositions settled, TimeProvider clock)
{
    public const string LineageView = "lineage";

    private static readonly string[] TimeFormats = ["yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    /// <summary>The question, resolved to a settled position that the facts have reached; or why it cannot be answered.</summary>
    /// <param name="more">Reads the parameters an endpoint takes beside those of a question.</param>
    public async Task<(Question? Question, IResult? Refused)> Read(HttpContext http, Action<QueryParameters>? more = null)
    {
        var query = new QueryParameters(http.Request.Query);
        var framework = query.Id("framework");
        var asOf = query.Day("asOf") ?? DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var knownAt = query.Text("knownAt");
        var level = query.Text("level");
        var year = query.Number("year", 1000, 9999);
        var party = query.Text("party");
        var lineage = query.OneOf("orgView", "atMeeting", LineageView) == LineageView;
        var organisation = lineage && query.Text("organisation") == CountedFacts.Unallocated
            ? CountedFacts.Unallocated
            : query.Id("organisation")?.ToString();
        more?.Invoke(query);

        var (asked, time, fault) = ReadKnownAt(knownAt);
        if (fault is not null)
            query.Refuse("knownAt", fault);
        var (reached, refused) = await reader.Begin(http, query);
        if (refused is not null)
            return (null, refused);
        if (asked > reached)
        {
            return (null, ProblemResult.Of(KernelProblems.Busy.Because(
                $"Position {asked} is not settled yet; the newest settled position is {reached}.") with
            { RetryAfter = 1 }));
        }

        var resolved = time is { } at ? await settled.At(at, http.RequestAborted) : asked ?? reached;
        return (new Question(framework, asOf, resolved)
        {
            KnownAt = knownAt ?? resolved.ToString(CultureInfo.InvariantCulture),
            Level = level,
            Year = year,
            Party = party,
            Organisation = organisation,
            Lineage = lineage,
        }, null);
    }

    /// <summary>A position or a time as it is written, or why it is neither.</summary>
    internal (long? Position, DateTimeOffset? Time, string? Fault) ReadKnownAt(string? text)
    {
        if (text is null)
            return (null, null, null);
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var position))
            return (position, null, null);
        if (!DateTimeOffset.TryParseExact(text, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            return (null, null, "Must be a position, or a time such as 2026-01-31T12:00:00Z.");
        return time > clock.GetUtcNow()
            ? (null, null, "Must not be in the future: what will be known cannot be known yet.")
            : (null, time, null);
    }
}
