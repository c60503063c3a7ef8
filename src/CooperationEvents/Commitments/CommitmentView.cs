using CooperationEvents.Kernel;
using CooperationEvents.Projections;
using CooperationEvents.Reading;
using JasperFx.Events;
using Riok.Mapperly.Abstractions;

namespace CooperationEvents.Commitments;

/// <summary>A commitment as it is read, with all that became of it.</summary>
public sealed record CommitmentView : CommitmentDetails, IView
{
    public static StreamKind Stream => StreamKind.Commitment;

    public static string Table => $"{ReadModel.Schema}.mt_doc_commitmentview";

    public required Guid Id { get; init; }

    public long Version { get; init; }

    public string SortKey { get; init; } = "";

    /// <summary>The last day it may be due on.</summary>
    public DateOnly? DueDay { get; init; }

    /// <summary>The status, as a word.</summary>
    public required string Status { get; init; }

    public ValueList<ProgressView> Progress { get; init; } = [];

    public ValueList<ReviewView> Reviews { get; init; } = [];

    public FulfilmentView? Fulfilled { get; init; }

    public DropView? Dropped { get; init; }

    public ExternalReference? ExternalReference { get; init; }

    /// <summary>Whether it is open, and the last day it may be due on is over.</summary>
    public bool IsOverdue(DateOnly today) => Status == Json.Word(CommitmentStatus.Open) && DueDay < today;
}

public sealed record ProgressView(PartialDate On, string Note, string? Evidence = null);

public sealed record ReviewView(Guid MeetingId, PartialDate On, string Assessment, string? Note = null);

public sealed record FulfilmentView(PartialDate On, string? Evidence = null);

public sealed record DropView(string Reason);

/// <summary>Answers of a commitment, by the names of their members.</summary>
[Mapper(RequiredMappingStrategy = RequiredMappingStrategy.Target)]
internal static partial class CommitmentMapper
{
    public static partial CommitmentAnswer ToAnswer(CommitmentView view, bool overdue);

    public static partial CommitmentSummary ToSummary(CommitmentView view, bool overdue);

    public static partial CommitmentRow ToRow(
        CommitmentSummary commitment,
        string frameworkName,
        string? meetingTitle,
        ValueList<string> ownerNames,
        string? areaName
    );
}

public sealed partial class CommitmentViewProjection() : ViewProjection<CommitmentView>(StreamKind.Commitment)
{
    public override CommitmentView? Evolve(CommitmentView? snapshot, Guid id, IEvent e)
    {
        var view = Fold(snapshot, e.Data) is { } folded ? CommitmentDetails.Fold(folded, e.Data) : null;
        return view is null
            ? null
            : view with
            {
                Version = e.Version,
                SortKey = snapshot?.SortKey ?? ReadModel.SortKey(e.Sequence),
                DueDay = view.DueOn?.LastDay,
            };
    }

    /// <summary>All but the details after an event.</summary>
    private static CommitmentView? Fold(CommitmentView? view, object data) =>
        data switch
        {
            CommitmentMade c => new CommitmentView
            {
                Id = c.CommitmentId,
                Status = Json.Word(CommitmentStatus.Open),
                ExternalReference = c.ExternalReference,
            },
            _ when view is null => null,
            CommitmentProgressReported p => view with { Progress = [.. view.Progress, new ProgressView(p.On, p.Note, p.Evidence)] },
            CommitmentReviewed r => view with { Reviews = [.. view.Reviews, new ReviewView(r.MeetingId, r.On, r.Assessment, r.Note)] },
            CommitmentFulfilled f => view with
            {
                Status = Json.Word(CommitmentStatus.Fulfilled),
                Fulfilled = new FulfilmentView(f.On, f.Evidence),
            },
            CommitmentDropped d => view with { Status = Json.Word(CommitmentStatus.Dropped), Dropped = new DropView(d.Reason) },
            CommitmentReopened => view with { Status = Json.Word(CommitmentStatus.Open), Fulfilled = null, Dropped = null },
            _ => view,
        };
}
