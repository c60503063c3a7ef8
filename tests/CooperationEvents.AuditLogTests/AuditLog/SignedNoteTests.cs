using System.Text;
using CooperationEvents.AuditLog;
using CsCheck;

namespace CooperationEvents.AuditLogTests.AuditLog;

public sealed class SignedNoteTests
{
    private static readonly SigningKey Key = SigningKey.FromSeed("log.example/audit", Enumerable.Repeat((byte)1, 32).ToArray());
    private static readonly SigningKey Next = SigningKey.FromSeed("log.example/audit", Enumerable.Repeat((byte)2, 32).ToArray());
    private static readonly SigningKey Witness = SigningKey.FromSeed(
        "witness.example",
        Enumerable.Repeat((byte)3, 32).ToArray(),
        SignatureType.Cosignature
    );
    private static readonly Checkpoint Sample = new("log.example/audit", 5, MerkleTree.LeafHash("x"u8));

    /// <summary>The example of the signed-note specification.</summary>
    [Fact]
    public void A_published_note_is_verified_by_its_published_key()
    {
        var key = VerifierKey.Parse("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");
        var note = SignedNote.Parse(
            "This is an example message.\n\n"
                + "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
        );

        note.SignedBy([key]).ShouldBe([key]);
        note.Text.ShouldBe("This is an example message.\n");
    }

    /// <summary>RFC 8032, section 7.1, tests 1 to 3: the key of a seed, and its signature of a message, through a note's key.</summary>
    [Theory]
    [InlineData(
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    )]
    [InlineData(
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    )]
    [InlineData(
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"
    )]
    public void Keys_are_those_of_RFC_8032(string seed, string key) =>
        Convert.ToHexStringLower(SigningKey.FromSeed("x", Convert.FromHexString(seed)).Verifier.PublicKey.Span).ShouldBe(key);

    [Fact]
    public void A_checkpoint_is_three_lines()
    {
        Sample.ToText().ShouldBe($"log.example/audit\n5\n{Sample.Root.ToBase64()}\n");
        Checkpoint.Parse(Sample.ToText()).ShouldBe(Sample);
        new Checkpoint("log.example/audit", 0, MerkleTree.EmptyRoot)
            .ToText()
            .ShouldBe("log.example/audit\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n");
    }

    [Theory]
    [InlineData("log.example\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nextension\n")]
    [InlineData("log.example\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")]
    [InlineData("log.example\n05\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")]
    [InlineData("log.example\n-5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")]
    [InlineData("log.example\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=\n")]
    [InlineData("log.example\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU\n")]
    [InlineData("log.example\n0\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")]
    [InlineData("log example\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")]
    [InlineData("\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")]
    public void Anything_else_is_no_checkpoint(string text) => Should.Throw<FormatException>(() => Checkpoint.Parse(text));

    [Theory]
    [InlineData("https://register.example/audit/log", "register.example/audit/log")]
    [InlineData("https://register.example/audit/log/", "register.example/audit/log")]
    [InlineData("http://127.0.0.1:8080", "127.0.0.1:8080")]
    [InlineData("http://127.0.0.1:8080/", "127.0.0.1:8080")]
    public void The_origin_is_the_URL_without_scheme_and_final_slash(string url, string origin) =>
        Checkpoint.OriginOf(url).ShouldBe(origin);

    [Fact]
    public void A_key_of_another_name_signs_no_checkpoint() =>
        Should.Throw<ArgumentException>(() => Sample.Sign(Key, SigningKey.FromSeed("other.example", new byte[32])));

    [Theory]
    [InlineData("register.example")]
    [InlineData("ftp://register.example")]
    [InlineData("https://register.example/?a=b")]
    [InlineData("https://register.example/a+b")]
    [InlineData("https://register.example/#a")]
    [InlineData("https://me@register.example/")]
    [InlineData("https:register.example")]
    public void What_is_no_URL_of_a_log_has_no_origin(string url) => Should.Throw<ArgumentException>(() => Checkpoint.OriginOf(url));

    [Fact]
    public void Two_keys_sign_one_note_and_unknown_signatures_are_ignored()
    {
        var note = SignedNote.Parse(Sample.Sign(Key, Next).ToString());

        note.SignedBy([Key.Verifier, Next.Verifier]).ShouldBe([Key.Verifier, Next.Verifier]);
        note.SignedBy([Next.Verifier]).ShouldBe([Next.Verifier]);
        note.SignedBy([SigningKey.FromSeed("log.example/audit", new byte[32]).Verifier]).ShouldBeEmpty();
        note.SignedBy([SigningKey.FromSeed("other.example", Enumerable.Repeat((byte)1, 32).ToArray()).Verifier]).ShouldBeEmpty();
    }

