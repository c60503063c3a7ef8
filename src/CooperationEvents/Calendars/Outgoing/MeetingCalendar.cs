using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CooperationEvents.Authentication;
using CooperationEvents.Authorization;
using CooperationEvents.Calendars.Format;
using CooperationEvents.Frameworks;
using CooperationEvents.Http;
using CooperationEvents.Meetings;
using CooperationEvents.Organisations;
using CooperationEvents.People;
using CooperationEvents.Privacy;
using CooperationEvents.Reading;
using CooperationEvents.Storage;
using Ical.Net.CalendarComponents;
using Npgsql;
using Wolverine.Http;

namespace CooperationEvents.Calendars.Outgoing;

/// <summary>
/// Answers with meetings as iCalendar, some in memory at a time; names of people only to callers with <c>people:read</c>.
/// </summary>
public sealed class MeetingCalendar(Reader reader, NpgsqlDataSource database, PersonalData personalData, IKnowHidden hidden)
{
    private const int AtATime = 100;

    private const int NamesAtATime = 1_000;

    /// <summary>SQL for the people of one meeting: those of <see cref="People"/>.</summary>
    private const string PeopleOfOne = """
        jsonb_array_elements_text(jsonb_path_query_array(data, '$.registrations[*].personId')
            || jsonb_path_query_array(data, '$.attendances[*].personId') || jsonb_path_query_array(data, '$.hosts[*].personId'))
        """;

    /// <summary>A voided meeting is cancelled in a calendar that has it already.</summary>
    public async Task<IResult> One(HttpContext http, string meetingId)
    {
        var (view, _, refused) = await reader.Found<MeetingView>(http, meetingId);
        if (view is null)
            return refused!;
        var named = http.User.Has(Scopes.PeopleRead);
        var names = await Names(
            view.Frameworks.Select(p => p.FrameworkId),
            view.Hosts.Take(1).Select(h => h.OrganisationId),
            http.RequestAborted
        );
        var state = FormattableString.Invariant($"{view.Version}-{names.Digest}");
        if (named)
            state += "-" + await DigestOfNames(People([view]), http.RequestAborted);
        VTimeZone[] zones =
            IsTimed(view) && view.TimeZone is { } zone && !IsUtc(zone) ? [CalendarComponents.Of(zone, view.FirstDay, view.LastDay)] : [];
        return Answer(http, state, $"meeting-{view.Id}", async write =>
        {
            await write(CalendarText.Head(Method(named), null, zones));
            await write(await Text([view], names, named, http.RequestAborted));
        });
    }

    /// <summary>Every meeting that fits the query; voided ones only where it asks for them.</summary>
    public async Task<IResult> Many(HttpContext http)
    {
        var query = new QueryParameters(http.Request.Query);
        if (!http.User.Has(Scopes.ActivityRead) && (http.User.HeldTo() is not { } only || query.Id("framework") != only))
            return ProblemResult.Of(
                AuthenticationProblems.Forbidden.Because(
                    "This key reads the calendar of one framework alone; ask for that one by framework."
                )
            );
        var filter = MeetingFilter.Of(query);
        if (query.Text("state") is null)
            filter.Add(("state <> ?", MeetingViewProjection.Voided));
        var (_, refused) = await reader.Begin(http, query);
        refused ??= await MeetingFilter.Unknown(http, reader);
        if (refused is not null)
            return refused;
        var named = http.User.Has(Scopes.PeopleRead);
        var (zones, meetings) = await Contents(filter, http.RequestAborted);
        var names = await Names(
            await Ids("jsonb_array_elements(data->'frameworks')->>'frameworkId'", filter, http.RequestAborted),
            await Ids("data->'hosts'->0->>'organisationId'", filter, http.RequestAborted),
            http.RequestAborted
        );
        var state = $"{meetings}-{names.Digest}";
        if (named)
            state += "-" + await DigestOfNames(await Ids(PeopleOfOne, filter, http.RequestAborted), http.RequestAborted);
        return Answer(http, state, "cooperation", async write =>
        {
            await write(CalendarText.Head(Method(named), "Cooperation meetings", zones));
            await foreach (var views in reader.All<MeetingView>(filter, AtATime, http.RequestAborted))
                await write(await Text(views, names, named, http.RequestAborted));
        });
    }

    private static string? Method(bool named) => named ? null : Ical.Net.CalendarMethods.Publish;

    private static bool IsTimed(MeetingView view) => view.Start.Time is not null && view.End.Time is not null;

    private static bool IsUtc(string timeZone) => timeZone == "UTC";

    /// <param name="state">Differs where the calendar does. Another version of the service may write the same state otherwise.</param>
    private static IResult Answer(HttpContext http, string state, string name, Func<Func<string, Task>, Task> parts)
    {
        http.Response.Headers.CacheControl = "private, no-cache";
        http.Response.Headers.Vary = "Authorization, X-Api-Key";
        if (EntityTags.IsKnown(http, EntityTags.Of(state, "ics", isWeak: true)))
            return Results.StatusCode(StatusCodes.Status304NotModified);
        http.Response.Headers.ContentDisposition = $"inline; filename=\"{name}.ics\"";
        return Results.Stream(
            async stream =>
            {
                await parts(text => stream.WriteAsync(Encoding.UTF8.GetBytes(text)).AsTask());
                await stream.WriteAsync(Encoding.UTF8.GetBytes(CalendarText.End));
            },
            CalendarText.MediaType + "; charset=utf-8"
        );
    }

