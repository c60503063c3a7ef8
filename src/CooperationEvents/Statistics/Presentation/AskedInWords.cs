using System.Globalization;
using CooperationEvents.Http;
using CooperationEvents.Statistics.Counting;
using CooperationEvents.Statistics.Facts;

namespace CooperationEvents.Statistics.Presentation;

/// <summary>
/// The question and the values of dimensions in the words of a chart: names where there are names, else codes without their dashes.
/// </summary>
internal sealed class AskedInWords
{
    /// <summary>Said where organisations are folded into those that followed them: the same words name other figures then.</summary>
    public const string ByLineage = "organisations by lineage";

    private readonly Question _question;
    private readonly KnownFacts _facts;
    private readonly IReadOnlyDictionary<Guid, string> _frameworks;

    private AskedInWords(Question question, KnownFacts facts, IReadOnlyDictionary<Guid, string> frameworks) =>
        (_question, _facts, _frameworks) = (question, facts, frameworks);

    public static async Task<AskedInWords> Of(Question question, FiguresReader figures, CancellationToken cancellation) =>
        new(
            question,
            await figures.Facts(question, cancellation),
            (await figures.Frameworks(question, cancellation)).ToDictionary(f => f.Id, f => f.Name)
        );

    /// <summary>Two lines: the framework with the filter, and the days with the position.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            var filter = PartAsked
                .Of(_question.Filter)
                ?.Named.Select(p => $"; {Spaced(p.Name)} {Value(p.Name, Convert.ToString(p.Value, CultureInfo.InvariantCulture)!)}")
                ?? [];
            return
            [
                (_question.Framework is { } id ? _frameworks[id] : "All frameworks together")
                    + string.Concat(filter)
                    + (_question.Lineage ? $"; {ByLineage}" : ""),
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Activity {(_question.From is { } from ? $"from {from:yyyy-MM-dd} " : "")}up to {_question.AsOf:yyyy-MM-dd} (asOf), "
                        + $"as known at position {_question.Position}."
                ),
            ];
        }
    }

    public string Source =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"Source: cooperation register, position {_question.Position}, definition {_question.Definition} of the figures."
        );

    /// <summary>
    /// The label of each row in a dimension. Levels and parties name their framework where several are shown; labels that are still the
    /// same get the end of their id.
    /// </summary>
    public IReadOnlyList<string> Values(IReadOnlyList<BreakdownRow> rows, string dimension)
    {
        var framed = dimension is "level" or "party" && _frameworks.Count > 1;
        var id = BreakdownRow.ColumnsOf(dimension).First();
        var named = rows.Select(row =>
                (Id: $"{row.Column(id)}", Name: Worded(row.LabelOf(dimension)) + (framed ? $" ({_frameworks[row.Framework!.Value]})" : ""))
            )
            .ToList();
        var shared = named
            .Distinct()
            .GroupBy(n => n.Name)
            .Where(g => g.Count() > 1 && g.Select(n => n.Id).Distinct().Count() > 1)
            .Select(g => g.Key)
            .ToHashSet();
        return [.. named.Select(n => shared.Contains(n.Name) ? $"{n.Name} ({n.Id[Math.Max(0, n.Id.Length - 8)..]})" : n.Name)];
    }

    /// <summary>A name such as <c>coHost</c>, or a code with dashes, as separate words.</summary>
    public static string Spaced(string name) =>
        string.Concat(name.Select(c => char.IsAsciiLetterUpper(c) ? $" {char.ToLowerInvariant(c)}" : $"{c}")).Replace('-', ' ');

    /// <summary>The name of what is asked about, where it has one.</summary>
    private string Value(string dimension, string value) =>
        dimension == "country"
            ? Countries.NameOf(value) ?? value
            : _facts.NameOf(_question, dimension, value) ?? _facts.NamesOf(_question, value)?.ShortName ?? Worded(value);

    /// <summary>A code without its dashes; an id, a number or a text of several words as it is.</summary>
    private static string Worded(string value) =>
        value.Any(char.IsAsciiDigit) || value.Any(char.IsUpper) || value.Contains(' ', StringComparison.Ordinal)
            ? value
            : value.Replace('-', ' ');
}
