namespace CooperationEvents.Benchmarks;

internal static class Median
{
    /// <summary>The middle value; of an even number, the mean of the middle two.</summary>
    public static double Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }
}
