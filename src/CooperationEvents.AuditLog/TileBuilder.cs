namespace CooperationEvents.AuditLog;

/// <summary>Grows a tree leaf by leaf and tells every tile as it becomes full; what is left over are the partial ones.</summary>
public sealed class TileBuilder(Action<Tile, ReadOnlyMemory<Digest>> full)
{
    private readonly List<List<Digest>> _levels = [];
    private readonly List<long> _done = [];

    /// <summary>How many leaves it has taken.</summary>
    public long Size { get; private set; }

    /// <summary>Appends the hash of a leaf.</summary>
    public void Append(Digest leaf)
    {
        Size++;
        for (var level = 0; ; level++)
        {
            if (level == _levels.Count)
            {
                _levels.Add(new List<Digest>(Tile.FullWidth));
                _done.Add(0);
            }

            var hashes = _levels[level];
            hashes.Add(leaf);
            if (hashes.Count < Tile.FullWidth)
                return;
            Digest[] tile = [.. hashes];
            full(new Tile(level, _done[level]++, Tile.FullWidth), tile);
            hashes.Clear();
            leaf = MerkleTree.RootOfFull(tile);
        }
    }

    /// <summary>The partial tiles of the tree so far, lower levels first.</summary>
    public IEnumerable<(Tile Tile, ReadOnlyMemory<Digest> Hashes)> Partial()
    {
        for (var level = 0; level < _levels.Count; level++)
        {
            if (_levels[level].Count > 0)
                yield return (new Tile(level, _done[level], _levels[level].Count), _levels[level].ToArray());
        }
    }
}
