using CooperationEvents.AuditLog;

namespace CooperationEvents.AuditLogTests.AuditLog;

/// <summary>A tree with all its tiles in memory.</summary>
internal sealed class TreeInMemory : ITileSource
{
    private readonly Dictionary<Tile, ReadOnlyMemory<Digest>> _tiles = [];

    public TreeInMemory(IEnumerable<byte[]> entries)
    {
        var builder = new TileBuilder((tile, hashes) => _tiles.Add(tile, hashes));
        foreach (var entry in entries)
            builder.Append(MerkleTree.LeafHash(entry));
        foreach (var (tile, hashes) in builder.Partial())
            _tiles.Add(tile, hashes);
        Reader = new TileReader(this, builder.Size);
    }

    public IReadOnlyDictionary<Tile, ReadOnlyMemory<Digest>> Tiles => _tiles;

    public TileReader Reader { get; }

    public ValueTask<ReadOnlyMemory<Digest>> ReadAsync(Tile tile, CancellationToken cancellation) => new(_tiles[tile]);
}
