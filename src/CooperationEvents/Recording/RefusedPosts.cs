namespace CooperationEvents.Recording;

/// <summary>
/// Whether the database refuses whatever is posted, although it answers: its disk is full, or it can be read only.
/// </summary>
public sealed class RefusedPosts
{
    private volatile string? _last;

    /// <summary>Why the last post was refused so, in a sentence; null where none was, or something was recorded since.</summary>
    public string? Why => _last;

    /// <summary>A post was not recorded for this reason.</summary>
    public void Note(Exception error)
    {
        if (Outage.EndsRecording(error))
            _last = Outage.Why(error);
    }

    /// <summary>Something was recorded.</summary>
    public void Forget() => _last = null;
}
