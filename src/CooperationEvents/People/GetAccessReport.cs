using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Reading;
using Wolverine.Http;

namespace CooperationEvents.People;

/// <summary>
/// Everything the register holds of a person and of everybody merged with them, for the person to be given: what is personal in
/// every event, the meetings, the figures that may count them, who read it, and who was sent what. Sections whose items come
/// from other parts are lists of plain objects.
/// </summary>
/// <param name="Fields">What is personal, opened, in the order it was recorded; <c>text</c> is absent where it cannot be read any
/// more.</param>
/// <param name="Held">What is held beside the history, and how many entries of it.</param>
public sealed record AccessReport(
    Guid Id,
    IReadOnlyList<Guid> People,
    long Position,
    bool Restricted,
    bool Erased,
    IReadOnlyList<PersonField> Fields,
    IReadOnlyList<AffiliationAnswer> Affiliations,
    IReadOnlyList<JsonElement> Meetings,
    IReadOnlyList<JsonElement> Events,
    IReadOnlyList<JsonElement> Publications,
    IReadOnlyList<JsonElement> Readings,
    IReadOnlyList<JsonElement> SentTo,
    IReadOnlyList<HeldOfPerson> Held
);

/// <summary>A place outside the history, in words, and how many entries of a person it holds.</summary>
public sealed record HeldOfPerson(string What, long Entries);

public static class GetAccessReportEndpoint
{
    [WolverineGet("/v1/people/{personId}/access-report", OperationId = "get-access-report"), OpensNames]
    [Query(
        Scopes.PrivacyManage,
        typeof(AccessReport),
        MediaTypes = ["application/json", MediaTypes.Page],
        Description = "Everything held of a person, to be given to them. As a page where Accept asks for text/html."
    )]
    public static async Task<IResult> Get(string personId, HttpContext http, Reader reader, AccessReports reports)
    {
        http.Response.Headers.Vary = "Accept";
        var (view, position, refused) = await reader.Found<PersonView>(http, personId);
        if (view is null)
            return refused!;
        var report = await reports.Of(view, position, http.RequestAborted);
        return report is null
                ? ProblemResult.Of(
                    KernelProblems.Busy.Because("What was recorded last is not in the read models yet. Ask again.") with
                    {
                        RetryAfter = 1,
                    }
                )
            : MediaTypes.IsPageWanted(http.Request) ? PlainPage.Of(http, "What is held of a person", AccessReportPage.Of(report))
            : Results.Json(report, Json.Options);
    }
}

/// <summary>Puts the report together from what each part of the register tells.</summary>
public sealed class AccessReports(
    MergedPeople merged,
    IKnowHidden hidden,
    PersonFields fields,
    PersonalData personalData,
    Reader reader,
    IEnumerable<ITellOfPeople> parts,
    IEnumerable<IHoldOfPeople> places
)
{
    /// <summary>The report; null while the read models lag behind what was recorded.</summary>
    public async Task<AccessReport?> Of(PersonView view, long position, CancellationToken cancellation)
    {
        var (people, late) = await merged.With([view.Id], cancellation);
        if (late is not null)
            return null;
        var opened = await fields.Of(people, cancellation);
        var (texts, _) = PersonFields.Naming(opened);
        var told = new Dictionary<string, IReadOnlyList<JsonElement>>();
        foreach (var part in parts)
            told[part.Section] = await part.Tell(people, cancellation);
        var held = new List<HeldOfPerson>();
        foreach (var place in places)
            held.Add(new HeldOfPerson(place.Holds, await place.Count(people, texts, cancellation)));
        var affiliations = new List<AffiliationAnswer>();
        foreach (var entry in await reader.FindMany<PersonView>(people, cancellation))
        {
            foreach (var a in entry.Affiliations)
                affiliations.Add(
                    new AffiliationAnswer(
                        a.AffiliationId,
                        a.OrganisationId,
                        await Open(entry, a.Function),
                        await Open(entry, a.Grade),
                        a.From,
                        a.Until
                    )
                );
        }

        return new AccessReport(
            view.Id,
            [.. people.Order()],
            position,
            (await hidden.All(cancellation)).Contains(view.Id),
            view.Erased == true,
            opened,
            [.. AffiliationAnswer.Ordered(affiliations)],
            told["meetings"],
            told["events"],
            told["publications"],
            told["readings"],
            told["sentTo"],
            held
        );

        async Task<string?> Open(PersonView entry, SealedField? field) =>
            field is null ? null : await personalData.Open(entry.Id, field, cancellation, evenRestricted: true);
    }
}

/// <summary>The report as a page that can be printed: headings and tables, and nothing that is loaded from elsewhere.</summary>
internal static class AccessReportPage
{
    public static string Of(AccessReport report)
    {
        var page = new StringBuilder();
        page.Append(
            CultureInfo.InvariantCulture,
            $"<h1>What is held of the person {report.Id}</h1><p>As of position {report.Position} of the register."
        );
        if (report.People.Count > 1)
            page.Append(CultureInfo.InvariantCulture, $" Merged with: {string.Join(", ", report.People.Where(p => p != report.Id))}.");
        page.Append(
            report.Erased ? " Erased.</p>"
            : report.Restricted ? " Hidden from others.</p>"
            : "</p>"
        );
        var json = JsonSerializer.SerializeToNode(report, Json.Options)!.AsObject();
        foreach (var (name, value) in json)
        {
            if (value is JsonArray { Count: > 0 } rows && rows[0] is JsonObject)
                Table(page, name, [.. rows.OfType<JsonObject>()]);
        }

        return page.ToString();
    }

    private static void Table(StringBuilder page, string name, IReadOnlyList<JsonObject> rows)
    {
        var columns = rows.SelectMany(r => r.Select(m => m.Key)).Distinct().ToList();
        page.Append(CultureInfo.InvariantCulture, $"<h2>{name}</h2><table><tr>");
        foreach (var column in columns)
            page.Append(CultureInfo.InvariantCulture, $"<th scope=\"col\">{PlainPage.Text(column)}</th>");
        foreach (var row in rows)
        {
            page.Append("</tr><tr>");
            foreach (var column in columns)
            {
                var cell = row[column] is JsonValue value && value.TryGetValue(out string? text) ? text : row[column]?.ToJsonString();
                page.Append(CultureInfo.InvariantCulture, $"<td>{PlainPage.Text(cell)}</td>");
            }
        }

        page.Append("</tr></table>");
    }
}
