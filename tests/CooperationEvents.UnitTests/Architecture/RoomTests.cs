using System.Text.RegularExpressions;

namespace CooperationEvents.UnitTests.Architecture;

/// <summary>
/// A room is a namespace of the service with those inside it. Who reads one room must not have to read back into it from
/// another.
/// </summary>
public sealed class RoomTests
{
    private const string Ours = "CooperationEvents.";

    private static readonly string Service = Path.Combine(Repository.Root, "src", "CooperationEvents");

    [Fact]
    public void Rooms_form_no_circle()
    {
        var uses = Uses(space => space.Split('.')[0]);

        uses.Count.ShouldBeGreaterThan(15);
        Circles(uses).ShouldBeEmpty();
    }

    [Fact]
    public void Parts_of_a_room_form_no_circle()
    {
        // What stands in the room itself, as its module, knows all parts.
        var uses = Uses(space => space.Split('.') is [var room, var part, ..] ? $"{room}.{part}" : null);

        uses.Count.ShouldBeGreaterThan(5);
        Circles(uses).ShouldBeEmpty();
    }

    [Fact]
    public void A_room_uses_none_that_the_guide_lists_below_it()
    {
        var rows = RoomsOfTheGuide();

        (
            from room in Uses(space => space.Split('.')[0])
            from used in room.Value
            where rows.FindIndex(row => row.Contains(used)) > rows.FindIndex(row => row.Contains(room.Key))
            select $"{room.Key} uses {used}"
        ).ShouldBeEmpty();
    }

    [Fact]
    public void The_guide_and_the_picture_of_the_house_have_the_rooms_there_are()
    {
        var rooms = Directory
            .GetDirectories(Service)
            .Where(d => Directory.EnumerateFiles(d, "*.cs").Any())
            .Select(Path.GetFileName)
            .ToList();

        RoomsOfTheGuide().SelectMany(row => row).ShouldBe(rooms, ignoreOrder: true, "docs/contributing.md, The rooms");
        RoomsOfThePicture().ShouldBe(rooms, ignoreOrder: true, "docs/contract.md, section 10");
    }

    [Fact]
    public void The_guide_goes_the_way_of_a_command_by_files_there_are()
    {
        var files = WayOfACommand();

        files.Count.ShouldBeGreaterThan(15);
        files.Where(file => Directory.GetFiles(Service, file, SearchOption.AllDirectories).Length != 1).ShouldBeEmpty();
    }

    [Fact]
    public void A_circle_is_found_over_any_number_of_rooms()
    {
        var uses = new Dictionary<string, HashSet<string>>
        {
            ["A"] = ["B"],
            ["B"] = ["C"],
            ["C"] = ["A", "D"],
            ["D"] = ["E"],
            ["E"] = [],
        };

        Circles(uses).ShouldBe(["A, B, C"]);
    }

    /// <summary>The files on the way of a command as docs/contributing.md lists them.</summary>
    internal static IReadOnlyList<string> WayOfACommand() =>
        [
            .. from row in Rows("contributing.md", "## The way of a command")
            from name in Regex.Matches(row[2], "`(\\w+)`")
            select $"{name.Groups[1].Value}.cs",
        ];

    /// <summary>The rooms as docs/contributing.md lists them, row by row.</summary>
    private static List<HashSet<string>> RoomsOfTheGuide() =>
        [
            .. Rows("contributing.md", "## The rooms")
                .Where(row => row[1].StartsWith(" `", StringComparison.Ordinal))
                .Select(row => Regex.Matches(row[1], "`(\\w+)`").Select(m => m.Groups[1].Value).ToHashSet()),
        ];

    /// <summary>The directories of the service as the picture in docs/contract.md has them.</summary>
    private static IEnumerable<string> RoomsOfThePicture() =>
        Document("contract.md")
            .Split("## 10. The house")[1]
            .Split('\n')
            .SkipWhile(line => !line.StartsWith("  CooperationEvents/ ", StringComparison.Ordinal))
            .TakeWhile(line => !line.StartsWith("  CooperationEvents.", StringComparison.Ordinal))
            .SelectMany(line => Regex.Matches(line, @"(?<=^    (?:\w+/ )*)\w+(?=/)").Select(m => m.Value));

    /// <summary>The cells of the table under a heading, by row; the first and the last are empty.</summary>
    private static IEnumerable<string[]> Rows(string document, string heading) =>
        Document(document)
            .Split(heading)[1]
            .Split("\n## ")[0]
            .Split('\n')
            .Where(line => line.StartsWith('|'))
            .Select(line => line.Split('|'));

    private static string Document(string name) => File.ReadAllText(Path.Combine(Repository.Root, "docs", name));

    /// <summary>
    /// Each room with the rooms that it uses: by its types, and by its sources, of whose constants nothing is left in types.
    /// </summary>
    /// <param name="nameOf">The name of the room of a namespace; null where it is of none.</param>
    private static Dictionary<string, HashSet<string>> Uses(Func<string, string?> nameOf)
    {
        var byTypes = Code
            .Service.Values.Where(p => p.Namespace.StartsWith(Ours, StringComparison.Ordinal))
            .SelectMany(p => p.Uses.Select(u => u.Namespace).Append(p.Namespace), (p, used) => (Room: p.Namespace, Used: used));
        var bySources = Directory
            .EnumerateFiles(Service, "*.cs", SearchOption.AllDirectories)
            .Select(File.ReadAllText)
            .SelectMany(source => Namespaces("namespace", source), (source, room) => (Room: room, Source: source))
            .SelectMany(file => Namespaces("using", file.Source), (file, used) => (file.Room, Used: used));
        var uses = byTypes
            .Concat(bySources)
            .Where(u => u.Used.StartsWith(Ours, StringComparison.Ordinal))
            .Select(u => (Room: nameOf(u.Room[Ours.Length..]), Used: nameOf(u.Used[Ours.Length..])))
            .Where(u => u is { Room: not null, Used: not null })
            .ToLookup(u => u.Room!, u => u.Used!);
        var rooms = uses.Select(u => u.Key).ToHashSet();
        return uses.ToDictionary(u => u.Key, u => u.Where(other => other != u.Key && rooms.Contains(other)).ToHashSet());
    }

    private static IEnumerable<string> Namespaces(string word, string source) =>
        Regex.Matches(source, $@"^{word} (CooperationEvents\.[\w.]+);", RegexOptions.Multiline).Select(m => m.Groups[1].Value);

    /// <summary>The groups of rooms that reach each other.</summary>
    private static IEnumerable<string> Circles(Dictionary<string, HashSet<string>> uses)
    {
        var reached = uses.Keys.ToDictionary(room => room, room => Reached(uses, room));
        return uses
            .Keys.Select(room =>
                string.Join(
                    ", ",
                    uses.Keys.Where(other => reached[room].Contains(other) && reached[other].Contains(room)).Order(StringComparer.Ordinal)
                )
            )
            .Where(circle => circle.Length > 0)
            .Distinct()
            .Order(StringComparer.Ordinal);
    }

    private static HashSet<string> Reached(Dictionary<string, HashSet<string>> uses, string from)
    {
        var reached = new HashSet<string>();
        var open = new Queue<string>(uses[from]);
        while (open.TryDequeue(out var room))
        {
            if (reached.Add(room))
            {
                foreach (var next in uses[room])
                    open.Enqueue(next);
            }
        }

        return reached;
    }
}
