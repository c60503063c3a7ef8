namespace CooperationEvents.UnitTests.Architecture;

/// <summary>
/// A room is a namespace of the service with those inside it. Who reads one room must not have to read back into it from
/// another.
/// </summary>
public sealed class RoomTests
{
    private const string Ours = "CooperationEvents.";

    [Fact]
    public void Rooms_form_no_circle()
    {
        var uses = Rooms();

        Circles(uses).ShouldBeEmpty();
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

    /// <summary>Each room with the rooms that its types use.</summary>
    private static Dictionary<string, HashSet<string>> Rooms()
    {
        var parts = Code.Service.Values.Where(p => p.Namespace.StartsWith(Ours, StringComparison.Ordinal)).ToList();
        parts.Count.ShouldBeGreaterThan(100);
        return parts.GroupBy(p => Name(p.Namespace)).ToDictionary(
            room => room.Key,
            room => room.SelectMany(p => p.Uses)
                .Where(u => u.Namespace.StartsWith(Ours, StringComparison.Ordinal))
                .Select(u => Name(u.Namespace))
                .Where(other => other != room.Key && parts.Any(p => Name(p.Namespace) == other))
                .ToHashSet());
    }

    /// <summary>The groups of rooms that reach each other.</summary>
    private static IEnumerable<string> Circles(Dictionary<string, HashSet<string>> uses)
    {
        var reached = uses.Keys.ToDictionary(room => room, room => Reached(uses, room));
        return uses.Keys
            .Select(room => string.Join(", ", uses.Keys.Where(other => reached[room].Contains(other) && reached[other].Contains(room)).Order(StringComparer.Ordinal)))
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

    private static string Name(string space) => space[Ours.Length..].Split('.')[0];
}
