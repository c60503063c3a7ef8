using CooperationEvents.AuditLog;

namespace CooperationEvents.Verifier;

/// <summary>The entries that are not where the log has them; told at the end, when those that only moved are known.</summary>
internal sealed class EntryFindings(Report report)
{
    private const int Remembered = 100_000;

    private readonly List<Odd> _odd = [];
    private static readonly Digest Empty = MerkleTree.LeafHash([]);

    private readonly HashSet<Digest> _doubtful = [];
    private long _more;

    /// <summary>Sets an entry beside what the log holds at an index; no entry where it is missing.</summary>
    public void Compare(EntryLine? line, Reference reference, Guid? after)
    {
        if (line is null || (reference.Hash is { } hash && hash != line.Value.Hash))
            Keep(new Odd(line, reference, reference.Index, after));
    }

    /// <summary>An entry that the log does not hold between the one at an index and the one before.</summary>
    public void Added(EntryLine line, long before) => Keep(new Odd(line, null, before, null));

    /// <summary>Entries of which some are wrong, without a way to tell which: what is looked for may be among them.</summary>
    public void Doubtful(IEnumerable<EntryLine> lines)
    {
        if (_doubtful.Count < Remembered)
            _doubtful.UnionWith(lines.Select(l => l.Hash));
    }

    public void Tell(long size)
    {
        var belongs = _odd.Where(o => o.Reference?.Hash is not null)
            .DistinctBy(o => o.Reference!.Value.Hash)
            .ToDictionary(o => o.Reference!.Value.Hash!.Value, o => o.Index);
        var stands = _odd.Where(o => o.Line is not null).Select(o => o.Line!.Value.Hash).ToHashSet();
        foreach (var odd in _odd)
            Tell(odd, belongs, stands, size);
        report.AddMore(_more);
    }

    private void Keep(Odd odd)
    {
        if (_odd.Count < Remembered)
            _odd.Add(odd);
        else if (odd.Line?.Hash != Empty)
            _more++;
    }

    private void Tell(Odd odd, Dictionary<Digest, long> belongs, HashSet<Digest> stands, long size)
    {
        var (line, reference, index, after) = odd;

        // What stands for an entry that is missing was named when it was read.
        if (line?.Hash == Empty)
            return;
        if (line is { } l && belongs.TryGetValue(l.Hash, out var place))
            report.Add(Kind.Entry, $"index {index} (id {l.Id}): the entry stands in another's place; the log holds it at index {place}");
        else if (line is { } added && reference is null && index == size)
            report.Add(
                Kind.Entry,
                $"line {added.Place + 1} (id {added.Id}): the entry lies beyond the newest checkpoint of {size} entries: no signature "
                    + $"covers it"
            );
        else if (line is { } more && reference is null)
            report.Add(
                Kind.Entry,
                $"line {more.Place + 1} (id {more.Id}): the entry was added before index {index}: the log does not hold it there"
            );
        else if (line is { } altered)
            report.Add(
                Kind.Entry,
                $"index {index} (id {altered.Id}): "
                    + (
                        reference!.Value.IsProven
                            ? "the entry was altered: the log holds another one"
                            : "the entry is not the one its tile holds, and no checkpoint vouches for either"
                    )
            );
        else if (reference is not { Hash: { } hash } || (!_doubtful.Contains(hash) && !stands.Contains(hash)))
            report.Add(
                Kind.Entry,
                $"index {index}: the entry is missing{(after is { } id ? $" after the one with id {id}" : "")}; only its hash is left"
            );
    }

    private readonly record struct Odd(EntryLine? Line, Reference? Reference, long Index, Guid? After);
}
