using CooperationEvents.Kernel;
using CooperationEvents.Reading;
using CooperationEvents.Recording;

namespace CooperationEvents.Meetings;

/// <summary>What others may know of a meeting: its state, the days planned last, and who is registered.</summary>
public sealed record MeetingDirectoryEntry(
    Guid Id,
    string Title,
    MeetingState State,
    bool Voided,
    PartialDate Start,
    PartialDate End,
    string? TimeZone,
    string? Venue,
    ValueList<string> Topics,
    ValueList<Guid> Registered
)
{
    /// <summary>By who is registered, the organisation they are registered for.</summary>
    public IReadOnlyDictionary<Guid, Guid> RegisteredFor { get; init; } = new Dictionary<Guid, Guid>();

    /// <summary>The days it had; null where it was not held.</summary>
    public MeetingDays? Held { get; init; }

    public string? Country { get; init; }

    /// <summary>The people whose attendance is recorded, absent ones too.</summary>
    public ValueList<Guid> Attendances { get; init; } = [];

    /// <summary>The frameworks it takes place under.</summary>
    public ValueList<Guid> Frameworks { get; init; } = [];

    /// <summary>How often what was planned or stated of it changed.</summary>
    public int Sequence { get; init; }
}

/// <summary>Answers questions about meetings; read-only.</summary>
public static class MeetingDirectory
{
    /// <summary>The meeting of that reference, or null where there is none.</summary>
    public static async Task<MeetingDirectoryEntry?> Find(UnitOfWork work, Reference reference) =>
        (await FindMany(work, [reference])).GetValueOrDefault(reference);

    /// <summary>Those of the meetings that there are, each by its reference.</summary>
    public static async Task<IReadOnlyDictionary<Reference, MeetingDirectoryEntry>> FindMany(
        UnitOfWork work,
        IReadOnlyCollection<Reference> references
    )
    {
        var ids = await work.FindMany(StreamKind.Meeting, references);
        var meetings = (await work.FindMany<Meeting>([.. ids.Values.Distinct()])).ToDictionary(m => m.Id, Entry);
        return ids.Where(id => meetings.ContainsKey(id.Value)).ToDictionary(id => id.Key, id => meetings[id.Value]);
    }

    private static MeetingDirectoryEntry Entry(Meeting m) =>
        new(
            m.Id,
            m.Details.Title,
            m.State,
            m.Voided,
            m.Planned.Start,
            m.Planned.End,
            m.Planned.TimeZone,
            m.Details.Venue,
            m.Details.Topics,
            [.. m.Registrations.Where(r => r.Value is not null).Select(r => r.Key).Order()]
        )
        {
            RegisteredFor = m.Registrations.Where(r => r.Value is not null).ToDictionary(r => r.Key, r => r.Value!.OrganisationId),
            Held = m.State == MeetingState.Held ? m.Days : null,
            Country = m.Details.Country,
            Attendances = [.. m.Attendances.Keys.Order()],
            Frameworks = [.. m.Details.Frameworks.Select(p => p.FrameworkId)],
            Sequence = m.Details.Sequence,
        };

    /// <summary>The titles of those of the meetings that there are, as the read models have them.</summary>
    public static async Task<IReadOnlyDictionary<Guid, string>> Titles(
        Reader reader,
        IEnumerable<Guid> ids,
        CancellationToken cancellation
    ) => (await reader.FindMany<MeetingView>([.. ids.Distinct()], cancellation)).ToDictionary(m => m.Id, m => m.Title);
}
