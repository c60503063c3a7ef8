using System.ComponentModel.DataAnnotations;
using CooperationEvents.Kernel;
using CooperationEvents.Storage;

namespace CooperationEvents.Privacy;

/// <summary>
/// The master key, of which one source is named, and what erasure and retention have to do with (<c>Privacy</c>).
/// </summary>
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

    public RetentionOptions Retention { get; set; } = new();

    public TimeSpan BackupsKeptFor => TimeSpan.FromDays(BackupsKeptDays);
}

/// <summary>
/// How many days after a person's last activity the fields of each class are kept; where nothing is said, until the person is erased.
/// </summary>
public sealed class RetentionOptions
{
    /// <summary>The most days that can be said.</summary>
    public const int MostDays = 36_500;

    /// <summary>Name and external reference.</summary>
    [Range(1, MostDays)]
    public int? IdentityDays { get; set; }

    /// <summary>E-mail address.</summary>
    [Range(1, MostDays)]
    public int? ContactDays { get; set; }

    /// <summary>Function and grade.</summary>
    [Range(1, MostDays)]
    public int? PostDays { get; set; }

    /// <summary>Free text about the person.</summary>
    [Range(1, MostDays)]
    public int? TextsDays { get; set; }

    /// <summary>How many days the fields of that class are kept; null where nothing is said.</summary>
    public int? Of(FieldClass of) =>
        of switch
        {
            FieldClass.Identity => IdentityDays,
            FieldClass.Contact => ContactDays,
            FieldClass.Post => PostDays,
            _ => TextsDays,
        };
}
