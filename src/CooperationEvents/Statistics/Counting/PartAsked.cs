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
    public static PartAsked? Of(Part part) =>
        part == Part.Whole
            ? null
            : new PartAsked(
                part.Level,
                part.Year,
                part.Period?.ToString(),
                part.Period?.Per,
                part.Until,
                part.Party,
                part.Organisation,
                part.Area,
                part.Host,
                part.CoHost,
                part.Country,
                part.Mode,
                part.Role
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
