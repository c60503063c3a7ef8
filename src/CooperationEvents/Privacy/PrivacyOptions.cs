using System.ComponentModel.DataAnnotations;
using CooperationEvents.Storage;

namespace CooperationEvents.Privacy;

/// <summary>The master key, of which one source is named, and what erasure has to do with (<c>Privacy</c>).</summary>
public sealed class PrivacyOptions : IConfiguredOptions
{
    public static string Section => "Privacy";

    /// <summary>The master key itself.</summary>
    public string? MasterKey { get; set; }

    /// <summary>A file that holds it.</summary>
    public string? MasterKeyFile { get; set; }

    /// <summary>A command that writes it.</summary>
    public string? MasterKeyCommand { get; set; }

    /// <summary>The file of the ledger of erasures; one in the data directory where it is absent.</summary>
    public string? ErasureLedger { get; set; }

    /// <summary>How long backups are kept that may hold a key that was destroyed since.</summary>
    [Range(0, 36_500)]
    public int BackupsKeptDays { get; set; } = 35;

    public TimeSpan BackupsKeptFor => TimeSpan.FromDays(BackupsKeptDays);
}
