using System.Text.RegularExpressions;
using CooperationEvents.Storage;

namespace CooperationEvents.UnitTests.Storage;

/// <summary>docs/tables.md has each table of our own, the room it belongs to, what it holds, and why it is a table.</summary>
public sealed partial class TableListTests
{
    /// <summary>Which migrations were applied is kept before there are any.</summary>
    private static readonly (string Table, string Room)[] Journals = [("hosting.migration", "Hosting"), ("keys.migration", "Privacy")];

    [Fact]
    public void Every_table_that_a_migration_makes_has_a_line_and_no_other()
    {
        Made().Count.ShouldBeGreaterThan(40);
        Listed()
            .Select(line => (line.Table, line.Room))
            .ShouldBe(
                Made().Concat(Journals),
                ignoreOrder: true,
                "docs/tables.md: say of a new table what it holds, and why it is no document, no projection and no message."
            );
    }

    [Fact]
    public void Every_line_says_what_the_table_holds_and_gives_one_of_the_reasons()
    {
        var reasons = Reason().Matches(Document()).Select(m => $"{m.Groups["reason"].Value}: ").ToList();

        reasons.Count.ShouldBeGreaterThan(2);
        Listed().Where(line => line.Holds.Length == 0 || !reasons.Exists(line.Why.StartsWith)).ShouldBeEmpty();
    }

    /// <summary>The tables of our own that there are, each with the room whose migration makes it.</summary>
    internal static IReadOnlyList<(string Table, string Room)> Made() =>
        [
            .. typeof(OwnTables)
                .Assembly.GetManifestResourceNames()
                .Where(name => name.EndsWith(".sql", StringComparison.Ordinal))
                .Select(name => name.Split('/')[0])
                .Distinct()
                .SelectMany(room =>
                    OwnTables
                        .Of(room)
                        .Migrations.SelectMany(migration => Change().Matches(migration.Text))
                        .Aggregate(new HashSet<string>(), (tables, change) =>
                        {
                            if (change.Groups["change"].Value == "create")
                                tables.Add(change.Groups["table"].Value);
                            else
                                tables.Remove(change.Groups["table"].Value);
                            return tables;
                        })
                        .Select(table => (table, room))
                ),
        ];

    private static List<(string Table, string Room, string Holds, string Why)> Listed() =>
        [
            .. Line()
                .Matches(Document())
                .Select(m => (m.Groups["table"].Value, m.Groups["room"].Value, m.Groups["holds"].Value, m.Groups["why"].Value)),
        ];

    private static string Document() => File.ReadAllText(Path.Combine(Repository.Root, "docs", "tables.md"));

    [GeneratedRegex(@"^(?<change>create|drop) (unlogged )?table (if (not )?exists )?(?<table>[a-z_]+\.[a-z_]+)", RegexOptions.Multiline)]
    private static partial Regex Change();

    [GeneratedRegex(@"^\| `(?<table>[a-z_.]+)` \| (?<room>\w+) \| (?<holds>[^|]*) \| (?<why>[^|]*) \|\r?$", RegexOptions.Multiline)]
    private static partial Regex Line();

    [GeneratedRegex(@"^- \*\*(?<reason>\w[\w ]*)\*\*: ", RegexOptions.Multiline)]
    private static partial Regex Reason();
}
