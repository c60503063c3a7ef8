namespace CooperationEvents.UnitTests.Architecture;

public sealed class DecisionIndexTests
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
}
