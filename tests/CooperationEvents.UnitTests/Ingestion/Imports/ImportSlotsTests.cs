using CooperationEvents.Files;
using CooperationEvents.Ingestion.Imports;

namespace CooperationEvents.UnitTests.Ingestion.Imports;

public sealed class ImportSlotsTests
{
    private const long Large = 100 * ImportSlots.Small;

    [Fact]
    public void The_oldest_begin_as_far_as_there_are_places()
    {
        var open = Enumerable.Range(0, 10).Select(_ => Queued(Large)).ToList();

        ImportSlots.Next(open, new HashSet<Guid>()).ShouldBe(open.Take(ImportSlots.ForAny));
    }

    [Fact]
    public void Who_posts_many_files_does_not_put_off_who_posts_one()
    {
        var (busy, one) = (Guid.NewGuid(), Queued(Large));
        var many = Enumerable.Range(0, 20).Select(_ => Queued(Large) with { Actor = busy }).ToList();

        ImportSlots.Next([.. many, one], many.Take(ImportSlots.ForAny - 1).Select(i => i.Id).ToHashSet()).ShouldBe([one]);
    }

    [Fact]
    public void Large_files_never_hold_up_a_small_one()
    {
        var large = Enumerable.Range(0, 20).Select(_ => Queued(Large)).ToList();
        var small = Queued(5_000);

        ImportSlots.Next([.. large, small], large.Take(ImportSlots.ForAny).Select(i => i.Id).ToHashSet()).ShouldBe([small]);
    }

    [Fact]
    public void Of_small_files_beyond_the_places_of_all_the_smallest_begin()
    {
        var running = Enumerable.Range(0, ImportSlots.ForAny).Select(_ => Queued(Large)).ToList();
        var small = new[] { 900, 100, 500, 300 }.Select(Queued).ToList();

        ImportSlots.Next([.. running, .. small], running.Select(i => i.Id).ToHashSet()).Select(i => i.Bytes).ShouldBe([100, 300]);
    }

    [Fact]
    public void Files_of_one_calendar_go_one_after_the_other()
    {
        var (first, second, other) = (Calendar("a"), Calendar("a"), Calendar("b"));

        ImportSlots.Next([first, second, other], new HashSet<Guid>()).ShouldBe([first, other]);
        ImportSlots.Next([first, second, other], new HashSet<Guid> { first.Id }).ShouldBe([other]);
        ImportSlots.Next([second, other], new HashSet<Guid>()).ShouldBe([second, other]);
    }

    private static Import Queued(int bytes) => Queued((long)bytes);

    private static Import Queued(long bytes) =>
        new(
            Guid.NewGuid(),
            ImportState.Queued,
            ImportFormat.Csv,
            ImportMode.Partial,
            false,
            new FileEncoding("utf-8", EncodingBasis.Content),
            "{}",
            Guid.NewGuid(),
            [],
            null,
            null,
            "",
            default,
            null,
            bytes,
            ImportCounts.None,
            null
        );

    private static Import Calendar(string system) =>
        Queued(1_000) with
        {
            Format = ImportFormat.Calendar,
            Mapping = $$"""{"system": "{{system}}"}""",
        };
}
