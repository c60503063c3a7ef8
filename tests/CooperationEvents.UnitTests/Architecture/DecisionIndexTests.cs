using System.Text.RegularExpressions;

namespace CooperationEvents.UnitTests.Architecture;

public sealed partial class DecisionIndexTests
{
    private static readonly string Decisions = Path.Combine(Repository.Root, "docs", "adr");

    [Fact]
    public void The_index_of_decisions_has_each_with_its_title_and_no_other()
    {
        var files = Directory
            .GetFiles(Decisions, "0*.md")
            .Select(file =>
            {
                var title = File.ReadLines(file).First().Split(". ", 2);
                return (Number: title[0].TrimStart('#', ' '), Title: title[1], File: Path.GetFileName(file));
            })
            .ToList();
        files.Count.ShouldBeGreaterThan(50);
        Row()
            .Matches(File.ReadAllText(Path.Combine(Decisions, "README.md")))
            .Select(row => (row.Groups["number"].Value, row.Groups["title"].Value, row.Groups["file"].Value))
            .ShouldBe(files, ignoreOrder: true);
    }

    [Fact]
    public void What_a_decision_names_by_its_place_stands_there()
    {
        var service = Path.Combine(Repository.Root, "src", "CooperationEvents");
        var rooms = Directory.GetDirectories(service).Select(Path.GetFileName).ToHashSet();
        var named = (
            from file in Directory.GetFiles(Decisions, "0*.md")
            from Match place in Place().Matches(File.ReadAllText(file))
            where rooms.Contains(place.Groups["room"].Value)
            select (Decision: Path.GetFileName(file), Place: place.Groups["place"].Value)
        ).ToList();

        named.Count.ShouldBeGreaterThan(5);
        named
            .Where(n => !Directory.Exists(Path.Combine(service, n.Place)) && !File.Exists(Path.Combine(service, n.Place + ".cs")))
            .ShouldBeEmpty();
    }

    /// <summary>A row of the index that names a decision.</summary>
    [GeneratedRegex(@"^\| (?<number>[0-9]+) \| \[(?<title>.+)\]\((?<file>[^)]+)\) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    /// <summary>A room with what is in it, such as <c>`Projections/Leader`</c>.</summary>
    [GeneratedRegex("`(?<place>(?<room>[A-Z][A-Za-z]+)/[A-Za-z/]*)`")]
    private static partial Regex Place();
}
