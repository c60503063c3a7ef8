using CooperationEvents.Frameworks;
using CooperationEvents.Kernel;
using CooperationEvents.Meetings;
using CooperationEvents.Recording;

namespace CooperationEvents.Commitments;

/// <summary>What commitments ask of the framework, the meeting and the organisations they name.</summary>
internal static class CommitmentLookup
{
    public static References AddOwners(this References references, ValueList<Reference> owners)
    {
        for (var i = 0; i < owners.Count; i++)
            references.Add(StreamKind.Organisation, owners[i], $"/owners/{i}");
        return references;
    }

    /// <summary>The codes of the framework's areas.</summary>
    public static async Task<IReadOnlyList<string>> Areas(UnitOfWork work, Guid frameworkId) =>
        (await FrameworkDirectory.Details(work, frameworkId)).Areas;

    public static async Task<MeetingPlace> Place(UnitOfWork work, Guid meetingId) =>
        await MeetingDirectory.Find(work, meetingId) is { } meeting
            ? new MeetingPlace(meeting.Id, meeting.Frameworks, meeting.Voided)
            : throw new InvalidOperationException($"Meeting {meetingId} was resolved but cannot be read.");

    /// <summary>The place of the meeting; null where none is named.</summary>
    public static async Task<MeetingPlace?> PlaceOfAny(UnitOfWork work, Guid? meetingId) =>
        meetingId is { } id ? await Place(work, id) : null;
}
