using System.Text.Json;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Meetings;

namespace CooperationEvents.Calendars.Incoming;

/// <summary>
/// How the events of one calendar become meetings: the mapping file of an iCalendar import. <paramref name="System"/> is the
/// system of the meetings' external references, <paramref name="DefaultTimeZone"/> that of times without a zone.
/// </summary>
/// <param name="Complete">Whether a file holds every event within the window, so that one it lacks does not take place.</param>
/// <param name="CancelledPrefixes">What a SUMMARY begins with where the event does not take place, whatever its capitals.</param>
/// <param name="EmptyMeansEmpty">Whether an event without LOCATION has no place, and not one that is not said.</param>
/// <param name="LateChanges">Why a change to a meeting that was held corrects it; absent where such a change is refused.</param>
public sealed record CalendarMapping(
    [property: Text(100)] string System,
    [property: Bounds(1, 50)] ValueList<PlacementFields> Frameworks,
    [property: TimeZone] string? DefaultTimeZone = null,
    CalendarWindow? Window = null,
    [property: Bounds(0, 500)] ValueList<CategoryTopic>? Categories = null,
    [property: Bounds(0, 200)] ValueList<NamedTimeZone>? TimeZones = null,
    AttendeeMapping? Attendees = null,
    bool Complete = false,
    [property: Bounds(0, 50)] ValueList<string>? CancelledPrefixes = null,
    bool EmptyMeansEmpty = false,
    LateChanges? LateChanges = null
)
{
    /// <summary>Reads a mapping file; the problem names every fault by its place.</summary>
    public static (CalendarMapping? Mapping, Problem? Problem) Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
            return (null, KernelProblems.Invalid.Because("The mapping must be a JSON object."));
        var (mapping, invalid) = BodyCheck.As<CalendarMapping>(json);
        if (mapping is null)
            return (null, invalid);
        if (mapping is { Complete: true, Window: null })
            return (null, KernelProblems.Invalid.At("/window", "Say within which days the file is complete."));
        if (mapping.CancelledPrefixes?.Any(string.IsNullOrWhiteSpace) == true)
            return (null, KernelProblems.Invalid.At("/cancelledPrefixes", "A prefix must not be blank."));
        if (mapping.Window is { } window && window.Last < window.First)
            return (null, KernelProblems.Invalid.At("/window/to", "The window must not end before it begins."));
        if (Contradictions(mapping).ToList() is [_, ..] contradictions)
            return (null, KernelProblems.Invalid.With(contradictions));
        return mapping.Attendees is { } attendees ? WithDomains(mapping, attendees) : (mapping, null);
    }

    /// <summary>What the mapping says twice and otherwise: which of the two is meant is never guessed.</summary>
    private static IEnumerable<FieldError> Contradictions(CalendarMapping mapping)
    {
        foreach (var (i, placement) in mapping.Frameworks.Index())
        {
            if (mapping.Frameworks.Take(i).Any(other => other.FrameworkId == placement.FrameworkId))
                yield return new FieldError($"/frameworks/{i}/frameworkId", "The framework is given twice. A meeting has one level in it.");
        }

        var zones = mapping.TimeZones ?? [];
        foreach (var (i, zone) in zones.Index())
        {
            if (
                zones
                    .Take(i)
                    .Any(other => TimeZoneNames.AreOne(other.Name, zone.Name) && !Http.TimeZones.AreOne(other.TimeZone, zone.TimeZone))
            )
                yield return new FieldError($"/timeZones/{i}/name", "The name is given twice, with two time zones.");
        }
    }

    /// <summary>The mapping with its mail domains in the normal form, in which the addresses of attendees are.</summary>
    private static (CalendarMapping? Mapping, Problem? Problem) WithDomains(CalendarMapping mapping, AttendeeMapping attendees)
    {
        var domains = attendees.Organisations.Select(o => MailAddress.NormalDomain(o.Domain)).ToList();
        List<FieldError> errors =
        [
            .. domains
                .Index()
                .Where(d => d.Item is null)
                .Select(d => new FieldError($"/attendees/organisations/{d.Index}/domain", "Must be a mail domain, such as iom.int.")),
            .. domains
                .Zip(attendees.Organisations)
                .Index()
                .Where(d =>
                    d.Item.First is not null
                    && domains
                        .Zip(attendees.Organisations)
                        .Take(d.Index)
                        .Any(other => other.First == d.Item.First && other.Second.OrganisationId != d.Item.Second.OrganisationId)
                )
                .Select(d => new FieldError(
                    $"/attendees/organisations/{d.Index}/domain",
                    "The domain is given twice, with two organisations. However it is spelled, it is one."
                )),
        ];
        if (errors.Count > 0)
            return (null, KernelProblems.Invalid.With(errors));
        var organisations = attendees.Organisations.Zip(domains, (organisation, domain) => organisation with { Domain = domain! });
        return (mapping with { Attendees = attendees with { Organisations = [.. organisations] } }, null);
    }

    /// <summary>The topics that events of the calendar can have.</summary>
    internal IEnumerable<string> Topics => (Categories ?? []).Select(c => c.Topic).Distinct();

    /// <summary>The topics of these categories, each once; categories that are not mapped have none.</summary>
    internal IEnumerable<string> TopicsOf(IEnumerable<string> categories)
    {
        var stated = categories.Select(NormalForm.WithoutCapitals).ToHashSet();
        return stated.Count == 0
            ? []
            : (Categories ?? []).Where(c => stated.Contains(NormalForm.WithoutCapitals(c.Category))).Select(c => c.Topic).Distinct();
    }

    /// <summary>The organisation whose people have such an address: that of the whole domain, or of the nearest one above it.</summary>
    public Reference? OrganisationOf(string address)
    {
        for (
            var domain = address[(address.IndexOf('@', StringComparison.Ordinal) + 1)..];
            ;
            domain = domain[(domain.IndexOf('.', StringComparison.Ordinal) + 1)..]
        )
        {
            if (
                Attendees?.Organisations.FirstOrDefault(o => string.Equals(o.Domain, domain, StringComparison.OrdinalIgnoreCase)) is
                { } found
            )
                return found.OrganisationId;
            if (!domain.Contains('.', StringComparison.Ordinal))
                return null;
        }
    }
}

