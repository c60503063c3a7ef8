using System.Text.Json.Serialization;

namespace CooperationEvents.Statistics.Counting;

/// <summary>The part of the activity that was asked about, as an answer repeats it.</summary>
public sealed record PartAsked(
    string? Level,
    int? Year,
    string? Period,
    Per? Per,
    DateOnly? Until,
    string? Party,
    string? Organisation,
    string? Area,
    string? Host,
    string? CoHost,
    string? Country,
    string? Mode,
    string? Role
)
{
    /// <summary>Null where the whole was asked about.</summary>
    public static PartAsked? Of(ActivityFilter filter) =>
        filter == ActivityFilter.None
            ? null
            : new PartAsked(
                filter.Level,
                filter.Year,
                filter.Period?.ToString(),
                filter.Period?.Per,
                filter.Until,
                filter.Party,
                filter.Organisation,
                filter.Area,
                filter.Host,
                filter.CoHost,
                filter.Country,
                filter.Mode,
                filter.Role
            );

    /// <summary>What narrows the question, by the names of the parameters.</summary>
    [JsonIgnore]
    public IEnumerable<(string Name, object Value)> Named =>
        from pair in new (string Name, object? Value)[]
        {
            ("level", Level),
            ("year", Year),
            ("period", Period),
            ("until", Until?.ToString("O", System.Globalization.CultureInfo.InvariantCulture)),
            ("party", Party),
            ("organisation", Organisation),
            ("area", Area),
            ("host", Host),
            ("coHost", CoHost),
            ("country", Country),
            ("mode", Mode),
            ("role", Role),
        }
        where pair.Value is not null
        select (pair.Name, pair.Value);
}
