using System.ComponentModel.DataAnnotations;

namespace CooperationEvents.Storage;

/// <summary>How far the clock of a node may be from the database's (<c>Hosting</c>).</summary>
public sealed class ClockOptions : IConfiguredOptions
{
    public static string Section => "Hosting";

    [Range(0.1, 1_000_000_000)]
    public double ClockApartSeconds { get; set; } = 10;

    public TimeSpan ClocksApart => TimeSpan.FromSeconds(ClockApartSeconds);
}
