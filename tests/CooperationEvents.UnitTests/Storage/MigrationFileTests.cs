using System.Text.RegularExpressions;
using CooperationEvents.Storage;

namespace CooperationEvents.UnitTests.Storage;

/// <summary>
/// A migration that was applied somewhere never changes: a change is a new file. <c>APPROVE_CONTRACTS=1</c> writes the approved digests
/// anew, and the difference may only be lines that are added.
/// </summary>
public sealed partial class MigrationFileTests
{
    private static readonly string Approved = Path.Combine(
        Repository.Root,
        "tests",
        "CooperationEvents.UnitTests",
        "Storage",
        "migrations.approved.txt"
    );

    /// <summary>Every SQL file of the service, by its name.</summary>
    private static readonly string[] Names =
    [
        .. typeof(OwnTables).Assembly.GetManifestResourceNames().Where(name => name.EndsWith(".sql", StringComparison.Ordinal)),
    ];

    [Fact]
    public void A_migration_keeps_its_name_and_its_text()
    {
        var migrations = Names
            .Select(name => name.Split('/')[0])
            .Distinct()
            .Order(StringComparer.Ordinal)
            .SelectMany(room => OwnTables.Of(room).Migrations)
            .Select(migration => $"{migration.Digest} {migration.Name}\n")
            .ToList();
        migrations.ShouldNotBeEmpty();
        if (Environment.GetEnvironmentVariable("APPROVE_CONTRACTS") == "1")
            File.WriteAllText(Approved, string.Concat(migrations));
        string.Concat(migrations)
            .ShouldBe(
                File.ReadAllText(Approved),
                "A migration is missing, altered or new. One that was applied never changes. Of a new one: APPROVE_CONTRACTS=1 deploy/test "
                    + "UnitTests adds its line."
            );
    }

    [Fact]
    public void Every_file_is_a_migration_or_says_how_things_are()
    {
        Names.ShouldNotBeEmpty();
        Names.Where(name => !Known().IsMatch(name)).ShouldBeEmpty();
        Names
            .Where(name => char.IsAsciiDigit(Path.GetFileName(name)[0]))
            .GroupBy(name => name[..(name.LastIndexOf('/') + 5)])
            .Where(number => number.Count() > 1)
            .Select(number => number.Key)
            .ShouldBeEmpty("two files of a room have one number");
    }

    [GeneratedRegex(@"\A[A-Z][A-Za-z]+/Tables/([0-9]{4}-[a-z-]+|functions|grants)\.sql\z")]
    private static partial Regex Known();
}
