using System.ComponentModel.DataAnnotations;
using CooperationEvents.Storage;

namespace CooperationEvents.Http;

/// <summary>How much one caller may ask of a node, and all of them together (<c>Limits</c>; docs/operators.md).</summary>
public sealed class LimitOptions : IConfiguredOptions
{
    public static string Section => "Limits";

    /// <summary>Requests of one caller in a second, over time.</summary>
    [Range(1, 1_000_000)]
    public int RequestsPerSecond { get; set; } = 1_000;

    /// <summary>Requests of one caller at once; twice <see cref="RequestsPerSecond"/> where it is absent.</summary>
    [Range(1, 10_000_000)]
    public int? Burst { get; set; }

    /// <summary>Requests a node answers at once.</summary>
    [Range(1, 100_000)]
    public int AtOnce { get; set; } = 64;

    /// <summary>Of those, how many of one caller while nobody else asks; three quarters where it is absent.</summary>
    [Range(1, 100_000)]
    public int? AtOnceOfOne { get; set; }

    /// <summary>Of those, how many of one caller while others ask too; four times the processors where it is absent.</summary>
    [Range(1, 100_000)]
    public int? AtOnceBesideOthers { get; set; }

    /// <summary>Requests that wait for a place.</summary>
    [Range(0, 1_000_000)]
    public int Waiting { get; set; } = 1_024;

    /// <summary>Of those, how many of one caller; 512 at most where it is absent.</summary>
    [Range(0, 1_000_000)]
    public int? WaitingOfOne { get; set; }

    /// <summary>Requests of one caller that are open at all.</summary>
    [Range(1, 1_000_000)]
    public int OpenOfOne { get; set; } = 512;

    /// <summary>Events one principal records in a day, UTC.</summary>
    [Range(1L, long.MaxValue)]
    public long EventsPerDay { get; set; } = 3_000_000;

    /// <summary>Keys tried from one address at once.</summary>
    [Range(1, 1_000_000)]
    public int KeyAttempts { get; set; } = 300;

    /// <summary>Keys tried from one address in a second, over time.</summary>
    [Range(1, 100_000)]
    public int KeyAttemptsPerSecond { get; set; } = 10;

    /// <summary>Connections a node keeps.</summary>
    [Range(1, 1_000_000)]
    public int Connections { get; set; } = 5_000;

    /// <summary>Connections of one address that is no trusted proxy.</summary>
    [Range(1, 1_000_000)]
    public int ConnectionsOfAddress { get; set; } = 2_000;

    /// <summary>Bytes of the largest file an import takes.</summary>
    [Range(1.0, long.MaxValue)]
    public long ImportBytes { get; set; } = 2L << 30;
}
