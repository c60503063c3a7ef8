namespace CooperationEvents.Feed;

/// <summary>
/// The settings under <c>Feed</c>: how many streams of events one node keeps open, for all and for one caller, and after what silence each
/// gets a heart-beat.
/// </summary>
public sealed record FeedOptions(int MostStreams, TimeSpan HeartBeat, int MostStreamsOfOne)
{
    /// <exception cref="InvalidOperationException">A setting is out of its bounds.</exception>
    public static FeedOptions Read(IConfiguration configuration)
    {
        var section = configuration.GetSection("Feed");
        var options = new FeedOptions(
            section.GetValue("MostStreams", 100),
            section.GetValue("HeartBeat", TimeSpan.FromSeconds(15)),
            section.GetValue("MostStreamsOfOne", 10)
        );
        if (options.MostStreams < 0 || options.HeartBeat < TimeSpan.FromMilliseconds(100) || options.HeartBeat > TimeSpan.FromMinutes(10))
            throw new InvalidOperationException("Feed:MostStreams must be 0 or more, and Feed:HeartBeat 00:00:00.1 to 00:10:00.");
        return options;
    }
}
