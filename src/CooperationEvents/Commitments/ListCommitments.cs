using System.Text.Json;
using CooperationEvents.Authorization;
using CooperationEvents.Frameworks;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Meetings;
using CooperationEvents.Organisations;
using CooperationEvents.Reading;
using Wolverine.Http;

namespace CooperationEvents.Commitments;

/// <summary>Commitments in the order of recording.</summary>
public static class ListCommitmentsEndpoint
{
    [WolverineGet("/v1/commitments", OperationId = "list-commitments")]
    [List(Scopes.ActivityRead, typeof(Page<CommitmentSummary>), "status", "framework", "owner", "dueBefore")]
    public static async Task<IResult> Get(HttpContext http, Reader reader)
    {
        var today = reader.Today;
        var query = new QueryParameters(http.Request.Query);
        var filter = CommitmentFilter.Of(query, today);
        return await CommitmentFilter.Unknown(http, reader)
            ?? await reader.List<CommitmentView, CommitmentSummary, CommitmentRow>(
                http,
                query,
                filter,
                view => Task.FromResult(CommitmentMapper.ToSummary(view, view.IsOverdue(today))),
                commitments => CommitmentRow.Of(commitments, reader, http.RequestAborted)
            );
    }

    [WolverineGet("/v1/commitments" + ListTable.MetadataEnding, OperationId = "list-commitments-csv-metadata")]
    [List(Scopes.ActivityRead, typeof(CsvMetadata), "status", "framework", "owner", "dueBefore")]
    public static IResult GetCsvMetadata(HttpContext http) => ListTable.Metadata<CommitmentRow>(http, "Commitments");
}

/// <summary>A commitment in a list: all but its progress and its reviews.</summary>
public sealed record CommitmentSummary(
    Guid Id,
    long Version,
    Guid FrameworkId,
    Guid? MeetingId,
    string Text,
    ValueList<Guid> Owners,
    string? Area,
    PartialDate? DueOn,
    string Status,
    bool Overdue,
    FulfilmentView? Fulfilled,
    DropView? Dropped,
    ExternalReference? ExternalReference
);

/// <summary>A commitment as a row of a table, with the names of its framework, owners and area, and the title of its meeting.</summary>
public sealed record CommitmentRow(
    Guid Id,
    long Version,
    Guid FrameworkId,
    string FrameworkName,
    Guid? MeetingId,
    string? MeetingTitle,
    string Text,
    ValueList<Guid> Owners,
    ValueList<string> OwnerNames,
    string? Area,
    string? AreaName,
    PartialDate? DueOn,
    string Status,
    bool Overdue,
    FulfilmentView? Fulfilled,
    DropView? Dropped,
    ExternalReference? ExternalReference
)
{
    public static async Task<IReadOnlyList<CommitmentRow>> Of(
        IReadOnlyList<CommitmentSummary> commitments,
        Reader reader,
        CancellationToken cancellation
    )
    {
        var frameworks = await FrameworkDirectory.Names(reader, commitments.Select(c => c.FrameworkId), cancellation);
        var organisations = await OrganisationDirectory.Names(reader, commitments.SelectMany(c => c.Owners), cancellation);
        var meetings = await MeetingDirectory.Titles(reader, commitments.Select(c => c.MeetingId).OfType<Guid>(), cancellation);
        return
        [
            .. commitments.Select(c =>
                CommitmentMapper.ToRow(
                    c,
                    frameworks.GetValueOrDefault(c.FrameworkId)?.Name ?? "",
                    c.MeetingId is { } meeting ? meetings.GetValueOrDefault(meeting) : null,
                    [.. c.Owners.Select(o => organisations.GetValueOrDefault(o, ""))],
                    c.Area is { } area ? frameworks.GetValueOrDefault(c.FrameworkId)?.Areas.GetValueOrDefault(area) : null
                )
            ),
        ];
    }
}

/// <summary>Which commitments a query asks for, as conditions on their read models.</summary>
internal static class CommitmentFilter
{
    private const string Overdue = "overdue";

    /// <summary>Refuses a framework or an owner that there is none of; null where nothing is wrong.</summary>
    public static async Task<IResult?> Unknown(HttpContext http, Reader reader)
    {
        FieldError[] errors =
        [
            .. await reader.NotRecorded(http, "framework", StreamKind.Framework),
            .. await reader.NotRecorded(http, "owner", StreamKind.Organisation),
        ];
        return errors.Length == 0 ? null : ProblemResult.Of(KernelProblems.Invalid.With(errors));
    }

    public static List<(string Sql, object Value)> Of(QueryParameters query, DateOnly today)
    {
        var filter = new List<(string, object)>();
        var open = Json.Word(CommitmentStatus.Open);
        var status = query.OneOf("status", open, Overdue, Json.Word(CommitmentStatus.Fulfilled), Json.Word(CommitmentStatus.Dropped));
        if (status is not null)
            filter.Add(("status = ?", status == Overdue ? open : status));
        if (status == Overdue)
            filter.Add(("due_day < ?", today));
        if (query.Id("framework") is { } framework)
            filter.Add(("framework_id = ?", framework));
        if (query.Id("owner") is { } owner)
            filter.Add(("data -> 'owners' @> ?::jsonb", JsonSerializer.Serialize(new[] { owner }, Json.Options)));
        if (query.FirstDay("dueBefore") is { } day)
            filter.Add(("due_day < ?", day));
        return filter;
    }
}
