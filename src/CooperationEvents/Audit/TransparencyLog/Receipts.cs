using System.Text.Json.Nodes;
using CooperationEvents.Http;

namespace CooperationEvents.Audit.TransparencyLog;

/// <summary>Waits until the log covers what was recorded, and proves it.</summary>
internal sealed class Receipts(PublishedLog log, TimeProvider clock) : IReceipts
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(25);

    public async Task<JsonNode?> Wait(long position, TimeSpan timeout, CancellationToken cancellation)
    {
        for (var started = clock.GetTimestamp(); ; await Task.Delay(PollInterval, clock, cancellation))
        {
            if (
                await log.IndexOf(position, cancellation) is { } index
                && await log.Newest(cancellation) is { } newest
                && newest.Checkpoint.Size > index
            )
                return new JsonObject { ["index"] = index, ["proof"] = (await log.Prove(index, newest, cancellation)).ToString() };
            if (clock.GetElapsedTime(started) >= timeout)
                return null;
        }
    }
}
