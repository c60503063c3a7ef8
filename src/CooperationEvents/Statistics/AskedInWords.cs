using System.Globalization;

namespace CooperationEvents.Statistics;

/// <summary>What was asked, and the values of dimensions, in the words of a picture: names where there are names, codes without their dashes.</summary>
internal sealed class AskedInWords
{
    private readonly Question _question;
    private readonly Facts _facts;
    private readonly IReadOnlyDictionary<Guid, string> _frameworks;

    private AskedInWords(Question question, Facts facts, IReadOnlyDictionary<Guid, string> frameworks) =>
        (_question, _facts, _frameworks) = (question, facts, frameworks);

    public static async Task<AskedInWords> Of(Question question, FiguresReader figures, CancellationToken cancellation) => new(
        question,
        await figures.Facts(question, cancellation),
        (await figures.Frameworks(question, cancellation)).ToDictionary(f => f.Id, f => f.Name));

    /// <summary>Of which framework and which part of it; up to which day, and as known when.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            var part = PartAsked.Of(_question.Part)?.Named.Select(p => $"; {Spaced(p.Name)} {Value(Convert.ToString(p.Value, CultureInfo.InvariantCulture)!)}") ?? [];
            return
            [
                $"{(_question.Framework is { } id ? _frameworks[id] : "All frameworks together")}{string.Concat(part)}{(_question.Lineage ? "; organisations by lineage" : "")}",
                FormattableString.Invariant($"Activity up to {_question.AsOf:yyyy-MM-dd} (asOf), as known at position {_question.Position}."),
            ];
        }
    }

    public string Source => FormattableString.Invariant($"Source: cooperation register, position {_question.Position}, definition {Question.Definition} of the figures.");

    /// <summary>
    /// The value that each row has of a dimension. Levels and parties are told apart by their framework where several are shown, and
    /// what has the same name all the same by the end of its id.
    /// </summary>
    public IReadOnlyList<string> Values(IReadOnlyList<BreakdownRow> rows, string dimension)
    {
        var columns = BreakdownRow.ColumnsOf(dimension).ToList();
        var framed = columns[0] == "framework";
        var named = rows.Select(row => (Id: $"{row.Column(columns[0])}", Name: framed
            ? Value($"{row.Column(columns[1])}") + (_frameworks.Count > 1 ? $" ({_frameworks[row.Framework!.Value]})" : "")
            : Value(Convert.ToString(columns.Select(row.Column).Last(v => v is not null), CultureInfo.InvariantCulture)!))).ToList();
        var shared = named.Distinct().GroupBy(n => n.Name).Where(g => g.Count() > 1 && g.Select(n => n.Id).Distinct().Count() > 1).Select(g => g.Key).ToHashSet();
        return [.. named.Select(n => shared.Contains(n.Name) ? $"{n.Name} ({n.Id[Math.Max(0, n.Id.Length - 8)..]})" : n.Name)];
    }

    /// <summary>As <c>coHost</c> is, and a code with dashes.</summary>
    public static string Spaced(string name) =>
        string.Concat(name.Select(c => char.IsAsciiLetterUpper(c) ? $" {char.ToLowerInvariant(c)}" : $"{c}")).Replace('-', ' ');

    private string Value(string value) => _facts.ShortName(_question, value)
        ?? (Guid.TryParse(value, out _) || value.Any(char.IsAsciiDigit) ? value : value.Replace('-', ' '));
}
