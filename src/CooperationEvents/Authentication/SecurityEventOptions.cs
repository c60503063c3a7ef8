using System.ComponentModel.DataAnnotations;
using CooperationEvents.Storage;

namespace CooperationEvents.Authentication;

/// <summary>How long security events are kept (<c>Access</c>).</summary>
public sealed class SecurityEventOptions : IConfiguredOptions
{
    public static string Section => "Access";

    /// <summary>How long security events are kept.</summary>
    [Range(1, 36_500)]
    public int SecurityEventDays { get; set; } = 180;
}
