using System.Text.RegularExpressions;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests.Statistics;

/// <summary>A statement of docs/analysts.md, and the answer of the API it says it equals.</summary>
public sealed partial record AnalystsDocument(string Path, string Note, string Sql)
{
    public static IReadOnlyList<AnalystsDocument> Statements { get; } =
    [
        .. Statement()
            .Matches(File.ReadAllText(System.IO.Path.Combine(Repository.Root, "docs", "analysts.md")))
            .Select(m => new AnalystsDocument(m.Groups["path"].Value, m.Groups["note"].Value, m.Groups["sql"].Value)),
    ];

    /// <summary>The statement as psql sends it once its variables are set.</summary>
    public string With(Guid framework, DateOnly asOf) =>
        Sql.Replace(":'framework'", $"'{framework}'", StringComparison.Ordinal)
            .Replace(":'as_of'", $"'{asOf:yyyy-MM-dd}'", StringComparison.Ordinal);

    [GeneratedRegex(@"```sql\n-- equals (?<path>/v1/[^\s,]+(,[a-z]+)?)(, (?<note>[^\n]*))?\n(?<sql>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Statement();
}