    [Fact]
    public void A_false_signature_of_a_known_key_spoils_the_note()
    {
        var signature = Key.Sign(Sample.ToText());
        var bytes = signature.Bytes.ToArray();
        bytes[7] ^= 1;
        var note = SignedNote.Of(Sample.ToText(), signature, signature with { Bytes = bytes }, Next.Sign(Sample.ToText()));

        Should.Throw<FormatException>(() => note.SignedBy([Key.Verifier, Next.Verifier])).Message.ShouldContain("is false");
        note.SignedBy([Next.Verifier]).ShouldBe([Next.Verifier]);
    }

    [Fact]
    public void A_note_flipped_in_any_bit_is_verified_by_nobody()
    {
        var note = Encoding.UTF8.GetBytes(Sample.Sign(Key).ToString());
        Gen.Select(Gen.Int[0, note.Length - 1], Gen.Int[0, 7])
            .Sample(
                (at, bit) =>
                {
                    var altered = note.ToArray();
                    altered[at] ^= (byte)(1 << bit);
                    try
                    {
                        SignedNote.Parse(altered).SignedBy([Key.Verifier]).ShouldBeEmpty();
                    }
                    catch (FormatException)
                    {
                        // What is no note is verified by nobody.
                    }
                },
                iter: 300
            );
    }

    [Theory]
    [InlineData("text\n")]
    [InlineData("text\n\n")]
    [InlineData("text\n\n— name\n")]
    [InlineData("text\n\n- name AAAAAAAA\n")]
    [InlineData("text\n\n— name AAAA\n")]
    [InlineData("text\n\n— name AAAAAAAA")]
    [InlineData("te\rxt\n\n— name AAAAAAAA\n")]
    [InlineData("text\n\n— na+me AAAAAAAA\n")]
    [InlineData("text\n\n— name AAAAAAAA \n")]
    public void What_is_no_note_is_refused(string note) => Should.Throw<FormatException>(() => SignedNote.Parse(note));

    [Fact]
    public void A_note_longer_than_any_is_refused_before_it_is_read() =>
        Should
            .Throw<FormatException>(() => SignedNote.Parse(new string('x', SignedNote.MaxLength) + Sample.Sign(Key)))
            .Message.ShouldContain("longer");

    [Fact]
    public void What_would_not_read_back_is_not_written()
    {
        Should.Throw<ArgumentException>(() => SignedNote.Of("text", Key.Sign("text")));
        Should.Throw<ArgumentException>(() => SignedNote.Of("te\rxt\n", Key.Sign("te\rxt\n")));
        Should.Throw<ArgumentException>(() => SignedNote.Of("text\n"));
        foreach (var name in new[] { "", "a b", "a+b", "a\nb" })
            Should.Throw<ArgumentException>(() => VerifierKey.Of(name, SignatureType.Note, new byte[32]));
        Should.Throw<ArgumentException>(() => VerifierKey.Of("a", SignatureType.Note, new byte[31]));
        Should.Throw<ArgumentException>(() => SigningKey.FromSeed("a", new byte[33]));
        Should.Throw<InvalidOperationException>(() => Key.Cosign(Sample.ToText(), DateTimeOffset.UnixEpoch));
    }

    [Fact]
    public void Keys_read_back_and_a_miscopied_one_is_refused()
    {
        VerifierKey.Parse(Key.Verifier.ToString()).ShouldBe(Key.Verifier);
        SigningKey.Parse(Key.ToSecret()).Verifier.ShouldBe(Key.Verifier);
        Key.ToString().ShouldBe(Key.Verifier.ToString());
        var text = Key.Verifier.ToString();
        Should.Throw<FormatException>(() => VerifierKey.Parse(text.Replace("log.", "lug.", StringComparison.Ordinal)));
        Should.Throw<FormatException>(() => VerifierKey.Parse(text[..^4]));
        Should.Throw<FormatException>(() => VerifierKey.Parse("name"));
        Should.Throw<FormatException>(() => SigningKey.Parse(text));
        SigningKey.Generate("a").Verifier.ShouldNotBe(SigningKey.Generate("a").Verifier);
    }

    [Fact]
    public void A_witness_cosigns_with_its_time()
    {
        var at = DateTimeOffset.FromUnixTimeSeconds(1_679_315_147);
        var answer =
            Witness.Cosign(Sample.ToText(), at)
            + "\n"
            + SigningKey.FromSeed("other.example", new byte[32], SignatureType.Cosignature).Cosign(Sample.ToText(), at)
            + "\n";

        var cosigned = WitnessRequest.Cosigned(Sample.Sign(Key), answer, Witness.Verifier, at);

        cosigned.Signatures.Count.ShouldBe(2);
        cosigned.SignedBy([Key.Verifier, Witness.Verifier]).Count.ShouldBe(2);
        Cosignature.TryRead(cosigned.Signatures[1].Bytes.Span, out var cosignature).ShouldBeTrue();
        cosignature.At.ShouldBe(at);
        VerifierKey.Parse(Witness.Verifier.ToString()).Type.ShouldBe(SignatureType.Cosignature);
    }

