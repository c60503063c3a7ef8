namespace CooperationEvents.Webhooks;

/// <summary>
/// The settings under <c>Webhooks</c>: whether private addresses and plain http are allowed, how often and after what first
/// pause an event is tried again, and how long one attempt may take.
/// </summary>
public sealed record WebhookOptions(bool AllowPrivateAddresses, Backoff Backoff, TimeSpan Timeout)
{
    /// <exception cref="InvalidOperationException">A setting is out of its bounds.</exception>
    public static WebhookOptions Read(IConfiguration configuration)
    {
        var section = configuration.GetSection("Webhooks");
        var (attempts, firstRetry) = (section.GetValue("Attempts", 12), section.GetValue("FirstRetry", TimeSpan.FromSeconds(5)));
        var timeout = section.GetValue("Timeout", TimeSpan.FromSeconds(15));
        if (
            attempts is < 1 or > 100
            || firstRetry < TimeSpan.Zero
            || firstRetry > Backoff.Longest
            || timeout <= TimeSpan.Zero
            || timeout > TimeSpan.FromMinutes(1)
        )
            throw new InvalidOperationException(
                "Webhooks:Attempts must be 1 to 100, Webhooks:FirstRetry 00:00:00 to 12:00:00, and Webhooks:Timeout up to 00:01:00."
            );
        return new WebhookOptions(section.GetValue("AllowPrivateAddresses", false), new Backoff(firstRetry, attempts), timeout);
    }
}
