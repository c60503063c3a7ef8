using CooperationEvents.Kernel;

namespace CooperationEvents.Meetings;

/// <summary>
/// What is planned and stated of a meeting itself. Rules and readers need it in the same form: state and view have it, and it is folded
/// here for both.
/// </summary>
public record MeetingDetails
{
    public string Title { get; init; } = "";

    public ValueList<Placement> Frameworks { get; init; } = [];

    public PartialDate Start { get; init; }

    public PartialDate End { get; init; }

    public string? TimeZone { get; init; }

    public MeetingMode? Mode { get; init; }

    public string? Venue { get; init; }

    public string? Country { get; init; }

    public ValueList<Host> Hosts { get; init; } = [];

    public ValueList<string> Topics { get; init; } = [];

    public ValueList<AgendaItem> Agenda { get; init; } = [];

    public Guid? InMarginsOf { get; init; }

    /// <summary>How often what was planned or stated of the meeting changed: SEQUENCE of its calendar entry.</summary>
    public int Sequence { get; init; }

    /// <summary>The details after an event. What else the record holds stays as it was.</summary>
    public static T Fold<T>(T details, object data)
        where T : MeetingDetails
    {
        var after = data switch
        {
            MeetingScheduled e => details with
            {
                Title = e.Title,
                Frameworks = e.Frameworks,
                Start = e.Start,
                End = e.End,
                TimeZone = e.TimeZone,
                Mode = e.Mode,
                Venue = e.Venue,
                Country = e.Country,
                Hosts = e.Hosts,
                Topics = e.Topics,
                InMarginsOf = e.InMarginsOf,
            },
            MeetingRescheduled e => details with { Start = e.Start, End = e.End, TimeZone = e.TimeZone },
            MeetingRelocated e => details with { Mode = e.Mode, Venue = e.Venue, Country = e.Country },
            HostsChanged e => details with { Hosts = e.Hosts },
            AgendaSet e => details with { Agenda = e.Items },
            MeetingHeld e => details with { Start = e.HeldFrom, End = e.HeldTo, Mode = e.Mode ?? details.Mode },
            MeetingCorrected { Replaced: var replaced, Corrected: var corrected } => details with
            {
                Title = corrected.Title ?? details.Title,
                Frameworks = corrected.Frameworks ?? details.Frameworks,
                Start = corrected.Start ?? details.Start,
                End = corrected.End ?? details.End,
                TimeZone = Correction.After(details.TimeZone, replaced.TimeZone, corrected.TimeZone),
                Mode = Correction.After(details.Mode, replaced.Mode, corrected.Mode),
                Venue = Correction.After(details.Venue, replaced.Venue, corrected.Venue),
                Country = Correction.After(details.Country, replaced.Country, corrected.Country),
                Hosts = corrected.Hosts ?? details.Hosts,
                Topics = corrected.Topics ?? details.Topics,
                InMarginsOf = Correction.After(details.InMarginsOf, replaced.InMarginsOf, corrected.InMarginsOf),
            },
            _ => details,
        };
        return MeetingRevisions.Revises(data) ? after with { Sequence = after.Sequence + 1 } : after;
    }

    public MeetingDays Days() => new(Start, End, TimeZone);
}
