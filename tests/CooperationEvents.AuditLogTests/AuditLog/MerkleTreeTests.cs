using System.Text;
using CooperationEvents.AuditLog;
using CsCheck;

namespace CooperationEvents.AuditLogTests.AuditLog;

public sealed class MerkleTreeTests
{
    /// <summary>The eight leaves, and the roots of the first n of them, that implementations of RFC 6962 are tested with.</summary>
    private static readonly byte[][] Leaves =
    [
        .. new[] { "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f" }.Select(
            Convert.FromHexString
        ),
    ];

    private static readonly string[] Roots =
    [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    private static readonly Gen<byte[][]> Entries = Gen.Byte.Array[0, 20].Array[0, 70];

    [Fact]
    public void The_roots_are_those_published()
    {
        var range = new CompactRange();
        range.Root.ToString().ShouldBe(Roots[0]);
        for (var i = 0; i < Leaves.Length; i++)
        {
            range.Append(MerkleTree.LeafHash(Leaves[i]));
            range.Root.ToString().ShouldBe(Roots[i + 1]);
        }
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(
        0,
        8,
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
    )]
    [InlineData(
        5,
        8,
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"
    )]
    [InlineData(2, 3, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125")]
    [InlineData(
        1,
        5,
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
    )]
    public async Task The_inclusion_proofs_are_those_published(int index, int size, params string[] hashes)
    {
        var proof = await new TreeInMemory(Leaves).Reader.InclusionAsync(index, size);

        proof.Hashes.Select(h => h.ToString()).ShouldBe(hashes);
        proof.RootFor(MerkleTree.LeafHash(Leaves[index])).ToString().ShouldBe(Roots[size]);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(
        1,
        8,
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
    )]
    [InlineData(
        6,
        8,
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"
    )]
    [InlineData(
        2,
        5,
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
    )]
    public async Task The_consistency_proofs_are_those_published(int from, int to, params string[] hashes)
    {
        var proof = await new TreeInMemory(Leaves).Reader.ConsistencyAsync(from, to);

        proof.Hashes.Select(h => h.ToString()).ShouldBe(hashes);
        proof.Proves(new Digest(Convert.FromHexString(Roots[from])), new Digest(Convert.FromHexString(Roots[to]))).ShouldBeTrue();
    }

    [Fact]
    public void Leaves_and_nodes_are_hashed_behind_different_prefixes()
    {
        var left = MerkleTree.LeafHash("a"u8);
        var right = MerkleTree.LeafHash("b"u8);

        MerkleTree.LeafHash([1, .. left.ToArray(), .. right.ToArray()]).ShouldNotBe(MerkleTree.NodeHash(left, right));
        MerkleTree.NodeHash(left, right).ShouldNotBe(MerkleTree.NodeHash(right, left));
        MerkleTree.LeafHash(Encoding.ASCII.GetBytes(new string('x', 70_000))).ShouldNotBe(MerkleTree.LeafHash([]));
    }

    [Fact]
    public void The_tree_is_the_one_of_the_definition_at_every_size() =>
        Entries.Sample(
            entries =>
            {
                var range = new CompactRange();
                for (var size = 0; size <= entries.Length; size++)
                {
                    range.Root.ToArray().ShouldBe(NaiveTree.Root(entries.AsSpan(0, size)));
                    new CompactRange(range.Size, range.Hashes).Root.ShouldBe(range.Root);
                    if (size < entries.Length)
                        range.Append(MerkleTree.LeafHash(entries[size]));
                }
            },
            iter: 20
        );

    [Fact]
    public async Task Every_proof_is_the_one_of_the_definition_and_proves_it() =>
        await Entries.SampleAsync(
            async entries =>
            {
                var tree = new TreeInMemory(entries);
                for (var size = 1; size <= entries.Length; size++)
                {
                    var root = await tree.Reader.RootAsync(size);
                    for (var index = 0; index < size; index++)
                    {
                        var proof = await tree.Reader.InclusionAsync(index, size);
                        proof.Hashes.ShouldBe(NaiveTree.Digests(NaiveTree.Path(index, entries.AsSpan(0, size))));
                        proof.Proves(MerkleTree.LeafHash(entries[index]), root).ShouldBeTrue();
                    }

                    for (var from = 0; from <= size; from++)
                    {
                        var proof = await tree.Reader.ConsistencyAsync(from, size);
                        proof.Hashes.ShouldBe(from == 0 ? [] : NaiveTree.Digests(NaiveTree.Consistency(from, entries.AsSpan(0, size))));
                        proof.Proves(await tree.Reader.RootAsync(from), root).ShouldBeTrue();
                    }
                }
            },
            iter: 10
        );

    [Fact]
    public async Task A_proof_altered_anywhere_proves_nothing() =>
        await Gen.Select(Gen.Int[1, 300], Gen.Int[0, 299], Gen.Int[0, 299], Gen.Int[0, 31])
            .SampleAsync(
                async (size, at, which, flipped) =>
                {
                    var entries = Enumerable.Range(0, size).Select(i => Encoding.ASCII.GetBytes($"entry {i}")).ToArray();
                    var reader = new TreeInMemory(entries).Reader;
                    var index = at % size;
                    var inclusion = await reader.InclusionAsync(index, size);
                    var root = await reader.RootAsync(size);
                    var leaf = MerkleTree.LeafHash(entries[index]);
                    inclusion.Proves(leaf, root).ShouldBeTrue();

                    foreach (var altered in Alterations(inclusion.Hashes, which, flipped))
                        (inclusion with { Hashes = altered }).Proves(leaf, root).ShouldBeFalse();
                    inclusion.Proves(MerkleTree.LeafHash("another"u8), root).ShouldBeFalse();
                    if (size > 1)
                        (inclusion with { Index = (index + 1) % size }).Proves(leaf, root).ShouldBeFalse();

                    var from = 1 + (which % size);
                    var consistency = await reader.ConsistencyAsync(from, size);
                    var older = await reader.RootAsync(from);
                    consistency.Proves(older, root).ShouldBeTrue();
                    foreach (var altered in Alterations(consistency.Hashes, which, flipped))
                        (consistency with { Hashes = altered }).Proves(older, root).ShouldBeFalse();
                    consistency.Proves(leaf, root).ShouldBe(from == 1 && index == 0 || from == size && size == 1);
                },
                iter: 100
            );

    [Fact]
    public void A_range_that_begins_anywhere_is_covered_by_its_largest_full_subtrees()
    {
        MerkleTree.Cover(1, 8).ShouldBe([new Node(0, 1), new Node(1, 1), new Node(2, 1)]);
        MerkleTree.Cover(6, 13).ShouldBe([new Node(1, 3), new Node(2, 2), new Node(0, 12)]);
        MerkleTree.Cover(0, 7).ShouldBe([new Node(2, 0), new Node(1, 2), new Node(0, 6)]);
        MerkleTree.Cover(5, 5).ShouldBeEmpty();
        (new Node(1, 3).Start, new Node(1, 3).End).ShouldBe((6L, 8L));
    }

    [Fact]
    public void A_full_subtree_is_appended_as_its_leaves_are()
    {
        Digest[] leaves = [.. Leaves.Select(l => MerkleTree.LeafHash(l))];
        var range = new CompactRange();
        range.AppendFull(MerkleTree.RootOfFull(leaves.AsSpan(0, 4)), 2);
        range.AppendFull(MerkleTree.RootOfFull(leaves.AsSpan(4, 2)), 1);
        (range.Size, range.Root.ToString()).ShouldBe((6L, Roots[6]));
        Should.Throw<ArgumentException>(() => range.AppendFull(leaves[6], 2));

        range.AppendFull(MerkleTree.RootOfFull(leaves.AsSpan(6, 2)), 1);
        (range.Size, range.Root.ToString()).ShouldBe((8L, Roots[8]));
        range.Hashes.Count.ShouldBe(1);
    }

    [Fact]
    public void What_is_no_part_of_a_tree_is_refused()
    {
        var leaf = MerkleTree.LeafHash([]);
        Should.Throw<ArgumentException>(() => MerkleTree.RootOfFull([leaf, leaf, leaf]));
        Should.Throw<ArgumentException>(() => new CompactRange(3, [leaf]));
        Should.Throw<ArgumentOutOfRangeException>(() => new CompactRange(-1, []));
        Should.Throw<ArgumentOutOfRangeException>(() => MerkleTree.Cover(-1, 3));
        Should.Throw<ArgumentOutOfRangeException>(() => MerkleTree.Cover(4, 3));
        Should.Throw<ArgumentException>(() => new Digest(new byte[31]));
        Should.Throw<ArgumentException>(() => Digest.ReadAll(new byte[33]));
        Digest.ReadAll(Digest.WriteAll([leaf, MerkleTree.EmptyRoot])).ShouldBe([leaf, MerkleTree.EmptyRoot]);
    }

    [Fact]
    public void A_proof_outside_the_tree_is_refused()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => InclusionProof.Nodes(-1, 5));
        Should.Throw<ArgumentOutOfRangeException>(() => ConsistencyProof.Nodes(-1, 5));
        Should.Throw<ArgumentOutOfRangeException>(() => InclusionProof.Nodes(5, 5));
        Should.Throw<ArgumentOutOfRangeException>(() => ConsistencyProof.Nodes(6, 5));
        new InclusionProof(5, 5, []).Proves(MerkleTree.EmptyRoot, MerkleTree.EmptyRoot).ShouldBeFalse();
        new ConsistencyProof(6, 5, []).Proves(MerkleTree.EmptyRoot, MerkleTree.EmptyRoot).ShouldBeFalse();
        new ConsistencyProof(0, 5, []).Proves(MerkleTree.LeafHash([]), MerkleTree.EmptyRoot).ShouldBeFalse();
    }

    private static IEnumerable<IReadOnlyList<Digest>> Alterations(IReadOnlyList<Digest> hashes, int which, int flipped)
    {
        yield return [.. hashes, MerkleTree.EmptyRoot];
        if (hashes.Count == 0)
            yield break;
        yield return [.. hashes.Skip(1)];
        var bytes = hashes[which % hashes.Count].ToArray();
        bytes[flipped] ^= 0x10;
        yield return [.. hashes.Select((h, i) => i == which % hashes.Count ? new Digest(bytes) : h)];
        if (hashes.Count > 1)
            yield return [.. hashes.Reverse()];
    }
}
