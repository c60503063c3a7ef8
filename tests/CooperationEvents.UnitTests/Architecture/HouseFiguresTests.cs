using System.Globalization;
using System.Text.RegularExpressions;
using CooperationEvents.UnitTests.Storage;

namespace CooperationEvents.UnitTests.Architecture;

/// <summary>
/// "Figures of the house" in docs/contributing.md says how large it is now: exactly where there are few, and within five in a hundred where
/// there are many.
/// </summary>
public sealed partial class HouseFiguresTests
{
    private static readonly string Service = Path.Combine("src", "CooperationEvents");

    [Fact]
    public void The_guide_says_how_large_the_house_is_now()
    {
        var now = Now();
        var figures = new (string What, int Count)[]
        {
            ("lines of C# in `src`", Lines("src")),
            ("lines of the service", Lines(Service)),
            ("types of `Http` and `Recording`", Types("Http") + Types("Recording")),
            ("rooms", Directory.GetDirectories(Path.Combine(Repository.Root, Service)).Count(IsRoom)),
            ("files on the way of a command", RoomTests.WayOfACommand().Count),
            ("tables of our own", TableListTests.Made().Count),
            ("hosted services", Sources(Service).Sum(file => HostedService().Count(File.ReadAllText(file)))),
        };

        foreach (var (what, count) in figures)
        {
            count.ShouldBeGreaterThan(10, what);
            now.ShouldContainKey(what);
            now[what].ShouldBe(count, count > 60 ? count * 0.05 : 0, $"docs/contributing.md, Figures of the house: {what}");
        }
    }

    private static int Lines(string folder) => Sources(folder).Sum(file => File.ReadLines(file).Count());

    /// <summary>The types of a room that stand in no other.</summary>
    private static int Types(string room) => Sources(Path.Combine(Service, room)).Sum(file => OuterType().Count(File.ReadAllText(file)));

    private static bool IsRoom(string folder) => Directory.EnumerateFiles(folder, "*.cs").Any();

    private static IEnumerable<string> Sources(string folder) =>
        Directory
            .EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(file =>
                !Path.GetRelativePath(Repository.Root, file).Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin")
            );

    /// <summary>The last column, by what it counts.</summary>
    private static Dictionary<string, double> Now() =>
        File.ReadAllText(Path.Combine(Repository.Root, "docs", "contributing.md"))
            .Split("## Figures of the house")[1]
            .Split("\n## ")[0]
            .Split('\n')
            .Select(line => line.Split('|'))
            .Where(cells => cells.Length > 3 && double.TryParse(cells[^2], NumberStyles.Number, CultureInfo.InvariantCulture, out _))
            .ToDictionary(cells => cells[1].Trim(), cells => double.Parse(cells[^2], NumberStyles.Number, CultureInfo.InvariantCulture));

    [GeneratedRegex(
        @"^(public |internal |file )+(static |sealed |abstract |partial |readonly )*(class|record|struct|interface|enum|delegate)\b",
        RegexOptions.Multiline
    )]
    private static partial Regex OuterType();

    [GeneratedRegex(@"\bAddHostedService\b")]
    private static partial Regex HostedService();
}
