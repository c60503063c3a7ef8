using System.Globalization;

namespace CooperationEvents.Verifier;

/// <summary>What a finding is about.</summary>
public enum Kind
{
    Keys,
    Checkpoint,
    Succession,
    Tile,
    Entry,
    Stream,
    Range,
    File,
    Figure,
}

/// <summary>One thing that is not as it must be, in words for whoever audits.</summary>
public sealed record Finding(Kind Kind, string Text)
{
    public override string ToString() => Text;
}

/// <summary>What a verification saw: what it found wrong, what is worth knowing, and how much it looked at.</summary>
public sealed class Report
{
    /// <summary>So many findings are kept in words; the rest are counted.</summary>
    public const int Kept = 1_000;

    private readonly List<Finding> _findings = [];
    private readonly List<string> _facts = [];
    private readonly List<string> _basis = [];

    public IReadOnlyList<Finding> Findings => _findings;

    /// <summary>What was looked at, and what is known of it without being wrong.</summary>
    public IReadOnlyList<string> Facts => _facts;

    /// <summary>
    /// What from outside the verdict rests on: checkpoints that were kept, and witnesses. Empty where it is consistent with itself only.
    /// </summary>
    public IReadOnlyList<string> Basis => _basis;

    /// <summary>How many entries recoveries admit were lost.</summary>
    public long Lost { get; private set; }

    /// <summary>All findings, also those no longer kept in words.</summary>
    public long Count { get; private set; }

    public bool IsClean => Count == 0;

    public void Add(Kind kind, string text)
    {
        Count++;
        if (_findings.Count < Kept)
            _findings.Add(new Finding(kind, text));
    }

    public void Say(string fact) => _facts.Add(fact);

    public void RestsOn(string basis) => _basis.Add(basis);

    /// <summary>Counts findings that nobody keeps in words.</summary>
    public void AddMore(long findings) => Count += findings;

    public void Lose(long entries) => Lost += entries;

    /// <summary>Says how many of the witnesses cosigned, and rests on them where they are as many as the auditor relies on.</summary>
    /// <param name="sizes">The largest size that each witness cosigned.</param>
    public void RelyOn(int? witnesses, IEnumerable<long> sizes)
    {
        if (witnesses is not { } wanted)
            return;
        List<long> cosigned = [.. sizes.Where(s => s > 0).OrderDescending()];
        if (cosigned.Count >= wanted)
            RestsOn($"{Number(wanted, "witness", "witnesses")} up to size {Number(cosigned[wanted - 1])}");
        else
            Add(
                Kind.Checkpoint,
                $"{Number(wanted, "witness", "witnesses")} must have cosigned, and {cosigned.Count} of those whose keys you gave did"
            );
    }

    /// <summary>A number as people read it: 1,000,000.</summary>
    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A number and its noun, in the plural where it is one.</summary>
    public static string Number(long number, string noun, string? plural = null) =>
        $"{Number(number)} {(number == 1 ? noun : plural ?? noun + "s")}";
}
