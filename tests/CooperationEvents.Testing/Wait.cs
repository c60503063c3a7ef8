using System.Diagnostics;

namespace CooperationEvents.Testing;

/// <summary>Waits for conditions, for so long and no longer.</summary>
public static class Wait
{
    /// <summary>Enough for a machine that is busy with other things as well: what hinges on how long something takes asserts it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Returns how long it took until the condition held; fails where that is longer than <paramref name="patience"/>.</summary>
    /// <param name="what">What is waited for, to be read after "waited for".</param>
    public static async Task<TimeSpan> Until(string what, TimeSpan patience, Func<Task<bool>> condition)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) > patience)
                throw new TimeoutException($"Waited for {what} in vain for {patience.TotalSeconds} s.");
            await Task.Delay(Pause);
        }

        return Stopwatch.GetElapsedTime(started);
    }

    /// <inheritdoc cref="Until(string, TimeSpan, Func{Task{bool}})"/>
    public static Task<TimeSpan> Until(string what, TimeSpan patience, Func<bool> condition) =>
        Until(what, patience, () => Task.FromResult(condition()));

    /// <inheritdoc cref="Until(string, TimeSpan, Func{Task{bool}})"/>
    public static Task<TimeSpan> Until(string what, Func<Task<bool>> condition) => Until(what, Patience, condition);

    /// <inheritdoc cref="Until(string, TimeSpan, Func{Task{bool}})"/>
    public static Task<TimeSpan> Until(string what, Func<bool> condition) => Until(what, Patience, condition);
}
