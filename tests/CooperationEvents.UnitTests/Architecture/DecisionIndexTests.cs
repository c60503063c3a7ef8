using System.Text.RegularExpressions;

namespace CooperationEvents.UnitTests.Architecture;

public sealed partial class DecisionIndexTests
{
    private static readonly string Decisions = Path.Combine(Repository.Root, "docs", "adr");

    [Fact]
    public void The_index_of_decisions_has_each_with_its_title()
    {
        var index = File.ReadAllText(Path.Combine(Decisions, "README.md"));
        var files = Directory.GetFiles(Decisions, "0*.md");
        files.Length.ShouldBeGreaterThan(50);
        foreach (var file in files)
        {
            var title = File.ReadLines(file).First().Split(". ", 2);
            index.ShouldContain($"| {title[0].TrimStart('#', ' ')} | [{title[1]}]({Path.GetFileName(file)}) |");
        }
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

    /// <summary>A room with what is in it, such as <c>`Projections/Leader`</c>.</summary>
    [GeneratedRegex("`(?<place>(?<room>[A-Z][A-Za-z]+)/[A-Za-z/]*)`")]
    private static partial Regex Place();
}
