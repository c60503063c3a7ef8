using CooperationEvents.Authorization;
using CooperationEvents.Kernel;
using CooperationEvents.Privacy;
using CooperationEvents.Reading;
using Wolverine.Http;

namespace CooperationEvents.People;

/// <summary>
/// How many days after a person's last activity fields are kept, by class; absent: until the person is erased.
/// </summary>
public sealed record RetentionRulesAnswer(int? IdentityDays, int? ContactDays, int? PostDays, int? TextsDays);

/// <summary>A class of fields and of how many people they are due, or are reached by an erasure only.</summary>
public sealed record RetentionCount(FieldClass Class, int Due, int ByErasureOnly);

/// <summary>
/// Whose fields are no longer to be kept. The next run of the job destroys what is <c>due</c>, and nothing else.
/// </summary>
/// <param name="Today">The day asked about, in UTC.</param>
/// <param name="Counts">Of everybody, not of the page alone.</param>
public sealed record RetentionAnswer(
    DateOnly Today,
    RetentionRulesAnswer Rules,
    IReadOnlyList<RetentionCount> Counts,
    IReadOnlyList<DuePerson> Items
)
{
    /// <summary>How many people each class of fields is due of.</summary>
    internal static IReadOnlyList<RetentionCount> Count(IReadOnlyList<DuePerson> people) =>
        [
            .. Enum.GetValues<FieldClass>()
                .Select(of => new RetentionCount(
                    of,
                    people.Count(p => p.Due.Any(d => d.Class == of)),
                    people.Count(p => p.ByErasureOnly.Contains(of))
                )),
        ];
}

/// <summary>
/// Whose fields are no longer to be kept, by the rules of the settings, or by those that are given instead: what would be if they were
/// the rules. Nothing is changed by asking.
/// </summary>
public static class ListRetentionEndpoint
{
    private static readonly string[] Rules = ["identityDays", "contactDays", "postDays", "textsDays"];

    [WolverineGet("/v1/people/retention", OperationId = "list-retention"), OpensNames]
    [Query(
        Scopes.PrivacyManage,
        typeof(RetentionAnswer),
        "identityDays",
        "contactDays",
        "postDays",
        "textsDays",
        "limit",
        "cursor",
        MediaTypes = ["application/json", CsvLines.MediaType]
    )]
    public static async Task<IResult> Get(HttpContext http, Reader reader, Retention retention, PrivacyOptions options)
    {
        http.Response.Headers.CacheControl = "no-store";
        var query = new QueryParameters(http.Request.Query);
        var days = Rules.Select(rule => query.Number(rule, 1, RetentionOptions.MostDays)).ToList();
        var rules = days.All(d => d is null)
            ? options.Retention
            : new RetentionOptions
            {
                IdentityDays = days[0],
                ContactDays = days[1],
                PostDays = days[2],
                TextsDays = days[3],
            };
        var limit = query.Number("limit", 1, Reader.LargestPage) ?? Reader.DefaultPageSize;
        var key = Cursor.Read(http, query);
        var after = Uuid.Read(key);
        if (key is not null && after is null)
            Cursor.Refuse(query);
        var format = ListTable.Wanted(http, query);
        var isWhole = format is not null && key is null && query.Text("limit") is null;
        var (_, refused) = await reader.Begin(http, query);
        if (refused is not null)
            return refused;

        var (today, due) = await retention.Due(rules, http.RequestAborted);
        var page = due.Where(p => p.PersonId.CompareTo(after ?? Guid.Empty) > 0).Take(limit + 1).ToList();
        if (isWhole)
            page = [.. due];
        else if (page.Count > limit)
        {
            page.RemoveAt(limit);
            Cursor.Link(http, $"{page[^1].PersonId}");
        }

        if (format is not null)
            return ListTable.Of(http, format, new IReadOnlyList<DuePerson>[] { page }.ToAsyncEnumerable(), isDescribed: false);
        return Results.Json(
            new RetentionAnswer(
                today,
                new RetentionRulesAnswer(rules.IdentityDays, rules.ContactDays, rules.PostDays, rules.TextsDays),
                RetentionAnswer.Count(due),
                page
            ),
            Json.Options
        );
    }
}
