namespace CooperationEvents.AuditLog;

/// <summary>What a log says to a witness (C2SP tlog-witness, <c>add-checkpoint</c>), and how it reads the answer.</summary>
public static class WitnessRequest
{
    /// <summary>The body of the request: the size the witness has seen, the proof from there, and the checkpoint.</summary>
    /// <exception cref="ArgumentException">The proof does not lead to the checkpoint.</exception>
    public static string Body(ConsistencyProof proof, SignedNote checkpoint) =>
        proof.To == Checkpoint.Parse(checkpoint.Text).Size
            ? $"old {PlainNumber.Of(proof.From)}\n{string.Concat(proof.Hashes.Select(h => h.ToBase64() + "\n"))}\n{checkpoint}"
            : throw new ArgumentException("The proof leads to another size than the checkpoint's.", nameof(proof));

    /// <summary>The checkpoint with the cosignatures of the answer that are by this witness; others are ignored.</summary>
    /// <exception cref="FormatException">The answer is no list of signature lines, or holds none of this witness, a false one, or one of
    /// a time that is still to come.</exception>
    public static SignedNote Cosigned(SignedNote checkpoint, string answer, VerifierKey witness, DateTimeOffset now)
    {
        var lines = answer.EndsWith('\n') ? answer[..^1].Split('\n') : throw new FormatException("The answer does not end in a line feed.");
        var signatures = lines
            .Select(l => NoteSignature.TryParse(l, out var s) ? s : throw new FormatException("The answer is no list of signature lines."))
            .Where(s => s.IsBy(witness))
            .ToList();
        if (signatures.Count == 0)
            throw new FormatException($"The answer holds no cosignature of {witness.Name}.");
        var cosigned = checkpoint.With(signatures);
        _ = cosigned.SignedBy([witness]);
        if (Cosignature.Of(cosigned, witness).FirstOrDefault(c => c.IsAheadOf(now)) is { } ahead)
            throw new FormatException(
                $"The cosignature of {witness.Name} states a time that is still to come, {ahead.At:yyyy-MM-dd HH:mm:ss}Z."
            );
        return cosigned;
    }
}