/// <summary>The days between which recurring events are expanded, both included; a month or year stands for all its days.</summary>
public sealed record CalendarWindow(PartialDate From, PartialDate To)
{
    internal DateOnly First => From.FirstDay;

    internal DateOnly Last => To.LastDay;

    internal bool Holds(DateOnly day) => day >= First && day <= Last;

    /// <summary>Whether a day of a meeting lies in it; an end at midnight is of the day before.</summary>
    internal bool Holds(PartialDate start, PartialDate end) => Holds(start.FirstDay, end.LastDayFrom(start));

    /// <summary>Whether one of these days lies in it.</summary>
    internal bool Holds(DateOnly first, DateOnly last) => last >= First && first <= Last;
}

/// <summary>Changes to meetings that were held are corrections, for this reason. It is public record.</summary>
public sealed record LateChanges([property: Text(1000)] string Reason);

/// <summary>An area of the frameworks for a category of the calendar, whatever its capitals.</summary>
public sealed record CategoryTopic(string Category, [property: Text(40)] string Topic);

/// <summary>The IANA time zone for a name that stands in the calendar and is neither IANA's nor Windows'.</summary>
public sealed record NamedTimeZone(string Name, [property: TimeZone] string TimeZone);

/// <summary>
/// Whom the attendees are registered for, by the domain of their address. <paramref name="System"/> is the system of their
/// external references; the id is the address in its normal form.
/// </summary>
public sealed record AttendeeMapping(
    [property: Text(100)] string System,
    [property: Bounds(1, 500)] ValueList<DomainOrganisation> Organisations
);

/// <summary>
/// An organisation for a mail domain and the domains below it; written in letters of any script, or as the name service has it.
/// </summary>
public sealed record DomainOrganisation([property: Text(253)] string Domain, Reference OrganisationId);
