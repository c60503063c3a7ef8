using CooperationEvents.Authorization;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Recording;
using Wolverine.Http;

namespace CooperationEvents.Commitments;

/// <summary>
/// Corrects a commitment, in any status. A member that is absent stays. <paramref name="Remove"/> names the members that are taken
/// away. Another due date that was agreed on is no correction. Text and reason are public record.
/// </summary>
public sealed record CorrectCommitment(
    Reference CommitmentId,
    [property: Text(1000)] string Reason,
    [property: Bounds(0, 3)] ValueList<RemovableOfCommitment>? Remove = null,
    [property: Text(4000)] string? Text = null,
    [property: Bounds(1, 50)] ValueList<Reference>? Owners = null,
    Reference? MeetingId = null,
    [property: Text(40)] string? Area = null,
    PartialDate? DueOn = null
) : ICommand
{
    /// <param name="areas">The codes of the framework's areas.</param>
    /// <param name="meeting">Where the meeting of the command takes place.</param>
    public static Decision Decide(
        Commitment commitment,
        KnownIds ids,
        IReadOnlyList<string> areas,
        MeetingPlace? meeting,
        CorrectCommitment command
    )
    {
        if (command.Contradiction() is { } contradiction)
            return contradiction;
        if (
            Correction.NothingGiven(
                ("text", command.Text),
                ("owners", command.Owners),
                ("meetingId", command.MeetingId),
                ("area", command.Area),
                ("dueOn", command.DueOn),
                ("remove", command.Remove.UnlessEmpty())
            ) is
            { } nothing
        )
            return nothing;
        var owners = command.Owners?.Resolved(ids);
        var now = commitment.Details;
        var wanted = now with
        {
            Text = command.Text ?? now.Text,
            Owners = owners?.HasItemsOf(now.Owners) == false ? owners : now.Owners,
            MeetingId = command.Removes(RemovableOfCommitment.MeetingId)
                ? null
                : ids.OfOptional(StreamKind.Meeting, command.MeetingId) ?? now.MeetingId,
            Area = command.Removes(RemovableOfCommitment.Area) ? null : command.Area ?? now.Area,
            DueOn = command.Removes(RemovableOfCommitment.DueOn) ? null : command.DueOn ?? now.DueOn,
        };
        if (now == wanted)
            return Decision.Nothing;

        var corrected = Differing(wanted, now);
        var fault = CommitmentRules.Repeated(wanted.Owners)
            ?? CommitmentRules.UnknownArea(corrected.Area, areas)
            ?? (corrected.MeetingId is null ? null : CommitmentRules.Elsewhere(now.FrameworkId, meeting));
        return fault ?? Decision.Accept(new CommitmentCorrected(commitment.Id, Differing(now, wanted), corrected, command.Reason));
    }

    private bool Removes(RemovableOfCommitment member) => Remove?.Contains(member) == true;

    private Problem? Contradiction() =>
        Correction.Contradiction(
            Remove,
            (RemovableOfCommitment.MeetingId, MeetingId),
            (RemovableOfCommitment.Area, Area),
            (RemovableOfCommitment.DueOn, DueOn)
        );

    private static CommitmentFacts Differing(CommitmentDetails of, CommitmentDetails from) =>
        new()
        {
            Text = of.Text == from.Text ? null : of.Text,
            Owners = of.Owners == from.Owners ? null : of.Owners,
            MeetingId = of.MeetingId == from.MeetingId ? null : of.MeetingId,
            Area = of.Area == from.Area ? null : of.Area,
            DueOn = of.DueOn == from.DueOn ? null : of.DueOn,
        };
}

public static class CorrectCommitmentEndpoint
{
    [WolverinePost("/v1/commitments/{commitmentId}/correct", OperationId = "correct-commitment"), Command(Scopes.ActivityWrite)]
    public static CommandRule Post(CorrectCommitment command)
    {
        var references = new References().AddOwners(command.Owners ?? []).Add(StreamKind.Meeting, command.MeetingId, "/meetingId");
        return new(work =>
            work.Change<Commitment>(command.CommitmentId, references, async (commitment, ids) =>
                CorrectCommitment.Decide(
                    commitment,
                    ids,
                    command.Area is null ? [] : await CommitmentLookup.Areas(work, commitment.Details.FrameworkId),
                    await CommitmentLookup.PlaceOfAny(work, ids.OfOptional(StreamKind.Meeting, command.MeetingId)),
                    command
                )
            )
        );
    }
}

/// <summary>What a correction of a commitment can take away.</summary>
public enum RemovableOfCommitment
{
    MeetingId,
    Area,
    DueOn,
}
