namespace CooperationEvents.Recording;

/// <summary>
/// Whether the database refuses whatever is posted, although it answers: its disk is full, or it can be read only. A node says for
/// <see cref="ToldFor"/> that it is not ready; then posts may come again, to see.
/// </summary>
public sealed class RefusedPosts(TimeProvider clock)
{
    public static readonly TimeSpan ToldFor = TimeSpan.FromSeconds(10);

    private volatile Refusal? _last;

    /// <summary>Why, in a sentence; null where nothing was refused lately, or something was recorded since.</summary>
    public string? Why => _last is { } last && clock.GetElapsedTime(last.At) < ToldFor ? last.Why : null;

    /// <summary>A post was not recorded for this reason.</summary>
    public void Note(Exception error)
    {
        if (Outage.EndsRecording(error))
            _last = new Refusal(Outage.Why(error)!, clock.GetTimestamp());
    }

    /// <summary>Something was recorded.</summary>
    public void Forget() => _last = null;

    private sealed record Refusal(string Why, long At);
}
