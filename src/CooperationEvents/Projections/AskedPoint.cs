using System.Globalization;
using CooperationEvents.Kernel;

namespace CooperationEvents.Projections;

/// <summary>A point in the history as somebody asks for it: a position or a time; neither means the newest settled position.</summary>
public readonly record struct AskedPoint(long? Position, DateTimeOffset? Time = null)
{
    /// <summary>Reads a position or a time, or says why the text is neither.</summary>
    public static (AskedPoint Point, string? Fault) Read(string? text, TimeProvider clock)
    {
        if (text is null)
            return default;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var position))
            return (new AskedPoint(position), null);
        var (time, fault) = TimeText.Read(text);
        return fault is null ? (new AskedPoint(null, time), Fault(time, clock)) : (default, $"{fault} Or give a position.");
    }

    /// <summary>Why a time cannot be asked for; null where it can.</summary>
    public static string? Fault(DateTimeOffset? time, TimeProvider clock) =>
        time > clock.GetUtcNow() ? "Must not be in the future: what will be recorded cannot be known yet." : null;

    /// <summary>Says that the position is not settled; null where it is, or none was asked for.</summary>
    /// <param name="newest">The newest settled position.</param>
    public Problem? Unsettled(long newest) =>
        Position > newest
            ? KernelProblems.Busy.Because(
                $"Position {Position} is not settled yet; the newest settled position is {newest}. Ask again."
            ) with
            {
                RetryAfter = 1,
            }
            : null;
}
