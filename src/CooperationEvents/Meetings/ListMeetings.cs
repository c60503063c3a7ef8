using System.Text.Json;
using CooperationEvents.Authorization;
using CooperationEvents.Frameworks;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Organisations;
using CooperationEvents.Reading;
using Wolverine.Http;

namespace CooperationEvents.Meetings;

/// <summary>
/// Meetings by the first day they were recorded with, which a new day does not change. A meeting is listed where any of its days
/// lies between from and to, both included; a month or a year stands for its first day there and for its last day here. They are
/// listed of an organisation that hosts in any role, that somebody is registered for or has an attendance of any status for, or that
/// has a head count.
/// </summary>
public static class ListMeetingsEndpoint
{
    [WolverineGet("/v1/meetings", OperationId = "list-meetings")]
    [List(Scopes.ActivityRead, typeof(Page<MeetingSummary>), "framework", "level", "state", "from", "to", "organisation", "topic")]
    public static async Task<IResult> Get(HttpContext http, Reader reader)
    {
        var query = new QueryParameters(http.Request.Query);
        var filter = MeetingFilter.Of(query);
        return await MeetingFilter.Unknown(http, reader)
            ?? await reader.List<MeetingView, MeetingSummary, MeetingRow>(
                http,
                query,
                filter,
                view => Task.FromResult(MeetingMapper.ToSummary(view)),
                meetings => MeetingRow.Of(meetings, reader, http.RequestAborted)
            );
    }

    [WolverineGet("/v1/meetings" + ListTable.MetadataEnding, OperationId = "list-meetings-csv-metadata")]
    [List(Scopes.ActivityRead, typeof(CsvMetadata), "framework", "level", "state", "from", "to", "organisation", "topic")]
    public static IResult GetCsvMetadata(HttpContext http) => ListTable.Metadata<MeetingRow>(http, "Meetings");
}

/// <summary>
/// A meeting as a row of a table, with the names of its frameworks, levels, country, hosts and topics. Who hosted in person
/// stays an id.
/// </summary>
public sealed record MeetingRow(
    Guid Id,
    long Version,
    string Title,
    string State,
    ValueList<Placement> Frameworks,
    ValueList<string> FrameworkNames,
    ValueList<string> LevelNames,
    PartialDate Start,
    PartialDate End,
    string? TimeZone,
    MeetingMode? Mode,
    string? Venue,
    string? Country,
    string? CountryName,
    ValueList<Host> Hosts,
    ValueList<string> HostNames,
    ValueList<string> Topics,
    ValueList<string> TopicNames,
    ExternalReference? ExternalReference
)
{
    public static async Task<IReadOnlyList<MeetingRow>> Of(
        IReadOnlyList<MeetingSummary> meetings,
        Reader reader,
        CancellationToken cancellation
    )
    {
        var placements = meetings.SelectMany(m => m.Frameworks).Select(p => p.FrameworkId);
        var frameworks = await FrameworkDirectory.Names(reader, placements, cancellation);
        var hosts = meetings.SelectMany(m => m.Hosts).Select(h => h.OrganisationId);
        var organisations = await OrganisationDirectory.Names(reader, hosts, cancellation);
        return
        [
            .. meetings.Select(m =>
                MeetingMapper.ToRow(
                    m,
                    [.. m.Frameworks.Select(p => frameworks.GetValueOrDefault(p.FrameworkId)?.Name ?? "")],
                    [.. m.Frameworks.Select(p => frameworks.GetValueOrDefault(p.FrameworkId)?.Levels.GetValueOrDefault(p.Level) ?? "")],
                    m.Country is { } code ? Countries.NameOf(code) : null,
                    [.. m.Hosts.Select(h => organisations.GetValueOrDefault(h.OrganisationId, ""))],
                    [.. m.Topics.Select(t => NameOf(m, t))]
                )
            ),
        ];

        // Of the first framework of the meeting that has such an area.
        string NameOf(MeetingSummary meeting, string topic) =>
            meeting
                .Frameworks.Select(p => frameworks.GetValueOrDefault(p.FrameworkId)?.Areas.GetValueOrDefault(topic))
                .FirstOrDefault(name => name is not null)
            ?? "";
    }
}

/// <summary>Which meetings a query asks for, as conditions on their read models.</summary>
internal static class MeetingFilter
{
    /// <summary>
    /// Refuses a framework or an organisation that there is none of, a level that no framework asked about has, and a topic that no
    /// framework has (a joint meeting has topics of any of its frameworks), and names those there are: a misspelt one must not pass for one
    /// that no meeting has. Null where nothing is wrong.
    /// </summary>
    public static async Task<IResult?> Unknown(HttpContext http, Reader reader)
    {
        var asked = http.Request.Query;
        var (level, topic) = ($"{asked["level"]}", $"{asked["topic"]}");
        var (framework, organisation) = (Id("framework"), Id("organisation"));
        if (level.Length == 0 && topic.Length == 0 && framework is null && organisation is null)
            return null;
        var query = new QueryParameters(new QueryCollection(asked.Where(p => p.Key == "minPosition").ToDictionary()));
        var (_, refused) = await reader.Begin(http, query);
        if (refused is not null)
            return refused;
        IReadOnlyList<FrameworkDetails> frameworks =
            level.Length + topic.Length == 0
                ? []
                : await FrameworkDirectory.All(reader, http.RequestAborted, only: topic.Length == 0 ? framework : null);
        FieldError[] errors =
        [
            .. await reader.NotRecorded(http, "framework", StreamKind.Framework),
            .. await reader.NotRecorded(http, "organisation", StreamKind.Organisation),
            .. Refused("level", level, [.. frameworks.Where(f => framework is null || f.Id == framework)], f => f.Levels),
            .. Refused("topic", topic, frameworks, f => f.Areas),
        ];
        return errors.Length == 0 ? null : ProblemResult.Of(KernelProblems.Invalid.With(errors));

        // What is no id is told with the other faults of the query.
        Guid? Id(string name) => Uuid.Read(asked[name]);

        static IEnumerable<FieldError> Refused(
            string name,
            string value,
            IReadOnlyList<FrameworkDetails> of,
            Func<FrameworkDetails, IEnumerable<string>> codes
        )
        {
            var known = of.SelectMany(codes).Distinct().ToList();
            return value.Length == 0 || of.Count == 0 || known.Contains(value)
                ? []
                : [new FieldError("/" + name, known.Count == 0 ? "There is none yet." : $"Must be one of {string.Join(", ", known)}.")];
        }
    }

    public static List<(string Sql, object Value)> Of(QueryParameters query)
    {
        var filter = new List<(string, object)>();
        var framework = query.Id("framework");
        var level = query.Text("level");
        if (framework is not null || level is not null)
            Holds("frameworks", new { frameworkId = framework, level });
        if (query.OneOf("state", "scheduled", "postponed", "cancelled", "held", "did-not-take-place", "voided") is { } state)
            filter.Add(("state = ?", state));
        var (from, to) = (query.FirstDay("from"), query.LastDay("to"));
        query.RefuseAfter(from, to);
        if (from is { } first)
            filter.Add(("last_day >= ?", first));
        if (to is { } last)
            filter.Add(("first_day <= ?", last));
        if (query.Id("organisation") is { } organisation)
            Holds("organisations", organisation);
        if (query.Text("topic") is { } topic)
            Holds("topics", topic);
        return filter;

        // In the words of the index of that member.
        void Holds(string member, object item) =>
            filter.Add(($"data -> '{member}' @> ?::jsonb", JsonSerializer.Serialize(new[] { item }, Json.Options)));
    }
}
