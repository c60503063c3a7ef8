using CooperationEvents.AuditLog;

namespace CooperationEvents.Verifier;

/// <summary>A line of the entries: the how manieth it is, from 0, its leaf hash, and the id in it.</summary>
internal readonly record struct EntryLine(long Place, Digest Hash, Guid Id);

/// <summary>What the log holds at an index, as far as it is known, and whether a checkpoint vouches for it.</summary>
internal readonly record struct Reference(long Index, Digest? Hash, bool IsProven);

/// <summary>
/// Sets entries beside what the log holds, so that one that is missing or added does not make all after it look altered.
/// </summary>
internal static class Alignment
{
    /// <summary>How far ahead entries and log are searched for where they agree again.</summary>
    private const int Window = 600;

    /// <summary>So many that agree in a row are no accident.</summary>
    private const int Certain = 3;

    private const int PatientFor = 20;

    /// <summary>Pairs, in order: an entry alone was added, a reference alone is of an entry that is missing.</summary>
    public static IEnumerable<(EntryLine? Line, Reference? Reference)> Of(IEnumerable<EntryLine> lines, IEnumerable<Reference> references)
    {
        using var line = new Ahead<EntryLine>(lines);
        using var reference = new Ahead<Reference>(references);
        var patience = PatientFor;
        while (line.Has(0) || reference.Has(0))
        {
            var (x, y) = (0, 0);
            if (!line.Has(0) || !reference.Has(0))
                (x, y) = (line.Has(0) ? 1 : 0, reference.Has(0) ? 1 : 0);
            else if (!Agree(line[0], reference[0]))
                (x, y) = patience > 0 ? Apart(line, reference, ref patience) : (1, 1);

            foreach (var pair in Within([.. line.Take(x)], [.. reference.Take(y)]))
                yield return pair;
            if (line.Has(0) && reference.Has(0) && Agree(line[0], reference[0]))
                yield return (line.Take(1)[0], reference.Take(1)[0]);
        }
    }

    /// <summary>
    /// Pairs what stands between two places that agree: one beside the other where that explains it with as little as
    /// possible, as for entries altered or swapped; else so that as many as possible agree.
    /// </summary>
    private static IEnumerable<(EntryLine? Line, Reference? Reference)> Within(EntryLine[] lines, Reference[] references)
    {
        var common = Common(lines, references);
        var unequal = lines.Length == references.Length ? lines.Where((l, i) => !Agree(l, references[i])).Count() : int.MaxValue;
        if (unequal <= lines.Length + references.Length - 2 * common.Count)
            common = [.. lines.Select((_, i) => (i, i))];

        var (x, y) = (0, 0);
        foreach (var (commonX, commonY) in common.Append((lines.Length, references.Length)))
        {
            for (; x < commonX && y < commonY; x++, y++)
                yield return (lines[x], references[y]);
            for (; x < commonX; x++)
                yield return (lines[x], null);
            for (; y < commonY; y++)
                yield return (null, references[y]);
            if (x < lines.Length && y < references.Length)
                yield return (lines[x++], references[y++]);
        }
    }

    /// <summary>The longest common subsequence, as places in both.</summary>
    private static List<(int Line, int Reference)> Common(EntryLine[] lines, Reference[] references)
    {
        var lengths = new int[lines.Length + 1, references.Length + 1];
        for (var x = lines.Length - 1; x >= 0; x--)
        {
            for (var y = references.Length - 1; y >= 0; y--)
                lengths[x, y] = Agree(lines[x], references[y]) ? lengths[x + 1, y + 1] + 1 : Math.Max(lengths[x + 1, y], lengths[x, y + 1]);
        }

        var common = new List<(int, int)>();
        for (var (x, y) = (0, 0); x < lines.Length && y < references.Length; )
        {
            if (Agree(lines[x], references[y]))
                common.Add((x++, y++));
            else if (lengths[x + 1, y] >= lengths[x, y + 1])
                x++;
            else
                y++;
        }

        return common;
    }

    private static bool Agree(EntryLine line, Reference reference) => reference.Hash is not { } hash || hash == line.Hash;

    /// <summary>How many lines and references stand before the next place where both agree.</summary>
    private static (int Lines, int References) Apart(Ahead<EntryLine> lines, Ahead<Reference> references, ref int patience)
    {
        var places = new Dictionary<Digest, int>();
        for (var y = 0; y < Window && references.Has(y); y++)
        {
            if (references[y].Hash is { } hash)
                places.TryAdd(hash, y);
        }

        (int Lines, int References)? best = null;
        for (var x = 0; x < Window && lines.Has(x) && (best is not { } b || x <= Cost(b)); x++)
        {
            if (places.TryGetValue(lines[x].Hash, out var y) && (best is null || Cost((x, y)) < Cost(best.Value)) && AgreesFrom(x, y))
                best = (x, y);
        }

        if (best is { } found)
            return found;
        patience--;
        return (1, 1);

        static int Cost((int Lines, int References) apart) =>
            2 * Math.Max(apart.Lines, apart.References) + (apart.Lines == apart.References ? 0 : 1);

        bool AgreesFrom(int x, int y)
        {
            for (var i = 0; i < Certain && (lines.Has(x + i) || references.Has(y + i)); i++)
            {
                if (!lines.Has(x + i) || !references.Has(y + i) || !Agree(lines[x + i], references[y + i]))
                    return false;
            }

            return true;
        }
    }

    /// <summary>A sequence with sight of what comes next.</summary>
    private sealed class Ahead<T>(IEnumerable<T> sequence) : IDisposable
    {
        private readonly IEnumerator<T> _rest = sequence.GetEnumerator();
        private readonly List<T> _seen = [];
        private int _first;

        public T this[int i] => _seen[_first + i];

        public bool Has(int i)
        {
            while (_first + i >= _seen.Count)
            {
                if (!_rest.MoveNext())
                    return false;
                _seen.Add(_rest.Current);
            }

            return true;
        }

        public List<T> Take(int count)
        {
            var taken = _seen.GetRange(_first, count);
            _first += count;
            if (_first > 4 * Window)
            {
                _seen.RemoveRange(0, _first);
                _first = 0;
            }

            return taken;
        }

        public void Dispose() => _rest.Dispose();
    }
}