    private async Task<string> Text(IReadOnlyList<MeetingView> views, CalendarNames names, bool named, CancellationToken cancellation)
    {
        var people = named
            ? await PeopleDirectory.Names(reader, personalData, await hidden.All(cancellation), People(views), cancellation)
            : null;
        return string.Concat(views.Select(view => CalendarText.Of(CalendarComponents.Of(view, names, people))));
    }

    private async Task<CalendarNames> Names(
        IEnumerable<Guid> frameworks,
        IEnumerable<Guid> organisations,
        CancellationToken cancellation
    ) =>
        new(
            await FrameworkDirectory.Names(reader, frameworks, cancellation),
            await OrganisationDirectory.Names(reader, organisations, cancellation)
        );

    /// <summary>The ids that stand somewhere in the meetings, each once.</summary>
    /// <param name="of">SQL for those of one meeting.</param>
    private async Task<IReadOnlyList<Guid>> Ids(
        string of,
        IReadOnlyList<(string Sql, object Value)> filter,
        CancellationToken cancellation
    ) =>
        await database.Query(
            $"""
            select distinct id from (select {of} as id from {MeetingView.Table} where {Reader.Where(filter)}) ids
            where id is not null
            """,
            [.. filter.Select(c => c.Value)],
            rows => Guid.Parse(rows.GetString(0)),
            cancellation
        );

    /// <summary>
    /// Differs where the name or the address of one of these people does, as it can be read now. It is made with the key of digests, so
    /// that nobody learns from it who a person was that was erased since.
    /// </summary>
    private async Task<string> DigestOfNames(IEnumerable<Guid> people, CancellationToken cancellation)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var hiddenPeople = await hidden.All(cancellation);
        foreach (var some in people.Order().Chunk(NamesAtATime))
        {
            var names = await PeopleDirectory.Names(reader, personalData, hiddenPeople, some, cancellation);
            foreach (var id in some.Where(names.ContainsKey))
                digest.AppendData(Encoding.UTF8.GetBytes($"{id}\n{names[id].Name}\n{names[id].Email}\n"));
        }

        return Convert.ToHexStringLower(await personalData.Digest(digest.GetHashAndReset(), cancellation))[..32];
    }

    private static HashSet<Guid> People(IReadOnlyList<MeetingView> views) =>
        [
            .. from view in views
            from id in view
                .Registrations.Select(r => r.PersonId)
                .Concat(view.Attendances.Select(a => a.PersonId))
                .Concat(view.Hosts.Select(h => h.PersonId).OfType<Guid>())
            select id,
        ];

    /// <summary>The zones of the meetings' times, and a text that differs where any of the meetings does.</summary>
    private async Task<(IReadOnlyList<VTimeZone> Zones, string State)> Contents(
        IReadOnlyList<(string Sql, object Value)> filter,
        CancellationToken cancellation
    )
    {
        await using var command = database.Statement(
            $"""
            select case when data->>'start' like '%T%' and data->>'end' like '%T%' then data->>'timeZone' end as zone, min(first_day),
                max(last_day),
                   count(*), sum(hashtextextended(id::text || '/' || (data->>'version'), 0))
            from {MeetingView.Table} where {Reader.Where(filter)} group by zone order by zone
            """,
            [.. filter.Select(c => c.Value)]
        );
        var zones = new List<VTimeZone>();
        var state = new StringBuilder();
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
        {
            var zone = rows.IsDBNull(0) ? null : rows.GetString(0);
            var (first, last) = (rows.GetFieldValue<DateOnly>(1), rows.GetFieldValue<DateOnly>(2));
            if (zone is not null && !IsUtc(zone))
                zones.Add(CalendarComponents.Of(zone, first, last));
            state.Append(CultureInfo.InvariantCulture, $"{zone} {rows.GetInt64(3)} {rows.GetDecimal(4)}\n");
        }

        return (zones, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(state.ToString())))[..32]);
    }
}

public static class MeetingCalendarEndpoints
{
    [WolverineGet("/v1/meetings/{meetingId}.ics", OperationId = "get-meeting-calendar"), OpensNames]
    [Query(
        Scopes.ActivityRead,
        typeof(string),
        MediaTypes = [CalendarText.MediaType],
        Conditional = true,
        TakesBasic = true,
        Sends = [DescribedHeaders.Disposition]
    )]
    public static Task<IResult> GetOne(string meetingId, HttpContext http, MeetingCalendar calendar) => calendar.One(http, meetingId);

    [WolverineGet("/v1/calendar.ics", OperationId = "get-calendar"), OpensNames, Costly(16)]
    [Query(
        Scopes.ActivityRead,
        typeof(string),
        "framework",
        "level",
        "state",
        "from",
        "to",
        "organisation",
        "topic",
        Or = Scopes.CalendarRead,
        MediaTypes = [CalendarText.MediaType],
        Sends = [DescribedHeaders.Disposition],
        Conditional = true,
        TakesBasic = true
    )]
    public static Task<IResult> GetMany(HttpContext http, MeetingCalendar calendar) => calendar.Many(http);
}
