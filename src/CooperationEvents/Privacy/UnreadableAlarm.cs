using System.Diagnostics.Metrics;
using Microsoft.Extensions.Caching.Memory;

namespace CooperationEvents.Privacy;

/// <summary>
/// Says that something personal does not open though it should: a counter, and a line in the log, at most one a person in
/// <see cref="Quiet"/>, so that a list of many does not flood it.
/// </summary>
public sealed partial class UnreadableAlarm : IDisposable
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    private readonly ILogger _logger;
    private readonly Meter _meter = new("CooperationEvents.Privacy");
    private readonly Counter<long> _unreadable;
    private readonly MemoryCache _said = new(new MemoryCacheOptions { SizeLimit = 10_000 });

    public UnreadableAlarm(ILogger<UnreadableAlarm> logger)
    {
        _logger = logger;
        _unreadable = _meter.CreateCounter<long>("privacy.unreadable", "{field}", "Personal fields that should open and do not");
    }

    public void Raise(Guid personId, string why)
    {
        _unreadable.Add(1);
        if (_said.TryGetValue(personId, out _))
            return;
        _said.Set(personId, true, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = Quiet });
        Unreadable(_logger, personId, why);
    }

    public void Dispose()
    {
        _meter.Dispose();
        _said.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "ALARM: what is personal of {Person} cannot be read: {Why}")]
    private static partial void Unreadable(ILogger logger, Guid person, string why);
}
