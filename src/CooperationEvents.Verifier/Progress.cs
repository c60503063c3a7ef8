using System.Diagnostics;

namespace CooperationEvents.Verifier;

/// <summary>Says how far long work has come, at most once a second.</summary>
public sealed class Progress(TextWriter? to)
{
    private readonly Stopwatch _since = Stopwatch.StartNew();

    /// <param name="total">0 where it is not known.</param>
    public void Tell(string what, long done, long total)
    {
        if (to is null || _since.ElapsedMilliseconds < 1_000)
            return;
        _since.Restart();
        to.WriteLine(total == 0 ? $"… {what}: {Report.Number(done)}" : $"… {what}: {Report.Number(done)} of {Report.Number(total)}");
    }
}
