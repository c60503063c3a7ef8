using System.Globalization;
using CooperationEvents.Kernel;
using NodaTime;
using NodaTime.Extensions;

namespace CooperationEvents.Recording;

/// <summary>The text of a trait that is compared by a moment (<see cref="TraitForm.Moment"/>).</summary>
public static class Moments
{
    /// <summary>
    /// The text with its moment in the place of local time and zone: in seconds from the first midnight of year 1 (UTC), one number in
    /// every zone. A time that the clocks leave out is the one that they show then.
    /// </summary>
    public static string Of(string text)
    {
        string[] parts = text.Split(' ');
        var local = PartialDate.Parse(parts[^2]);
        var zoned = DateTimeZoneProviders
            .Tzdb[parts[^1]]
            .AtLeniently(local.FirstDay.ToDateTime(local.Time ?? TimeOnly.MinValue).ToLocalDateTime());

        // An instant of NodaTime ends with the year 9999 in UTC, a local time does not.
        var seconds = (zoned.LocalDateTime.ToDateTimeUnspecified().Ticks - zoned.Offset.Ticks) / TimeSpan.TicksPerSecond;
        return string.Create(CultureInfo.InvariantCulture, $"{string.Join(' ', parts[..^2])} {seconds}");
    }
}