    [Fact]
    public void A_cosignature_has_one_length_and_a_time_that_there_is()
    {
        Read(Timed(0)).ShouldBeTrue();
        Read(Timed(DateTimeOffset.MaxValue.ToUnixTimeSeconds())).ShouldBeTrue();
        Read(Timed(-1)).ShouldBeFalse();
        Read(Timed(DateTimeOffset.MaxValue.ToUnixTimeSeconds() + 1)).ShouldBeFalse();
        Read(Timed(0)[1..]).ShouldBeFalse();
        Read([.. Timed(0), 0]).ShouldBeFalse();

        static bool Read(byte[] signature) => Cosignature.TryRead(signature, out _);

        static byte[] Timed(long seconds)
        {
            var bytes = new byte[8 + 64];
            System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(bytes, seconds);
            return bytes;
        }
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(300, true)]
    [InlineData(301, false)]
    public void A_cosignature_of_a_time_that_is_still_to_come_is_refused(int secondsAhead, bool isTaken)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1_679_315_147);
        var answer = Witness.Cosign(Sample.ToText(), now.AddSeconds(secondsAhead)) + "\n";

        if (isTaken)
            Cosigned().Signatures.Count.ShouldBe(2);
        else
            Should.Throw<FormatException>(Cosigned).Message.ShouldContain("still to come, 2023-03-20 12:30:48Z");

        SignedNote Cosigned() => WitnessRequest.Cosigned(Sample.Sign(Key), answer, Witness.Verifier, now);
    }

    [Fact]
    public void An_answer_without_a_true_cosignature_of_the_witness_is_refused()
    {
        var note = Sample.Sign(Key);
        var at = DateTimeOffset.UnixEpoch;
        var other = new Checkpoint(Sample.Origin, 6, Sample.Root).ToText();
        foreach (
            var answer in new[]
            {
                "",
                "\n",
                "409\n",
                note.Signatures[0] + "\n",
                Witness.Cosign(Sample.ToText(), at).ToString(),
                Witness.Cosign(other, at) + "\n",
            }
        )
            Should.Throw<FormatException>(() => WitnessRequest.Cosigned(note, answer, Witness.Verifier, at));
    }

    [Fact]
    public void A_witness_is_asked_with_old_size_proof_and_checkpoint()
    {
        var note = Sample.Sign(Key);
        WitnessRequest
            .Body(new ConsistencyProof(3, 5, [MerkleTree.EmptyRoot]), note)
            .ShouldBe($"old 3\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n{note}");
        WitnessRequest.Body(new ConsistencyProof(0, 5, []), note).ShouldBe($"old 0\n\n{note}");
        Should.Throw<ArgumentException>(() => WitnessRequest.Body(new ConsistencyProof(0, 6, []), note));
    }

    [Fact]
    public void Keys_and_checkpoints_have_lines()
    {
        var key = new LogKey(Key.Verifier, 3, 9);
        key.ToLine().ShouldBe($$"""{"key":"{{Key.Verifier}}","firstSize":3,"lastSize":9}""");
        LogKey
            .ParseAll(["# ours", key.ToLine(), "", new LogKey(Next.Verifier, 9, null).ToLine(), Witness.Verifier.ToString()])
            .ShouldBe([key, new LogKey(Next.Verifier, 9, null), LogKey.Always(Witness.Verifier)]);
        new[] { 2L, 3, 9, 10 }.Select(key.Covers).ShouldBe([false, true, true, false]);

        var line = new CheckpointLine(Sample.Sign(Key));
        CheckpointLine.Parse(line.ToLine()).ShouldBe(line);
        line.ToLine().ShouldStartWith("{\"size\":5,\"note\":\"log.example/audit\\n5\\n");
        Should.Throw<FormatException>(() =>
            CheckpointLine.Parse(line.ToLine().Replace("\"size\":5", "\"size\":6", StringComparison.Ordinal))
        );
        foreach (
            var bad in new[] { "{}", "{", "[]", "{\"size\":5}", line.ToLine().Replace("\"size\"", "\"sise\"", StringComparison.Ordinal) }
        )
            Should.Throw<FormatException>(() => CheckpointLine.Parse(bad));
        Should.Throw<FormatException>(() => LogKey.Parse($$"""{"key":"{{Key.Verifier}}","firstSize":3,"lastSize":2}"""));
    }
}
