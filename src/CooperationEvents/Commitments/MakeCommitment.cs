using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Recording;
using Wolverine.Http;

namespace CooperationEvents.Commitments;

/// <summary>
/// Records what organisations undertook, under a framework and perhaps at a meeting of it. A partial <paramref name="DueOn"/> stands
/// for its last day. The text is public record.
/// </summary>
public sealed record MakeCommitment(
    Reference FrameworkId,
    [property: Text(4000)] string Text,
    [property: Bounds(1, 50)] ValueList<Reference> Owners,
    Guid? Id = null,
    Reference? MeetingId = null,
    [property: Text(40)] string? Area = null,
    PartialDate? DueOn = null,
    ExternalReference? ExternalReference = null
) : ICommand
{
    /// <param name="areas">The codes of the framework's areas.</param>
    public static Decision Decide(
        Guid id,
        Created<Commitment>? created,
        KnownIds ids,
        IReadOnlyList<string> areas,
        MeetingPlace? meeting,
        MakeCommitment command
    )
    {
        var made = new CommitmentMade(
            id,
            ids.Of(StreamKind.Framework, command.FrameworkId),
            command.Text,
            command.Owners.Resolved(ids),
            ids.OfOptional(StreamKind.Meeting, command.MeetingId),
            command.Area,
            command.DueOn,
            command.ExternalReference
        );
        return Decision.Create(
            created?.Events,
            created is null ? null : [created.Now.AsMade(created.First<CommitmentMade>())],
            CommitmentRules.Repeated(made.Owners)
                ?? CommitmentRules.UnknownArea(made.Area, areas)
                ?? CommitmentRules.Elsewhere(made.FrameworkId, meeting),
            made
        );
    }
}

public static class MakeCommitmentEndpoint
{
    [WolverinePost("/v1/commitments", OperationId = "make-commitment"), Command(Scopes.ActivityWrite, CreatesAt = "/v1/commitments/")]
    public static CommandRule Post(MakeCommitment command) =>
        new(async work =>
        {
            var (ids, unknown) = await work.Resolve(
                new References()
                    .Add(StreamKind.Framework, command.FrameworkId, "/frameworkId")
                    .Add(StreamKind.Meeting, command.MeetingId, "/meetingId")
                    .AddOwners(command.Owners)
            );
            if (unknown is not null)
                return unknown;
            var areas = await CommitmentLookup.Areas(work, ids.Of(StreamKind.Framework, command.FrameworkId));
            var meeting = await CommitmentLookup.PlaceOfAny(work, ids.OfOptional(StreamKind.Meeting, command.MeetingId));
            return await work.Create<Commitment>(command.Id, command.ExternalReference, (id, created) =>
                MakeCommitment.Decide(id, created, ids, areas, meeting, command)
            );
        });
}
