using System.ComponentModel.DataAnnotations;

namespace CooperationEvents.Storage;

/// <summary>How a node stands to the database and to other nodes (<c>Hosting</c>).</summary>
public sealed class HostingOptions : IConfiguredOptions
{
    public static string Section => "Hosting";

    [Range(0.1, 1_000_000_000)]
    public double ClockApartSeconds { get; set; } = 10;

    /// <summary>How long a node that was told to stop still answers, and is not ready.</summary>
    [Range(0, 600)]
    public double DrainSeconds { get; set; }

    public TimeSpan ClocksApart => TimeSpan.FromSeconds(ClockApartSeconds);

    public TimeSpan Drain => TimeSpan.FromSeconds(DrainSeconds);
}
