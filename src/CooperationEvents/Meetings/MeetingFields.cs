using CooperationEvents.Kernel;

namespace CooperationEvents.Meetings;

/// <summary>The fields a meeting is created with, whether it is scheduled or recorded as held. Title and venue are public record.</summary>
public abstract record MeetingFields
{
    /// <summary>The caller's own id, a random UUID; made here where it is absent.</summary>
    public Guid? Id { get; init; }

    [Text(300)]
    public required string Title { get; init; }

    [Bounds(1, 50)]
    public required ValueList<PlacementFields> Frameworks { get; init; }

    /// <summary>
    /// A year, a month, a day, or a local time with timeZone. A time that the clocks leave out in spring is read with the offset before the
    /// change, as in calendars (RFC 5545): 02:30 is the moment of 03:30.
    /// </summary>
    [TimeOfDay]
    public required PartialDate Start { get; init; }

    /// <summary>The start where it is absent.</summary>
    [TimeOfDay]
    public PartialDate? End { get; init; }

    [TimeZone]
    public string? TimeZone { get; init; }

    public MeetingMode? Mode { get; init; }

    [Text(300)]
    public string? Venue { get; init; }

    /// <summary>ISO 3166-1 alpha-2.</summary>
    [Country, Text(2, Pattern = CountryAttribute.Pattern, Words = CountryAttribute.Words)]
    public string? Country { get; init; }

    [Bounds(0, 50)]
    public ValueList<HostFields>? Hosts { get; init; }

    /// <summary>Codes of areas of the frameworks.</summary>
    [Bounds(0, 50)]
    public ValueList<string>? Topics { get; init; }

    /// <summary>The meeting in whose margins this one takes place.</summary>
    public Reference? InMarginsOf { get; init; }

    public ExternalReference? ExternalReference { get; init; }

    internal MeetingDays Days => new(Start, End ?? Start, TimeZone);

    internal MeetingScheduled Scheduled(Guid id, KnownIds ids) =>
        new(
            id,
            Title,
            Frameworks.Resolved(ids),
            Days.Start,
            Days.End,
            (Hosts ?? []).Resolved(ids),
            Topics ?? [],
            TimeZone,
            Mode,
            Venue,
            Country,
            ids.OfOptional(StreamKind.Meeting, InMarginsOf),
            ExternalReference
        );
}

/// <summary>A framework, one of its levels, and the number of the edition where the series is numbered.</summary>
public sealed record PlacementFields(
    Reference FrameworkId,
    [property: Text(40)] string Level,
    [property: Bounds(1, 10_000)] int? Edition = null
);

public sealed record HostFields(
    Reference OrganisationId,
    Reference? PersonId = null,
    HostRole Role = HostRole.Host,
    [property: Text(200)] string? OnBehalfOf = null
);

internal static class MeetingFieldsResolution
{
    public static ValueList<Placement> Resolved(this ValueList<PlacementFields> placements, KnownIds ids) =>
        [.. placements.Select(p => new Placement(ids.Of(StreamKind.Framework, p.FrameworkId), p.Level, p.Edition))];

    public static ValueList<Host> Resolved(this ValueList<HostFields> hosts, KnownIds ids) =>
        [
            .. hosts.Select(h => new Host(
                ids.Of(StreamKind.Organisation, h.OrganisationId),
                ids.OfOptional(StreamKind.Person, h.PersonId),
                h.Role,
                h.OnBehalfOf
            )),
        ];
}
