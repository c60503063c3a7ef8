using System.ComponentModel.DataAnnotations;
using CooperationEvents.Storage;

namespace CooperationEvents.Audit;

/// <summary>The audit log, its journal of readings and its replays (<c>Audit</c>).</summary>
public sealed class AuditOptions : IConfiguredOptions
{
    public static string Section => "Audit";

    /// <summary>The URL of the log; it never changes.</summary>
    public string? Origin { get; set; }

    /// <summary>The key that signs checkpoints.</summary>
    public string? SigningKey { get; set; }

    /// <summary>The key that signs beside it while it is being replaced.</summary>
    public string? RetiringKey { get; set; }

    /// <summary>The file to which every checkpoint is appended; one in the data directory where it is absent.</summary>
    public string? AnchorFile { get; set; }

    /// <summary>How often a checkpoint is signed while events come.</summary>
    [Range(1, 3_600_000)]
    public int CheckpointMilliseconds { get; set; } = 1_000;

    /// <summary>How often it is checked that the log has everything.</summary>
    [Range(1, 44_640)]
    public int CompletenessMinutes { get; set; } = 60;

    /// <summary>How often witnesses are sent the newest checkpoint.</summary>
    [Range(0.01, 86_400)]
    public double WitnessSeconds { get; set; } = 60;

    public WitnessOptions[] Witnesses { get; set; } = [];

    /// <summary>How long the journal of readings keeps a day.</summary>
    [Range(31, 36_500)]
    public int JournalKeptDays { get; set; } = 730;

    public ReplayOptions Replays { get; set; } = new();
}

/// <summary>A witness, by its URL and the key it signs with.</summary>
public sealed class WitnessOptions
{
    public string? Url { get; set; }

    public string? Key { get; set; }
}

/// <summary>How replays are run.</summary>
public sealed class ReplayOptions
{
    /// <summary>The most a replay may take of the database server's disk; absent where the service may look itself.</summary>
    [Range(1.0, long.MaxValue)]
    public long? DiskBytes { get; set; }

    /// <summary>Of its time, how many percent a replay works; it rests for the others.</summary>
    [Range(1, 100)]
    public int Share { get; set; } = 50;

    /// <summary>How many rows of each side are held in memory and compared at a time.</summary>
    [Range(1, 1_000_000)]
    public int RowsAtOnce { get; set; } = 5_000;
}
