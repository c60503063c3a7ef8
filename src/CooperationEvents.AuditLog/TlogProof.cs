namespace CooperationEvents.AuditLog;

/// <summary>
/// That an entry is in the log, with all that is needed to check it but the entry and the keys (C2SP <c>tlog-proof@v1</c>, without
/// <c>extra</c>, which no signature covers).
/// </summary>
/// <param name="Note">The checkpoint, as it was signed.</param>
public sealed record TlogProof(long Index, IReadOnlyList<Digest> Hashes, SignedNote Note)
{
    private const string Header = "c2sp.org/tlog-proof@v1";
    private const string IndexWord = "index ";

    /// <summary>The checkpoint, unverified.</summary>
    public Checkpoint Checkpoint { get; } = Checkpoint.Parse(Note.Text);

    /// <exception cref="FormatException">Says what is wrong with it.</exception>
    public static TlogProof Parse(string text)
    {
        var end = text.IndexOf("\n\n", StringComparison.Ordinal);
        if (end < 0)
            throw new FormatException("The proof has no checkpoint after an empty line.");
        var lines = text[..end].Split('\n');
        if (lines[0] != Header)
            throw new FormatException($"The first line is not {Header}.");
        if (
            lines.Length < 2
            || !lines[1].StartsWith(IndexWord, StringComparison.Ordinal)
            || !PlainNumber.TryParse(lines[1].AsSpan(IndexWord.Length), out var index)
        )
        {
            throw new FormatException("The second line is not 'index' with the index of the entry.");
        }

        var hashes = new List<Digest>();
        foreach (var line in lines[2..])
            hashes.Add(Digest.TryParse(line, out var hash) ? hash : throw new FormatException($"'{line}' is no hash of the proof."));
        return new TlogProof(index, hashes, SignedNote.Parse(text[(end + 2)..]));
    }

    /// <summary>What keeps the proof from proving that this leaf is in a log one of the keys signs for; null where it does.</summary>
    public string? FaultFor(ReadOnlySpan<byte> leaf, IEnumerable<VerifierKey> keys)
    {
        try
        {
            if (Note.SignedBy(keys.Where(k => k.Type == SignatureType.Note && k.Name == Checkpoint.Origin)).Count == 0)
                return $"No key given has signed the checkpoint of {Checkpoint.Origin}.";
        }
        catch (FormatException e)
        {
            return e.Message;
        }

        if (Index >= Checkpoint.Size)
            return $"The index {Index} lies beyond the checkpoint of {Checkpoint.Size} entries.";
        return new InclusionProof(Index, Checkpoint.Size, Hashes).Proves(MerkleTree.LeafHash(leaf), Checkpoint.Root)
            ? null
            : $"The entry is not the one at index {Index} of the log: the hashes do not lead to the root of the checkpoint.";
    }

    public override string ToString() =>
        $"{Header}\n" + $"{IndexWord}{PlainNumber.Of(Index)}\n" + string.Concat(Hashes.Select(h => h.ToBase64() + "\n")) + "\n" + Note;
}
