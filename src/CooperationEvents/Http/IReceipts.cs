using System.Text.Json.Nodes;

namespace CooperationEvents.Http;

/// <summary>Gives a caller who waits for it (<c>Prefer: wait=N</c>, RFC 7240) the proof that what was recorded is in the log.</summary>
public interface IReceipts
{
    /// <summary>
    /// The receipt of the event at a position, as a member of the answer; null where the log has not come so far in time.
    /// </summary>
    Task<JsonNode?> Wait(long position, TimeSpan timeout, CancellationToken cancellation);
}
