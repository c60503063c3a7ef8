using System.Text;
using CooperationEvents.AuditLog;
using CsCheck;

namespace CooperationEvents.AuditLogTests.AuditLog;

public sealed class TileTests
{
    [Theory]
    [InlineData(0, 0, 256, "tile/0/000")]
    [InlineData(0, 5, 7, "tile/0/005.p/7")]
    [InlineData(1, 1234, 256, "tile/1/x001/234")]
    [InlineData(0, 1234067, 256, "tile/0/x001/x234/067")]
    [InlineData(2, 1000000, 255, "tile/2/x001/x000/000.p/255")]
    [InlineData(63, 0, 256, "tile/63/000")]
    public void A_path_says_level_index_and_width(int level, long index, int width, string path)
    {
        var tile = new Tile(level, index, width);

        tile.Path.ShouldBe(path);
        Tile.TryParse(path, out var read).ShouldBeTrue();
        read.ShouldBe(tile);
    }

    [Theory]
    [InlineData("tile/0/0")]
    [InlineData("tile/0/0000")]
    [InlineData("tile/0/00a")]
    [InlineData("tile/00/000")]
    [InlineData("tile/64/000")]
    [InlineData("tile/-1/000")]
    [InlineData("tile/0/x000/001")]
    [InlineData("tile/0/001/234")]
    [InlineData("tile/0/x001/x234")]
    [InlineData("tile/0/000.p/0")]
    [InlineData("tile/0/000.p/256")]
    [InlineData("tile/0/000.p/07")]
    [InlineData("tile/0/000.p/")]
    [InlineData("tile/0/000/")]
    [InlineData("tile/0")]
    [InlineData("tile/entries/000")]
    [InlineData("tiles/0/000")]
    [InlineData("tile/0/x999/x999/x999/x999/x999/x999/x999/x999/999")]
    public void Any_other_path_is_refused(string path) => Tile.TryParse(path, out _).ShouldBeFalse();

    [Fact]
    public void What_is_no_tile_has_no_path()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => new Tile(0, -1, 256).Path);
        Should.Throw<ArgumentOutOfRangeException>(() => new Tile(0, 0, 0).Path);
        Should.Throw<ArgumentOutOfRangeException>(() => new Tile(0, 0, 257).Path);
    }

    [Fact]
    public void A_tile_knows_its_bytes_and_its_nodes()
    {
        var tile = new Tile(2, 3, 5);
        tile.Bytes.ShouldBe(160);
        tile.NodeAt(4).ShouldBe(new Node(16, 772));
    }

    [Fact]
    public void The_largest_tree_ends_with_a_tile_of_level_7()
    {
        Tile.WidthOf(7, 0, long.MaxValue).ShouldBe(127);
        Tile.WidthOf(8, 0, long.MaxValue).ShouldBe(0);
    }

    [Fact]
    public async Task A_reader_refuses_what_is_outside_the_tree_and_a_tile_of_another_width()
    {
        var tree = new TreeInMemory(Enumerable.Range(0, 5).Select(i => Encoding.ASCII.GetBytes($"{i}")));
        await Should.ThrowAsync<ArgumentOutOfRangeException>(async () => await tree.Reader.NodeAsync(new Node(1, 2)));
        await Should.ThrowAsync<InvalidDataException>(async () => await new TileReader(new OneHash(), 5).NodeAsync(new Node(0, 0)));
    }

    [Fact]
    public void A_bundle_has_its_path_too()
    {
        new EntryBundle(1234, 9).Path.ShouldBe("tile/entries/x001/234.p/9");
        EntryBundle.TryParse("tile/entries/x001/234.p/9", out var bundle).ShouldBeTrue();
        bundle.ShouldBe(new EntryBundle(1234, 9));
        EntryBundle.TryParse("tile/0/000", out _).ShouldBeFalse();
    }

    [Fact]
    public void A_tree_of_70_000_leaves_has_the_tiles_the_specification_names()
    {
        var tiles = Tile.All(70_000).ToList();

        tiles.Count(t => t is { Level: 0, Width: Tile.FullWidth }).ShouldBe(273);
        tiles
            .Where(t => t is not { Level: 0, Width: Tile.FullWidth })
            .ShouldBe([new Tile(0, 273, 112), new Tile(1, 0, 256), new Tile(1, 1, 17), new Tile(2, 0, 1)]);
        Tile.All(256).ShouldBe([new Tile(0, 0, 256), new Tile(1, 0, 1)]);
        Tile.All(0).ShouldBeEmpty();
    }

    [Fact]
    public void The_tiles_that_are_built_are_those_of_the_size() =>
        Gen.Int[0, 1200]
            .Sample(
                size =>
                {
                    var tree = new TreeInMemory(Enumerable.Range(0, size).Select(i => Encoding.ASCII.GetBytes($"{i}")));
                    tree.Tiles.Keys.ShouldBe(Tile.All(size), ignoreOrder: true);
                    tree.Tiles.ShouldAllBe(t => t.Value.Length == t.Key.Width);
                },
                iter: 20
            );

    [Fact]
    public async Task Roots_and_proofs_come_from_the_tiles_of_a_tree_of_three_levels()
    {
        const int Size = 65_536 + 256 * 3 + 17;
        var leaves = Enumerable.Range(0, Size).Select(i => Encoding.ASCII.GetBytes($"{i}")).ToArray();
        var tree = new TreeInMemory(leaves);
        var range = new CompactRange();
        int[] sizes = [1, 255, 256, 257, 65_535, 65_536, 65_537, Size];
        foreach (var (leaf, i) in leaves.Select((l, i) => (l, i)))
        {
            range.Append(MerkleTree.LeafHash(leaf));
            if (!sizes.Contains(i + 1))
                continue;
            var reader = new TileReader(tree, Size);
            (await reader.RootAsync(i + 1)).ShouldBe(range.Root);
            (await reader.InclusionAsync(i, i + 1)).Proves(MerkleTree.LeafHash(leaf), range.Root).ShouldBeTrue();
            (await reader.InclusionAsync(i, Size)).Proves(MerkleTree.LeafHash(leaf), await reader.RootAsync(Size)).ShouldBeTrue();
            (await reader.ConsistencyAsync(i + 1, Size)).Proves(range.Root, await reader.RootAsync(Size)).ShouldBeTrue();
        }
    }

    [Fact]
    public void Bundles_read_back_what_was_written() =>
        Gen
            .Byte.Array[0, 300]
            .Array[0, 20]
            .Sample(entries =>
                EntryBundle.Read(EntryBundle.Write(entries.Select(e => (ReadOnlyMemory<byte>)e))).Select(e => e.ToArray()).ShouldBe(entries)
            );

    [Fact]
    public void A_bundle_has_the_length_of_each_entry_before_it_in_two_bytes()
    {
        EntryBundle.Write([new byte[] { 7 }, new byte[258]]).AsSpan(0, 5).ToArray().ShouldBe([0, 1, 7, 1, 2]);
        Should.Throw<FormatException>(() => EntryBundle.Read(new byte[] { 0, 2, 7 }));
        Should.Throw<FormatException>(() => EntryBundle.Read(new byte[] { 0 }));
        Should.Throw<ArgumentException>(() => EntryBundle.Write([new byte[65_536]]));
        EntryBundle.Read(EntryBundle.Write([new byte[65_535]])).ShouldHaveSingleItem().Length.ShouldBe(65_535);
    }

    private sealed class OneHash : ITileSource
    {
        public ValueTask<ReadOnlyMemory<Digest>> ReadAsync(Tile tile, CancellationToken cancellation) =>
            new(new[] { MerkleTree.EmptyRoot });
    }
}
