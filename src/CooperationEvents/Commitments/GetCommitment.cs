using CooperationEvents.Authorization;
using CooperationEvents.Kernel;
using CooperationEvents.Reading;
using Wolverine.Http;

namespace CooperationEvents.Commitments;

/// <summary>A commitment as answered, with how it came along, what meetings found of it, and how it was closed.</summary>
public sealed record CommitmentAnswer(
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
    ValueList<ProgressView> Progress,
    ValueList<ReviewView> Reviews,
    FulfilmentView? Fulfilled,
    DropView? Dropped,
    ExternalReference? ExternalReference
);

public static class GetCommitmentEndpoint
{
    [
        WolverineGet("/v1/commitments/{commitmentId}", OperationId = "get-commitment"),
        Query(Scopes.ActivityRead, typeof(CommitmentAnswer), Conditional = true)
    ]
    public static Task<IResult> Get(string commitmentId, HttpContext http, Reader reader) =>
        reader.One<CommitmentView, CommitmentAnswer>(
            http,
            commitmentId,
            view => Task.FromResult(CommitmentMapper.ToAnswer(view, view.IsOverdue(reader.Today))),
            varies: view => view.DueOn is not null
        );
}
