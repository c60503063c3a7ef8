using System.Text;
using CooperationEvents.AuditLog;

namespace CooperationEvents.AuditLogTests.AuditLog;

public sealed class TlogProofTests
{
    private static readonly SigningKey Key = SigningKey.FromSeed("log.example", new byte[32]);
    private static readonly byte[][] Entries = [.. Enumerable.Range(0, 11).Select(i => Encoding.ASCII.GetBytes($"entry {i}"))];

    [Fact]
    public async Task A_proof_reads_back_and_proves_its_entry_alone()
    {
        for (var index = 0; index < Entries.Length; index++)
        {
            var proof = TlogProof.Parse((await ProofOf(index)).ToString());

            proof.Index.ShouldBe(index);
            proof.Checkpoint.Size.ShouldBe(Entries.Length);
            for (var other = 0; other < Entries.Length; other++)
                (proof.FaultFor(Entries[other], [Key.Verifier]) is null).ShouldBe(other == index);
        }
    }

    [Fact]
    public async Task A_proof_is_text_of_one_form()
    {
        var proof = await ProofOf(10);
        proof
            .ToString()
            .ShouldBe($"c2sp.org/tlog-proof@v1\nindex 10\n{string.Concat(proof.Hashes.Select(h => h.ToBase64() + "\n"))}\n{proof.Note}");
    }

    [Fact]
    public async Task A_proof_without_a_key_that_signed_it_proves_nothing()
    {
        var proof = await ProofOf(3);
        proof.FaultFor(Entries[3], []).ShouldNotBeNull();
        proof
            .FaultFor(Entries[3], [SigningKey.FromSeed("log.example", Enumerable.Repeat((byte)9, 32).ToArray()).Verifier])
            .ShouldNotBeNull();
        proof.FaultFor(Entries[3], [SigningKey.FromSeed("other.example", new byte[32]).Verifier]).ShouldNotBeNull();
        var byAnother = proof with { Note = SignedNote.Sign(proof.Note.Text, SigningKey.FromSeed("other.example", new byte[32])) };
        byAnother.FaultFor(Entries[3], [SigningKey.FromSeed("other.example", new byte[32]).Verifier]).ShouldNotBeNull();
        (proof with { Index = 4 }).FaultFor(Entries[3], [Key.Verifier]).ShouldNotBeNull();
        (proof with { Index = 11 }).FaultFor(Entries[3], [Key.Verifier])!.ShouldContain("beyond");
    }

    [Fact]
    public async Task Any_other_text_is_refused()
    {
        var text = (await ProofOf(3)).ToString();
        string[] others =
        [
            "",
            text[1..],
            text.Replace("index 3", "index 03", StringComparison.Ordinal),
            text.Replace("index 3\n", "", StringComparison.Ordinal),
            $"c2sp.org/tlog-proof@v1\n\n{text[(text.IndexOf("\n\n", StringComparison.Ordinal) + 2)..]}",
            text.Replace("index 3", "Index 3", StringComparison.Ordinal),
            text.Replace("index 3\n", "index 3\nAAAA\n", StringComparison.Ordinal),
            text.Replace("\n\n", "\n", StringComparison.Ordinal),
            text.Replace("index 3", "extra AQID\nindex 3", StringComparison.Ordinal),
        ];
        foreach (var other in others)
            Should.Throw<FormatException>(() => TlogProof.Parse(other));
    }

    private static async Task<TlogProof> ProofOf(int index)
    {
        var reader = new TreeInMemory(Entries).Reader;
        var checkpoint = new Checkpoint("log.example", Entries.Length, await reader.RootAsync(Entries.Length));
        var inclusion = await reader.InclusionAsync(index, Entries.Length);
        return new TlogProof(index, inclusion.Hashes, checkpoint.Sign(Key));
    }
}
