using System.ComponentModel.DataAnnotations;
using CooperationEvents.Storage;

namespace CooperationEvents.Webhooks;

/// <summary>How events are sent to subscribers (<c>Webhooks</c>).</summary>
public sealed class WebhookOptions : IConfiguredOptions
{
    public static string Section => "Webhooks";

    /// <summary>Whether private addresses and plain http are taken; never in Production.</summary>
    public bool AllowPrivateAddresses { get; set; }

    /// <summary>How often an event is tried.</summary>
    [Range(1, 100)]
    public int Attempts { get; set; } = 12;

    /// <summary>After how long it is tried for the second time.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "12:00:00")]
    public TimeSpan FirstRetry { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long one attempt may take.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);

    public Backoff Backoff => new(FirstRetry, Attempts);
}
