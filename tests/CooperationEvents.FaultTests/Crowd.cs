namespace CooperationEvents.FaultTests;

/// <summary>Clients that work at the same time, each with one thing after the other.</summary>
internal static class Crowd
{
    public const int Size = 8;

    public static Task Do<T>(IEnumerable<T> things, Func<T, Task> work, int clients = Size) =>
        Parallel.ForEachAsync(things, new ParallelOptions { MaxDegreeOfParallelism = clients }, async (thing, _) => await work(thing));

    /// <summary>The answer, or null where none came because the service is gone.</summary>
    public static async Task<Testing.Answer?> OrGone(Task<Testing.Answer> request)
    {
        try
        {
            return await request;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }
}
