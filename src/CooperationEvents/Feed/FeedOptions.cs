using System.ComponentModel.DataAnnotations;
using CooperationEvents.Storage;

namespace CooperationEvents.Feed;

/// <summary>How many streams of events a node keeps open (<c>Feed</c>).</summary>
public sealed class FeedOptions : IConfiguredOptions
{
    public static string Section => "Feed";

    [Range(0, 100_000)]
    public int MostStreams { get; set; } = 100;

    [Range(0, 100_000)]
    public int MostStreamsOfOne { get; set; } = 10;

    /// <summary>After what silence a stream gets a sign of life.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan HeartBeat { get; set; } = TimeSpan.FromSeconds(15);
}
