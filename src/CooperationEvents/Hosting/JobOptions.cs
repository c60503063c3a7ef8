using System.ComponentModel.DataAnnotations;
using CooperationEvents.Storage;

namespace CooperationEvents.Hosting;

/// <summary>How jobs are looked for (<c>Jobs</c>).</summary>
public sealed class JobOptions : IConfiguredOptions
{
    public static string Section => "Jobs";

    /// <summary>How often a node says that it lives, and looks for jobs that are due or were given up.</summary>
    [Range(0.1, 3_600)]
    public double PaceSeconds { get; set; } = 30;
}
